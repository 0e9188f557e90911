//! Questions that follow up the one before: "and for lamps?", "what does it cost?"

use super::Turn;
use crate::insight::words::words;

/// How a question begins that goes on where the last one ended.
const OPENINGS: &[&str] = &["and", "or", "but", "what about", "how about", "then", "so", "also", "same"];
/// What stands for something said before.
const PRONOUNS: &[&str] =
    &["it", "that", "this", "they", "them", "those", "these", "its", "it's", "that's", "one", "ones"];
/// A question of so many words or fewer, with a pronoun, says too little by itself.
const SHORT: usize = 8;

/// The turn that a question follows up.
pub(super) fn before<'a>(question: &str, turns: &'a [Turn]) -> Option<&'a Turn> {
    let last = turns.last()?;
    let words = words(question);
    let text = words.join(" ");
    let opens = OPENINGS.iter().any(|o| text == *o || text.starts_with(&format!("{o} ")));
    let points = words.len() <= SHORT && words.iter().any(|w| PRONOUNS.contains(&w.as_str()));
    (opens || points).then_some(last)
}

/// A question with what it refers to: behind the one before, when it follows that up. For an encoder, which knows of no
/// turns.
#[must_use]
pub fn standalone(question: &str, turns: &[Turn]) -> String {
    before(question, turns).map_or_else(|| question.to_owned(), |turn| format!("{} {question}", turn.question))
}
