//! What went wrong, under the names that the web platform uses.
//!
//! Each room of the crate has an error enum of its own that holds only what can happen there. All of
//! them answer [`Kind`], from which the JavaScript border makes a `DOMException` (or a `TypeError`).

/// The name under which a web page sees an error (Web IDL, "DOMException names").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No WebGPU, an unsupported model, an undeclared language.
    NotSupported,
    /// A damaged, hostile or unknown file.
    Data,
    /// An input that is too long, or memory that is not there: what was asked and what there is.
    QuotaExceeded {
        /// What the caller asked for, in the unit that the message names.
        requested: u64,
        /// What there is.
        quota: u64,
    },
    /// No text keeps the rules that it has to keep.
    Constraint,
    /// The GPU failed.
    Operation,
    /// The caller gave up.
    Abort,
    /// The object is destroyed or not ready.
    InvalidState,
    /// A bad argument; the message names the field.
    Type,
}

impl Kind {
    /// The `name` of the exception: a DOMException name, or `TypeError`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSupported => "NotSupportedError",
            Self::Data => "DataError",
            Self::QuotaExceeded { .. } => "QuotaExceededError",
            Self::Constraint => "ConstraintError",
            Self::Operation => "OperationError",
            Self::Abort => "AbortError",
            Self::InvalidState => "InvalidStateError",
            Self::Type => "TypeError",
        }
    }
}
