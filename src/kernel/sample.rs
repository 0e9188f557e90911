//! From logits to the next token: penalties, choice, and log-probabilities on request.

use super::constrain::{BARRED, MOVE_ON, RULES, Tables};
use super::{Fragment, Kernel, Params, expect, fragment, lib, params, read, uniform, write};
use crate::generate::constraint::SLOTS;
use crate::record::{Bind, Tensor};

/// Steps that the ring of chosen tokens holds.
pub const RING: u32 = 64;
/// Alternatives that [`Top`] reports for a token.
pub const TOP: u32 = 5;

/// z = what sampling sees of the logits: bias, repetition, presence and frequency penalties, no-repeat
/// n-gram, temperature.
pub struct Penalties<'a> {
    /// How to sample.
    pub sampling: &'a Tensor,
    /// State of the sequences.
    pub state: &'a Tensor,
    /// Tokens by cache row.
    pub history: &'a Tensor,
    /// (1, V), added to every row.
    pub bias: &'a Tensor,
    /// (at least `logit_rows`, V)
    pub logits: &'a Tensor,
    /// Rows of logits: B, or 1 when all sequences still share the prompt.
    pub logit_rows: u32,
    /// (at least B, V)
    pub z: &'a Tensor,
    /// B
    pub sequences: u32,
}

impl Kernel for Penalties<'_> {
    fn name(&self) -> &'static str {
        "penalties"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, fragment!("lib/sampling"), fragment!("penalties")]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![
            uniform(self.sampling),
            uniform(self.state),
            read(self.history),
            read(self.bias),
            read(self.logits),
            write(self.z),
        ]
    }
    fn params(&self) -> Params {
        params![vocabulary: self.logits.cols, logit_rows: self.logit_rows]
    }
    fn groups(&self) -> [u32; 3] {
        [self.logits.cols.div_ceil(256), self.sequences, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of the bias", self.bias.cols, self.logits.cols)?;
        expect("columns of z", self.z.cols, self.logits.cols)?;
        expect("rows of z", self.z.rows, self.z.rows.max(self.sequences))
    }
}

/// Chooses a token for each sequence (top-k, top-p, min-p, seed; or greedy) and advances the state.
pub struct Sample<'a> {
    /// How to sample.
    pub sampling: &'a Tensor,
    /// (B, V) from [`Penalties`].
    pub z: &'a Tensor,
    /// State of the sequences; advanced.
    pub state: &'a Tensor,
    /// Tokens by cache row; the chosen one is added.
    pub history: &'a Tensor,
    /// ([`RING`], B): chosen tokens by step.
    pub out: &'a Tensor,
    /// Rules that the token has to keep; the standings move on by it.
    pub rules: Option<Tables<'a>>,
    /// B
    pub sequences: u32,
}

impl Kernel for Sample<'_> {
    fn name(&self) -> &'static str {
        "sample"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let mut all = vec![lib::STATE, fragment!("lib/sampling"), lib::REDUCE, fragment!("sample")];
        all.extend(match self.rules {
            None => vec![fragment!("lib/best_any")],
            Some(_) => vec![fragment!("lib/best_allowed"), RULES, BARRED, MOVE_ON],
        });
        all
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        let mut all = vec![("WG", 256), ("RING", RING)];
        all.extend(self.rules.map(|_| ("SLOTS", SLOTS)));
        all
    }
    fn bindings(&self) -> Vec<Bind> {
        let mut all = vec![read(self.sampling), read(self.z), write(self.state), write(self.history), write(self.out)];
        if let Some(Tables { rules, standing, spelling }) = self.rules {
            all.extend([read(rules), read(spelling), write(standing)]);
        }
        all
    }
    fn params(&self) -> Params {
        params![vocabulary: self.z.cols, sequences: self.sequences]
    }
    fn groups(&self) -> [u32; 3] {
        [self.sequences, 1, 1]
    }
}

/// Log-probabilities of the chosen token and of the likeliest ones.
pub struct Top<'a> {
    /// State of the sequences, after [`Sample`].
    pub state: &'a Tensor,
    /// (at least `rows`, V): softmax of the logits.
    pub probabilities: &'a Tensor,
    /// Rows of probabilities: B, or 1 when all sequences still share the prompt.
    pub rows: u32,
    /// From [`Sample`].
    pub out: &'a Tensor,
    /// ([`RING`] · B, 2 + 2 [`TOP`])
    pub report: &'a Tensor,
    /// B
    pub sequences: u32,
}

impl Kernel for Top<'_> {
    fn name(&self) -> &'static str {
        "top"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, fragment!("top")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("RING", RING), ("TOP", TOP)]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![uniform(self.state), read(self.probabilities), read(self.out), write(self.report)]
    }
    fn params(&self) -> Params {
        params![vocabulary: self.probabilities.cols, sequences: self.sequences, rows: self.rows]
    }
    fn groups(&self) -> [u32; 3] {
        [self.sequences, 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of the report", self.report.cols, 2 + 2 * TOP)
    }
}
