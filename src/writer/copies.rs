//! What comes of writing: texts with what is known about them.

use serde::Serialize;

use crate::copy::check::Check;
use crate::generate::{Finish, Timing};

/// Tokens used.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Of the prompt.
    pub prompt_tokens: u32,
    /// Of the text.
    pub completion_tokens: u32,
}

/// One written text with what is known about it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Copy {
    /// The text.
    pub text: String,
    /// What the text was checked for.
    pub checks: Vec<Check>,
    /// The seed that gives this very text again, alone.
    pub seed: u32,
    /// How many texts were written until this one, it included.
    pub attempts: u32,
    /// Of several variants: the mean ln p of its tokens by the model, and the share of the brief's features that it speaks
    /// of ([`crate::copy::variants::coverage`]), added. The copy that has most comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Name and version of the model.
    pub model: String,
    /// Hash of the brief.
    pub brief_hash: String,
    /// Why it ended.
    pub finish_reason: Finish,
    /// Tokens used.
    pub usage: Usage,
    /// Times of the whole batch that it came in.
    pub timing: Timing,
    /// Why it is as it is, when asked for: its tokens and its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Vec<super::explain::Step>>,
}

/// A variant that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// With which seed it was written last.
    pub seed: u32,
    /// The rules that it broke, as [`Check::rule`] calls them, or `near-copy` where it was too much like another.
    pub reason: String,
    /// What was written. It is not for pages: they show what has passed.
    #[serde(skip)]
    pub text: String,
}

/// The variants of one call.
#[derive(Debug, Clone, Serialize)]
pub struct Copies {
    /// Those that passed, best first; texts without rules in the order of their seeds.
    pub copies: Vec<Copy>,
    /// Those that did not, with why.
    pub missing: Vec<Missing>,
    /// Every text that did not pass, of those that were written anew, too.
    #[serde(skip)]
    pub failed: Vec<Missing>,
}

impl std::ops::Deref for Copies {
    type Target = [Copy];
    fn deref(&self) -> &[Copy] {
        &self.copies
    }
}

impl IntoIterator for Copies {
    type Item = Copy;
    type IntoIter = std::vec::IntoIter<Copy>;
    fn into_iter(self) -> Self::IntoIter {
        self.copies.into_iter()
    }
}

/// Texts that failed, in words.
pub(super) fn told(missing: &[Missing]) -> String {
    let mut all = String::new();
    for Missing { seed, reason, .. } in missing {
        for piece in [if all.is_empty() { "" } else { "; " }, "seed ", &seed.to_string(), " breaks ", reason] {
            all.push_str(piece);
        }
    }
    all
}
