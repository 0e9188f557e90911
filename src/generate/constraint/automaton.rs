//! A deterministic automaton over bytes, as a table.

use std::collections::HashMap;

use super::{Costs, NEVER, Table, distance};

/// A state while an automaton is explored: a mode, and places in a [`super::Trie`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What the rule means by it.
    pub mode: u32,
    /// Places, in rising order.
    pub nodes: Vec<u32>,
}

/// States × classes of bytes. An entry is a state, its least cost of acceptance × 2^16 ([`NEVER`] where there is none), and
/// in the highest bit what the rule says of the state.
#[derive(Debug, Clone)]
pub struct Automaton {
    classes: [u8; 256],
    width: u32,
    entries: Vec<u32>,
    start: u32,
}

impl Automaton {
    /// All states that can be reached from the first one. Bytes of `alphabet` are looked at one by one, those for which it
    /// has another letter (as the small one for a capital) with that; of the others, one stands for all of the same
    /// `kind`. None where there are more than 65,535 states.
    pub fn explore(
        costs: &Costs,
        alphabet: &[(u8, u8)],
        kind: &dyn Fn(u8) -> u8,
        start: State,
        step: &dyn Fn(&State, u8) -> Option<State>,
        accepts: &dyn Fn(&State) -> bool,
        says: &dyn Fn(&State) -> bool,
    ) -> Option<Self> {
        let mut classes = [0u8; 256];
        // Of each class one byte, and the least that any of its bytes costs.
        let mut of_class: Vec<(u8, u8)> = Vec::new();
        let mut kinds: Vec<(bool, u8)> = Vec::new();
        for byte in 0..=255u8 {
            let letter = alphabet.iter().find(|(b, _)| *b == byte);
            let key = letter.map_or((false, kind(byte)), |&(_, as_one)| (true, as_one));
            let class = kinds.iter().position(|k| *k == key).unwrap_or(kinds.len());
            if class == kinds.len() {
                kinds.push(key);
                of_class.push((byte, u8::MAX));
            }
            classes[usize::from(byte)] = class as u8;
            let least = &mut of_class[class].1;
            *least = (*least).min(costs[usize::from(byte)]);
        }
        let (mut numbers, mut states) = (HashMap::new(), vec![start.clone()]);
        numbers.insert(start, 0u32);
        let mut next: Vec<u32> = Vec::new();
        let mut at = 0;
        while let Some(state) = states.get(at).cloned() {
            for &(byte, _) in &of_class {
                next.push(step(&state, byte).map_or(u32::MAX, |to| {
                    *numbers.entry(to).or_insert_with_key(|to| {
                        states.push(to.clone());
                        (states.len() - 1) as u32
                    })
                }));
            }
            at += 1;
            if states.len() > usize::from(u16::MAX) {
                return None;
            }
        }
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
        Self { classes: [0; 256], width: 1, entries: vec![0], start: 0 }
    }

    /// Finds the least costs of acceptance. A class without a cost is no way.
    fn finished(classes: [u8; 256], costs: &[Option<u8>], next: &[u32], accepts: &[bool], says: &[bool]) -> Self {
        let width = costs.len();
        let mut distance: Vec<u16> = accepts.iter().map(|&accepts| if accepts { 0 } else { NEVER }).collect();
        // States are numbered from the start outwards, so that going backwards few rounds are enough.
        loop {
            let mut changed = false;
            for s in (0..accepts.len()).rev() {
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
        Self { classes, width: width as u32, start: entry(0), entries }
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
        let at = (entry & 0xffff) * self.width + u32::from(self.classes[usize::from(byte)]);
        self.entries.get(at as usize).copied().unwrap_or(u32::from(NEVER) << 16)
    }
}
