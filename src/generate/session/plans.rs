//! What a session records once and replays: slices of a prompt, the head, and steps that choose tokens.

use super::Session;
use crate::engine::{EngineError, Readback, Slice};
use crate::generate::Job;
use crate::generate::constraint::GPU_WORDS;
use crate::generate::rules::Rules;
use crate::kernel::Rows;
use crate::kernel::norm::Softmax;
use crate::kernel::sample::{Penalties, Sample, Top};
use crate::model::decoder::Decoder;
use crate::record::Recording;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// Layers over a slice of up to this many rows.
    Prefill(u32),
    /// Head over the last row, then the first token of each sequence.
    First(Choice),
    /// One decode step.
    Step(Choice),
    /// Head over the first so many rows of a slice, for texts that are there already.
    #[cfg(not(target_arch = "wasm32"))]
    Head(u32),
}

/// How a token is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Choice {
    /// For so many sequences.
    pub(super) n: u32,
    /// With log-probabilities.
    pub(super) logprobs: bool,
    /// Under which rules.
    pub(super) rules: Under,
}

/// How rules come into a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Under {
    /// There are none.
    Nothing,
    /// The sampler asks for the tokens that it would choose.
    Asked,
    /// All that is barred goes first, because top-k, top-p or min-p count what is left.
    Barred,
    /// They are walked here, and the GPU gets a mask for each step.
    Masked,
}

impl Session {
    /// How the rules of a job come into its choices.
    pub(super) fn under(&self, job: &Job) -> Under {
        let s = &job.sampling;
        match &job.rules {
            None => Under::Nothing,
            Some(rules) if rules.words() > self.gpu_words.min(GPU_WORDS) as usize => Under::Masked,
            Some(_) if s.top_k > 0 || s.top_p < 1.0 || s.min_p > 0.0 => Under::Barred,
            Some(_) => Under::Asked,
        }
    }

    pub(super) async fn run(&mut self, key: Key, slices: &[Slice]) -> Result<Option<Readback>, EngineError> {
        self.plan(key).await?;
        let plan = self.plans.get(&key).ok_or_else(|| EngineError::Gone("plan".into()))?;
        self.engine.replay(plan, slices)
    }

    pub(super) async fn plan(&mut self, key: Key) -> Result<(), EngineError> {
        if !self.plans.contains_key(&key) {
            let plan = self.engine.prepare(self.record(key)).await?;
            self.plans.insert(key, plan);
        }
        Ok(())
    }

    fn record(&self, key: Key) -> Recording {
        let mut r = self.engine.recording();
        let d = &self.decoder;
        match key {
            Key::Prefill(rows) => d.layers(&mut r, Rows::Prefill(rows)),
            Key::First(choice) => {
                d.head(&mut r, Rows::Prefill(1));
                self.choose(&mut r, choice, 1);
            }
            Key::Step(choice) => {
                d.layers(&mut r, Rows::Decode(choice.n));
                d.head(&mut r, Rows::Decode(choice.n));
                self.choose(&mut r, choice, choice.n);
            }
            #[cfg(not(target_arch = "wasm32"))]
            Key::Head(rows) => d.head(&mut r, Rows::Decode(rows)),
        }
        r
    }

    /// From logits (`rows`, V) to a token for each sequence.
    fn choose(&self, r: &mut Recording, choice: Choice, rows: u32) {
        let Choice { n, logprobs, rules: under } = choice;
        let (sampling, z, out) = (&self.sampling, &self.z, &self.out);
        let Decoder { state, history, logits, .. } = &self.decoder;
        let bias = &self.bias;
        r.run(&Penalties { sampling, state, history, bias, logits, logit_rows: rows, z, sequences: n });
        let rules = self.rules.as_ref();
        let asked = rules.filter(|_| under == Under::Asked).map(Rules::tables);
        match (rules, under) {
            (Some(rules), Under::Barred) => rules.constrain(r, sampling, state, z, n),
            (Some(rules), Under::Masked) => rules.mask(r, z, n),
            _ => {}
        }
        r.run(&Sample { sampling, z, state, history, out, rules: asked, sequences: n });
        if let Some(rules) = rules.filter(|_| under == Under::Barred) {
            rules.advance(r, state, out, n);
        }
        if logprobs {
            let probabilities = &self.probabilities;
            r.run(&Softmax { x: logits, y: probabilities, rows });
            r.run(&Top { state, probabilities, rows, out, report: &self.report, sequences: n });
        }
    }

    pub(super) fn drop_plans(&mut self) {
        for (_, plan) in std::mem::take(&mut self.plans) {
            self.engine.free_plan(plan);
        }
    }
}
