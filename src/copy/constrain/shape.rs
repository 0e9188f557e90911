//! Automata of a text's shape: its characters, its lines, and how it ends.

use crate::copy::fold::invisible;
use crate::generate::constraint::{Automaton, Costs, State, Trie, boundary, continues, kind};

/// A character or a word ends here.
const END: u8 = 1;
/// A word on which no text ends, unless a full stop follows.
const LEANING: u8 = 2;
/// The a of "a.m."
const LETTER: u8 = 4;

/// Signs that a copy may have beside letters, digits and what its brief has: none that would have to be closed, and none of
/// several bytes that another rule forbids at its last one.
const SIGNS: &str = " \n!',-./:;?&+%$’–—";

/// Signs behind which a space stands.
const CLAUSES: &[u8] = b",.;:!?";

/// Those of them that these texts have without a space behind, as in "Node.js".
pub(super) fn tight(sources: &[String]) -> String {
    let joined = |sign: u8| {
        let pair = |w: &[u8]| w[0] == sign && w[1].is_ascii_alphabetic();
        sources.iter().any(|s| s.as_bytes().windows(2).any(pair))
    };
    CLAUSES.iter().filter(|&&sign| joined(sign)).map(|&sign| char::from(sign)).collect()
}

/// Letters of English, signs of prose, and the characters of the brief's own texts.
pub(super) fn characters(costs: &Costs, sources: &[String]) -> Option<Automaton> {
    let mut trie = Trie::default();
    let own = sources.iter().flat_map(|s| s.chars()).filter(|c| !invisible(*c) && !"<>|".contains(*c));
    for c in own.chain(SIGNS.chars()).chain('a'..='z').chain('A'..='Z').chain('0'..='9') {
        trie.add(c.encode_utf8(&mut [0; 4]), END, false);
    }
    // Behind an ampersand and letters, which a semicolon would make a reference to a character.
    const REFERS: u32 = 1;
    let step = |s: &State, byte: u8| {
        let nodes = trie.step(&s.nodes, s.nodes.is_empty(), byte);
        let whole = trie.marks(&nodes) & END > 0;
        let mode = match byte {
            b'&' => REFERS,
            b';' if s.mode == REFERS => return None,
            b'#' => s.mode,
            _ if byte.is_ascii_alphanumeric() => s.mode,
            _ => 0,
        };
        (!nodes.is_empty()).then(|| State { mode, nodes: if whole { Vec::new() } else { nodes } })
    };
    let (apart, accepts) = (|_: &State, _: u8| true, |s: &State| s.nodes.is_empty());
    Automaton::explore(costs, &trie.alphabet(false), &|_| 0, &apart, &step, &accepts, &|_| false)
}

/// So many lines, none of them empty, no space at their ends nor two in a row, and one behind what ends a clause, but for
/// the signs of `tight`. `spaced`: each line begins with a space. `most`: further lines may come, and empty ones between.
pub(super) fn lines(costs: &Costs, parts: u32, most: u32, spaced: bool, tight: &str) -> Option<Automaton> {
    const BEGIN: u32 = 0;
    const READY: u32 = 1;
    const SPACE: u32 = 2;
    const TEXT: u32 = 3;
    const CLAUSE: u32 = 4;
    // Mode: line × 8 + where in it.
    let step = |s: &State, byte: u8| {
        let (line, at) = (s.mode / 8, s.mode % 8);
        let (line, at) = match (byte, at) {
            (b' ', BEGIN) if spaced => (line, READY),
            (_, BEGIN) if spaced => return None,
            (b' ', TEXT | CLAUSE) => (line, SPACE),
            (b'\n', TEXT | CLAUSE) if line + 1 < most => (line + 1, BEGIN),
            (b'\n', BEGIN) if most > parts && line > 0 => (line, BEGIN),
            (b' ' | b'\n', _) => return None,
            // No space before what ends a clause.
            (b',' | b'.' | b';' | b':' | b'!' | b'?' | b')', BEGIN | READY | SPACE) => return None,
            (byte, CLAUSE) if byte.is_ascii_alphabetic() => return None,
            _ if CLAUSES.contains(&byte) && !tight.as_bytes().contains(&byte) => (line, CLAUSE),
            _ => (line, TEXT),
        };
        Some(State { mode: line * 8 + at, nodes: Vec::new() })
    };
    let accepts = |s: &State| s.mode % 8 >= TEXT && s.mode / 8 + 1 >= parts;
    Automaton::explore(
        costs,
        &b" \n,.;:!?)".map(|b| (b, b)),
        &|byte| u8::from(byte.is_ascii_alphabetic()),
        &|_, _| true,
        &step,
        &accepts,
        &|s| s.mode / 8 + 1 < parts,
    )
}

