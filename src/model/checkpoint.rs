//! Reads a checkpoint as it arrives: chunks in, checked pieces of tensors out. Holds a header at most, never
//! a tensor. Pure: it knows neither the network nor the GPU.

use sha2::{Digest as _, Sha256};

use crate::json::{self, Value};
use crate::map::Map;
use crate::model::config::{Config, Family};
use crate::model::dtype::Dtype;
use crate::model::error::{ModelError, short};
use crate::model::layout::Wanted;
use crate::model::manifest::{FileEntry, Manifest};
use crate::model::order::order;
use crate::model::safetensors::{TensorInfo, Tensors, header_len, parse_header, parse_list};

const INDEX: &str = "model.safetensors.index.json";
/// Longest index that is read.
const MAX_INDEX: u64 = 16 << 20;

/// Some bytes of a tensor, always whole elements.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// File it comes from, for messages.
    pub file: &'a str,
    /// Key in the checkpoint.
    pub key: &'a str,
    /// Element type.
    pub dtype: Dtype,
    /// Bytes from the tensor's start.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// What else has been found.
    pub found: &'a Found,
}

/// Wanted tensors that a header has named: the file, and their type there.
pub type Found = Map<(String, Dtype)>;

/// Takes the pieces; what it returns ends the reading.
pub type Sink<'a> = dyn FnMut(Piece) -> Result<(), ModelError> + 'a;

/// The reading of one checkpoint.
pub struct Checkpoint {
    wanted: Map<Wanted>,
    files: Map<Reader>,
    found: Found,
    family: Family,
    index: Option<Map<String>>,
}

struct Reader {
    entry: FileEntry,
    hash: Sha256,
    /// Bytes seen.
    at: u64,
    part: Part,
}

/// Where in its file a reader is.
enum Part {
    /// A file without tensors; only its size and hash count. The index is kept whole.
    Plain(Vec<u8>),
    /// In the 8 bytes of length and the JSON behind them.
    Header(Vec<u8>),
    /// In the tensors, in file order; the carry is the part of an element that a chunk's end cut off. `holes`: what is
    /// before, between and behind them belongs to none.
    Tensors { list: Vec<(String, TensorInfo)>, next: usize, carry: Vec<u8>, holes: bool },
}

impl Part {
    fn tensors(tensors: Tensors, holes: bool) -> Self {
        let mut all: Vec<_> = tensors.into_iter().map(Some).collect();
        let place = |i: usize| all[i].as_ref().map(|(_, t)| (t.start, t.end));
        let order = order(all.len(), &|a, b| place(a).cmp(&place(b)));
        let list = order.iter().filter_map(|&i| all[i as usize].take()).collect();
        Self::Tensors { list, next: 0, carry: Vec::new(), holes }
    }
}

impl Checkpoint {
    /// A reading of the manifest's files for this configuration.
    ///
    /// # Errors
    /// Files that cannot hold what the configuration asks for, or an index beyond all bounds.
    pub fn new(config: &Config, manifest: &Manifest) -> Result<Self, ModelError> {
        // Four and a half bits an element at least, as in Q4_0; found out before anything is fetched.
        let least: u128 = config.tensors().iter().map(|w| u128::from(w.rows) * u128::from(w.cols) * 9 / 16).sum();
        let there: u128 = manifest.files.iter().filter(|f| f.is_weights()).map(|f| u128::from(f.size)).sum();
        if there < least {
            let problem = format!("its weights have {there} bytes, config.json asks for {least} at least");
            return Err(ModelError::file("manifest.json", problem));
        }
        if let Some(index) = manifest.files.iter().find(|f| f.path == INDEX && f.size > MAX_INDEX) {
            return Err(ModelError::file(INDEX, format!("has {} bytes, {MAX_INDEX} at most", index.size)));
        }
        Ok(Self::begin(config, manifest))
    }

    fn begin(config: &Config, manifest: &Manifest) -> Self {
        let reader = |entry: &FileEntry| Reader {
            hash: Sha256::new(),
            at: 0,
            part: if entry.is_weights() { Part::Header(Vec::new()) } else { Part::Plain(Vec::new()) },
            entry: entry.clone(),
        };
        Self {
            wanted: config.tensors().into_iter().map(|w| (w.key.clone(), w)).collect(),
            files: manifest.files.iter().map(|f| (f.path.clone(), reader(f))).collect(),
            found: Map::new(),
            family: config.family,
            index: None,
        }
    }

