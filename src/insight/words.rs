//! Words, their stems, and which of them say nothing by themselves.

mod stem;

use crate::copy::check::number;
use crate::copy::unicode::lower;

pub use stem::stem;

/// Words that say nothing by themselves. A list of one's own: those of libraries count "before" and "own" as nothing,
/// with which a feature may stand and fall.
const FUNCTION: &str = "a an the and or but nor so if than then of to in on at by for from with into onto as is are was were be \
    been being am it its this that these those they them their there you your we our us i my me he she his her who which what \
    has have had do does did can will would could should may might must not no";

/// Whether a word says nothing by itself.
#[must_use]
pub fn is_function(word: &str) -> bool {
    FUNCTION.split_whitespace().any(|w| w == word)
}

/// The words of a text in lower case: letters and digits, with apostrophes inside.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let text = lower(text).replace('’', "'");
    let pieces = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    pieces.map(|w| w.trim_matches('\'')).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// The stems of the words that mean something (Snowball's English stemmer); numbers are digits, however they are written.
#[must_use]
pub fn stems(text: &str) -> Vec<String> {
    let kept = words(text).into_iter().filter(|w| !is_function(w));
    kept.map(|w| number::cardinal(&w).map_or_else(|| stem(&w), str::to_owned)).collect()
}

/// Every run of `n` words.
pub fn grams(words: &[String], n: usize) -> impl Iterator<Item = String> + '_ {
    words.windows(n.max(1)).map(|w| w.join(" "))
}
