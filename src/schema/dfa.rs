//! From an expression to the table of its automaton.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::Hir;

use super::wrong;
use crate::fields::Read;
use crate::generate::constraint::Table;

/// Most bytes of the automata on the way, each.
const ROOM: usize = 1 << 25;

/// The automaton of the texts that match whole. `at` is what the caller asked for.
pub(super) fn table(hir: &Hir, at: &str) -> Read<Table> {
    let large = || wrong(at, "needs more states than there may be: its counts, or what it nests, are too large");
    let config = Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(ROOM));
    let Ok(nfa) = Compiler::new().configure(config).build_from_hir(hir) else { return large() };
    let config = dense::Config::new()
        .accelerate(false)
        .minimize(true)
        // A text that matches may go on and match again.
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(ROOM))
        .determinize_size_limit(Some(ROOM));
    let Ok(dfa) = dense::Builder::new().configure(config).build_from_nfa(&nfa) else { return large() };
    let Ok(first) = dfa.start_state(&start::Config::new().anchored(Anchored::Yes)) else { return large() };

    let classes: [u8; 256] = std::array::from_fn(|byte| dfa.byte_classes().get(byte as u8));
    let width = usize::from(classes.iter().copied().max().unwrap_or_default()) + 1;
    let byte_of: Vec<u8> = (0..width)
        .map(|class| (0..=255u8).find(|&b| usize::from(classes[usize::from(b)]) == class).unwrap_or_default())
        .collect();
    let (mut numbers, mut states) = (HashMap::from([(first, 0u32)]), vec![first]);
    let (mut next, mut accepts, mut at_state) = (Vec::new(), Vec::new(), 0);
    while let Some(&state) = states.get(at_state) {
        at_state += 1;
        if states.len() > Table::MOST_STATES {
            return large();
        }
        // A match is known one step behind its last byte.
        accepts.push(dfa.is_match_state(dfa.next_eoi_state(state)));
        for &byte in &byte_of {
            let to = dfa.next_state(state, byte);
            next.push(if dfa.is_dead_state(to) {
                Table::NOWHERE
            } else {
                *numbers.entry(to).or_insert_with(|| {
                    states.push(to);
                    (states.len() - 1) as u32
                })
            });
        }
    }
    // All states are reached from the first.
    if !accepts.contains(&true) {
        return wrong(at, "is something that no text fits");
    }
    Ok(Table { classes, next, accepts })
}