    /// A reading of files of another format: `lists` has a line for each, in the manifest's order, with what the header
    /// of a safetensors file would say; see [`parse_list`].
    ///
    /// # Errors
    /// Tensors of other shapes or types than the configuration asks for, or that do not lie where they could.
    pub fn described(config: &Config, manifest: &Manifest, lists: &str) -> Result<Self, ModelError> {
        let mut checkpoint = Self::begin(config, manifest);
        let mut lists = lists.lines();
        for entry in manifest.files.iter().filter(|f| f.is_gguf()) {
            let file = &entry.path;
            let list = lists.next().ok_or_else(|| ModelError::file(file, "is not described"))?;
            let tensors = parse_list(file, list.as_bytes(), entry.size)?;
            check_tensors(file, &tensors, checkpoint.family, &checkpoint.wanted, &mut checkpoint.found)?;
            if let Some(reader) = checkpoint.files.get_mut(file) {
                reader.part = Part::tensors(tensors, true);
            }
        }
        checkpoint.all_found()?;
        Ok(checkpoint)
    }

    /// The next chunk of a file, of any size. Pieces of wanted tensors go to `sink`.
    ///
    /// # Errors
    /// Damage, as soon as it can be seen.
    pub fn push(&mut self, file: &str, chunk: &[u8], sink: &mut Sink) -> Result<(), ModelError> {
        let Some(reader) = self.files.get_mut(file) else {
            return Err(ModelError::file(file, "is not in the manifest"));
        };
        let after = reader.at + chunk.len() as u64;
        if after > reader.entry.size {
            return Err(ModelError::file(
                file,
                format!("is longer than the {} bytes of the manifest", reader.entry.size),
            ));
        }
        if chunk.is_empty() {
            return Ok(());
        }
        reader.hash.update(chunk);
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = match &mut reader.part {
                Part::Plain(kept) => {
                    if file == INDEX {
                        kept.extend_from_slice(rest);
                    }
                    rest.len()
                }
                Part::Header(head) => {
                    let used = take_header(file, head, rest, reader.entry.size)?;
                    if let Some(tensors) = whole_header(file, head, reader.entry.size)? {
                        check_tensors(file, &tensors, self.family, &self.wanted, &mut self.found)?;
                        reader.part = Part::tensors(tensors, false);
                    }
                    used
                }
                Part::Tensors { list, next, carry, holes } => {
                    // Tensors without bytes end where they begin.
                    while list.get(*next).is_some_and(|(_, t)| t.end <= reader.at) {
                        *next += 1;
                    }
                    let begin = list.get(*next).map_or(u64::MAX, |(_, t)| t.start);
                    if *holes && begin > reader.at {
                        let used = rest.len().min(usize::try_from(begin - reader.at).unwrap_or(usize::MAX));
                        reader.at += used as u64;
                        rest = &rest[used..];
                        continue;
                    }
                    let Some((key, t)) = list.get(*next) else {
                        return Err(ModelError::file(file, "bytes belong to no tensor"));
                    };
                    let used = rest.len().min(usize::try_from(t.end - reader.at).unwrap_or(usize::MAX));
                    if let (Some(dtype), true) = (t.dtype, self.wanted.contains_key(&*self.family.canonical(key))) {
                        let bytes = &rest[..used];
                        let piece = Piece { file, key, dtype, offset: reader.at - t.start, bytes, found: &self.found };
                        pass(piece, carry, sink)?;
                    }
                    used
                }
            };
            reader.at += used as u64;
            rest = &rest[used..];
        }
        if reader.at == reader.entry.size {
            reader.close(file)?;
            if let Part::Plain(kept) = &reader.part
                && file == INDEX
            {
                self.index = Some(parse_index(kept, self.family)?);
            }
        }
        Ok(())
    }

    /// Whether all came as it should.
    ///
    /// # Errors
    /// The first file that is incomplete, the first tensor that is missing.
    pub fn finish(&self) -> Result<(), ModelError> {
        let cut = self.files.values().filter(|r| r.at != r.entry.size);
        match cut.min_by_key(|r| &r.entry.path) {
            None => self.all_found(),
            Some(Reader { entry, at, .. }) => {
                Err(ModelError::file(&entry.path, format!("ends after {at} of {} bytes", entry.size)))
            }
        }
    }

    /// Whether every wanted tensor is in a file, in the one that the index names.
    fn all_found(&self) -> Result<(), ModelError> {
        let said = |key: &String| self.index.as_ref().map(|index| index.get(key).map_or("nowhere", String::as_str));
        let file = |key: &String| self.found.get(key).map(|(file, _)| file.as_str());
        let right = |key: &String| file(key).is_some_and(|file| said(key).is_none_or(|said| said == file));
        // Of several the first by name.
        let Some(key) = self.wanted.keys().filter(|key| !right(key)).min() else { return Ok(()) };
        Err(match (file(key), said(key)) {
            (Some(file), Some(said)) => ModelError::tensor(INDEX, key, format!("is in {file}, the index says {said}")),
            _ => ModelError::tensor(&self.home(key), key, "is missing"),
        })
    }

    /// The file in which a tensor should be: the one that the index names, or any with weights.
    fn home(&self, key: &str) -> String {
        if let Some(file) = self.index.as_ref().and_then(|index| index.get(key)) {
            return file.clone();
        }
        let weights = self.files.values().filter(|r| r.entry.is_weights());
        let names: Vec<&str> = weights.map(|r| r.entry.path.as_str()).collect();
        let order = order(names.len(), &|a, b| names[a].cmp(names[b]));
        order.iter().map(|&i| names[i as usize]).collect::<Vec<_>>().join(", ")
    }
}

