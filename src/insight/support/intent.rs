//! What a customer wants with a text, by a head on an encoder's vector: before anybody looks for an entry, and for whoever takes over.

use serde::Serialize;

use crate::insight::heads::{Head, Heads, HeadsError, Input};
use crate::insight::research::pieces::pieces;

/// The classes of the head `intent`.
pub const CLASSES: [&str; 3] = ["question", "order", "complaint"];
const INTENTS: [Intent; 3] = [Intent::Question, Intent::Order, Intent::Complaint];

/// What a customer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    /// To know something.
    Question,
    /// To have, book or reserve something.
    Order,
    /// That something be put right: what is broken, late, wrong or to be sent back.
    Complaint,
}

impl Intent {
    /// Its name in a file of heads and in a page.
    #[must_use]
    pub fn id(self) -> &'static str {
        CLASSES[self as usize]
    }
}

/// What a head makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Wanted {
    /// The likeliest.
    pub intent: Intent,
    /// Its share.
    pub probability: f64,
    /// The shares of all, together 1.
    pub shares: Shares,
}

/// What each intent has of the certainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shares {
    /// Of [`Intent::Question`].
    pub question: f64,
    /// Of [`Intent::Order`].
    pub order: f64,
    /// Of [`Intent::Complaint`].
    pub complaint: f64,
}

/// What an encoder is to be asked for, so that the head sees what it was trained on; empty for a text without a word.
#[must_use]
pub fn readable(text: &str) -> String {
    pieces(text).whole.text
}

/// The head of a file.
///
/// # Errors
/// There is none, or it has other classes.
pub fn head(heads: &Heads) -> Result<&Head, HeadsError> {
    heads.of("intent", &CLASSES)
}

/// What a customer wants. The vector is that of [`readable`].
///
/// # Errors
/// No such head; a vector of another encoder, or with something that is no number.
pub fn wanted(heads: &Heads, text: &str, vector: &[f32]) -> Result<Wanted, HeadsError> {
    let piece = pieces(text).whole;
    let input = Input { vector, evidence: &piece.evidence, words: &piece.words };
    let all = heads.probabilities(head(heads)?, input)?;
    let &[question, order, complaint] = all.as_slice() else { return Err(HeadsError::Unknown("intent")) };
    // Of two alike the one that is named first.
    let best = (0..all.len()).fold(0, |best, i| if all[i] > all[best] { i } else { best });
    let shares = Shares { question, order, complaint };
    Ok(Wanted { intent: INTENTS[best], probability: all[best], shares })
}
