//! No word that is nearly a name of one word.

use crate::copy::unicode::Is;
use crate::generate::constraint::{Automaton, Costs, State, boundary, continues};

/// Letters of a name that this knows.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=15;

/// Behind the start, or behind a sign but a hyphen, & or an apostrophe: every word has a capital there.
const FRESH: u32 = 0;
/// Behind a word and a space, or one of those signs.
const BESIDE: u32 = 1;
/// In a word that cannot be nearly the name.
const OTHER: u32 = 2;
/// In one that may be.
const LIKE: u32 = 3;

/// No word with a capital is within so few letters of this name as [`mod@crate::copy::check`] takes for it misspelt. None where
/// the name is anything but one word of 4 to 15 letters of ASCII with a capital, or where a word of `own`, the brief's other texts,
/// is near it.
///
/// A state in a word is a row of the table of Levenshtein's distance, with two bits for each prefix of the name (K. Schulz
/// and S. Mihov, Fast string correction with Levenshtein automata, 2002, build the same automaton from sets of positions).
pub(super) fn near(costs: &Costs, name: &str, own: &[String]) -> Option<Automaton> {
    let letters = name.as_bytes();
    let n = letters.len();
    if !LETTERS.contains(&n) || !name.bytes().all(|b| b.is_ascii_alphabetic()) || !letters[0].is_ascii_uppercase() {
        return None;
    }
    let most = if n < 8 { 1 } else { 2 };
    let same = |at: u32, byte: u8| letters.get(at as usize).is_some_and(|l| l.eq_ignore_ascii_case(&byte));
    let cell = |row: u32, j: usize| row >> (2 * j) & 3;
    // The row after one letter more; any letter with an accent may be any of the name's.
    let next = |row: u32, byte: u8| {
        let mut left = (cell(row, 0) + 1).min(3);
        let mut all = left;
        for j in 0..n {
            let other = u32::from(byte < 0x80 && !same(j as u32, byte));
            left = (cell(row, j) + other).min(cell(row, j + 1) + 1).min(left + 1).min(3);
            all |= left << (2 * (j + 1));
        }
        all
    };
    // 0, 1, 2, and 3 for all that is more.
    let first = u32::MAX << 6 | 0b100100;
    let alive = |row: u32| (0..=n).any(|j| cell(row, j) <= most);
    for text in own {
        for word in text.split((|c| !c.is_alphanumeric()) as Is) {
            if word != name && cell(word.bytes().filter(|b| !continues(*b)).fold(first, next), n) <= most {
                return None;
            }
        }
    }
    // In a word: its row, and how many of its letters are the name's byte for byte.
    let misspelt = |s: &State| s.mode == LIKE && s.nodes[1] as usize != n && cell(s.nodes[0], n) <= most;
    let step = |s: &State, byte: u8| {
        let go = |mode: u32| Some(State { mode, nodes: Vec::new() });
        // An apostrophe is within a word, but behind the name ("Tidewell's").
        if continues(byte) {
            return Some(s.clone());
        }
        if byte == b'\'' && s.mode == LIKE && s.nodes[1] as usize != n {
            return Some(State { mode: LIKE, nodes: vec![s.nodes[0], n as u32 + 1] });
        }
        if boundary(byte) {
            return match byte {
                _ if misspelt(s) => None,
                b' ' if s.mode == FRESH => go(FRESH),
                b' ' | b'-' | b'&' | b'\'' => go(BESIDE),
                _ => go(FRESH),
            };
        }
        let (row, exact) = match s.mode {
            LIKE => (s.nodes[0], s.nodes[1]),
            // Names of few letters are near ordinary words, which have a capital where a sentence begins.
            BESIDE if byte.is_ascii_uppercase() => (first, 0),
            FRESH if byte.is_ascii_uppercase() && n > 6 => (first, 0),
            _ => return go(OTHER),
        };
        let row = next(row, byte);
        let exact = if letters.get(exact as usize) == Some(&byte) { exact + 1 } else { n as u32 + 1 };
        if alive(row) { Some(State { mode: LIKE, nodes: vec![row, exact] }) } else { go(OTHER) }
    };
    let mut alphabet = Vec::new();
    for &byte in letters {
        for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
            alphabet.push((byte, byte));
        }
    }
    let kind = |byte: u8| match byte {
        _ if continues(byte) => 0,
        b' ' => 1,
        b'-' | b'&' => 2,
        b'\'' => 8,
        _ if boundary(byte) => 4,
        b'A'..=b'Z' => 5,
        0x80.. => 6,
        _ => 7,
    };
    let apart = |s: &State, byte: u8| s.mode == LIKE || s.mode != OTHER && byte.is_ascii_uppercase();
    Automaton::explore(costs, &alphabet, &kind, &apart, &step, &|s| !misspelt(s), &|_| false)
}