/// It ends as a sentence, or where `sentence` is false as a phrase; never on a word that something must follow, of which
/// `open` are those that not even a full stop saves. So do all its lines where they are `parts`. `tight`: signs of clauses behind
/// which a letter may follow.
pub(super) fn ending(
    costs: &Costs,
    sentence: bool,
    parts: bool,
    tight: &str,
    open: &str,
    leaning: &str,
) -> Option<Automaton> {
    const START: u32 = 0;
    const WORD: u32 = 1;
    // Behind a word that nothing can end on; one that only a full stop can follow; a finished one.
    const OPEN: u32 = 2;
    const LEANS: u32 = 3;
    const WHOLE: u32 = 4;
    // Behind the sign that ends a sentence, and behind one that ends nothing.
    const STOP: u32 = 5;
    const BROKEN: u32 = 6;
    // Behind a quote that stands first: no space is there. Behind a comma or the like, which wants one.
    const OPENED: u32 = 7;
    const HANGS: u32 = 8;
    // Within a sign of several bytes, of which so many are still to come; of the last byte of € and the like, in which amounts
    // and units end.
    const THREE: u32 = 9;
    const TWO: u32 = 10;
    const ONE: u32 = 11;
    const EURO: u32 = 12;
    let mut trie = Trie::default();
    for word in open.split_whitespace() {
        trie.add(word, END, true);
    }
    for word in leaning.split_whitespace() {
        trie.add(word, LEANING, true);
    }
    if tight.contains('.') {
        trie.add("a", LETTER, true);
    }
    // Besides, whether a space was the last byte.
    const SPACE: u32 = 16;
    const HANGING: u32 = HANGS + SPACE;
    let after = |s: &State| match (s.mode % SPACE, trie.marks(&s.nodes)) {
        (WORD, marks) if marks & END > 0 => OPEN,
        (WORD, marks) if marks & LEANING > 0 => LEANS,
        (WORD, _) => WHOLE,
        (mode, _) => mode,
    };
    let finished = |mode: u32| mode == STOP || mode == WHOLE && !sentence;
    let step = |s: &State, byte: u8| {
        let mode = after(s);
        let to = |mode| Some(State { mode, nodes: Vec::new() });
        if continues(byte) {
            return match s.mode {
                THREE => to(TWO),
                TWO if byte == 0x82 => to(EURO),
                TWO => to(ONE),
                ONE => to(BROKEN),
                EURO => to(WHOLE),
                mode => Some(State { mode, nodes: trie.step(&s.nodes, false, byte) }),
            };
        }
        if (THREE..=EURO).contains(&s.mode) {
            return None;
        }
        if !boundary(byte) {
            if s.mode == HANGS && byte.is_ascii_alphabetic() {
                return None;
            }
            let begins = s.mode % SPACE != WORD;
            return Some(State { mode: WORD, nodes: trie.step(&s.nodes, begins, byte) });
        }
        match byte {
            b'.' if mode == OPEN && trie.marks(&s.nodes) & LETTER > 0 => to(OPEN),
            // Two full stops in a row would be part of an ellipsis.
            b'.' if mode == STOP || mode == START => None,
            b'.' | b'!' | b'?' => match mode {
                WHOLE | LEANS => to(STOP),
                _ => None,
            },
            // Each line ends as the text does, but needs no full stop.
            b'\n' => {
                if !parts || matches!(mode, WHOLE | STOP) {
                    to(START)
                } else {
                    None
                }
            }
            b')' | b'"' | b'\'' => match s.mode {
                START => to(OPENED),
                // A quote opens behind the space that a comma wants.
                HANGING => to(BROKEN),
                _ => to(mode),
            },
            b',' | b';' | b':' if !tight.as_bytes().contains(&byte) => to(HANGS),
            b' ' => to(mode + SPACE),
            b'%' => to(WHOLE),
            // "From 50+." has to end as a sentence.
            b'+' if s.mode == WORD && mode == WHOLE => to(LEANS),
            // "10 m²"
            0xc2 => to(EURO),
            0xe2 => to(TWO),
            0xf0.. => to(THREE),
            _ => to(BROKEN),
        }
    };
    let accepts = |s: &State| finished(after(s));
    let signs = b".!?\n)\"' %+,;:\x82\xc2\xe2".map(|b| (b, b));
    let apart =
        |s: &State, byte: u8| signs.contains(&(byte, byte)) || trie.leads(&s.nodes, s.mode % SPACE != WORD, byte);
    let alphabet = [&trie.alphabet(true)[..], &signs].concat();
    let kind = |byte: u8| if byte >= 0xf0 { 9 } else { kind(byte) * 2 + u8::from(byte.is_ascii_digit()) };
    // What only the brief's numbers have is no way out of a clause.
    let mut costs = *costs;
    for byte in (b'0'..=b'9').chain([b'%', 0xc2]) {
        costs[usize::from(byte)] = 2;
    }
    // Nor is a € one, which begins as dashes do.
    costs[0x82] = 3;
    Automaton::explore(&costs, &alphabet, &kind, &apart, &step, &accepts, &|s| s.mode >= SPACE || s.mode == START)
}
