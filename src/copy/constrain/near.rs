//! No word that is nearly a name of one word.

use crate::copy::check::name::distance;
use crate::copy::unicode::{Is, lower};
use crate::generate::constraint::{Automaton, Costs, State, boundary, continues};

/// Letters of a name that this knows.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=15;

/// Behind the start, or behind a sign: every word has a capital there.
const FRESH: u32 = 0;
/// Behind a word and a space, or a hyphen.
const BESIDE: u32 = 1;
/// In a word that cannot be nearly the name.
const OTHER: u32 = 2;
/// In one that may be.
const LIKE: u32 = 3;

/// No word with a capital is within so few letters of this name as [`mod@crate::copy::check`] takes for it misspelt, nor are
/// two words together its letters. None where the name has several words or signs, or where a word of `own`, the brief's
/// other texts, is near it.
///
/// A state in a word is a row of the table of Levenshtein's distance, with two bits for each prefix of the name (K. Schulz
/// and S. Mihov, Fast string correction with Levenshtein automata, 2002, call the states of the same automaton positions).
pub(super) fn near(costs: &Costs, name: &str, own: &[String]) -> Option<Automaton> {
    let letters = name.as_bytes();
    let n = letters.len();
    if !LETTERS.contains(&n) || !name.bytes().all(|b| b.is_ascii_alphabetic()) || !letters[0].is_ascii_uppercase() {
        return None;
    }
    let most = if n < 8 { 1 } else { 2 };
    let low = name.to_ascii_lowercase();
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    let wanted = chars(&low);
    for text in own {
        for word in text.split((|c| !c.is_alphanumeric()) as Is) {
            if word != name && distance(&chars(&lower(word)), &wanted) <= most as usize {
                return None;
            }
        }
    }
    let low = low.as_bytes();
    let cell = |row: u32, j: usize| row >> (2 * j) & 3;
    // The row after one letter more; any letter with an accent may be any of the name's.
    let next = |row: u32, byte: u8| {
        let letter = byte.to_ascii_lowercase();
        let mut left = (cell(row, 0) + 1).min(3);
        let mut all = left;
        for (j, &wanted) in low.iter().enumerate() {
            let other = u32::from(letter != wanted && byte < 0x80);
            left = (cell(row, j) + other).min(cell(row, j + 1) + 1).min(left + 1).min(3);
            all |= left << (2 * (j + 1));
        }
        all
    };
    let first: u32 = (0..=n).map(|j| (j as u32).min(3) << (2 * j)).sum();
    let alive = |row: u32| (0..=n).any(|j| cell(row, j) <= most);
    // In a word: its row, letters of the name byte for byte, letters of it in whatever case, counting a word before it.
    // Behind one: the latter.
    let misspelt = |s: &State| match (s.mode, &*s.nodes) {
        (LIKE, &[row, exact, joined]) => exact as usize != n && (cell(row, n) <= most || joined as usize == n),
        _ => false,
    };
    let step = |s: &State, byte: u8| {
        if continues(byte) {
            return Some(s.clone());
        }
        let go = |mode: u32, nodes: &[u32]| Some(State { mode, nodes: nodes.to_vec() });
        // An apostrophe is within a word, but behind the name ("Tidewell's").
        if byte == b'\'' && s.mode == LIKE && s.nodes[1] as usize != n {
            return Some(s.clone());
        }
        if boundary(byte) {
            if misspelt(s) {
                return None;
            }
            let joined = match (s.mode, &*s.nodes) {
                (LIKE, &[_, _, joined]) if (joined as usize) < n => joined,
                (FRESH | BESIDE, &[joined]) => joined,
                _ => 0,
            };
            let mode = match byte {
                b' ' if s.mode == FRESH => FRESH,
                b' ' | b'-' | b'&' | b'\'' => BESIDE,
                _ => FRESH,
            };
            return if joined == 0 || b"\n.!?;:".contains(&byte) { go(mode, &[]) } else { go(mode, &[joined]) };
        }
        let fits = |at: u32| low.get(at as usize) == Some(&byte.to_ascii_lowercase());
        let (row, exact, joined) = match (s.mode, &*s.nodes) {
            (LIKE, &[row, exact, joined]) => (row, exact, joined),
            (OTHER, _) => return go(OTHER, &[]),
            // Names of few letters are near ordinary words, which have a capital where a sentence begins.
            (mode, before) => {
                let begins = byte.is_ascii_uppercase() && (mode == BESIDE || n > 6);
                let joined = before.first().copied().filter(|&at| fits(at)).unwrap_or_default();
                let row = if begins { first } else { u32::MAX };
                // What does not go on with the name may begin two words that are it.
                if !begins && joined == 0 && !(byte.is_ascii_uppercase() && fits(0)) {
                    return go(OTHER, &[]);
                }
                (row, if byte.is_ascii_uppercase() { 0 } else { n as u32 + 1 }, joined)
            }
        };
        let row = if alive(row) { next(row, byte) } else { u32::MAX };
        let exact = if letters.get(exact as usize) == Some(&byte) { exact + 1 } else { n as u32 + 1 };
        let joined = if fits(joined) { joined + 1 } else { n as u32 + 1 };
        if !alive(row) && joined as usize > n { go(OTHER, &[]) } else { go(LIKE, &[row, exact, joined]) }
    };
    let mut alphabet = Vec::new();
    for byte in (b'A'..=b'Z').chain(b'a'..=b'z').filter(|b| low.contains(&b.to_ascii_lowercase())) {
        alphabet.push((byte, byte));
    }
    let kind = |byte: u8| match byte {
        _ if continues(byte) => 0,
        b' ' => 1,
        b'-' | b'&' => 2,
        b'\'' => 8,
        b'\n' | b'.' | b'!' | b'?' | b';' | b':' => 3,
        _ if boundary(byte) => 4,
        b'A'..=b'Z' => 5,
        0x80.. => 6,
        _ => 7,
    };
    let apart = |s: &State, byte: u8| s.mode != OTHER && (byte.is_ascii_uppercase() || !s.nodes.is_empty());
    Automaton::explore(costs, &alphabet, &kind, &apart, &step, &|s| !misspelt(s), &|_| false)
}
