//! Automata of words: what must never come, what must come, and names that are not to be misspelt.

use crate::copy::unicode::{Is, lower};
use crate::generate::constraint::{Automaton, Costs, State, Trie, boundary, continues, join, kind};

/// What parts the words of a name.
pub(super) const PARTS: Is = |c| matches!(c, ' ' | '-' | '&');
/// A phrase ends here.
const END: u8 = 1;
/// Inside a word; else a word may begin.
const WITHIN: u32 = 1;
/// What had to come has come.
const DONE: u32 = 2;

/// What may stand between two letters of a word that is still read as one.
fn joins(byte: u8) -> bool {
    // A full stop mostly has a space behind it, and ends what is read as one.
    matches!(byte, b' ' | b'-' | b'\'' | b'_' | b'*' | b'~' | 0xc2 | 0xe2)
}

/// None of these phrases comes as a word or words of its own, in whatever case; with `gaps` nor with spaces, hyphens and the like
/// between its letters. A sign comes nowhere.
pub(super) fn forbid(costs: &Costs, phrases: &[String], gaps: bool) -> Option<Automaton> {
    let mut trie = Trie::default();
    for phrase in phrases {
        trie.add(phrase, END, true);
    }
    let step = |s: &State, byte: u8| {
        let within = s.mode == WITHIN;
        if boundary(byte) && trie.marks(&s.nodes) & END > 0 {
            return None;
        }
        let begins = !continues(byte) && (!within || boundary(byte));
        let mut nodes = trie.step(&s.nodes, begins, byte);
        // A sign of several bytes goes on as it has begun.
        if gaps && (joins(byte) || continues(byte) && !within) {
            for &place in &s.nodes {
                join(&mut nodes, place);
            }
        }
        let within = if continues(byte) { within } else { !boundary(byte) };
        // A sign needs no bounds.
        (within || trie.marks(&nodes) & END == 0).then_some(State { mode: u32::from(within), nodes })
    };
    let accepts = |s: &State| trie.marks(&s.nodes) & END == 0;
    let kind = |byte: u8| kind(byte) * 2 + u8::from(joins(byte));
    let apart = |s: &State, byte: u8| trie.leads(&s.nodes, s.mode != WITHIN || boundary(byte), byte);
    Automaton::explore(costs, &trie.alphabet(true), &kind, &apart, &step, &accepts, &|_| false)
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
    let apart = |s: &State, byte: u8| trie.leads(&s.nodes, s.mode != WITHIN, byte);
    let begun = |s: &State| !s.nodes.is_empty();
    Automaton::explore(costs, &trie.alphabet(false), &kind, &apart, &step, &accepts, &begun)
}

/// Letters of a long word of a name that may be another word's.
const SURE: usize = 3;

/// Whether with a capital this term would begin a word of these names, which it would then have to go on with.
pub(super) fn begins_like(names: &[&str], term: &str) -> bool {
    let (mut words, sure) = (names.iter().flat_map(|name| name.split(PARTS)), SURE.min(term.len()));
    words.any(|word| word.as_bytes().get(..sure).is_some_and(|w| w.eq_ignore_ascii_case(&term.as_bytes()[..sure])))
}

/// A word that begins as a long one of these names does, for so many bytes and in its case, goes on as it does; and where
/// a name has begun with a whole long word, no other capital follows than its own. Words as which one of the `terms` begins,
/// or goes on, are not held to it.
pub(super) fn spelled(costs: &Costs, names: &[&str], terms: &[&str]) -> Option<Automaton> {
    /// Behind the space within a name.
    const GAP: u32 = 8;
    /// Besides: behind a sign, where no name begins that a term asks for.
    const SIGN: u32 = 16;
    let other = |word: &str, term: &str| term.len() > SURE && term.len() < word.len() && begins(word, term);
    let words = |term: &str| term.split(PARTS).map(String::from).collect::<Vec<_>>();
    let terms: Vec<String> = terms.iter().flat_map(|term| words(term)).collect();
    let long = |word: &str| {
        word.len() > SURE + 1
            && word.starts_with((|c| c.is_ascii_uppercase()) as Is)
            && !terms.iter().any(|term| other(word, term))
    };
    let mut trie = Trie::default();
    for name in names {
        for word in name.split(PARTS).filter(|word| long(word)) {
            trie.add(word, END, false);
        }
        if name.split(' ').next().is_some_and(long) {
            trie.add(name, END, false);
        }
    }
    let step = |s: &State, byte: u8| {
        let (at, sign) = (s.mode % SIGN, s.mode / SIGN * SIGN);
        let within = at > 0 && at != GAP;
        let on = trie.step(&s.nodes, false, byte);
        if at == GAP && byte.is_ascii_uppercase() && on.is_empty() {
            return None;
        }
        let nodes = trie.step(&s.nodes, !within && !continues(byte), byte);
        let whole = trie.marks(&s.nodes) & END > 0 && boundary(byte);
        if within && at > SURE as u32 && nodes.is_empty() && !whole {
            return None;
        }
        // The mode counts bytes of a word as long as the word is that of a name.
        let mode = match (nodes.is_empty(), continues(byte)) {
            (false, _) if byte == b' ' && sign > 0 => return Some(State::default()),
            (false, _) if byte == b' ' => GAP,
            (false, _) if at == GAP && !on.is_empty() => SURE as u32 + 1,
            (false, _) if within => at.min(SURE as u32) + 1,
            (false, _) => 1,
            (true, true) => u32::from(within),
            (true, false) => u32::from(!boundary(byte)),
        };
        let sign = match byte {
            _ if !boundary(byte) || !on.is_empty() => sign,
            b' ' | b'\n' => 0,
            _ => SIGN,
        };
        Some(State { mode: mode + sign, nodes })
    };
    let accepts = |s: &State| s.mode % SIGN == GAP || s.mode % SIGN <= SURE as u32 || trie.marks(&s.nodes) & END > 0;
    let alphabet = trie.alphabet(false);
    let kind =
        |byte: u8| kind(byte) * 4 + 2 * u8::from(byte == b' ' || byte == b'\n') + u8::from(byte.is_ascii_uppercase());
    let apart = |s: &State, byte: u8| trie.leads(&s.nodes, matches!(s.mode % SIGN, 0 | GAP), byte);
    Automaton::explore(costs, &alphabet, &kind, &apart, &step, &accepts, &|_| false)
}

