//! Values of the metadata, read from their bytes when they are asked for. `Header::parse` has seen that the
//! bytes are those of the type.

pub(super) const F32: u32 = 6;
pub(super) const BOOL: u32 = 7;
pub(super) const TEXT: u32 = 8;
pub(super) const ARRAY: u32 = 9;
const F64: u32 = 12;

/// Bytes of a value of this type; none for texts, arrays, and types that there are not.
pub(super) fn width(kind: u32) -> Option<u64> {
    const WIDTHS: [u64; 13] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
    WIDTHS.get(kind as usize).copied().filter(|&w| w > 0)
}

/// Up to 8 bytes, the lowest first.
pub(super) fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b))
}

/// A value of the metadata.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// uint8 to uint64.
    Unsigned(u64),
    /// int8 to int64.
    Signed(i64),
    /// float32 and float64.
    Float(f64),
    /// bool.
    Flag(bool),
    /// string.
    Text(&'a str),
    /// array.
    Array(Array<'a>),
}

/// An array of the metadata: of numbers and truth values, or of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Array<'a> {
    kind: u32,
    len: usize,
    bytes: &'a [u8],
}

impl<'a> Value<'a> {
    /// The value of this type in these bytes.
    pub(super) fn of(kind: u32, bytes: &'a [u8]) -> Option<Self> {
        let raw = || little_endian(bytes);
        let unused = 64 - 8 * bytes.len().min(8) as u32;
        Some(match kind {
            0 | 2 | 4 | 10 => Self::Unsigned(raw()),
            1 | 3 | 5 | 11 => Self::Signed((raw() << unused) as i64 >> unused),
            F32 => Self::Float(f64::from(f32::from_bits(raw() as u32))),
            F64 => Self::Float(f64::from_bits(raw())),
            BOOL => Self::Flag(raw() != 0),
            TEXT => Self::Text(std::str::from_utf8(bytes.get(8..)?).ok()?),
            ARRAY => {
                let (kind, rest) = bytes.split_at_checked(4)?;
                let (len, bytes) = rest.split_at_checked(8)?;
                Self::Array(Array { kind: little_endian(kind) as u32, len: little_endian(len) as usize, bytes })
            }
            _ => return None,
        })
    }

    /// The value as a whole number from 0 on.
    #[must_use]
    pub fn whole(self) -> Option<u64> {
        match self {
            Self::Unsigned(n) => Some(n),
            Self::Signed(n) => u64::try_from(n).ok(),
            _ => None,
        }
    }

    /// The value as a number.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Unsigned(n) => Some(n as f64),
            Self::Signed(n) => Some(n as f64),
            Self::Float(n) => Some(n),
            _ => None,
        }
    }
}

impl<'a> Array<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// None.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The texts, which nobody has promised to be UTF-8; nothing in an array of another type.
    pub fn texts(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = if self.kind == TEXT { self.bytes } else { &[] };
        std::iter::from_fn(move || {
            let (len, after) = rest.split_at_checked(8)?;
            let (text, after) = after.split_at_checked(little_endian(len) as usize)?;
            rest = after;
            Some(text)
        })
    }

    /// The numbers and truth values; nothing in an array of texts.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let kind = self.kind;
        let (width, bytes): (usize, &[u8]) = match width(kind) {
            Some(width) => (width as usize, self.bytes),
            None => (1, &[]),
        };
        bytes.chunks_exact(width).filter_map(move |bytes| Value::of(kind, bytes))
    }
}
