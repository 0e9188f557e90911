//! Terms that must not be in a text, however they are written.

use super::Span;
use super::words::{apostrophe, dash};
use crate::copy::fold::{Glyph, glyphs, reads_as};

/// Where the term stands: in any case, with or without accents, in look-alike letters, with hyphens, spaces or invisible
/// characters between its letters, in its simple inflections; at the boundaries of words.
pub(crate) fn find(text: &[Glyph], term: &str) -> Vec<Span> {
    let mut letters = Vec::new();
    for Glyph { c, .. } in glyphs(term) {
        if !c.is_whitespace() && !joins(c) {
            letters.push(c);
        }
    }
    if letters.is_empty() {
        // Such as a dash or an apostrophe, for themselves.
        let sign: Vec<char> = term.trim().chars().collect();
        let mut found = Vec::new();
        for w in text.windows(sign.len().max(1)) {
            if !sign.is_empty() && w.iter().zip(&sign).all(|(g, s)| g.raw == *s) {
                found.push([w[0].start, w[w.len() - 1].end]);
            }
        }
        return found;
    }
    let forms = forms(&letters);
    let mut found: Vec<Span> = Vec::new();
    for at in 0..text.len() {
        let within = at > 0 && inner(text[at - 1].c) && inner(text[at].c);
        if within || found.last().is_some_and(|last| text[at].start < last[1]) {
            continue;
        }
        if let Some(end) = forms.iter().find_map(|form| ends(text, at, form)) {
            found.push([text[at].start, end]);
        }
    }
    found
}

/// Part of a word that is bounded by what is none. Scripts without spaces between words have no such bounds.
fn inner(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{e00}'
}

/// What may stand between the letters of a word that is still read as one.
fn joins(c: char) -> bool {
    dash(c) || apostrophe(c) || matches!(c, '.' | '_' | '*' | '·' | '•' | '~')
}

/// Where these letters end, when they are what stands at this place.
fn ends(text: &[Glyph], mut at: usize, letters: &[char]) -> Option<usize> {
    let mut before = at;
    for (k, &letter) in letters.iter().enumerate() {
        let mut gap = 0;
        // A full stop before a space ends a sentence.
        let stop = |at: usize| text[at].c == '.' && text.get(at + 1).is_some_and(|g| g.c.is_whitespace());
        while k > 0 && gap < 3 && text.get(at).is_some_and(|g| g.c != letter && (joins(g.c) || blank(g.c))) && !stop(at)
        {
            at += 1;
            gap += 1;
        }
        let glyph = text.get(at)?;
        // A capital i is read as an l only among small letters.
        let small = |i: usize| text.get(i).is_some_and(|g| g.raw.is_ascii_lowercase());
        // And a digit or a sign as a letter only where it touches one, among others of its kind ("th€", "le$$"), where letters
        // of the term are on both sides and no digit beside it ("ch-3-ap"), or where they all stand alone ("t h 3"); not in
        // "th €176" for "the".
        let alone = |i: usize| letter_at(text, i) && !touches(text, i);
        let inside =
            || k > 0 && k + 1 < letters.len() && !digit_at(text, at + 1) && !(at > 0 && digit_at(text, at - 1));
        let apart = || if k > 0 { alone(before) } else { alone(at + 2) && alone(at + 4) };
        let alike = || {
            reads_as(glyph.raw, letter)
                && match glyph.raw {
                    'I' => at.checked_sub(1).is_some_and(small) || small(at + 1),
                    _ => touches(text, at) || inside() || apart(),
                }
        };
        if glyph.c != letter && !alike() {
            return None;
        }
        before = at;
        at += 1;
    }
    let bounded = !text.get(at).is_some_and(|g| inner(g.c)) || !inner(text[at - 1].c);
    bounded.then(|| text[at - 1].end)
}

fn letter_at(text: &[Glyph], at: usize) -> bool {
    text.get(at).is_some_and(|g| g.raw.is_alphabetic())
}

fn digit_at(text: &[Glyph], at: usize) -> bool {
    text.get(at).is_some_and(|g| g.raw.is_ascii_digit())
}

/// Whether a letter is beside this place, or only digits and signs that may be read as letters are between them.
fn touches(text: &[Glyph], at: usize) -> bool {
    let sign = |i: usize| digit_at(text, i) || text.get(i).is_some_and(|g| "€$@|".contains(g.raw));
    let (mut low, mut high) = (at, at + 1);
    while low > 0 && sign(low - 1) {
        low -= 1;
    }
    while sign(high) {
        high += 1;
    }
    low > 0 && letter_at(text, low - 1) || letter_at(text, high)
}

fn blank(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// The term, its plural, and what verbs and adjectives become: -s, -es, -ed, -ing, -er, -est, and 's, which is an s after
/// an apostrophe. A silent e goes, a y becomes an i, a last consonant may be doubled.
fn forms(letters: &[char]) -> Vec<Vec<char>> {
    let mut forms = vec![letters.to_vec()];
    let (n, last) = (letters.len(), letters[letters.len() - 1]);
    if n < 3 || !last.is_ascii_lowercase() {
        return forms;
    }
    let vowel = |c: char| "aeiou".contains(c);
    let short = &letters[..n - 1];
    let (stem, added) = match last {
        'e' => (short, None),
        'y' => (short, Some('i')),
        last if !vowel(last) && vowel(letters[n - 2]) => (letters, Some(last)),
        _ => (letters, None),
    };
    for ending in ["s", "es", "ed", "ing", "er", "est"] {
        for (stem, added) in [(letters, None), (stem, added)] {
            // Care is no cars.
            if last == 'e' && ending == "s" && stem.len() < n {
                continue;
            }
            let mut form = stem.to_vec();
            form.extend(added);
            form.extend(ending.chars());
            forms.push(form);
        }
    }
    forms
}
