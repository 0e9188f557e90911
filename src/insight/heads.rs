//! Classifiers on an encoder's vectors: sentiment, aspects, intent. Their file is a safetensors file; `train/heads.py` makes it.
//!
//! A head is a logistic regression: logits = W · x + b + v · Σ g. x is the vector, made one long, and behind it what the rules of
//! [`super::research::sentiment`] find, where the head was trained with that. The g are the rows of the words and pairs of words
//! of the text that the file lists, each once, and v is 1 by the root of their number.

mod file;

use std::collections::{BTreeSet, HashMap};

use thiserror::Error;

use super::research::sentiment::Evidence;
use crate::error::Kind;
use crate::json;
use crate::model::safetensors;
use file::File;

/// What the file says it is.
const FORMAT: &str = "copywright-heads-1";
/// Longest file that is read.
pub const MOST_BYTES: usize = 1 << 20;
/// Most numbers of a vector.
const MOST: u64 = 4_096;

/// What is wrong with a file of heads, or with what they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeadsError {
    /// The file is damaged, or something else.
    #[error("heads: {0}")]
    File(String),
    /// A tensor of it.
    #[error("heads: tensor {key} {problem}")]
    Tensor {
        /// Its key.
        key: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no such head.
    #[error("heads: there is no head {0:?}")]
    Unknown(&'static str),
    /// A head for other classes than those that are asked for.
    #[error("heads: the classes of {0:?} are not {1}")]
    Classes(&'static str, String),
    /// Vectors that are not those of the texts, or not the encoder's.
    #[error("vectors: {0}")]
    Vectors(String),
}

impl HeadsError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::File(_) | Self::Tensor { .. } | Self::Unknown(_) | Self::Classes(..) => Kind::Data,
            Self::Vectors(_) => Kind::Type,
        }
    }
}

/// What a head judges.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// By the encoder; of any length but none.
    pub vector: &'a [f32],
    /// What the rules find.
    pub evidence: &'a Evidence,
    /// The tokens of the text in their order.
    pub words: &'a [String],
}

/// One classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    classes: Vec<String>,
    /// (classes, inputs)
    weight: Vec<f32>,
    bias: Vec<f32>,
    /// Of the vector and the evidence.
    inputs: usize,
    /// (words, classes); empty for a head that reads no words.
    grams: Vec<f32>,
}

fn dot(row: &[f32], x: &[f64]) -> f64 {
    row.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum()
}

impl Head {
    /// Its classes, in the order of [`Heads::probabilities`].
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }
}

/// The heads of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Heads {
    encoder: String,
    width: usize,
    vocabulary: HashMap<String, usize>,
    heads: Vec<(String, Head)>,
}

impl Heads {
    /// Reads a file.
    ///
    /// # Errors
    /// All but [`HeadsError::Vectors`].
    pub fn read(bytes: &[u8]) -> Result<Self, HeadsError> {
        let damaged = |problem: &str| HeadsError::File(problem.to_owned());
        if bytes.len() > MOST_BYTES {
            return Err(HeadsError::File(format!("{} bytes, {MOST_BYTES} at most", bytes.len())));
        }
        let first = bytes.first_chunk::<8>().ok_or_else(|| damaged("no safetensors file"))?;
        let wrong = |e: crate::model::error::ModelError| HeadsError::File(e.to_string());
        let length = safetensors::header_len("heads", *first, bytes.len() as u64).map_err(wrong)?;
        let header = bytes.get(8..8 + length as usize).ok_or_else(|| damaged("no safetensors file"))?;
        let tensors = safetensors::parse_header("heads", header, bytes.len() as u64).map_err(wrong)?;
        let all = json::parse(header).map_err(HeadsError::File)?;
        let about = &all["__metadata__"];
        let said = |field: &str| about[field].as_str().filter(|s| !s.is_empty());
        if said("format") != Some(FORMAT) {
            return Err(damaged("no file of heads, or of another version"));
        }
        let encoder = said("encoder").ok_or_else(|| damaged("its encoder has no name"))?.to_owned();
        let width = said("width").and_then(|w| w.parse::<u64>().ok()).filter(|w| (1..=MOST).contains(w));
        let width = width.ok_or_else(|| damaged("its vectors have no length"))? as usize;
        let file = File { bytes, tensors: &tensors };
        let vocabulary = file.vocabulary()?;
        let mut heads = Vec::new();
        for name in said("heads").unwrap_or_default().split(',').filter(|n| !n.is_empty()) {
            let classes: Vec<String> = said(name).unwrap_or_default().split(',').map(str::to_owned).collect();
            heads.push((name.to_owned(), file.head(name, classes, width, vocabulary.len())?));
        }
        Ok(Self { encoder, width, vocabulary, heads })
    }

    /// The model that makes the vectors, by its name.
    #[must_use]
    pub fn encoder(&self) -> &str {
        &self.encoder
    }

    /// Numbers of its vectors.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// A head.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn head(&self, name: &'static str) -> Result<&Head, HeadsError> {
        self.heads.iter().find(|(n, _)| n == name).map(|(_, head)| head).ok_or(HeadsError::Unknown(name))
    }

    /// A head for these classes, in this order.
    ///
    /// # Errors
    /// There is none of this name, or it has others.
    pub fn of(&self, name: &'static str, classes: &[&str]) -> Result<&Head, HeadsError> {
        let head = self.head(name)?;
        if head.classes.iter().map(String::as_str).eq(classes.iter().copied()) {
            return Ok(head);
        }
        Err(HeadsError::Classes(name, classes.join(", ")))
    }

    /// What each class has of the certainty, together 1.
    ///
    /// # Errors
    /// [`HeadsError::Vectors`] for a vector of another encoder, or with something that is no number, or nothing but zeros.
    pub fn probabilities(&self, head: &Head, input: Input<'_>) -> Result<Vec<f64>, HeadsError> {
        let Input { vector, evidence, words } = input;
        if vector.len() != self.width {
            let wrong = format!("{} numbers where heads want {}", vector.len(), self.width);
            return Err(HeadsError::Vectors(wrong));
        }
        let length = vector.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if !(length.is_finite() && length > 0.0) {
            return Err(HeadsError::Vectors("something that is no number, or nothing but zeros".to_owned()));
        }
        let mut x: Vec<f64> = vector.iter().map(|v| f64::from(*v) / length).collect();
        x.extend(evidence.iter().map(|e| f64::from(*e)).take(head.inputs - self.width));
        let rows = head.weight.chunks(head.inputs).zip(&head.bias);
        let mut logits: Vec<f64> = rows.map(|(row, b)| dot(row, &x) + f64::from(*b)).collect();
        if !head.grams.is_empty() {
            let known = self.known(words);
            let scale = 1.0 / (known.len().max(1) as f64).sqrt();
            for gram in known {
                let row = &head.grams[gram * logits.len()..][..logits.len()];
                logits.iter_mut().zip(row).for_each(|(logit, g)| *logit += scale * f64::from(*g));
            }
        }
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = logits.iter().map(|l| (l - most).exp()).collect();
        let all: f64 = powers.iter().sum();
        Ok(powers.into_iter().map(|p| p / all).collect())
    }

    /// The words and pairs of words that the file lists, each once.
    fn known(&self, words: &[String]) -> BTreeSet<usize> {
        let pairs = words.windows(2).map(|pair| pair.join(" "));
        words.iter().cloned().chain(pairs).filter_map(|gram| self.vocabulary.get(&gram).copied()).collect()
    }
}
