//! Many phrases as one automaton for all briefs. It is explored once, as if nothing were closed; a brief then closes the ends
//! of those that must not come. States differ from one of three rows in few classes of bytes, so that they are kept as cells.

use super::phrases::{GAP, Phrases, WITHIN, parts, stops};
use crate::generate::constraint::{Automaton, NEVER, Numbered, State, continues};

/// Behind a word that is closed: other rows are those of the first and the second state.
const CLOSED: u32 = 2;
/// Not a state.
const NONE: u32 = u32::MAX;

/// What is complete in a state: at the end of its word, and whatever follows.
pub(super) struct End {
    pub ends: Vec<u16>,
    pub anywhere: Vec<u16>,
}

/// A state: where its cells begin, which row it has where it has no cell, and the number of its [`End`], if it has one.
struct Cells {
    offset: u32,
    row: u32,
    end: u32,
}

/// All states of some phrases.
pub(super) struct Shared {
    classes: [u8; 256],
    /// For each class whether its bytes end a word.
    parts: Vec<bool>,
    /// States behind the first, the second, and a closed one, by class.
    rows: [Vec<u32>; 3],
    states: Vec<Cells>,
    /// The cells of all states pushed into each other: state, class + 1 and the state behind; the class is 0 where there is none.
    cells: Vec<(u32, u32, u32)>,
    /// So many of them are taken, from the first on.
    full: usize,
    ends: Vec<End>,
}

/// The byte that stands for all that are the same to phrases.
fn one(byte: u8, alphabet: &[bool; 256]) -> u8 {
    let byte = byte.to_ascii_lowercase();
    match byte {
        _ if alphabet[usize::from(byte)] => byte,
        _ if continues(byte) => 0xbf,
        _ if stops(byte) => b'!',
        _ if byte == b'\'' => byte,
        _ if byte < 0x80 && parts(byte) => b' ',
        _ if parts(byte) => 0xf0,
        _ => 0xc3,
    }
}

impl Shared {
    /// Explores them.
    pub fn new(phrases: &Phrases) -> Self {
        let alphabet = phrases.alphabet();
        let (mut classes, mut bytes) = ([0; 256], Vec::new());
        for byte in 0..=255u8 {
            let one = one(byte, &alphabet);
            let class = bytes.iter().position(|&b| b == one).unwrap_or(bytes.len());
            if class == bytes.len() {
                bytes.push(one);
            }
            classes[usize::from(byte)] = class as u8;
        }
        let mut this = Self {
            classes,
            parts: bytes.iter().map(|&byte| parts(byte)).collect(),
            rows: [Vec::new(), Vec::new(), Vec::new()],
            states: Vec::new(),
            cells: Vec::new(),
            full: 0,
            ends: Vec::new(),
        };
        let mut all = Numbered::default();
        all.number(State { mode: GAP, nodes: Vec::new() });
        all.number(State { mode: WITHIN, nodes: Vec::new() });
        let mut at = 0;
        while let Some(state) = all.states.get(at).cloned() {
            let row: Vec<u32> = bytes.iter().map(|&byte| all.number(phrases.step(&state, byte))).collect();
            if at < 2 {
                this.rows[at] = row.clone();
            }
            this.push(at as u32, state.mode, &row, phrases.end(&state));
            at += 1;
        }
        let closed = this.rows[1].iter().zip(&this.parts).map(|(&to, &parts)| if parts { NONE } else { to }).collect();
        this.rows[2] = closed;
        this.cells.resize(this.cells.len() + bytes.len(), (0, 0, 0));
        this
    }

    /// Adds a state, with cells where it differs from its row.
    fn push(&mut self, state: u32, row: u32, to: &[u32], end: Option<End>) {
        let of_row = &self.rows[row as usize];
        let own: Vec<(usize, u32)> = to
            .iter()
            .zip(of_row)
            .enumerate()
            .filter(|(_, (to, of_row))| to != of_row)
            .map(|(i, (to, _))| (i, *to))
            .collect();
        while self.cells.get(self.full).is_some_and(|cell| cell.1 > 0) {
            self.full += 1;
        }
        let mut offset = own.first().map_or(0, |(class, _)| self.full.saturating_sub(*class));
        while own.iter().any(|(class, _)| self.cells.get(offset + class).is_some_and(|cell| cell.1 > 0)) {
            offset += 1;
        }
        for &(class, to) in &own {
            if self.cells.len() <= offset + class {
                self.cells.resize(offset + class + 1, (0, 0, 0));
            }
            self.cells[offset + class] = (state, class as u32 + 1, to);
        }
        let number = if end.is_some() { self.ends.len() as u32 } else { NONE };
        self.ends.extend(end);
        self.states.push(Cells { offset: offset as u32, row, end: number });
    }

    fn next(&self, state: u32, byte: u8) -> u32 {
        let class = usize::from(self.classes[usize::from(byte)]);
        let about = &self.states[state as usize];
        match self.cells[about.offset as usize + class] {
            (owner, there, to) if there > 0 && owner == state => to,
            _ => self.rows[about.row as usize][class],
        }
    }

    /// Opens what this text says, by the numbers of the phrases.
    pub fn open(&self, text: &str, closed: &mut [bool]) {
        let mut state = GAP;
        for byte in text.bytes().chain([b'\n']) {
            let to = self.next(state, byte);
            let end = |state: u32| self.ends.get(self.states[state as usize].end as usize);
            for &pattern in end(state).filter(|_| parts(byte)).iter().flat_map(|e| &e.ends) {
                closed[usize::from(pattern)] = false;
            }
            for &pattern in end(to).iter().flat_map(|e| &e.anywhere) {
                closed[usize::from(pattern)] = false;
            }
            state = to;
        }
    }

    /// The automaton in which these phrases are closed.
    pub fn table(&self, closed: &[bool]) -> Automaton {
        let any = |patterns: &[u16]| patterns.iter().any(|&p| closed[usize::from(p)]);
        // 0: open; 1: its word must not end here; 2: nobody comes here.
        let status: Vec<u32> = self
            .states
            .iter()
            .map(|s| match self.ends.get(s.end as usize) {
                Some(end) if any(&end.anywhere) => 2,
                Some(end) => u32::from(any(&end.ends)),
                None => 0,
            })
            .collect();
        let entry = |state: u32| match status.get(state as usize) {
            Some(&status) if status < 2 => state | status << 16,
            _ => u32::from(NEVER) << 16,
        };
        let rows = self.rows.iter().flatten().map(|&to| entry(to)).collect();
        let first = self.states.len() as u32;
        let mut words: Vec<u32> = Vec::with_capacity(self.states.len() + 2 * self.cells.len());
        for (about, &status) in self.states.iter().zip(&status) {
            let row = if status == 1 { CLOSED } else { about.row };
            words.push((first + 2 * about.offset) << 8 | row);
        }
        for &(owner, class, to) in &self.cells {
            let free = class == 0;
            let ended = !free && status[owner as usize] == 1 && self.parts[class as usize - 1];
            words.push(if free { NONE } else { owner });
            words.push(entry(if ended || free { NONE } else { to }));
        }
        Automaton::sparse(self.classes, rows, words)
    }
}
