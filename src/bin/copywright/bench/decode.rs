//! The decode loop of a model: what a step costs in time, and what it asks of the GPU.
//!
//! A step's cost is the difference between two runs that differ by a known number of steps, so that what a
//! run costs once, such as its prompt, is not in it.

use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::engine::Counters;
use copywright::error::Kind;
use copywright::generate::constraint::Constraint;
use copywright::generate::{Job, Timing};
use copywright::gpu::now_ms;
use copywright::writer::Writer;
use pollster::block_on;
use serde::Serialize;
use serde_json::json;

use crate::failure::{Failure, Result};

/// Tokens of the long and the short run that time is taken from.
const LONG: u32 = 97;
const SHORT: u32 = 33;
/// The same for counts: both end with a whole bundle of K.
const LONG_COUNT: u32 = 1 + 4 * K;
const SHORT_COUNT: u32 = 1 + 2 * K;
/// Steps per readback for counts.
const K: u32 = 8;
/// Tokens of the prompt that prefill is measured on.
const PREFILL: usize = 512;
/// Steps replayed without a readback.
const REPLAYS: u32 = 32;

/// What a step asks of the GPU.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Counts {
    pub dispatches_per_token: f64,
    pub submits_per_token: f64,
    pub passes_per_token: f64,
    /// Buffers, bind groups and pipelines: of a whole run, not of a difference between two.
    pub creations_per_token: f64,
    pub readbacks_per_token: f64,
    pub uploaded_bytes_per_token: f64,
    pub downloaded_bytes_per_token: f64,
    /// Weight bytes that the kernels read, to those that lie there.
    pub weight_bytes_ratio: f64,
}

/// Times of one round, in milliseconds but for the rate.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    pub first_token_ms: f64,
    pub tokens_per_second: f64,
    /// A step of one sequence, in the loop with its readbacks.
    pub step_ms: f64,
    /// A step of eight.
    pub batch8_step_ms: f64,
    /// A step of one sequence, replayed without a readback.
    pub replayed_step_ms: f64,
    /// What the processor does for a step: encode and submit.
    pub host_step_ms: f64,
    /// From the call to the first token of the long prompt.
    pub prefill_ms: f64,
}

/// A model being measured.
pub struct Probe {
    writer: Writer,
    prompt: Vec<u32>,
    long_prompt: Vec<u32>,
    long: u32,
}

impl Probe {
    /// Tokens of the brief's prompt.
    pub fn prompt_tokens(&self) -> usize {
        self.prompt.len()
    }

    /// Tokens of the long prompt.
    pub fn prefill_tokens(&self) -> usize {
        self.long_prompt.len()
    }

    /// Encodes the prompts, and runs once whatever is measured later: compiled, allocated, warm.
    pub fn new(mut writer: Writer) -> Result<Self> {
        let brief: Input = serde_json::from_value(json!({
            "format": "product-blurb", "tone": "warm", "name": "Lumen Arc", "category": "desk lamp",
            "features": ["dims with a tap", "USB-C charging", "folds flat"],
            "facts": {"price": "€49"}, "audience": "students in small flats",
        }))
        .map_err(|e| Failure::work(Kind::Type, e))?;
        let prompt = writer.prompt(&brief.brief()?)?;
        let context = writer.session().decoder.context;
        let room = context.saturating_sub(prompt.len() as u32);
        if room < LONG_COUNT.max(SHORT + 1) {
            let why = format!("the model's context of {context} tokens is too short to measure in");
            return Err(Failure::work(Kind::NotSupported, why));
        }
        let prefill = PREFILL.min(context as usize - 1);
        let long_prompt = prompt.iter().copied().cycle().take(prefill).collect();
        let mut probe = Self { writer, prompt, long_prompt, long: LONG.min(room) };
        // Eight first: the cache grows to its size once, and plans stay what they are.
        for n in [8, 1] {
            probe.time(n, probe.long, None)?;
        }
        probe.prefill()?;
        Ok(probe)
    }

    /// What a step of `n` sequences asks of the GPU.
    pub fn counts(&mut self, n: u32) -> Result<Counts> {
        // The first run with K steps a readback makes what it needs; after that nothing may be made.
        self.run(&job(&self.prompt, n, LONG_COUNT, K))?;
        let (long, short) = (self.count(n, LONG_COUNT, None)?, self.count(n, SHORT_COUNT, None)?);
        let steps = f64::from(LONG_COUNT - SHORT_COUNT);
        let each = |of: fn(&Counters) -> u64| (of(&long) as f64 - of(&short) as f64) / steps;
        let packed = self.writer.session().decoder.weights.packed_bytes() as f64;
        Ok(Counts {
            dispatches_per_token: each(|c| c.dispatches),
            submits_per_token: each(|c| c.submits),
            passes_per_token: each(|c| c.passes),
            creations_per_token: (long.buffers + long.bind_groups + long.pipelines) as f64 / f64::from(LONG_COUNT),
            readbacks_per_token: each(|c| c.readbacks),
            uploaded_bytes_per_token: each(|c| c.uploaded_bytes),
            downloaded_bytes_per_token: each(|c| c.downloaded_bytes),
            weight_bytes_ratio: each(|c| c.weight_bytes) / packed,
        })
    }

