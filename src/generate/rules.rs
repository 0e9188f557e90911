//! A job's rules on the GPU: their tables, and where each sequence stands in them. Tables that are too large stay here: then
//! each step gets a mask of the tokens that are barred, which is made of what the step before it has chosen.

use std::rc::Rc;

use crate::engine::{Allocations, Engine, EngineError};
use crate::generate::constraint::{Constraint, GPU_WORDS, SLOTS, Standing};
use crate::kernel::constrain::{Advance, Constrain, Mask, Tables};
use crate::model::decoder::MAX_SEQUENCES;
use crate::record::{Element, Recording, Tensor};
use crate::text::Vocabulary;

/// What constrained steps bind. Made for the first job that has rules.
pub(super) struct Rules {
    tables: Tensor,
    standing: Tensor,
    spelling: Tensor,
    barred: Tensor,
    vocabulary: u32,
}

/// Where each sequence stands in rules that are walked on the CPU.
pub(super) struct Walk {
    constraint: Rc<Constraint>,
    standings: Vec<Standing>,
    /// Tokens that may still come after the next.
    left: u32,
}

impl Rules {
    pub(super) fn new(engine: &Engine, vocabulary: &Vocabulary, size: u32) -> Result<Self, EngineError> {
        let words = spelling(vocabulary, size);
        let made = Allocations::new(engine);
        let tables = made.alloc("rules", 1, GPU_WORDS, Element::U32)?;
        let standing = made.alloc("standing", MAX_SEQUENCES, SLOTS, Element::U32)?;
        let spelling = made.alloc("spelling", 1, words.len() as u32, Element::U32)?;
        let barred = made.alloc("barred", MAX_SEQUENCES, size.div_ceil(32), Element::U32)?;
        engine.write(&spelling, 0, bytemuck::cast_slice(&words))?;
        made.keep();
        Ok(Self { tables, standing, spelling, barred, vocabulary: size })
    }

    pub(super) fn free(&self, engine: &Engine) {
        for tensor in [&self.tables, &self.standing, &self.spelling, &self.barred] {
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

    /// Bars what [`Rules::bar`] has found to be barred.
    pub(super) fn mask(&self, r: &mut Recording, z: &Tensor, sequences: u32) {
        r.run(&Mask { barred: &self.barred, z, sequences });
    }

    /// What the next step must not choose. `stops`: the tokens that end a text.
    pub(super) fn bar(
        &self,
        engine: &Engine,
        walk: &Walk,
        vocabulary: &Vocabulary,
        stops: &[u32],
    ) -> Result<(), EngineError> {
        let words = self.barred.cols as usize;
        let mut barred = vec![0u32; words * walk.standings.len()];
        for (row, standing) in barred.chunks_exact_mut(words).zip(&walk.standings) {
            for token in 0..self.vocabulary {
                let bytes = vocabulary.bytes(token);
                let lets = if stops.contains(&token) {
                    walk.constraint.ends(standing, bytes)
                } else {
                    walk.constraint.token(standing, bytes, walk.left).is_some()
                };
                row[token as usize / 32] |= u32::from(!lets) << (token % 32);
            }
        }
        engine.write(&self.barred, 0, bytemuck::cast_slice(&barred))
    }
}

impl Walk {
    /// Every sequence of a job at its beginning.
    pub(super) fn new(constraint: Rc<Constraint>, sequences: u32, max_tokens: u32) -> Self {
        let standings = vec![constraint.start(); sequences as usize];
        Self { constraint, standings, left: max_tokens.saturating_sub(1) }
    }

    /// Moves each sequence on by the token that was chosen for it. What ends a text, and what comes behind, moves nothing.
    pub(super) fn advance(&mut self, chosen: &[u32], vocabulary: &Vocabulary) {
        for (standing, &token) in self.standings.iter_mut().zip(chosen) {
            if let Some(after) = self.constraint.token(standing, vocabulary.bytes(token), self.left) {
                *standing = after;
            }
        }
        self.left = self.left.saturating_sub(1);
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