impl Reader {
    fn close(&mut self, file: &str) -> Result<(), ModelError> {
        if let Part::Header(_) = self.part {
            return Err(ModelError::file(file, "ends within its header"));
        }
        let got: String = self.hash.finalize_reset().iter().map(|b| format!("{b:02x}")).collect();
        match &self.entry.sha256 {
            Some(want) if !want.eq_ignore_ascii_case(&got) => {
                Err(ModelError::file(file, format!("its SHA-256 is {got}, the manifest says {want}")))
            }
            _ => Ok(()),
        }
    }
}

/// Adds to the header what belongs to it; returns how many bytes that were.
fn take_header(file: &str, head: &mut Vec<u8>, bytes: &[u8], file_len: u64) -> Result<usize, ModelError> {
    let want = match head.first_chunk::<8>() {
        None => 8,
        Some(first) => 8 + header_len(file, *first, file_len)? as usize,
    };
    let used = bytes.len().min(want - head.len());
    head.extend_from_slice(&bytes[..used]);
    Ok(used)
}

/// The tensors, once the header is whole.
fn whole_header(file: &str, head: &[u8], file_len: u64) -> Result<Option<Tensors>, ModelError> {
    let Some((first, json)) = head.split_first_chunk::<8>() else { return Ok(None) };
    if json.len() as u64 != header_len(file, *first, file_len)? {
        return Ok(None);
    }
    parse_header(file, json, file_len).map(Some)
}

/// What is wanted must have the right shape and a type that weights can have, and come once.
fn check_tensors(
    file: &str,
    tensors: &Tensors,
    family: Family,
    wanted: &Map<Wanted>,
    found: &mut Found,
) -> Result<(), ModelError> {
    for (key, t) in tensors {
        let canonical = family.canonical(key);
        let Some(w) = wanted.get(&*canonical) else { continue };
        let Some(dtype) = t.dtype else {
            return Err(ModelError::tensor(
                file,
                key,
                format!("has the type {}, which is not supported (F32, F16 and BF16 are)", short(&t.dtype_name)),
            ));
        };
        let (rows, cols) = (u64::from(w.rows), u64::from(w.cols));
        let want = match (w.vector, w.transposed) {
            (true, _) => vec![cols],
            (false, true) => vec![cols, rows],
            (false, false) => vec![rows, cols],
        };
        if t.shape != want {
            return Err(ModelError::tensor(
                file,
                key,
                format!("has the shape {:?}, the configuration says {want:?}", t.shape),
            ));
        }
        if let Some((other, _)) = found.insert(canonical.into(), (file.into(), dtype)) {
            return Err(ModelError::tensor(file, key, format!("is in {other} too")));
        }
    }
    Ok(())
}

/// Passes on whole blocks and keeps the rest for the next chunk.
fn pass(piece: Piece, carry: &mut Vec<u8>, sink: &mut Sink) -> Result<(), ModelError> {
    let (_, width) = piece.dtype.block();
    let Piece { file, key, dtype, mut offset, mut bytes, .. } = piece;
    let mut send = |offset, bytes: &[u8]| {
        if bytes.is_empty() {
            return Ok(());
        }
        if !dtype.finite(bytes) {
            return Err(ModelError::tensor(file, key, "holds a number that is not finite"));
        }
        sink(Piece { offset, bytes, ..piece })
    };
    if !carry.is_empty() {
        let fill = bytes.len().min(width - carry.len());
        let begun = offset - carry.len() as u64;
        carry.extend_from_slice(&bytes[..fill]);
        if carry.len() < width {
            return Ok(());
        }
        send(begun, carry)?;
        carry.clear();
        offset += fill as u64;
        bytes = &bytes[fill..];
    }
    let whole = bytes.len() - bytes.len() % width;
    send(offset, &bytes[..whole])?;
    carry.extend_from_slice(&bytes[whole..]);
    Ok(())
}

fn parse_index(json: &[u8], family: Family) -> Result<Map<String>, ModelError> {
    let index = json::parse(json).map_err(|e| ModelError::file(INDEX, e))?;
    let map = index.get("weight_map").and_then(Value::as_map);
    let map = map.ok_or_else(|| ModelError::file(INDEX, "has no weight_map"))?;
    let home = |(key, file): (&String, &Value)| {
        let file = file.as_str().ok_or_else(|| ModelError::tensor(INDEX, key, "its file has no name"))?;
        Ok((family.canonical(key).into(), file.to_owned()))
    };
    map.iter().map(home).collect()
}