/// Whether this begins so, in whatever case.
fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// Letters of a name's last word by which it is known.
const KNOWN: usize = 4;

/// Behind a capitalised word that is like the first of this name, its first or its last letter the same, the name does not
/// go on: no "Milrow & Moss" where it is "Marrow & Moss". None where there is nothing to keep out, or where one of the
/// `terms`, which have to come wherever a text stands, begins as the name goes on.
pub(super) fn tail(costs: &Costs, name: &str, terms: &[&str]) -> Option<Automaton> {
    const CAPITAL: u32 = 2;
    const RIGHT: u8 = 2;
    /// Begins, in the tree, how the name goes on. No text has it.
    const BEHIND: u8 = 1;
    let (first, rest) = name.split_once(' ').filter(|(first, _)| first.len() > 2)?;
    let (&initial, &last) = (first.as_bytes().first()?, first.as_bytes().last()?);
    // A number that has been begun has to be finished.
    if !initial.is_ascii_uppercase() || !rest.is_ascii() || rest.contains((|c| c.is_ascii_digit()) as Is) {
        return None;
    }
    let known = name.rfind(' ').map_or(0, |at| at + 1 + KNOWN).min(name.len());
    let tail = &name[first.len()..known];
    if tail.match_indices(' ').any(|(at, _)| terms.iter().any(|term| begins(&[" ", term].concat(), &tail[at..]))) {
        return None;
    }
    let mut trie = Trie::default();
    trie.add(first, RIGHT, false);
    trie.add([&[BEHIND], tail.as_bytes()].concat(), END, false);
    let behind = trie.step(&[], true, BEHIND);
    let step = |s: &State, byte: u8| {
        let within = s.mode > 0;
        let mut nodes = trie.step(&s.nodes, !within && !continues(byte) && !boundary(byte), byte);
        let mut mode = s.mode;
        let same = |flag: u32, letter: u8| if byte == letter { flag } else { 0 };
        if boundary(byte) {
            // A word that resembles the first, and is another.
            if s.mode > CAPITAL && trie.marks(&s.nodes) & RIGHT == 0 {
                nodes = [&s.nodes[..], &behind].concat();
                nodes = trie.step(&nodes, false, byte);
            }
            mode = 0;
        } else if !within && byte.is_ascii_uppercase() {
            mode = CAPITAL + same(1, initial) + same(2, last);
        } else if !within {
            mode = WITHIN;
        } else if mode >= CAPITAL {
            mode = CAPITAL + (mode - CAPITAL) % 2 + same(2, last);
        }
        (trie.marks(&nodes) & END == 0).then_some(State { mode, nodes })
    };
    let apart = |s: &State, byte: u8| {
        byte == b' ' || byte == initial || byte == last || trie.leads(&s.nodes, s.mode == 0, byte)
    };
    let kind = |byte: u8| kind(byte) * 2 + u8::from(byte.is_ascii_uppercase());
    let alphabet = trie.alphabet(false);
    Automaton::explore(costs, &alphabet, &kind, &apart, &step, &|_| true, &|_| false)
}

/// The letters of the term and of its inflections, without what stands between them; a term that has none as it is.
pub(super) fn forms(term: &str) -> Vec<String> {
    let term = lower(term);
    let bare =
        term.replace((|c| c.is_whitespace() || matches!(c, '-' | '\'' | '’' | '.' | '_' | '*' | '~' | '–')) as Is, "");
    if bare.is_empty() {
        return vec![term.trim().to_owned()];
    }
    let mut all = vec![bare.clone()];
    let letters: Vec<char> = bare.chars().collect();
    if let Some(&last) = letters.last().filter(|c| letters.len() > 2 && c.is_ascii_lowercase()) {
        const VERBS: [&str; 4] = ["ed", "ing", "er", "est"];
        let stem: String = letters[..letters.len() - 1].iter().collect();
        let mut add = |stem: &str, ends: &[&str]| all.extend(ends.iter().map(|end| [stem, end].concat()));
        add(&bare, &["s", "es", "ed", "ing", "er", "est"]);
        match last {
            'e' => add(&stem, &VERBS),
            'y' => add(&[&stem, "i"].concat(), &["es", "ed", "er", "est"]),
            _ => add(&[&*bare, last.encode_utf8(&mut [0; 4])].concat(), &VERBS),
        }
    }
    all
}
