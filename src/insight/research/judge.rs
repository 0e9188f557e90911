//! Heads in the place of the rules: what posts, their sentences and their clauses say, by the vectors of an encoder.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::Opinion;
use super::aspects::Mention;
use super::pieces::{Piece, Pieces, of_sentences, pieces};
use super::sentiment::Label;
use super::tokens::Sentence;
use crate::insight::heads::{Head, Heads, HeadsError, Input};

/// The classes of the heads `sentiment` and `aspect`.
pub const CLASSES: [&str; 3] = ["negative", "neutral", "positive"];
const LABELS: [Label; 3] = [Label::Negative, Label::Neutral, Label::Positive];

/// What heads give each of [`CLASSES`], together 1.
pub type Shares = [f64; 3];

/// A sentence, and what it says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    /// The sentence.
    pub text: String,
    /// From −1 to 1.
    pub score: f64,
    /// Which class that is.
    pub label: Label,
}

/// Heads, and the vectors of all texts that they are to judge.
#[derive(Debug, Clone)]
pub struct Judge {
    heads: Heads,
    rows: HashMap<String, usize>,
    vectors: Vec<f32>,
}

/// The texts of a post whose vectors a [`Judge`] needs, each once.
#[must_use]
pub fn texts(post: &str) -> Vec<String> {
    let Pieces { whole, parts } = pieces(post);
    let parts = parts.into_iter().flat_map(|p| [p.whole].into_iter().chain(p.clauses.into_iter().map(|c| c.1)));
    let mut seen = HashSet::new();
    [whole].into_iter().chain(parts).map(|p| p.text).filter(|t| !t.is_empty() && seen.insert(t.clone())).collect()
}

/// The class with the largest share; of two alike the milder one.
#[must_use]
pub fn label(shares: &Shares) -> Label {
    let [bad, neither, good] = *shares;
    if neither >= bad.max(good) || bad == good { LABELS[1] } else { LABELS[if good > bad { 2 } else { 0 }] }
}

/// From −1 to 1: the share of praise without that of complaint.
#[must_use]
pub fn score(shares: &Shares) -> f64 {
    shares[2] - shares[0]
}

pub(super) fn mean(all: &[Shares]) -> Shares {
    std::array::from_fn(|i| all.iter().map(|s| s[i]).sum::<f64>() / all.len().max(1) as f64)
}

impl Judge {
    /// Takes a vector for each of the texts, one behind the other.
    ///
    /// # Errors
    /// No such heads; vectors that are too many, too few or too long.
    pub fn new(heads: Heads, texts: Vec<String>, vectors: Vec<f32>) -> Result<Self, HeadsError> {
        heads.of("sentiment", &CLASSES)?;
        heads.of("aspect", &CLASSES)?;
        let wanted = texts.len().saturating_mul(heads.width());
        if vectors.len() != wanted {
            let wrong = format!("{} numbers for {} texts, {wanted} wanted", vectors.len(), texts.len());
            return Err(HeadsError::Vectors(wrong));
        }
        let rows = texts.into_iter().enumerate().map(|(i, text)| (text, i)).collect();
        Ok(Self { heads, rows, vectors })
    }

    fn shares(&self, head: &Head, piece: &Piece) -> Result<Shares, HeadsError> {
        let missing = || HeadsError::Vectors(format!("none for {:?}", piece.text.chars().take(40).collect::<String>()));
        let from = self.rows.get(&piece.text).ok_or_else(missing)? * self.heads.width();
        let vector = &self.vectors[from..from + self.heads.width()];
        let input = Input { vector, evidence: &piece.evidence, words: &piece.words };
        let shares = self.heads.probabilities(head, input)?;
        shares.try_into().map_err(|_| HeadsError::Unknown("sentiment"))
    }

    /// What a post says: the mean of what the head makes of it as a whole, and of the mean of its sentences.
    ///
    /// # Errors
    /// A text without a vector, or a vector with something that is no number.
    pub fn post(&self, pieces: &Pieces) -> Result<(Shares, Vec<Said>), HeadsError> {
        let head = self.heads.of("sentiment", &CLASSES)?;
        let whole = self.shares(head, &pieces.whole)?;
        let each = pieces.parts.iter().map(|p| self.shares(head, &p.whole)).collect::<Result<Vec<_>, _>>()?;
        let said = |(part, shares): (&super::pieces::Part, &Shares)| Said {
            text: part.whole.text.clone(),
            score: score(shares),
            label: label(shares),
        };
        let sentences = pieces.parts.iter().zip(&each).map(said).collect();
        let all = if each.is_empty() { whole } else { mean(&[whole, mean(&each)]) };
        Ok((all, sentences))
    }

    /// What a piece says of an aspect that it speaks of.
    ///
    /// # Errors
    /// As of [`Self::post`].
    pub fn aspect(&self, piece: &Piece) -> Result<Shares, HeadsError> {
        self.shares(self.heads.of("aspect", &CLASSES)?, piece)
    }

    /// Judges a post in the place of the rules. Aspects behind the last sentence that is judged by itself stay theirs.
    pub(super) fn judge(
        &self,
        sentences: &[Sentence],
        opinion: &mut Opinion,
        mentions: &mut [Mention],
    ) -> Result<(), HeadsError> {
        let pieces = of_sentences(sentences);
        let (shares, said) = self.post(&pieces)?;
        (opinion.score, opinion.label, opinion.sentences) = (score(&shares), label(&shares), said);
        for mention in mentions {
            let (sentence, token) = mention.place;
            if let Some(part) = pieces.parts.get(sentence) {
                mention.said = Some(self.aspect(part.around(token))?);
            }
        }
        Ok(())
    }
}
