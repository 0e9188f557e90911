//! The header of a safetensors file: 8 bytes of length, then JSON, then the tensors' bytes without holes.
//! (Format: the safetensors README, "Format".) Only the header is ever held.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

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
    /// From an object's fields; the error names what is wrong.
    fn of(fields: Vec<(String, Value)>) -> Result<Self, &'static str> {
        let sizes = |v: &Value| v.as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
        let (mut dtype, mut shape, mut offsets) = (None, None, None);
        for (name, value) in fields {
            let twice = match name.as_str() {
                "dtype" => dtype.replace(value.as_str().map(str::to_owned).ok_or("dtype is no string")?).is_some(),
                "shape" => shape.replace(sizes(&value).ok_or("shape is no list of sizes")?).is_some(),
                "data_offsets" => {
                    let two = sizes(&value).and_then(|o| <[u64; 2]>::try_from(o).ok());
                    offsets.replace(two.ok_or("data_offsets are not two offsets")?).is_some()
                }
                _ => false,
            };
            if twice {
                return Err("a duplicate field");
            }
        }
        match (dtype, shape, offsets) {
            (Some(dtype), Some(shape), Some(data_offsets)) => Ok(Self { dtype, shape, data_offsets }),
            _ => Err("dtype, shape or data_offsets are missing"),
        }
    }
}

/// An object's fields, with repeated ones still there.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tensor")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// The header's entries in order, with repeated keys still there.
struct Entries(Vec<(String, Option<RawTensor>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        fn named<E: Error>(key: &str, e: E) -> E {
            E::custom(format_args!("tensor {}: {e}", short(key)))
        }
        impl<'de> Visitor<'de> for Each {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "__metadata__" {
                        map.next_value::<serde::de::IgnoredAny>()?;
                        entries.push((key, None));
                    } else {
                        let Fields(fields) = map.next_value().map_err(|e| named(&key, e))?;
                        let tensor = RawTensor::of(fields).map_err(|e| named(&key, A::Error::custom(e)))?;
                        entries.push((key, Some(tensor)));
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Each)
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
pub type Tensors = BTreeMap<String, TensorInfo>;

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
    let text = std::str::from_utf8(json).map_err(|_| ModelError::file(file, "the header is not UTF-8"))?;
    let entries: Entries = serde_json::from_str(text)
        .map_err(|e| ModelError::file(file, format!("the header is not a list of tensors: {e}")))?;
    let room = file_len.saturating_sub(data);
    let mut tensors = BTreeMap::new();
    for (key, raw) in entries.0 {
        let Some(raw) = raw else { continue };
        let [from, to] = raw.data_offsets;
        if from > to || to > room {
            return Err(ModelError::tensor(file, &key, format!("bytes {from}..{to} of {room}")));
        }
        let dtype = Dtype::named(&raw.dtype);
        if raw.shape.len() > MAX_DIMENSIONS {
            return Err(ModelError::tensor(file, &key, format!("has {} dimensions", raw.shape.len())));
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
            return Err(ModelError::tensor(file, &key, problem));
        }
        let info = TensorInfo { dtype, dtype_name: raw.dtype, shape: raw.shape, start: data + from, end: data + to };
        if tensors.insert(key.clone(), info).is_some() {
            return Err(ModelError::tensor(file, &key, "is there twice"));
        }
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
