//! What goes in and what comes out.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Something that is known: a question that customers have, and the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Unique among the entries.
    pub id: String,
    /// The question, or a title.
    pub question: String,
    /// The answer, as it is given.
    pub answer: String,
    /// Where a reader finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Vectors of the entry, as of its question and of its answer; the one nearest to what is asked counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<Vec<f32>>,
}

/// What was asked before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Turn {
    /// By the customer.
    pub question: String,
    /// The entry that it was answered from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
}

/// What else is known of a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Context {
    /// The conversation so far, the last turn at the end.
    pub turns: Vec<Turn>,
    /// The vector of [`super::standalone`]`(question, turns)`, by the same encoder as the entries'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<f32>>,
}

/// An entry that may answer, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Its id.
    pub id: String,
    /// Its question.
    pub question: String,
    /// Where it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Words of the customer's that it has, or has by another name.
    pub matched: Vec<String>,
    /// Cosine of its nearest vector with the question's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// By which entries are ordered, 0 to 1.
    pub score: f64,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The question has no word.
    Empty,
    /// No entry has anything of it.
    Unknown,
    /// The best entry is too unlikely to be what is asked for.
    Unsure,
}

/// An answer, or none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Answer {
    /// The entry's own words.
    Reply {
        /// The entry's answer.
        reply: String,
        /// The entry.
        source: Source,
        /// The probability that this entry is the right one, as calibrated.
        confidence: f64,
    },
    /// A person should answer.
    Declined {
        /// The nearest entries, the best first.
        best: Vec<Source>,
        /// Why.
        reason: Reason,
        /// Of the best one.
        confidence: f64,
    },
}

/// What is wrong with entries or a question.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SupportError {
    /// There are none.
    #[error("entries is empty")]
    NoEntries,
    /// One of them.
    #[error("entries[{at}].{field} {problem}")]
    Entry {
        /// Which.
        at: usize,
        /// Its field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The question's vector.
    #[error("context.vector {0}")]
    Vector(&'static str),
    /// There is no such entry.
    #[error("there is no entry {0:?}")]
    Unknown(String),
}

impl SupportError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> crate::error::Kind {
        crate::error::Kind::Type
    }
}
