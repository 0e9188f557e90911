//! The text while it is searched: what has been taken, and what stands beside a place.

use regex_lite::Regex;

use super::Kind;

/// A text in which what was found is blotted out, byte for byte, so that nobody finds it again.
pub struct Masked {
    text: String,
    /// Start, end, kind.
    pub found: Vec<(usize, usize, Kind)>,
}

/// What stands for a byte that was taken. It is no letter, digit or space.
const BLOT: &str = "\u{1}";

impl Masked {
    /// Nothing found yet.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), found: Vec::new() }
    }

    /// The text, with what was found blotted out.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes these places, unless something else has them. They are in order.
    pub fn take(&mut self, kind: Kind, places: impl IntoIterator<Item = (usize, usize)>) {
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (start, end) in places {
            if start < at || start >= end || self.text[start..end].contains(BLOT) {
                continue;
            }
            text.push_str(&self.text[at..start]);
            text.extend(std::iter::repeat_n(BLOT, end - start));
            self.found.push((start, end, kind));
            at = end;
        }
        text.push_str(&self.text[at..]);
        self.text = text;
    }
}

/// A pattern of this crate.
#[allow(clippy::expect_used, reason = "patterns are constants; the unit test of each file compiles them all")]
pub fn pattern(source: &str) -> Regex {
    Regex::new(source).expect("a pattern")
}

/// The last bytes before a place, some `count` of them, in lower case.
pub fn before(text: &str, at: usize, count: usize) -> String {
    let mut start = at.saturating_sub(count);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    text[start..at].to_lowercase()
}

/// Whether neither side of a place goes on as a word or a number does.
pub fn alone(text: &str, start: usize, end: usize) -> bool {
    let left = text[..start].chars().next_back();
    let right = text[end..].chars().next();
    !left.is_some_and(char::is_alphanumeric) && !right.is_some_and(char::is_alphanumeric)
}

/// Whether a text ends with one of these words, as a word of its own, before spaces and signs such as `:`.
pub fn ends_with_word(text: &str, words: &[&str]) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    words.iter().any(|word| {
        text.strip_suffix(word).is_some_and(|rest| !rest.chars().next_back().is_some_and(char::is_alphanumeric))
    })
}
