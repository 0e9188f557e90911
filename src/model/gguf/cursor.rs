//! Reading a header from the bytes that have come so far. Nothing is reserved that has not come: counts may lie.

use std::ops::Range;

use super::value::{self, ARRAY, BOOL, TEXT, width};
use super::{Entry, TensorInfo, types};
use crate::model::error::short;

/// Most entries of metadata, and most tensors. Models have dozens and hundreds.
const MOST: u64 = 1 << 16;
const MAX_DIMENSIONS: u32 = 4;

/// Why reading stopped.
pub(super) enum Stop {
    /// What is asked for has not come yet.
    More,
    Wrong(String),
}

pub(super) type Step<T> = Result<T, Stop>;

pub(super) fn wrong<T>(problem: impl Into<String>) -> Step<T> {
    Err(Stop::Wrong(problem.into()))
}

/// A place in the bytes that have come.
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    /// The header cannot be longer.
    pub limit: u64,
}

impl<'a> Cursor<'a> {
    pub fn take(&mut self, len: u64) -> Step<&'a [u8]> {
        if len > self.limit - self.at as u64 {
            return wrong(format!("its header does not end within {} bytes", self.limit));
        }
        let end = self.at + len as usize;
        let taken = self.bytes.get(self.at..end).ok_or(Stop::More)?;
        self.at = end;
        Ok(taken)
    }

    fn number(&mut self, width: u64) -> Step<u64> {
        Ok(value::little_endian(self.take(width)?))
    }

    pub fn u32(&mut self) -> Step<u32> {
        Ok(self.number(4)? as u32)
    }

    fn text(&mut self) -> Step<&'a [u8]> {
        let len = self.number(8)?;
        self.take(len)
    }

    /// How many there are, each at least so many bytes long.
    pub fn count(&mut self, what: &str) -> Step<u64> {
        match self.number(8)? {
            n @ 0..=MOST => Ok(n),
            n => wrong(format!("{n} {what} are too many")),
        }
    }

    fn range(&self, from: usize) -> Range<u32> {
        from as u32..self.at as u32
    }

    pub fn entry(&mut self) -> Step<Entry> {
        let name = self.text()?;
        let key = self.range(self.at - name.len());
        let Ok(name) = std::str::from_utf8(name) else { return wrong("a key is not UTF-8") };
        let kind = self.u32()?;
        let from = self.at;
        self.value(name, kind)?;
        Ok(Entry { key, kind, value: self.range(from) })
    }

    /// Goes past a value, and sees that it is one.
    fn value(&mut self, key: &str, kind: u32) -> Step<()> {
        let bad = |what: &str| wrong(format!("{}: {what}", short(key)));
        match kind {
            TEXT => match std::str::from_utf8(self.text()?) {
                Ok(_) => Ok(()),
                Err(_) => bad("is not UTF-8"),
            },
            ARRAY => {
                let (kind, count) = (self.u32()?, self.number(8)?);
                match width(kind) {
                    Some(width) => {
                        let bytes = self.take(count.saturating_mul(width))?;
                        if kind == BOOL && bytes.iter().any(|&b| b > 1) {
                            bad("is neither true nor false")
                        } else {
                            Ok(())
                        }
                    }
                    // Every text has at least its length: no more rounds than there are bytes.
                    None if kind == TEXT => (0..count).try_for_each(|_| self.text().map(drop)),
                    None if kind == ARRAY => bad("holds arrays of arrays"),
                    None => bad(&format!("has the unknown type {kind}")),
                }
            }
            _ => match width(kind) {
                None => bad(&format!("has the unknown type {kind}")),
                Some(width) => match self.number(width)? {
                    2.. if kind == BOOL => bad("is neither true nor false"),
                    _ => Ok(()),
                },
            },
        }
    }

    /// A tensor's info; its range counts from the first byte of data.
    pub fn tensor(&mut self, alignment: u64) -> Step<TensorInfo> {
        let Ok(name) = std::str::from_utf8(self.text()?) else { return wrong("the name of a tensor is not UTF-8") };
        let bad = |what: String| wrong(format!("tensor {}: {what}", short(name)));
        let count = self.u32()?;
        if count > MAX_DIMENSIONS {
            return bad(format!("has {count} dimensions"));
        }
        let dims = (0..count).map(|_| self.number(8)).collect::<Step<Vec<u64>>>()?;
        let (number, start) = (self.u32()?, self.number(8)?);
        let Some((ty_name, elements, bytes, ty)) = types::by_number(number) else {
            return bad(format!("has the unknown type {number}"));
        };
        let all = dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d).filter(|&n| n > 0));
        let whole = dims.first().unwrap_or(&1).is_multiple_of(elements);
        let len = all.filter(|_| whole).and_then(|n| (n / elements).checked_mul(bytes));
        let Some(end) = len.and_then(|len| start.checked_add(len)).filter(|_| start.is_multiple_of(alignment)) else {
            return bad(format!("cannot be {ty_name} {dims:?} at offset {start}"));
        };
        Ok(TensorInfo { name: name.into(), dims, ty, ty_name, start, end })
    }
}
