//! Why a token is barred, for those who ask afterwards. While a text is written it is enough that it is.

use super::{Automaton, Constraint, NEVER, Standing, distance};

/// What bars a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// Its bytes leave the languages of these automata, bit i for that of number i; of a token that ends the text, of those
    /// that do not accept it yet.
    Automata(u64),
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
        let after = |a: &Automaton, slot| bytes.iter().fold(slot, |entry, &byte| a.step(entry, byte));
        match self.those(standing, &|a, slot| distance(after(a, slot)) == u32::from(NEVER)) {
            0 => self.token(standing, bytes, tokens).is_none().then_some(Bar::Room),
            dead => Some(Bar::Automata(dead)),
        }
    }

    /// What bars the end of a text here.
    #[must_use]
    pub fn bar_end(&self, standing: &Standing) -> Option<Bar> {
        let open = self.those(standing, &|_, slot| distance(slot) > 0);
        (open > 0).then_some(Bar::Automata(open))
    }

    /// The automata of which this holds where they stand.
    fn those(&self, standing: &Standing, such: &dyn Fn(&Automaton, u32) -> bool) -> u64 {
        let mut all = 0;
        for (i, (a, &slot)) in self.automata.iter().zip(standing).enumerate() {
            all |= u64::from(such(a, slot)) << i;
        }
        all
    }
}