    /// Everything timed once, one and eight sequences in turn.
    pub fn round(&mut self) -> Result<Round> {
        let steps = f64::from(self.long - SHORT);
        let (one, timing) = self.time(1, self.long, None)?;
        let (eight, _) = self.time(8, self.long, None)?;
        let (short_one, _) = self.time(1, SHORT, None)?;
        let (short_eight, _) = self.time(8, SHORT, None)?;
        let (host, replayed) = self.replay()?;
        Ok(Round {
            first_token_ms: timing.first_token_ms,
            tokens_per_second: timing.tokens_per_second,
            step_ms: (one - short_one) / steps,
            batch8_step_ms: (eight - short_eight) / steps,
            replayed_step_ms: replayed,
            host_step_ms: host,
            prefill_ms: self.prefill()?,
        })
    }

    /// Milliseconds of a step of `n` sequences, under these rules.
    pub fn step(&mut self, n: u32, rules: Option<&Rc<Constraint>>) -> Result<f64> {
        let (long, short) = (self.time(n, self.long, rules)?.0, self.time(n, SHORT, rules)?.0);
        Ok((long - short) / f64::from(self.long - SHORT))
    }

    /// Readbacks per token of a run with K steps a readback, under these rules.
    pub fn readbacks(&mut self, rules: Option<&Rc<Constraint>>) -> Result<f64> {
        let (long, short) = (self.count(1, LONG_COUNT, rules)?, self.count(1, SHORT_COUNT, rules)?);
        Ok((long.readbacks - short.readbacks) as f64 / f64::from(LONG_COUNT - SHORT_COUNT))
    }

    /// Milliseconds of a whole run, and what the loop says of itself.
    fn time(&mut self, n: u32, tokens: u32, rules: Option<&Rc<Constraint>>) -> Result<(f64, Timing)> {
        let job = Job { rules: rules.cloned(), ..job(&self.prompt, n, tokens, 0) };
        let begun = now_ms();
        let timing = self.run(&job)?;
        Ok((now_ms() - begun, timing))
    }

    fn prefill(&mut self) -> Result<f64> {
        let job = job(&self.long_prompt, 1, 1, 1);
        Ok(self.run(&job)?.first_token_ms)
    }

    /// Steps without readbacks: the processor's part of one, and all of one.
    fn replay(&mut self) -> Result<(f64, f64)> {
        // A run leaves its last state behind, from which a step can be taken again and again: here with as many
        // keys to attend to as the steps of the loop have between the short run and the long one.
        self.run(&job(&self.prompt, 1, (self.long + SHORT) / 2, 0))?;
        let session = self.writer.session();
        let engine = session.engine.clone();
        let plan = block_on(session.step_plan(1))?;
        block_on(engine.gpu.idle())?;
        let begun = now_ms();
        for _ in 0..REPLAYS {
            engine.replay(plan, &[])?;
        }
        let submitted = now_ms();
        block_on(engine.gpu.idle())?;
        let steps = f64::from(REPLAYS);
        Ok(((submitted - begun) / steps, (now_ms() - begun) / steps))
    }

    /// What the counters say of one run of `tokens` tokens.
    fn count(&mut self, n: u32, tokens: u32, rules: Option<&Rc<Constraint>>) -> Result<Counters> {
        let job = Job { rules: rules.cloned(), ..job(&self.prompt, n, tokens, K) };
        let before = self.writer.counters();
        self.run(&job)?;
        let after = self.writer.counters();
        Ok(Counters {
            submits: after.submits - before.submits,
            passes: after.passes - before.passes,
            dispatches: after.dispatches - before.dispatches,
            buffers: after.buffers - before.buffers,
            bind_groups: after.bind_groups - before.bind_groups,
            pipelines: after.pipelines - before.pipelines,
            readbacks: after.readbacks - before.readbacks,
            uploaded_bytes: after.uploaded_bytes - before.uploaded_bytes,
            downloaded_bytes: after.downloaded_bytes - before.downloaded_bytes,
            weight_bytes: after.weight_bytes - before.weight_bytes,
            prefilled_rows: after.prefilled_rows - before.prefilled_rows,
            ..after
        })
    }

    fn run(&mut self, job: &Job) -> Result<Timing> {
        // A prompt that the cache still held would cost nothing.
        self.writer.session().forget();
        let (outputs, timing) = block_on(self.writer.session().generate(job, &mut |_| (), &|| false))?;
        // Nothing stops these runs, or the steps counted are not those that ran.
        match outputs.iter().find(|o| o.tokens.len() as u32 != job.max_tokens) {
            Some(o) => {
                let why = format!("a run of {} tokens ended after {}", job.max_tokens, o.tokens.len());
                Err(Failure::work(Kind::Operation, why))
            }
            None => Ok(timing),
        }
    }
}

/// A run of exactly so many tokens: there is no stop. `k`: steps per readback, 0 adapts as for users.
fn job(prompt: &[u32], n: u32, tokens: u32, k: u32) -> Job {
    Job {
        prompt: prompt.to_vec(),
        n,
        seed: 7,
        max_tokens: tokens,
        sampling: Default::default(),
        stop_tokens: Vec::new(),
        stop: Vec::new(),
        trim_lines: false,
        rules: None,
        logprobs: false,
        steps_per_readback: k,
    }
}
