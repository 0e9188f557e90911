//! Writes GGUF files, sound ones and others, independently of the reader.

/// Numbers of the value types.
pub const TEXT: u32 = 8;
pub const ARRAY: u32 = 9;

/// A file in the making.
#[derive(Clone)]
pub struct Gguf {
    pub version: u32,
    pub alignment: usize,
    /// Key, type, and bytes.
    pub entries: Vec<(Vec<u8>, u32, Vec<u8>)>,
    pub tensors: Vec<Tensor>,
}

/// A tensor; where it lies is decided when the file is written, unless it is given.
#[derive(Clone)]
pub struct Tensor {
    pub name: Vec<u8>,
    pub dims: Vec<u64>,
    pub ty: u32,
    pub bytes: Vec<u8>,
    pub offset: Option<u64>,
}

fn with_len(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat()
}

/// An array's bytes: the type, the number, and one after the other.
pub fn array(ty: u32, items: impl ExactSizeIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut bytes = [&ty.to_le_bytes()[..], &(items.len() as u64).to_le_bytes()].concat();
    items.for_each(|item| bytes.extend(item));
    bytes
}

impl Gguf {
    pub fn new() -> Self {
        Self { version: 3, alignment: 32, entries: Vec::new(), tensors: Vec::new() }
    }

    pub fn raw(mut self, key: &str, ty: u32, bytes: Vec<u8>) -> Self {
        self.entries.retain(|e| e.0 != key.as_bytes());
        self.entries.push((key.into(), ty, bytes));
        self
    }

    pub fn text(self, key: &str, text: &str) -> Self {
        self.raw(key, TEXT, with_len(text.as_bytes()))
    }

    pub fn u32(self, key: &str, n: u32) -> Self {
        self.raw(key, 4, n.to_le_bytes().into())
    }

    pub fn f32(self, key: &str, n: f32) -> Self {
        self.raw(key, 6, n.to_le_bytes().into())
    }

    pub fn flag(self, key: &str, flag: bool) -> Self {
        self.raw(key, 7, vec![flag.into()])
    }

    pub fn texts<T: AsRef<[u8]>>(self, key: &str, texts: &[T]) -> Self {
        self.raw(key, ARRAY, array(TEXT, texts.iter().map(|t| with_len(t.as_ref()))))
    }

    pub fn i32s(self, key: &str, numbers: &[i32]) -> Self {
        self.raw(key, ARRAY, array(5, numbers.iter().map(|n| n.to_le_bytes().into())))
    }

    pub fn f32s(self, key: &str, numbers: &[f32]) -> Self {
        self.raw(key, ARRAY, array(6, numbers.iter().map(|n| n.to_le_bytes().into())))
    }

    pub fn tensor(mut self, name: &str, dims: &[u64], ty: u32, bytes: Vec<u8>) -> Self {
        self.tensors.push(Tensor { name: name.into(), dims: dims.into(), ty, bytes, offset: None });
        self
    }

    /// The tensors of these names, each of one F32.
    pub fn named(self, names: &[&str]) -> Self {
        names.iter().fold(self, |g, name| g.tensor(name, &[1], 0, vec![0; 4]))
    }

    /// The file up to the tensors' bytes.
    pub fn header(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(self.version.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.entries.len() as u64).to_le_bytes());
        for (key, ty, bytes) in &self.entries {
            out.extend(with_len(key));
            out.extend(ty.to_le_bytes());
            out.extend(bytes);
        }
        let mut at = 0;
        for t in &self.tensors {
            out.extend(with_len(&t.name));
            out.extend((t.dims.len() as u32).to_le_bytes());
            t.dims.iter().for_each(|d| out.extend(d.to_le_bytes()));
            out.extend(t.ty.to_le_bytes());
            out.extend(t.offset.unwrap_or(at).to_le_bytes());
            at += t.bytes.len().next_multiple_of(self.alignment) as u64;
        }
        out
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.header();
        for t in &self.tensors {
            out.resize(out.len().next_multiple_of(self.alignment), 0);
            out.extend(&t.bytes);
        }
        out
    }
}
