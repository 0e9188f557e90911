//! Rules that hold while a text is written: see [`crate::generate::constraint`].
//!
//! [`super::sample::Sample`] asks for the tokens that it would choose. Only where all have to be known before one is chosen
//! (top-k, top-p, min-p), [`Constrain`] and [`Advance`] stand around it; and [`Mask`] comes before it where the tables are too
//! large for the GPU.

use super::{Fragment, Kernel, Params, expect, fragment, lib, params, read, write};
use crate::generate::constraint::SLOTS;
use crate::kernel::sample::RING;
use crate::record::{Bind, Tensor};

/// What the rules of a job have on the GPU.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    /// [`crate::generate::constraint::Constraint::tables`]
    pub rules: &'a Tensor,
    /// (B, [`SLOTS`])
    pub standing: &'a Tensor,
    /// Ends of all tokens, then their bytes, four a word.
    pub spelling: &'a Tensor,
}

/// The fragments of whatever asks for tokens, or moves on by one.
pub(super) const RULES: Fragment = fragment!("lib/rules");
pub(super) const BARRED: Fragment = fragment!("lib/barred");
pub(super) const MOVE_ON: Fragment = fragment!("lib/move_on");

/// Bars the tokens that the rules do not let through, between [`super::sample::Penalties`] and [`super::sample::Sample`].
pub struct Constrain<'a> {
    /// How to sample: the tokens that end a text, and where it must end.
    pub sampling: &'a Tensor,
    /// State of the sequences.
    pub state: &'a Tensor,
    /// The rules.
    pub tables: Tables<'a>,
    /// (at least B, V)
    pub z: &'a Tensor,
    /// B
    pub sequences: u32,
}

impl Kernel for Constrain<'_> {
    fn name(&self) -> &'static str {
        "constrain"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, fragment!("lib/sampling"), RULES, BARRED, fragment!("constrain")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("SLOTS", SLOTS)]
    }
    fn bindings(&self) -> Vec<Bind> {
        let Tables { rules, standing, spelling } = self.tables;
        vec![read(self.sampling), read(self.state), read(rules), read(standing), read(spelling), write(self.z)]
    }
    fn params(&self) -> Params {
        params![vocabulary: self.z.cols]
    }
    fn groups(&self) -> [u32; 3] {
        [self.z.cols.div_ceil(256), self.sequences, 1]
    }
    fn check(&self) -> Result<(), String> {
        let standing = self.tables.standing;
        expect("columns of the standings", standing.cols, SLOTS)?;
        expect("rows of the standings", standing.rows, standing.rows.max(self.sequences))
    }
}

/// Bars the tokens that somebody else has found to be barred, where [`Constrain`] would need too large tables.
pub struct Mask<'a> {
    /// (at least B, V / 32): a bit for each token.
    pub barred: &'a Tensor,
    /// (at least B, V)
    pub z: &'a Tensor,
    /// B
    pub sequences: u32,
}

impl Kernel for Mask<'_> {
    fn name(&self) -> &'static str {
        "mask"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![fragment!("lib/sampling"), fragment!("mask")]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![read(self.barred), write(self.z)]
    }
    fn params(&self) -> Params {
        params![vocabulary: self.z.cols]
    }
    fn groups(&self) -> [u32; 3] {
        [self.z.cols.div_ceil(256), self.sequences, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("words of a mask", self.barred.cols, self.z.cols.div_ceil(32))?;
        expect("rows of the masks", self.barred.rows, self.barred.rows.max(self.sequences))
    }
}

/// Moves each sequence on by the token that was chosen for it, after [`super::sample::Sample`].
pub struct Advance<'a> {
    /// State of the sequences, after [`super::sample::Sample`].
    pub state: &'a Tensor,
    /// The rules.
    pub tables: Tables<'a>,
    /// ([`RING`], B), from [`super::sample::Sample`].
    pub out: &'a Tensor,
    /// V
    pub vocabulary: u32,
    /// B
    pub sequences: u32,
}

impl Kernel for Advance<'_> {
    fn name(&self) -> &'static str {
        "advance"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, RULES, MOVE_ON, fragment!("advance")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("RING", RING), ("SLOTS", SLOTS)]
    }
    fn bindings(&self) -> Vec<Bind> {
        let Tables { rules, standing, spelling } = self.tables;
        vec![read(self.state), read(rules), read(spelling), read(self.out), write(standing)]
    }
    fn params(&self) -> Params {
        params![vocabulary: self.vocabulary, sequences: self.sequences]
    }
    fn groups(&self) -> [u32; 3] {
        [self.sequences, 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of the standings", self.tables.standing.cols, SLOTS)
    }
}
