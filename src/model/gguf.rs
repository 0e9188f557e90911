//! The header of a GGUF file: metadata, and where its tensors lie. (Format: docs/gguf.md of ggml.) It is read from
//! the bytes that have come so far; of the metadata one copy of the bytes is held, whatever is in them.

mod config;
mod cursor;
mod describe;
mod key;
mod merges;
mod pre;
mod split;
mod tokenizer;
mod types;
mod value;
mod vocab;

use std::ops::Range;

pub use config::config;
pub use describe::{Description, describe};
pub use key::key;
pub use split::{check_split, split_files};
pub use tokenizer::tokenizer_json;
pub use value::{Array, Value};
pub use vocab::{Language, Special, chat_template, language, special, vocabulary};

use crate::model::dtype::Dtype;
use crate::model::error::{ModelError, short};
use crate::model::order::{order, twins};
use cursor::{Cursor, Step, Stop, wrong};

/// Longest header that is read. A vocabulary of 262,144 tokens with its merges is some 15 MB.
pub const MAX_HEADER: u64 = 32 << 20;

/// A tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// As in the file, such as `blk.3.attn_q.weight`.
    pub name: String,
    /// Sizes in ggml's order: the first is the one whose elements lie side by side, the columns of a matrix.
    pub dims: Vec<u64>,
    /// None: a type that weights cannot have here; its name is in `ty_name`.
    pub ty: Option<Dtype>,
    /// The type's name in ggml.
    pub ty_name: &'static str,
    /// Offset of its first byte in the file.
    pub start: u64,
    /// Offset after its last byte.
    pub end: u64,
}

/// What stands before the tensors' bytes.
#[derive(Debug, Clone)]
pub struct Header {
    file: String,
    /// The file up to its first tensor info; what entries point into.
    bytes: Box<[u8]>,
    /// Sorted by key.
    entries: Vec<Entry>,
    /// The tensors, in the order of the file.
    pub tensors: Vec<TensorInfo>,
    /// Where the tensors' bytes begin.
    pub data_start: u64,
}

#[derive(Debug, Clone)]
struct Entry {
    key: Range<u32>,
    kind: u32,
    value: Range<u32>,
}

impl Header {
    /// Reads a header from the first bytes of a file. `None`: it is longer than these, so come again with more,
    /// best with twice as many.
    ///
    /// # Errors
    /// A file that is damaged, of another version or byte order, or whose tensors overlap or do not fit into it.
    pub fn parse(file: &str, bytes: &[u8], file_len: u64) -> Result<Option<Self>, ModelError> {
        match Self::read(file, bytes, file_len) {
            Ok(header) => Ok(Some(header)),
            Err(Stop::More) => Ok(None),
            Err(Stop::Wrong(problem)) => Err(ModelError::file(file, problem)),
        }
    }

    fn read(file: &str, bytes: &[u8], file_len: u64) -> Step<Self> {
        let mut c = Cursor { bytes, at: 0, limit: file_len.min(MAX_HEADER) };
        if c.take(4)? != b"GGUF" {
            return wrong("is no GGUF file");
        }
        match c.u32()? {
            2 | 3 => {}
            v if matches!(v.swap_bytes(), 1..=3) => {
                return wrong("is big-endian; only little-endian files are supported");
            }
            v => return wrong(format!("has the GGUF version {v}; 2 and 3 are supported")),
        }
        let (tensor_count, entry_count) = (c.count("tensors")?, c.count("metadata entries")?);
        // Grown as they come: counts may lie.
        let mut entries: Vec<Entry> = Vec::new();
        for _ in 0..entry_count {
            entries.push(c.entry()?);
        }
        let mut header = Self {
            file: file.into(),
            bytes: bytes[..c.at].into(),
            entries: Vec::new(),
            tensors: Vec::new(),
            data_start: 0,
        };
        let key = |i: usize| header.key(&entries[i]);
        let sorted = order(entries.len(), &|a, b| key(a).cmp(key(b)));
        if let Some((twice, _)) = twins(&sorted, &|a, b| key(a) == key(b)) {
            return wrong(format!("{} is there twice", short(key(twice))));
        }
        let entries = sorted.iter().map(|&i| entries[i as usize].clone()).collect();
        header.entries = entries;
        let alignment = match header.get("general.alignment") {
            None => 32,
            Some(Value::Unsigned(n)) if n.is_power_of_two() && (4..=1 << 20).contains(&n) => n,
            Some(_) => return wrong("general.alignment: is no power of two from 4 on"),
        };
        for _ in 0..tensor_count {
            header.tensors.push(c.tensor(alignment)?);
        }
        header.data_start = (c.at as u64).next_multiple_of(alignment);
        header.place(file_len)?;
        Ok(header)
    }

