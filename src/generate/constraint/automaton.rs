//! A deterministic automaton over bytes, as a table.

use super::{Costs, NEVER, Table, distance};

/// A state while an automaton is explored: a mode, and places in a [`super::Trie`].
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// What the rule means by it.
    pub mode: u32,
    /// Places, in rising order; what a rule counts, where it counts.
    pub nodes: Vec<u32>,
}

/// States in the order in which they were first seen.
#[derive(Default)]
pub struct Numbered {
    /// All of them.
    pub states: Vec<State>,
    /// Those that are in a place, in their order: a search in it costs a page less than hashes do.
    sorted: Vec<u32>,
    /// By mode, those that are in no place: nearly all steps lead there.
    nowhere: Vec<u32>,
}

impl Numbered {
    /// The number of a state; the next one where it is new.
    pub fn number(&mut self, state: State) -> u32 {
        let next = self.states.len() as u32;
        let mode = state.mode as usize;
        let number = if state.nodes.is_empty() {
            if self.nowhere.len() <= mode {
                self.nowhere.resize(mode + 1, u32::MAX);
            }
            let number = &mut self.nowhere[mode];
            *number = (*number).min(next);
            *number
        } else {
            match self.sorted.binary_search_by(|&n| self.states[n as usize].cmp(&state)) {
                Ok(at) => self.sorted[at],
                Err(at) => {
                    self.sorted.insert(at, next);
                    next
                }
            }
        };
        if number == next {
            self.states.push(state);
        }
        number
    }
}

/// States × classes of bytes. An entry is a state, its least cost of acceptance × 2^16 ([`NEVER`] where there is none), and
/// in the highest bit what the rule says of the state.
#[derive(Debug, Clone)]
pub struct Automaton {
    classes: [u8; 256],
    width: u32,
    entries: Vec<u32>,
    start: u32,
    /// Nothing, or: of each state the number of its row of entries, and × 2^8 where in these words its cells begin; then
    /// cells, each a state and an entry. A state has the entry of its row where the cell of a class is not its own.
    cells: Vec<u32>,
}

impl Automaton {
    /// All states that can be reached from the first one, which is in mode 0 and no place. Bytes of `alphabet` are looked at
    /// one by one, those for which it has another letter (as the small one for a capital) with that; of the others, one
    /// stands for all of the same `kind`. So it does in a state from which the byte does not lead `apart`. None where there
    /// are more than 65,535 states.
    pub fn explore(
        costs: &Costs,
        alphabet: &[(u8, u8)],
        kind: &dyn Fn(u8) -> u8,
        apart: &dyn Fn(&State, u8) -> bool,
        step: &dyn Fn(&State, u8) -> Option<State>,
        accepts: &dyn Fn(&State) -> bool,
        says: &dyn Fn(&State) -> bool,
    ) -> Option<Self> {
        let mut classes = [0u8; 256];
        // Of each class one byte, and the least that any of its bytes costs.
        let mut of_class: Vec<(u8, u8)> = Vec::new();
        let mut kind_of: Vec<u8> = Vec::new();
        let mut kinds: Vec<(bool, u8)> = Vec::new();
        for byte in 0..=255u8 {
            let letter = alphabet.iter().find(|(b, _)| *b == byte);
            let key = letter.map_or((false, kind(byte)), |&(_, as_one)| (true, as_one));
            let class = kinds.iter().position(|k| *k == key).unwrap_or(kinds.len());
            if class == kinds.len() {
                kinds.push(key);
                of_class.push((byte, u8::MAX));
                kind_of.push(kind(byte));
            }
            classes[usize::from(byte)] = class as u8;
            let least = &mut of_class[class].1;
            *least = (*least).min(costs[usize::from(byte)]);
        }
        let mut all = Numbered::default();
        all.number(State::default());
        let mut next: Vec<u32> = Vec::new();
        let mut known: Vec<(u8, u32)> = Vec::new();
        let mut at = 0;
        while let Some(state) = all.states.get(at).cloned() {
            known.clear();
            for (&(byte, _), &kind) in of_class.iter().zip(&kind_of) {
                let mut go = || step(&state, byte).map_or(u32::MAX, |to| all.number(to));
                next.push(if apart(&state, byte) {
                    go()
                } else if let Some(&(_, to)) = known.iter().find(|(k, _)| *k == kind) {
                    to
                } else {
                    let to = go();
                    known.push((kind, to));
                    to
                });
            }
            at += 1;
            if all.states.len() > usize::from(u16::MAX) {
                return None;
            }
        }
        let states = all.states;
        let accepted = states.iter().map(accepts).collect::<Vec<_>>();
        let said = states.iter().map(says).collect::<Vec<_>>();
        let costs: Vec<_> = of_class.iter().map(|&(_, cost)| Some(cost)).collect();
        Some(Self::finished(classes, &costs, &next, &accepted, &said))
    }

