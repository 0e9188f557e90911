//! The number lock: digits, number words, currencies and percentages only as the brief has them, each with its unit.

use crate::copy::check::number::NAMES;
use crate::generate::constraint::{Automaton, Costs, State, Trie, boundary, continues, kind};

/// What the brief has ends here.
const END: u8 = 1;
/// A word that is a number.
const NUMBER: u8 = 2;
/// A sign of currency.
const SIGN: u8 = 4;

/// Inside a word; else one may begin.
const WITHIN: u32 = 1;
/// Inside a number, which only what the brief has can go on with.
const BOUND: u32 = 2;
/// Behind a number and a sign that a further digit would join to it.
const JOINED: u32 = 3;

const CURRENCIES: [&str; 6] = ["€", "£", "¥", "₹", "¢", "$"];

/// Lines of number words, which begin with their value, or of units; each has all forms of one.
fn lines(numbers: bool) -> impl Iterator<Item = &'static str> {
    NAMES.lines().filter(move |line| line.starts_with(|c: char| c.is_ascii_digit()) == numbers)
}

/// The lock for these texts of the brief.
pub(super) fn lock(costs: &Costs, sources: &[String]) -> Option<Automaton> {
    // What stands first in a line of numbers is their value.
    let words: Vec<&str> = lines(true).flat_map(|line| line.split(' ').skip(1)).collect();
    let mut trie = Trie::default();
    for name in &words {
        trie.add(name, NUMBER, true);
        trie.add([name, "s"].concat(), NUMBER, true);
    }
    for sign in CURRENCIES {
        trie.add(sign, SIGN, true);
    }
    for span in sources.iter().flat_map(|s| spans(s, &words)) {
        trie.add(&span, END, true);
    }
    let step = |s: &State, byte: u8| {
        let State { mode, nodes } = s;
        let go = |mode: u32, nodes: Vec<u32>| Some(State { mode, nodes });
        let marks = trie.marks(nodes);
        if byte.is_ascii_digit() {
            let on = trie.step(nodes, *mode == 0, byte);
            return if on.is_empty() { None } else { go(BOUND, on) };
        }
        let on = trie.step(nodes, *mode == 0 && !continues(byte), byte);
        // A sign of currency begins a number wherever it stands.
        let sign = trie.marks(&on) & SIGN > 0;
        if *mode == BOUND {
            if !on.is_empty() && (marks & END == 0 || !boundary(byte)) {
                return go(BOUND, on);
            }
            if marks & END == 0 || !(boundary(byte)) || sign || byte == b'%' && on.is_empty() {
                return None;
            }
            return go(if b".,:/-'".contains(&byte) { JOINED } else { 0 }, on);
        }
        if sign || byte == b'%' || byte == b'$' {
            return if on.is_empty() { None } else { go(BOUND, on) };
        }
        if continues(byte) {
            return go(*mode, on);
        }
        if boundary(byte) {
            // A word that is a number has come to its end.
            return match (marks & NUMBER > 0, marks & END > 0, on.is_empty()) {
                (false, ..) | (true, true, _) => go(0, on),
                (true, false, false) => go(BOUND, on),
                (true, false, true) => None,
            };
        }
        go(WITHIN, on)
    };
    let accepts = |s: &State| {
        let marks = trie.marks(&s.nodes);
        marks & END > 0 || s.mode != BOUND && marks & NUMBER == 0
    };
    let kind = |byte: u8| {
        if byte.is_ascii_digit() {
            9
        } else if b".,:/-'".contains(&byte) {
            8
        } else if byte == b'%' || byte == b'$' {
            byte
        } else {
            kind(byte)
        }
    };
    Automaton::explore(costs, &trie.alphabet(true), &kind, State::default(), &step, &accepts, &|_| false)
}

/// The numbers of a text as they may be said again: a piece between spaces that has one in it, with the unit behind it.
fn spans(text: &str, names: &[&str]) -> Vec<String> {
    let edge = |c: char| c.is_whitespace() || ".,;:!?()[]\"“”‘’'".contains(c);
    let pieces: Vec<&str> = text.split_whitespace().map(|p| p.trim_matches(edge)).collect();
    let named = |piece: &str| {
        piece
            .to_ascii_lowercase()
            .split(['-', '–', '/'])
            .any(|w| names.contains(&w) || names.iter().any(|n| w.strip_suffix('s') == Some(n)))
    };
    let digits = |piece: &str| piece.contains(|c: char| c.is_ascii_digit());
    let signs = |piece: &str| CURRENCIES.iter().any(|c| piece.contains(c)) || piece.contains('%');
    let mut all = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        if !(digits(piece) || named(piece) || signs(piece)) {
            continue;
        }
        // Twenty five; 1 000; 3 to 5 kg: each of them is one with what follows.
        let mut whole = (*piece).to_owned();
        let mut next = i + 1;
        while let Some(more) = pieces.get(next).filter(|p| named(p) && named(&whole) && !digits(p)) {
            whole = [&whole, " ", more].concat();
            next += 1;
        }
        // "50-minute" is a value with its unit, too.
        let (value, glued) = match whole.split_once('-') {
            Some((value, unit)) if forms(unit, false).len() > 1 => (value.to_owned(), Some(unit.to_owned())),
            _ => (whole.clone(), None),
        };
        let joined = glued.is_some();
        let unit = glued.or_else(|| pieces.get(next).map(|p| p.to_ascii_lowercase())).unwrap_or_default();
        let units = forms(&unit, false);
        for value in forms(&value, true) {
            if units.len() > 1 {
                all.extend(units.iter().map(|unit| [&value, " ", unit].concat()));
            } else {
                all.push(value);
            }
        }
        // A value that has a unit is not said without.
        if joined || units.len() <= 1 {
            all.push(whole);
        }
    }
    all
}

/// All forms of a number or a unit, its own first; only that where it is neither.
fn forms(word: &str, number: bool) -> Vec<String> {
    let low = word.to_ascii_lowercase();
    let mut all = vec![word.to_owned()];
    let line = lines(number).find(|line| line.split(' ').any(|w| w == low || low.strip_suffix('s') == Some(w)));
    for form in line.into_iter().flat_map(|line| line.split(' ')).filter(|f| !f.contains(['/', 'x'])) {
        all.push(form.to_owned());
        if !number {
            all.push([form, "s"].concat());
        }
    }
    all
}
