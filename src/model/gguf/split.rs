//! Models in several files: `NAME-00001-of-00005.gguf` and so on. The first has the metadata, each its own tensors.
//! (Source: `gguf-split` of llama.cpp.)

use super::{Header, TensorInfo};
use crate::model::error::ModelError;
use crate::model::order::{order, twins};

const COUNT: &str = "split.count";
/// More than any model has.
const MOST: u64 = 1024;

/// How many files the model of this header has.
fn count(header: &Header) -> Result<u64, ModelError> {
    match header.whole(COUNT)?.unwrap_or(1) {
        n @ 0..=MOST => Ok(n.max(1)),
        n => Err(ModelError::file(&header.file, format!("{COUNT}: {n} files are too many"))),
    }
}

/// The files of a model, from its first file's name (or address) and header: this one and those that follow it.
///
/// # Errors
/// A file that is not the first, or whose name is not that of the first of so many.
pub fn split_files(name: &str, header: &Header) -> Result<Vec<String>, ModelError> {
    let count = count(header)?;
    if count == 1 {
        return Ok(vec![name.into()]);
    }
    let ending = |no: u64| format!("-{no:05}-of-{count:05}.gguf");
    match name.strip_suffix(&ending(1)) {
        Some(stem) if header.whole("split.no")? == Some(0) => {
            Ok((1..=count).map(|no| stem.to_owned() + &ending(no)).collect())
        }
        _ => Err(ModelError::file(name, format!("should be the first of {count} files and end in {}", ending(1)))),
    }
}

/// Checks the headers of all files of a model, in their order.
///
/// # Errors
/// A file that is missing or in another's place, or a tensor that is missing or there twice.
pub fn check_split(headers: &[Header]) -> Result<(), ModelError> {
    let Some(first) = headers.first() else { return Ok(()) };
    let mut all: Vec<(&Header, &TensorInfo)> = Vec::new();
    for (no, h) in headers.iter().enumerate() {
        let (here, of) = (h.whole("split.no")?.unwrap_or(0), count(h)?);
        if here != no as u64 || of != headers.len() as u64 {
            let problem = format!("is file {} of {of}, not {} of {}", here + 1, no + 1, headers.len());
            return Err(ModelError::file(&h.file, problem));
        }
        all.extend(h.tensors.iter().map(|t| (h, t)));
    }
    let name = |i: usize| &all[i].1.name;
    let sorted = order(all.len(), &|a, b| name(a).cmp(name(b)));
    if let Some((_, b)) = twins(&sorted, &|a, b| name(a) == name(b)) {
        return Err(ModelError::tensor(&all[b].0.file, name(b), "is in an earlier file too"));
    }
    match first.whole("split.tensors.count")? {
        Some(n) if n != all.len() as u64 => {
            Err(ModelError::file(&first.file, format!("the files have {} tensors, not {n}", all.len())))
        }
        _ => Ok(()),
    }
}