    /// The automaton of a table, whose bytes cost 1 where there is a token for them (`writable`), and else cannot be counted
    /// on: what is said of the way to acceptance is said of such bytes. None for a table that is none, and where no way
    /// leads to acceptance.
    #[must_use]
    pub fn of(table: &Table, writable: &[bool; 256]) -> Option<Self> {
        let mut costs = vec![None; table.width()];
        for (class, _) in table.classes.iter().zip(writable).filter(|(_, there)| **there) {
            costs[usize::from(*class)] = Some(1);
        }
        let silent = vec![false; table.accepts.len()];
        let made = Self::finished(table.classes, &costs, &table.next, &table.accepts, &silent);
        (distance(made.start) < u32::from(NEVER)).then_some(made)
    }

    /// The automaton that lets everything through.
    #[must_use]
    pub fn anything() -> Self {
        Self { classes: [0; 256], width: 1, entries: vec![0], start: 0, cells: Vec::new() }
    }

    /// Finds the least costs of acceptance. A class without a cost is no way.
    fn finished(classes: [u8; 256], costs: &[Option<u8>], next: &[u32], accepts: &[bool], says: &[bool]) -> Self {
        let width = costs.len();
        let mut distance: Vec<u16> = accepts.iter().map(|&accepts| if accepts { 0 } else { NEVER }).collect();
        // States are numbered from the start outwards, so that going backwards few rounds are enough.
        loop {
            let mut changed = false;
            for s in (0..accepts.len()).rev().filter(|&s| !accepts[s]) {
                for (class, cost) in costs.iter().enumerate() {
                    let Some(&to) = distance.get(next[s * width + class] as usize) else { continue };
                    let Some(cost) = *cost else { continue };
                    // What costs nothing is a step all the same: only what is accepted is at no distance.
                    let way = to.saturating_add(u16::from(cost.max(1))).min(NEVER);
                    if way < distance[s] {
                        distance[s] = way;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let entry = |state: u32| match (distance.get(state as usize), says.get(state as usize)) {
            (Some(&distance), Some(&says)) => state | u32::from(distance) << 16 | u32::from(says) << 31,
            _ => u32::from(NEVER) << 16,
        };
        let entries = next.iter().map(|&state| entry(state)).collect();
        Self { classes, width: width as u32, start: entry(0), entries, cells: Vec::new() }
    }

    /// One whose states share these rows, and differ in cells ([`Automaton::cells`]). It begins in state 0.
    #[must_use]
    pub fn sparse(classes: [u8; 256], entries: Vec<u32>, cells: Vec<u32>) -> Self {
        let width = classes.iter().fold(0, |most, &class| u32::from(class).max(most)) + 1;
        Self { classes, width, entries, start: 0, cells }
    }

    /// Which rows its states have and where they differ from them; empty where each state has a row of its own.
    #[must_use]
    pub fn cells(&self) -> &[u32] {
        &self.cells
    }

    /// The class of each byte.
    #[must_use]
    pub fn classes(&self) -> &[u8; 256] {
        &self.classes
    }

    /// Entries of a state.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The table.
    #[must_use]
    pub fn entries(&self) -> &[u32] {
        &self.entries
    }

    /// The entry of the first state.
    #[must_use]
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The entry after one byte more. From where nothing is accepted there is no way on.
    #[must_use]
    pub fn step(&self, entry: u32, byte: u8) -> u32 {
        if entry >> 16 & 0x7fff == u32::from(NEVER) {
            return entry;
        }
        let (class, state) = (u32::from(self.classes[usize::from(byte)]), entry & 0xffff);
        let mut row = state;
        if let Some(about) = self.cells.get(state as usize) {
            let cell = ((about >> 8) + 2 * class) as usize;
            if self.cells.get(cell) == Some(&state) {
                return self.cells.get(cell + 1).copied().unwrap_or(u32::from(NEVER) << 16);
            }
            row = about & 0xff;
        }
        self.entries.get((row * self.width + class) as usize).copied().unwrap_or(u32::from(NEVER) << 16)
    }
}
