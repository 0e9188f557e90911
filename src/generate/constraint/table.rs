//! An automaton that somebody else has made, as it comes over a border.

/// A deterministic automaton over bytes. State 0 is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The class of each byte, counted from 0.
    pub classes: [u8; 256],
    /// States × classes: the state that comes next, or [`Table::NOWHERE`].
    pub next: Vec<u32>,
    /// Whether a text may end in each state.
    pub accepts: Vec<bool>,
}

impl Table {
    /// What bars a byte.
    pub const NOWHERE: u32 = u32::MAX;
    /// Most states.
    pub const MOST_STATES: usize = u16::MAX as usize;

    /// Classes of bytes.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::from(self.classes.iter().copied().max().unwrap_or_default()) + 1
    }

    /// As words: how many states, the classes, for each state whether a text may end there, and what comes next.
    #[must_use]
    pub fn words(&self) -> Vec<u32> {
        let mut words = vec![self.accepts.len() as u32];
        words.extend(self.classes.iter().map(|&class| u32::from(class)));
        words.extend(self.accepts.iter().map(|&accepts| u32::from(accepts)));
        words.extend(&self.next);
        words
    }

    /// From [`Table::words`]; None where they are none.
    #[must_use]
    pub fn read(words: &[u32]) -> Option<Self> {
        let (&states, rest) = words.split_first()?;
        let (classes, rest) = rest.split_first_chunk::<256>()?;
        let (accepts, next) = rest.split_at_checked(states as usize)?;
        let classes = classes.map(|class| class as u8);
        let table = Self { classes, next: next.to_vec(), accepts: accepts.iter().map(|&word| word != 0).collect() };
        table.whole().then_some(table)
    }

    /// Whether every state is there.
    fn whole(&self) -> bool {
        let states = self.accepts.len();
        let there = |&next: &u32| next == Self::NOWHERE || (next as usize) < states;
        (1..=Self::MOST_STATES).contains(&states)
            && self.next.len() == states * self.width()
            && self.next.iter().all(there)
    }
}
