//! A job's rules on the GPU: their tables, and where each sequence stands in them.

use crate::engine::{Allocations, Engine, EngineError};
use crate::generate::constraint::{Constraint, MOST_WORDS, SLOTS};
use crate::kernel::constrain::{Advance, Constrain, Tables};
use crate::model::decoder::MAX_SEQUENCES;
use crate::record::{Element, Recording, Tensor};
use crate::text::Vocabulary;

/// What constrained steps bind. Made for the first job that has rules.
pub(super) struct Rules {
    tables: Tensor,
    standing: Tensor,
    spelling: Tensor,
    vocabulary: u32,
}

impl Rules {
    pub(super) fn new(engine: &Engine, vocabulary: &Vocabulary, size: u32) -> Result<Self, EngineError> {
        let words = spelling(vocabulary, size);
        let made = Allocations::new(engine);
        let tables = made.alloc("rules", 1, MOST_WORDS, Element::U32)?;
        let standing = made.alloc("standing", MAX_SEQUENCES, SLOTS, Element::U32)?;
        let spelling = made.alloc("spelling", 1, words.len() as u32, Element::U32)?;
        engine.write(&spelling, 0, bytemuck::cast_slice(&words))?;
        made.keep();
        Ok(Self { tables, standing, spelling, vocabulary: size })
    }

    pub(super) fn free(&self, engine: &Engine) {
        for tensor in [&self.tables, &self.standing, &self.spelling] {
            engine.free(tensor);
        }
    }

    /// These rules, and every sequence at their beginning.
    pub(super) fn begin(&self, engine: &Engine, constraint: &Constraint) -> Result<(), EngineError> {
        engine.write(&self.tables, 0, bytemuck::cast_slice(&constraint.tables()))?;
        let standing = constraint.start().repeat(MAX_SEQUENCES as usize);
        engine.write(&self.standing, 0, bytemuck::cast_slice(&standing))
    }

    /// What kernels bind.
    pub(super) fn tables(&self) -> Tables<'_> {
        Tables { rules: &self.tables, standing: &self.standing, spelling: &self.spelling }
    }

    /// Bars all that the rules do not let through, before a token is sampled.
    pub(super) fn constrain(&self, r: &mut Recording, sampling: &Tensor, state: &Tensor, z: &Tensor, sequences: u32) {
        r.run(&Constrain { sampling, state, tables: self.tables(), z, sequences });
    }

    /// Moves on by the token that was sampled.
    pub(super) fn advance(&self, r: &mut Recording, state: &Tensor, out: &Tensor, sequences: u32) {
        r.run(&Advance { state, tables: self.tables(), out, vocabulary: self.vocabulary, sequences });
    }
}

/// Ends of all tokens, then their bytes, four a word.
#[must_use]
pub fn spelling(vocabulary: &Vocabulary, size: u32) -> Vec<u32> {
    let (mut ends, mut bytes) = (Vec::with_capacity(size as usize), Vec::new());
    for token in 0..size {
        bytes.extend(vocabulary.bytes(token));
        ends.push(bytes.len() as u32);
    }
    bytes.resize(bytes.len().next_multiple_of(4).max(4), 0);
    ends.extend(bytemuck::pod_collect_to_vec::<u8, u32>(&bytes));
    ends
}
