//! Names as they are written, and nothing that is nearly one.

use super::Span;
use super::words::{Token, first, tokens};
use crate::copy::fold::{Glyph, glyphs};
use crate::copy::unicode::{lower, nfc};

/// Where the name stands, byte for byte, as a word or words of its own.
pub(super) fn exact(text: &str, name: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for name in [name, &nfc(name)].into_iter().filter(|name| !name.is_empty()) {
        let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (first, last) = (inner(name.chars().next()), inner(name.chars().next_back()));
        for (at, _) in text.match_indices(name) {
            let end = at + name.len();
            let within = first && inner(text[..at].chars().next_back()) || last && inner(text[end..].chars().next());
            if !within && !found.contains(&[at, end]) {
                found.push([at, end]);
            }
        }
    }
    found
}

/// What is nearly the name: within so few letters of it, or only in other case, accents or spaces, that a reader takes it
/// for the name misspelt. `exact` are the places of names that are right, `own` other words of the brief.
///
/// Ordinary words may be near a name. So a near-miss must begin with a capital, unless the name itself has none; names
/// of up to 3 letters have no near-misses but by case, those of up to 7 one letter, longer ones two; and one of a single
/// word of up to 6 letters has none where a sentence begins, for there every word has a capital.
pub(super) fn near(text: &str, name: &str, exact: &[Span], own: &[String]) -> Vec<Span> {
    let (words, wanted) = (tokens(text), letters(name));
    let parts = tokens(name).iter().filter(|t| t.word).count();
    let length = wanted.len();
    let most = match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    // As the page's own lower case has it: Rust's tables would be one more thing to download.
    let upper = |c: char| lower(c.encode_utf8(&mut [0; 4])) != c.to_string();
    let capital = |s: &str| s.chars().find(|c| c.is_alphabetic()).is_some_and(upper);
    let named = name.split_whitespace().any(capital);
    let words: Vec<(usize, &Token)> = words.iter().enumerate().filter(|(_, t)| t.word).collect();
    let all = tokens(text);
    let mut found: Vec<Span> = Vec::new();
    for (i, &(at, token)) in words.iter().enumerate() {
        let opens = token.fresh || at > 0 && !all[at - 1].word && !matches!(first(&all[at - 1].text), '-' | '&' | '\'');
        for count in parts.saturating_sub(1).max(1)..=parts + 1 {
            let Some(&(_, last)) = words.get(i + count - 1) else { break };
            let span = [token.start, last.end];
            let slice = &text[span[0]..span[1]];
            let overlaps = |s: &Span| s[0] < span[1] && span[0] < s[1];
            if slice.chars().any(|c| "\n!?;:".contains(c))
                || slice.contains(". ")
                || exact.iter().chain(&found).any(overlaps)
            {
                continue;
            }
            let letters = letters(slice);
            let allowed = if count == parts { most } else { 0 };
            if letters.len().abs_diff(length) > allowed || distance(&letters, &wanted) > allowed {
                continue;
            }
            if named && !capital(slice) || opens && parts == 1 && length < 7 || is_own(slice, own) {
                continue;
            }
            found.push(span);
        }
    }
    found
}

/// Letters and digits, folded.
fn letters(text: &str) -> Vec<char> {
    let mut all = Vec::new();
    for Glyph { c, .. } in glyphs(text) {
        if c.is_alphanumeric() {
            all.push(c);
        }
    }
    all
}

/// Whether other parts of the brief say this, in whatever case.
fn is_own(slice: &str, own: &[String]) -> bool {
    let join = |text: &str| {
        let mut joined = String::from(" ");
        for token in tokens(text) {
            joined.push_str(&token.text);
            joined.push(' ');
        }
        joined
    };
    let slice = join(slice);
    own.iter().any(|text| join(text).contains(&slice))
}

/// Letters to insert, delete or replace (Levenshtein).
pub(crate) fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
