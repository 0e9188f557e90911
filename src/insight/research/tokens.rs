//! A post as words and signs, sentence by sentence. Links, mentions and tags of markup are left out.

use crate::copy::unicode::lower;

/// A word in lower case, a sign, or a face of signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As compared.
    pub text: String,
    /// Letters or digits.
    pub word: bool,
    /// Two letters or more, all of them capitals.
    pub capitals: bool,
}

/// A sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// As it was written, without what is left out.
    pub text: String,
    /// Its words and signs.
    pub tokens: Vec<Token>,
}

/// The sentences of a text. A point, a question or exclamation mark or a line break ends one.
#[must_use]
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut all = Vec::new();
    for line in without_markup(text).lines() {
        let mut sentence = Sentence::default();
        for piece in line.split_whitespace().filter(|p| !link(p)) {
            let before = sentence.tokens.len();
            split(piece, &mut sentence.tokens);
            if !sentence.text.is_empty() {
                sentence.text.push(' ');
            }
            sentence.text.push_str(piece);
            let ends = sentence.tokens[before..].iter().any(|t| matches!(t.text.as_str(), "." | "!" | "?" | "…"));
            if ends {
                all.push(std::mem::take(&mut sentence));
            }
        }
        all.push(sentence);
    }
    all.retain(|s| !s.tokens.is_empty());
    all
}

fn link(piece: &str) -> bool {
    piece.contains("://") || piece.starts_with("www.") || piece.starts_with('@') && piece.len() > 1
}

/// `<br>` and its like become spaces; `<3` and `a < b` stay.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let opens = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        // A tag is short, and what looks like one in a megabyte of it must not be sought again and again.
        let near = tag.char_indices().nth(200).map_or(tag.len(), |(i, _)| i);
        match tag[..near].find('>').filter(|_| opens) {
            Some(end) => {
                out.push(' ');
                rest = &tag[end + 1..];
            }
            None => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

const FACES: &[&str] = &[":)", ":-)", ":d", ":-d", "=)", ";)", ";-)", "<3", ":(", ":-(", ":/", ":-/", ":'(", "d:"];

/// Characters of the longest: what is longer need not be compared at each of its signs.
const LONGEST_FACE: usize = 3;

/// A piece without white space in it.
fn split(piece: &str, all: &mut Vec<Token>) {
    let small = lower(piece).replace('’', "'");
    if FACES.contains(&small.as_str()) {
        all.push(Token { text: small, word: false, capitals: false });
        return;
    }
    let text = piece.replace('’', "'");
    let chars: Vec<char> = text.chars().collect();
    let inner = |i: usize| {
        let around = |f: fn(char) -> bool| i > 0 && i + 1 < chars.len() && f(chars[i - 1]) && f(chars[i + 1]);
        match chars[i] {
            '\'' | '-' => around(char::is_alphanumeric),
            '.' | ',' => around(|c| c.is_ascii_digit()),
            c => c.is_alphanumeric(),
        }
    };
    let mut i = 0;
    while i < chars.len() {
        let start = i;
        let word = inner(i);
        i += 1;
        while word && i < chars.len() && inner(i) {
            i += 1;
        }
        let raw: String = chars[start..i].iter().collect();
        // What only changes how the sign before it looks.
        if matches!(chars[start], '\u{fe0f}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}') {
            continue;
        }
        // The end of a sentence that has a face behind it: "Nice.:)"
        if !word && start > 0 && chars.len() - start <= LONGEST_FACE {
            let rest = lower(&chars[start..].iter().collect::<String>());
            if FACES.contains(&rest.as_str()) {
                all.push(Token { text: rest, word: false, capitals: false });
                return;
            }
        }
        let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
        let capitals = letters > 1 && !raw.chars().any(char::is_lowercase);
        all.push(Token { text: lower(&raw), word, capitals });
    }
}
