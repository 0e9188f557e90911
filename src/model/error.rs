//! What can be wrong with a model's files.

use thiserror::Error;

use crate::engine::EngineError;
use crate::error::Kind;

/// A model that cannot be loaded; each names the file, and the tensor where there is one.
#[derive(Debug, Clone, Error)]
pub enum ModelError {
    /// A file that is not what it should be.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// A tensor that is not what it should be.
    #[error("{file}: tensor {tensor}: {problem}")]
    Tensor {
        /// The file, where it is known.
        file: String,
        /// The tensor's key.
        tensor: String,
        /// What is wrong.
        problem: String,
    },
    /// A sound file that asks for what this version does not do.
    #[error("{file}: {field}: {problem}")]
    Unsupported {
        /// The file.
        file: String,
        /// The field.
        field: String,
        /// What is not supported.
        problem: String,
    },
    /// The device refused the memory.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl ModelError {
    pub(crate) fn file(file: &str, problem: impl Into<String>) -> Self {
        Self::File { file: short(file), problem: problem.into() }
    }
    pub(crate) fn tensor(file: &str, tensor: &str, problem: impl Into<String>) -> Self {
        Self::Tensor { file: short(file), tensor: short(tensor), problem: problem.into() }
    }
    pub(crate) fn unsupported(file: &str, field: &str, problem: impl Into<String>) -> Self {
        Self::Unsupported { file: short(file), field: field.into(), problem: problem.into() }
    }

    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::File { .. } | Self::Tensor { .. } => Kind::Data,
            Self::Unsupported { .. } => Kind::NotSupported,
            Self::Engine(e) => e.kind(),
        }
    }
}

/// A name for a message: those that hostile files bring may have any length.
pub(crate) fn short(name: &str) -> String {
    const MOST: usize = 200;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.into(),
    }
}
