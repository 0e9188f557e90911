//! Everything that a model's GGUF files say, in the terms of Hugging Face's files. A page lets a module of its own read
//! GGUF, which hands this on; so whoever takes it checks it like a file.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{Header, Language, check_split, config, key, language};
use crate::model::error::ModelError;

/// A model.
#[derive(Debug)]
pub struct Description {
    /// `config.json`
    pub config: String,
    /// A line for each file: what the header of a safetensors file would say, but with offsets from the file's first byte
    /// and ggml's names of types.
    pub lists: String,
    /// Of texts and conversations.
    pub language: Language,
}

/// The model in these files, from their headers in order.
///
/// # Errors
/// Files that do not belong together, a model that is not supported, values of wrong types.
pub fn describe(headers: &[Header]) -> Result<Description, ModelError> {
    let Some(first) = headers.first() else { return Err(ModelError::file("GGUF", "no file")) };
    check_split(headers)?;
    let arch = first.text("general.architecture")?.unwrap_or_default();
    let lists = headers.iter().map(|h| list(arch, h) + "\n").collect();
    Ok(Description { config: config(headers)?, lists, language: language(first)? })
}

/// The tensors of a file under Hugging Face's keys, in one line.
fn list(arch: &str, header: &Header) -> String {
    let mut json = "{".to_owned();
    for t in &header.tensors {
        let comma = if json.len() > 1 { "," } else { "" };
        let key = Json::from(key(arch, &t.name).unwrap_or_else(|| t.name.clone()));
        let shape: Vec<u64> = t.dims.iter().rev().copied().collect();
        let (ty, start, end) = (t.ty_name, t.start, t.end);
        // Nothing can fail here: it is memory.
        let _ = write!(json, r#"{comma}{key}:{{"dtype":"{ty}","shape":{shape:?},"data_offsets":[{start},{end}]}}"#);
    }
    json + "}"
}
