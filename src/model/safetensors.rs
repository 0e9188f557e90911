//! The header of a safetensors file: 8 bytes of length, then JSON, then the tensors' bytes without holes.
//! (Format: the safetensors README, "Format".) Only the header is ever held.

use crate::json::{self, Value};
use crate::map::Map;
pub use crate::model::dtype::Dtype;
use crate::model::error::{ModelError, short};
use crate::model::order::order;

/// Longest header that is read. The format allows 100 MB; the largest models that there are need 1 MB, and a
/// page has little memory to lose.
pub const MAX_HEADER: u64 = 16 << 20;
/// Most dimensions of a tensor, wanted or not.
const MAX_DIMENSIONS: usize = 8;

/// A tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// None: a type that weights cannot have; its name is in `dtype_name`.
    pub dtype: Option<Dtype>,
    /// The type as the file names it.
    pub dtype_name: String,
    /// Sizes of the dimensions.
    pub shape: Vec<u64>,
    /// Offset of its first byte in the file.
    pub start: u64,
    /// Offset after its last byte.
    pub end: u64,
}

struct RawTensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

impl RawTensor {
    /// From an object; the error names what is wrong.
    fn of(tensor: &Value) -> Result<Self, &'static str> {
        let sizes = |v: &Value| v.as_list()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
        tensor.as_map().ok_or("is no object")?;
        Ok(Self {
            dtype: tensor["dtype"].as_str().ok_or("dtype is no string")?.into(),
            shape: sizes(&tensor["shape"]).ok_or("shape is no list of sizes")?,
            data_offsets: sizes(&tensor["data_offsets"])
                .and_then(|o| o.try_into().ok())
                .ok_or("data_offsets are not two offsets")?,
        })
    }
}

/// The length of the JSON header, from a file's first 8 bytes.
///
/// # Errors
/// A length beyond the format's or the file's.
pub fn header_len(file: &str, first: [u8; 8], file_len: u64) -> Result<u64, ModelError> {
    let len = u64::from_le_bytes(first);
    if !(2..=MAX_HEADER).contains(&len) || len.checked_add(8).is_none_or(|end| end > file_len) {
        return Err(ModelError::file(file, format!("a header of {len} bytes in a file of {file_len}")));
    }
    Ok(len)
}

/// The tensors of a file by their keys.
pub type Tensors = Map<TensorInfo>;

/// Reads a header. Every tensor's bytes must fit its shape, and the tensors must fill the file: no
/// overlaps, no holes, nothing behind. Types may also be those of packed weights, under ggml's names: our own files have
/// them (train/README.md), other writers of safetensors do not know them.
///
/// # Errors
/// [`ModelError::File`] or [`ModelError::Tensor`].
pub fn parse_header(file: &str, json: &[u8], file_len: u64) -> Result<Tensors, ModelError> {
    parse(file, json, 8 + json.len() as u64, file_len, false)
}

/// Reads a list of the same form that describes a file of another format: offsets count from the file's first byte,
/// and what no tensor has may lie anywhere between.
///
/// # Errors
/// As [`parse_header`].
pub fn parse_list(file: &str, json: &[u8], file_len: u64) -> Result<Tensors, ModelError> {
    parse(file, json, 0, file_len, true)
}

fn parse(file: &str, json: &[u8], data: u64, file_len: u64, foreign: bool) -> Result<Tensors, ModelError> {
    let damaged = |e: String| ModelError::file(file, format!("the header is not a list of tensors: {e}"));
    let entries = json::parse(json).map_err(damaged)?;
    let entries = entries.as_map().ok_or_else(|| damaged("is no object".into()))?;
    let room = file_len.saturating_sub(data);
    let mut tensors = Map::new();
    for (key, tensor) in entries.iter().filter(|(key, _)| *key != "__metadata__") {
        let raw = RawTensor::of(tensor).map_err(|e| damaged(format!("tensor {}: {e}", short(key))))?;
        let [from, to] = raw.data_offsets;
        if from > to || to > room {
            return Err(ModelError::tensor(file, key, format!("bytes {from}..{to} of {room}")));
        }
        let dtype = Dtype::named(&raw.dtype);
        if raw.shape.len() > MAX_DIMENSIONS {
            return Err(ModelError::tensor(file, key, format!("has {} dimensions", raw.shape.len())));
        }
        let count = raw.shape.iter().try_fold(1u64, |n, &d| n.checked_mul(d));
        let bytes = count.and_then(|n| {
            let Some((weights, bytes)) = dtype.map(Dtype::block) else { return Some(to - from) };
            // A block lies within a row.
            let whole = raw.shape.last().unwrap_or(&1) % weights as u64 == 0;
            (n / weights as u64).checked_mul(bytes as u64).filter(|_| whole)
        });
        if bytes != Some(to - from) {
            let problem = format!("{} {:?} does not fill bytes {from}..{to}", short(&raw.dtype), raw.shape);
            return Err(ModelError::tensor(file, key, problem));
        }
        let info = TensorInfo { dtype, dtype_name: raw.dtype, shape: raw.shape, start: data + from, end: data + to };
        tensors.insert(key.clone(), info);
    }
    let all: Vec<(&String, &TensorInfo)> = tensors.iter().collect();
    let place = |i: usize| (all[i].1.start, all[i].1.end);
    let mut at = data;
    for i in order(all.len(), &|a, b| place(a).cmp(&place(b))) {
        let (key, t) = all[i as usize];
        if t.start < at || t.start > at && !foreign {
            let what = if t.start < at { "overlaps another" } else { "leaves a hole before it" };
            return Err(ModelError::tensor(file, key, what));
        }
        at = t.end;
    }
    if at != file_len && !foreign {
        return Err(ModelError::file(file, format!("{} bytes belong to no tensor", file_len - at)));
    }
    Ok(tensors)
}
