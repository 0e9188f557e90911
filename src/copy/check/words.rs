//! A folded text in words and signs.

use crate::copy::fold::{Glyph, glyphs};

/// A word, or one sign.
pub(crate) struct Token {
    /// Folded. The parts of a number stay together, and so do those around an apostrophe, without it: "4.5", "weve".
    pub text: String,
    pub start: usize,
    pub end: usize,
    /// Letters or digits.
    pub word: bool,
    /// Stands apart from what is before it.
    pub apart: bool,
    /// Begins a line.
    pub fresh: bool,
}

/// Dashes, in lines of text or between words.
pub(super) fn dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

pub(super) fn apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`')
}

/// The first character; a space when there is none.
pub(super) fn first(text: &str) -> char {
    text.chars().next().unwrap_or(' ')
}

/// The last character; a space when there is none.
pub(super) fn last(text: &str) -> char {
    text.chars().next_back().unwrap_or(' ')
}

/// The text without such characters at its end. (One function for all of them is less to download than a pattern of each.)
pub(super) fn without_last(mut text: &str, such: fn(char) -> bool) -> &str {
    while !text.is_empty() && such(last(text)) {
        text = &text[..text.len() - last(text).len_utf8()];
    }
    text
}

pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let glyphs = glyphs(text);
    let mut all = Vec::new();
    let (mut i, mut apart, mut fresh) = (0, true, true);
    while let Some(&Glyph { c, start, end, .. }) = glyphs.get(i) {
        if c.is_whitespace() {
            apart = true;
            fresh |= c == '\n';
            i += 1;
            continue;
        }
        let mut token = Token { text: c.to_string(), start, end, word: c.is_alphanumeric(), apart, fresh };
        i += 1;
        while token.word {
            let at = |j: usize| glyphs.get(j).map_or(' ', |g| g.c);
            let numbers = at(i - 1).is_numeric() && at(i + 1).is_numeric();
            if at(i).is_alphanumeric() || numbers && matches!(at(i), '.' | ',' | ':' | '/' | '\u{2044}') {
                token.text.push(at(i));
            } else if !(apostrophe(at(i)) && at(i + 1).is_alphabetic()) {
                break;
            }
            token.end = glyphs[i].end;
            i += 1;
        }
        (apart, fresh) = (false, false);
        all.push(token);
    }
    all
}

/// Whether an apostrophe may stand before this letter of a word that has none in the list.
pub(crate) fn contracted(word: &str, at: usize) -> bool {
    let (start, end) = word.as_bytes().split_at(at);
    match end {
        b"s" => start.len() > 1,
        b"t" => start.ends_with(b"n"),
        b"ve" | b"re" => matches!(start, b"we" | b"you" | b"they"),
        _ => false,
    }
}
