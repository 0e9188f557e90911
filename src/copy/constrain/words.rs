//! Automata of words: what must never come, what must come, and names that are not to be misspelt.

use crate::copy::unicode::lower;
use crate::generate::constraint::{Automaton, Costs, State, Trie, boundary, continues, kind};

/// A phrase ends here.
const END: u8 = 1;
/// Inside a word; else a word may begin.
const WITHIN: u32 = 1;
/// What had to come has come.
const DONE: u32 = 2;

/// None of these phrases comes as a word or words of its own, in whatever case.
pub(super) fn forbid(costs: &Costs, phrases: &[String]) -> Option<Automaton> {
    let mut trie = Trie::default();
    for phrase in phrases {
        trie.add(phrase, END, true);
    }
    let step = |s: &State, byte: u8| {
        let within = s.mode == WITHIN;
        if boundary(byte) && trie.marks(&s.nodes) & END > 0 {
            return None;
        }
        let nodes = trie.step(&s.nodes, !within && !continues(byte), byte);
        let within = if continues(byte) { within } else { !boundary(byte) };
        Some(State { mode: u32::from(within), nodes })
    };
    let accepts = |s: &State| trie.marks(&s.nodes) & END == 0;
    Automaton::explore(costs, &trie.alphabet(true), &kind, State::default(), &step, &accepts, &|_| false)
}

/// This phrase comes behind a space, and a word or words of its own. `fold`: its first letter may be a capital.
pub(super) fn contain(costs: &Costs, phrase: &str, fold: bool) -> Option<Automaton> {
    let mut trie = Trie::default();
    trie.add(phrase, END, false);
    if fold {
        let mut capital = phrase.as_bytes().to_vec();
        capital[..1].make_ascii_uppercase();
        trie.add(&capital, END, false);
    }
    // Where the phrase ends in a sign, it needs no bounds there.
    let last = !phrase.bytes().next_back().is_some_and(boundary);
    let step = |s: &State, byte: u8| {
        let there = trie.marks(&s.nodes) & END > 0;
        if s.mode == DONE || there && (boundary(byte) || !last) {
            return Some(State { mode: DONE, nodes: Vec::new() });
        }
        let nodes = trie.step(&s.nodes, s.mode != WITHIN, byte);
        Some(State { mode: u32::from(!(byte == b' ' || byte == b'\n')), nodes })
    };
    let accepts = |s: &State| s.mode == DONE || trie.marks(&s.nodes) & END > 0;
    let kind = |byte: u8| kind(byte) * 2 + u8::from(byte == b' ' || byte == b'\n');
    Automaton::explore(costs, &trie.alphabet(false), &kind, State::default(), &step, &accepts, &|s| !s.nodes.is_empty())
}

/// Letters of a long word of a name that may be another word's.
const SURE: usize = 3;

/// Whether with a capital this term would begin a word of these names, which it would then have to go on with.
pub(super) fn begins_like(names: &[&str], term: &str) -> bool {
    let (mut words, sure) = (names.iter().flat_map(|name| name.split([' ', '-', '&'])), SURE.min(term.len()));
    words.any(|word| word.as_bytes().get(..sure).is_some_and(|w| w.eq_ignore_ascii_case(&term.as_bytes()[..sure])))
}

/// A word that begins as a long one of these names does, for so many bytes and in its case, goes on as it does; and where
/// a name has begun with a whole long word, no other capital follows than its own.
pub(super) fn spelled(costs: &Costs, names: &[&str]) -> Option<Automaton> {
    /// Behind the space within a name.
    const GAP: u32 = 8;
    let long = |word: &str| word.len() > SURE + 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    let mut trie = Trie::default();
    for name in names {
        for word in name.split([' ', '-', '&']).filter(|word| long(word)) {
            trie.add(word, END, false);
        }
        if name.split(' ').next().is_some_and(long) {
            trie.add(name, END, false);
        }
    }
    let step = |s: &State, byte: u8| {
        let within = s.mode > 0 && s.mode != GAP;
        let on = trie.step(&s.nodes, false, byte);
        if s.mode == GAP && byte.is_ascii_uppercase() && on.is_empty() {
            return None;
        }
        let nodes = trie.step(&s.nodes, !within && !continues(byte), byte);
        let whole = trie.marks(&s.nodes) & END > 0 && boundary(byte);
        if within && s.mode > SURE as u32 && nodes.is_empty() && !whole {
            return None;
        }
        // The mode counts bytes of a word as long as the word is that of a name.
        let mode = match (nodes.is_empty(), continues(byte)) {
            (false, _) if byte == b' ' => GAP,
            (false, _) if s.mode == GAP && !on.is_empty() => SURE as u32 + 1,
            (false, _) if within => s.mode.min(SURE as u32) + 1,
            (false, _) => 1,
            (true, true) => u32::from(within),
            (true, false) => u32::from(!boundary(byte)),
        };
        Some(State { mode, nodes })
    };
    let accepts = |s: &State| s.mode == GAP || s.mode <= SURE as u32 || trie.marks(&s.nodes) & END > 0;
    let alphabet = trie.alphabet(false);
    let kind = |byte: u8| kind(byte) * 2 + u8::from(byte.is_ascii_uppercase());
    Automaton::explore(costs, &alphabet, &kind, State::default(), &step, &accepts, &|_| false)
}

/// The term, its inflections, and its parts written together.
pub(super) fn forms(term: &str) -> Vec<String> {
    let term = lower(term).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut all = vec![term.clone()];
    let letters: Vec<char> = term.chars().collect();
    if let Some(&last) = letters.last().filter(|c| letters.len() > 2 && c.is_ascii_lowercase()) {
        const VERBS: [&str; 4] = ["ed", "ing", "er", "est"];
        let stem: String = letters[..letters.len() - 1].iter().collect();
        let mut add = |stem: &str, ends: &[&str]| all.extend(ends.iter().map(|end| format!("{stem}{end}")));
        add(&term, &["s", "es", "ed", "ing", "er", "est"]);
        match last {
            'e' => add(&stem, &VERBS),
            'y' => add(&format!("{stem}i"), &["es", "ed", "er", "est"]),
            _ => add(&format!("{term}{last}"), &VERBS),
        }
    }
    let together: Vec<String> =
        all.iter().filter(|f| f.contains([' ', '-'])).map(|f| f.replace([' ', '-'], "")).collect();
    all.extend(together);
    all
}
