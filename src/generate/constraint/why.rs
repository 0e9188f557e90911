//! Why a token is barred, for those who ask afterwards. While a text is written it is enough that it is.

use super::{Constraint, NEVER, Standing, distance};

/// What bars a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar {
    /// Its bytes leave the languages of these automata, by their numbers; of a token that ends the text, those that do not
    /// accept it yet.
    Automata(Vec<usize>),
    /// What would then still have to come no longer fits the limit.
    Room,
    /// It has no bytes, and ends nothing.
    Silent,
}

impl Constraint {
    /// What bars a token of these bytes, as [`Constraint::token`] has it; None where nothing does.
    #[must_use]
    pub fn bar(&self, standing: &Standing, bytes: &[u8], tokens: u32) -> Option<Bar> {
        if bytes.is_empty() {
            return Some(Bar::Silent);
        }
        let left = |(slot, a): (&u32, &super::Automaton)| {
            distance(bytes.iter().fold(*slot, |entry, &byte| a.step(entry, byte))) == u32::from(NEVER)
        };
        let dead = self.numbers(standing, left);
        match self.token(standing, bytes, tokens) {
            Some(_) => None,
            None if dead.is_empty() => Some(Bar::Room),
            None => Some(Bar::Automata(dead)),
        }
    }

    /// What bars the end of a text here.
    #[must_use]
    pub fn bar_end(&self, standing: &Standing) -> Option<Bar> {
        let open = self.numbers(standing, |(slot, _)| distance(*slot) > 0);
        (!open.is_empty()).then_some(Bar::Automata(open))
    }

    /// The numbers of automata of which this holds.
    fn numbers(&self, standing: &Standing, such: impl Fn((&u32, &super::Automaton)) -> bool) -> Vec<usize> {
        standing.iter().zip(&self.automata).enumerate().filter(|(_, pair)| such(*pair)).map(|(i, _)| i).collect()
    }
}
