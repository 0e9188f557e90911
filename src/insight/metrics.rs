//! Measures of texts, of answers and of judges: pure functions over plain data. Each is compared with a known library's
//! numbers in `tests/insight`.

mod bleu;
mod classify;
mod faithful;
mod likelihood;
mod prefer;
mod rank;
mod readable;
mod variety;

use serde::Serialize;
use thiserror::Error;

pub use bleu::{bleu, self_bleu};
pub use classify::{Average, ClassScore, Classification, classification};
pub use faithful::{Coverage, Faithfulness, coverage, covered, faithfulness};
pub use likelihood::{Likelihood, likelihood};
pub use prefer::{Judgment, Preference, Strength, Winner, preference};
pub use rank::{Graded, mean, ndcg_at_k, recall_at_k, reciprocal_rank};
pub use readable::{Readability, readability, syllables};
pub use variety::{distinct, openings, repeats, repetition};

/// Why a measure has no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetricError {
    /// There is nothing to measure.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// Two lists that belong together have other lengths.
    #[error("{0} and {1} differ in length: {2} and {3}")]
    Lengths(&'static str, &'static str, usize, usize),
    /// A number that cannot be.
    #[error("{field}[{at}] is {value}, not {expected}")]
    Number {
        /// The list.
        field: &'static str,
        /// Where in it.
        at: usize,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

impl MetricError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> crate::error::Kind {
        crate::error::Kind::Type
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    /// Those of which it is true.
    pub hits: f64,
    /// All.
    pub of: f64,
}

impl Share {
    /// Takes one more.
    pub fn count(&mut self, hit: bool) {
        self.add(f64::from(u8::from(hit)), 1.0);
    }

    /// Takes some more.
    pub fn add(&mut self, hits: f64, of: f64) {
        self.hits += hits;
        self.of += of;
    }

    /// None of nothing.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.of > 0.0).then(|| self.hits / self.of)
    }
}
