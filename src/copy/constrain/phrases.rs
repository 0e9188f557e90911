//! Phrases as a tree of bytes that is walked word by word.

use crate::copy::check::words::contracted;
use crate::generate::constraint::{State, boundary, continues};

use super::shared::End;

/// Where a word may begin, in no phrase: the first state. Its place is that in which phrases begin.
pub(super) const GAP: u32 = 0;
/// Within a word that is in no phrase: the second state. Its place is that of what words may end in ("_x faster").
pub(super) const WITHIN: u32 = 1;
/// A place in the phrases.
#[derive(Default)]
struct Place {
    edges: Vec<(u8, u32)>,
    /// A word may begin here.
    gap: bool,
    /// Further letters of its word stay here.
    any: bool,
    /// Phrases that a word's end here completes, and those that are complete whatever follows.
    ends: Vec<u16>,
    anywhere: Vec<u16>,
    /// What is complete here claims nothing.
    excused: bool,
}

/// Whether this byte ends a word, as the check sees words: a percent sign belongs to its number.
pub(super) fn parts(byte: u8) -> bool {
    boundary(byte) && byte != b'%'
}

/// Signs behind which no phrase goes on.
pub(super) fn stops(byte: u8) -> bool {
    b".,;:!?".contains(&byte)
}

/// The phrases as a tree of places.
pub(super) struct Phrases(Vec<Place>);

impl Default for Phrases {
    fn default() -> Self {
        Self(vec![Place { gap: true, ..Place::default() }, Place::default()])
    }
}

impl Phrases {
    /// A place for words that begin behind others.
    pub fn gap(&mut self) -> u32 {
        self.0.push(Place { gap: true, ..Place::default() });
        self.0.len() as u32 - 1
    }

    /// Behind a space, or what stands for one.
    pub fn space(&mut self, at: u32, to: Option<u32>) -> u32 {
        let known = self.to(at, b' ').next();
        let gap = to.or(known).unwrap_or_else(|| self.gap());
        self.join(at, b' ', gap);
        gap
    }

    /// A long dash leads there.
    pub fn dash(&mut self, at: u32, to: u32) {
        let sign = self.on(at, 0xe2);
        let sign = self.on(sign, 0x80);
        (0x90..=0x95).for_each(|last| self.join(sign, last, to));
    }

    /// Behind a number in digits, which begins here.
    pub fn digits(&mut self, at: u32) -> u32 {
        let digits = self.on(at, b'0');
        (b'1'..=b'9').for_each(|digit| self.join(at, digit, digits));
        self.stay(digits);
        digits
    }

    /// Further letters of the word stay here.
    pub fn stay(&mut self, at: u32) {
        self.0[at as usize].any = true;
    }

    /// Behind these letters of a word, with or without its apostrophe.
    pub fn word(&mut self, mut at: u32, stem: &str) -> u32 {
        // Of a sign of several bytes the last one stays away: other rules may want it behind the others.
        let bytes = stem.as_bytes().strip_suffix(&[0xa3]).or(stem.as_bytes().strip_suffix(&[0xac]));
        for (i, &byte) in bytes.unwrap_or(stem.as_bytes()).iter().enumerate() {
            if contracted(stem, i) {
                self.join(at, b'\'', at);
                let sign = self.on(at, 0xe2);
                let sign = self.on(sign, 0x80);
                self.join(sign, 0x99, at);
            }
            at = self.on(at, byte);
        }
        at
    }

    /// A phrase is complete here: at the end of its word, or whatever follows (`anywhere`).
    pub fn complete(&mut self, at: u32, number: u16, anywhere: bool) {
        let place = &mut self.0[at as usize];
        if anywhere { &mut place.anywhere } else { &mut place.ends }.push(number);
    }

    /// What is complete here is none of the phrases that end here.
    pub fn excuse(&mut self, at: u32) {
        self.0[at as usize].excused = true;
    }

    fn on(&mut self, at: u32, byte: u8) -> u32 {
        if let Some(to) = self.to(at, byte).next() {
            return to;
        }
        let to = self.0.len() as u32;
        self.0.push(Place::default());
        self.join(at, byte, to);
        to
    }

    /// Joins two places by a byte.
    pub fn join(&mut self, at: u32, byte: u8, to: u32) {
        let edges = &mut self.0[at as usize].edges;
        if !edges.contains(&(byte, to)) {
            edges.push((byte, to));
        }
    }

    fn to(&self, at: u32, byte: u8) -> impl Iterator<Item = u32> + '_ {
        self.0[at as usize].edges.iter().filter(move |(b, _)| *b == byte).map(|&(_, to)| to)
    }

    /// The state after a byte, of those that stand for others.
    pub fn step(&self, state: &State, byte: u8) -> State {
        let mut nodes: Vec<u32> = Vec::new();
        let mut add = |to: u32| {
            if let Err(place) = nodes.binary_search(&to) {
                nodes.insert(place, to);
            }
        };
        let within = state.mode == WITHIN;
        let places = || state.nodes.iter().copied();
        if !parts(byte) && !continues(byte) || byte == b'#' || byte == b'$' {
            let begins = byte == b'#' || byte == b'$';
            let root = [WITHIN, GAP];
            for at in places().filter(|_| !begins || !within) {
                self.to(at, byte).for_each(&mut add);
                if self.0[at as usize].any {
                    add(at);
                }
            }
            if begins && within {
                places().flat_map(|at| self.to(at, b' ')).flat_map(|gap| self.to(gap, byte)).for_each(&mut add);
            }
            for at in &root[..if within && !begins { 1 } else { 2 }] {
                self.to(*at, byte).for_each(&mut add);
            }
            return State { mode: WITHIN, nodes };
        }
        places().filter(|_| byte != b' ').flat_map(|at| self.to(at, byte)).for_each(&mut add);
        if continues(byte) {
            places().filter(|&at| within && self.0[at as usize].any).for_each(&mut add);
            return State { mode: state.mode, nodes };
        }
        // What stands for nothing else than a space lets a phrase go on; an apostrophe is part of its word.
        if byte < 0x80 && !stops(byte) && byte != b'\'' {
            for at in places() {
                if within {
                    self.to(at, b' ').for_each(&mut add);
                } else if self.0[at as usize].gap {
                    add(at);
                }
            }
        }
        State { mode: GAP, nodes }
    }

    pub fn end(&self, state: &State) -> Option<End> {
        let places = || state.nodes.iter().map(|&at| &self.0[at as usize]);
        let end = End {
            ends: places().flat_map(|p| p.ends.iter().copied()).collect(),
            anywhere: places().flat_map(|p| p.anywhere.iter().copied()).collect(),
        };
        let none = places().any(|p| p.excused) || end.ends.is_empty() && end.anywhere.is_empty();
        (!none).then_some(end)
    }

    /// The bytes that stand in it.
    pub fn alphabet(&self) -> [bool; 256] {
        let mut alphabet = [false; 256];
        for &(byte, _) in self.0.iter().flat_map(|place| &place.edges) {
            alphabet[usize::from(byte)] = true;
        }
        alphabet
    }
}