    /// Moves the tensors to where the data begin, and sees that each has its own name and its own bytes in the file.
    fn place(&mut self, file_len: u64) -> Step<()> {
        let bad = |t: &TensorInfo, what: &str| wrong(format!("tensor {}: {what}", short(&t.name)));
        for t in &mut self.tensors {
            match t.end.checked_add(self.data_start) {
                Some(end) if end <= file_len => (t.start, t.end) = (t.start + self.data_start, end),
                _ => return bad(t, "does not lie within the file"),
            }
        }
        let all = &self.tensors;
        let sorted = order(all.len(), &|a, b| all[a].start.cmp(&all[b].start));
        if let Some((_, b)) = twins(&sorted, &|a, b| all[a].end > all[b].start) {
            return bad(&all[b], "overlaps another");
        }
        let sorted = order(all.len(), &|a, b| all[a].name.cmp(&all[b].name));
        match twins(&sorted, &|a, b| all[a].name == all[b].name) {
            Some((a, _)) => bad(&all[a], "is there twice"),
            None => Ok(()),
        }
    }

    fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// Keys are UTF-8; the cursor has seen to that.
    fn key(&self, entry: &Entry) -> &str {
        std::str::from_utf8(self.slice(&entry.key)).unwrap_or_default()
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// A value of the metadata.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value<'_>> {
        let i = self.entries.binary_search_by(|e| self.key(e).cmp(key)).ok()?;
        Value::of(self.entries[i].kind, self.slice(&self.entries[i].value))
    }

    /// A tensor by its name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.iter().find(|t| t.name == name)
    }

    /// The value of a key as `what` it must be; `None` when the key is not there.
    fn typed<'a, T>(
        &'a self,
        key: &str,
        what: &str,
        of: impl FnOnce(Value<'a>) -> Option<T>,
    ) -> Result<Option<T>, ModelError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        of(value).map(Some).ok_or_else(|| ModelError::file(&self.file, format!("{}: is no {what}", short(key))))
    }

    /// A whole number.
    ///
    /// # Errors
    /// A value of another type, or less than zero.
    pub fn whole(&self, key: &str) -> Result<Option<u64>, ModelError> {
        self.typed(key, "whole number", |v| v.whole())
    }

    /// A number.
    ///
    /// # Errors
    /// A value of another type, or none that is finite.
    pub fn number(&self, key: &str) -> Result<Option<f64>, ModelError> {
        self.typed(key, "number", |v| v.number().filter(|n| n.is_finite()))
    }

    /// A truth value.
    ///
    /// # Errors
    /// A value of another type.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, ModelError> {
        self.typed(key, "truth value", |v| if let Value::Flag(flag) = v { Some(flag) } else { None })
    }

    /// A text.
    ///
    /// # Errors
    /// A value of another type.
    pub fn text(&self, key: &str) -> Result<Option<&str>, ModelError> {
        self.typed(key, "text", |v| if let Value::Text(text) = v { Some(text) } else { None })
    }

    /// An array.
    ///
    /// # Errors
    /// A value of another type.
    pub fn array(&self, key: &str) -> Result<Option<Array<'_>>, ModelError> {
        self.typed(key, "array", |v| if let Value::Array(array) = v { Some(array) } else { None })
    }
}
