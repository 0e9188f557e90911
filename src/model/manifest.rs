//! `manifest.json`: which files make a model, how large they are, and what they hash to.

use serde::Serialize;

use crate::copy::unicode::Is;
use crate::json::{self, Value};
use crate::map::Map;
use crate::model::error::ModelError;

const FILE: &str = "manifest.json";
/// The prompt of a model that only continues texts.
pub const NO_BRIEFS: &str = "none";
/// The prompt of a model that begins each line of a copy with a space.
pub const BRIEF_V2: &str = "brief-v2";
/// The prompts that are known.
const PROMPTS: [&str; 3] = ["brief-v1", BRIEF_V2, NO_BRIEFS];

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Path below the manifest, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits; not checked when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl FileEntry {
    /// Whether this file holds weights.
    #[must_use]
    pub fn is_weights(&self) -> bool {
        self.path.ends_with(".safetensors") || self.is_gguf()
    }

    /// Whether this file is a model, or a part of one, in GGUF.
    #[must_use]
    pub fn is_gguf(&self) -> bool {
        Self::gguf(&self.path)
    }

    pub(crate) fn gguf(path: &str) -> bool {
        path.get(path.len().wrapping_sub(5)..).is_some_and(|end| end.eq_ignore_ascii_case(".gguf"))
    }
}

/// What a model is and which files it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Name of the model.
    pub name: String,
    /// Version of the model.
    pub version: String,
    /// SPDX expression.
    pub license: String,
    /// BCP-47 tags of the languages that it writes.
    pub languages: Vec<String>,
    /// How a brief becomes a prompt: `brief-v1`, `brief-v2`, or `none` for models that only complete.
    pub prompt: String,
    /// In the order in which they are to be fetched.
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ModelError::File`] naming what is wrong, [`ModelError::Unsupported`] for a prompt that is not known.
    pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let raw = json::parse(json).map_err(|e| ModelError::file(FILE, e))?;
        let manifest = Self {
            name: text(&raw, "name")?,
            version: text(&raw, "version")?,
            license: text(&raw, "license")?,
            languages: list(&raw, "languages")?.iter().map(|v| string(v, "languages")).collect::<Result<_, _>>()?,
            prompt: text(&raw, "prompt")?,
            files: list(&raw, "files")?.iter().map(entry).collect::<Result<_, _>>()?,
        };
        if !PROMPTS.contains(&manifest.prompt.as_str()) {
            let problem = format!("{:?} is not one of {}", manifest.prompt, PROMPTS.join(", "));
            return Err(ModelError::unsupported(FILE, "prompt", problem));
        }
        let wrong = |path: &str, problem: &str| Err(ModelError::file(FILE, format!("{path:?}: {problem}")));
        let mut seen = Map::new();
        for f in &manifest.files {
            let plain = |part: &str| {
                !part.is_empty() && part != "." && part != ".." && !part.contains((|c| "\\:?#%".contains(c)) as Is)
            };
            if !f.path.split('/').all(plain) || f.path.chars().any(char::is_control) {
                return wrong(&f.path, "is not a plain relative path");
            }
            if seen.insert(f.path.clone(), ()).is_some() {
                return wrong(&f.path, "is listed twice");
            }
            if f.size == 0 || f.size >= 1 << 53 {
                return wrong(&f.path, "has an impossible size");
            }
            if f.sha256.as_ref().is_some_and(|h| h.len() != 64 || !h.bytes().all(|b| b.is_ascii_hexdigit())) {
                return wrong(&f.path, "its sha256 is not 64 hexadecimal digits");
            }
        }
        if !manifest.files.iter().any(FileEntry::is_weights) {
            return Err(ModelError::file(FILE, "no file of weights (*.safetensors, *.gguf) is listed"));
        }
        Ok(manifest)
    }
}

fn bad(field: &str, problem: &str) -> ModelError {
    ModelError::file(FILE, format!("{field}: {problem}"))
}

fn string(value: &Value, field: &str) -> Result<String, ModelError> {
    value.as_str().map(Into::into).ok_or_else(|| bad(field, "is no string"))
}

fn text(of: &Value, field: &str) -> Result<String, ModelError> {
    string(of.get(field).ok_or_else(|| bad(field, "missing"))?, field)
}

fn list<'a>(of: &'a Value, field: &str) -> Result<&'a Vec<Value>, ModelError> {
    of.get(field).and_then(Value::as_list).ok_or_else(|| bad(field, "is no list"))
}

fn entry(value: &Value) -> Result<FileEntry, ModelError> {
    let sha256 = match value.get("sha256") {
        None | Some(Value::Null) => None,
        Some(hash) => Some(string(hash, "sha256")?),
    };
    let size = value.get("size").unwrap_or(&Value::Null);
    let size = size.as_u64().ok_or_else(|| bad("size", &format!("{size} is an impossible size")))?;
    Ok(FileEntry { path: text(value, "path")?, size, sha256 })
}
