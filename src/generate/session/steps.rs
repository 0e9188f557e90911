//! The loop of steps: submitted in bundles, read back, and handed to their sequences.

use std::collections::VecDeque;

use super::Session;
use super::plans::{Choice, Key, Under};
use crate::engine::{EngineError, Readback, Slice};
use crate::generate::rules::Walk;
use crate::generate::stream::TextStream;
use crate::generate::{Delta, Finish, GenerateError, Job, Logprobs, Output, Timing};
use crate::gpu::now_ms;
use crate::kernel::sample::{RING, TOP};
use crate::record::Tensor;

/// What `sample` writes for a sequence that has ended.
const NOTHING: u32 = u32::MAX;
/// Most steps of one readback.
const MOST_STEPS: u32 = 16;
/// Steps are bundled as long as their text comes at least this often.
const READBACK_MS: f64 = 60.0;
/// Readbacks under way at once.
const FLIGHTS: usize = 2;

/// One sequence as the host sees it.
struct Sequence {
    stream: TextStream,
    text: String,
    tokens: Vec<u32>,
    logprobs: Vec<Logprobs>,
    /// Of the stop token.
    last: Option<Logprobs>,
    finish: Option<Finish>,
}

/// A readback of some steps, under way.
struct Flight {
    readback: Readback,
    steps: u32,
}

impl Session {
    /// Steps until every sequence has ended.
    pub(super) async fn decode(
        &mut self,
        job: &Job,
        begun: f64,
        on: &mut dyn FnMut(Delta),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Vec<Output>, Timing), GenerateError> {
        let mut sequences: Vec<Sequence> = (0..job.n).map(|_| Sequence::new(job)).collect();
        let mut flights = VecDeque::new();
        let mut submitted = 0;
        let mut bundle = 1;
        let (mut first_at, mut last_at, mut tokens) = (0.0, begun, 0usize);
        let mut aborted = false;
        let ruled = job.rules.clone().filter(|_| self.under(job) == Under::Masked);
        let mut walk = ruled.map(|rules| Walk::new(rules, job.n, job.max_tokens));
        // What a mask needs is what the step before it has chosen.
        let most = if walk.is_some() { 1 } else { FLIGHTS };
        loop {
            let finished = sequences.iter().all(|s| s.finish.is_some());
            aborted = aborted || (!finished && cancelled());
            let over = aborted || finished;
            while !over && flights.len() < most && submitted < job.max_tokens {
                let steps = if most == 1 { 1 } else { bundle.min(job.max_tokens - submitted) };
                flights.push_back(self.fly(job, &mut submitted, steps, walk.as_ref()).await?);
            }
            let Some(flight) = flights.pop_front() else { break };
            let steps = flight.steps;
            let raw = self.engine.receive(flight.readback).await?;
            let now = now_ms();
            if over {
                continue; // what lies past the end is thrown away
            }
            let words: Vec<u32> = bytemuck::pod_collect_to_vec(&raw);
            tokens += self.take(job, &words, steps, &mut sequences, on);
            if let Some(walk) = &mut walk {
                walk.advance(&words[..job.n as usize], &self.vocabulary);
            }
            if first_at == 0.0 {
                first_at = now;
            }
            bundle = next_bundle(job, bundle, (now - last_at) / f64::from(steps));
            last_at = now;
        }
        if aborted {
            return Err(GenerateError::Aborted);
        }
        let outputs = sequences.into_iter().enumerate().map(|(i, s)| s.end(i as u32, on)).collect();
        let seconds = (last_at - first_at) / 1e3;
        let after_first = tokens.saturating_sub(job.n as usize) as f64;
        let tokens_per_second = if seconds > 0.0 { after_first / seconds } else { 0.0 };
        Ok((outputs, Timing { first_token_ms: (first_at - begun).max(0.0), tokens_per_second }))
    }

    /// Submits `steps` steps, one command buffer each; the last one carries the copy to be read back.
    /// `walk`: rules that are walked here; then there is one step, which gets its mask.
    async fn fly(
        &mut self,
        job: &Job,
        submitted: &mut u32,
        steps: u32,
        walk: Option<&Walk>,
    ) -> Result<Flight, EngineError> {
        if let (Some(walk), Some(rules)) = (walk, &self.rules) {
            rules.bar(&self.engine, walk, &self.vocabulary, &job.stop_tokens)?;
            self.engine.masked();
        }
        let choice = Choice { n: job.n, logprobs: job.logprobs, rules: self.under(job) };
        let slices = self.ring_slices(job.n, *submitted, steps, job.logprobs);
        for i in 1..=steps {
            let key = if *submitted == 0 { Key::First(choice) } else { Key::Step(choice) };
            *submitted += 1;
            let copied = if i == steps { &slices[..] } else { &[] };
            if let Some(readback) = self.run(key, copied).await? {
                return Ok(Flight { readback, steps });
            }
        }
        Err(EngineError::Gone("readback".into()))
    }

    /// Where the results of steps `first..first + steps` lie in the rings: one range, or two at the wrap.
    fn ring_slices(&self, n: u32, first: u32, steps: u32, logprobs: bool) -> Vec<Slice> {
        let start = first % RING;
        let head = steps.min(RING - start);
        let ranges = [(start, head), (0, steps - head)];
        let cut = |tensor: &Tensor, row: u32| {
            let slice = |(at, len): (u32, u32)| Slice {
                tensor: tensor.clone(),
                offset: u64::from(at * row) * 4,
                bytes: u64::from(len * row) * 4,
            };
            ranges.iter().filter(|r| r.1 > 0).map(|&r| slice(r)).collect::<Vec<_>>()
        };
        let mut slices = cut(&self.out, n);
        if logprobs {
            slices.extend(cut(&self.report, n * (2 + 2 * TOP)));
        }
        slices
    }

    /// Hands the tokens of one readback to their sequences. Returns how many counted.
    fn take(
        &self,
        job: &Job,
        words: &[u32],
        steps: u32,
        sequences: &mut [Sequence],
        on: &mut dyn FnMut(Delta),
    ) -> usize {
        let (tokens, reports) = words.split_at((steps * job.n) as usize);
        let width = (2 + 2 * TOP) as usize;
        let mut counted = 0;
        for (at, &token) in tokens.iter().enumerate() {
            let index = at as u32 % job.n;
            let sequence = &mut sequences[index as usize];
            if sequence.finish.is_some() || token == NOTHING {
                continue;
            }
            counted += 1;
            let report = reports.get(at * width..(at + 1) * width).map(logprobs);
            let text = sequence.push(job, token, report, self.vocabulary.bytes(token));
            if !text.is_empty() {
                on(Delta { index, text });
            }
        }
        counted
    }
}

/// Bundles twice as many steps each time, as far as their text still comes often enough.
fn next_bundle(job: &Job, bundle: u32, step_ms: f64) -> u32 {
    if job.steps_per_readback > 0 {
        return job.steps_per_readback.min(RING / 2);
    }
    let fits = (READBACK_MS / step_ms.max(0.1)) as u32;
    (bundle * 2).min(fits).clamp(1, MOST_STEPS)
}

fn logprobs(words: &[u32]) -> Logprobs {
    let pairs = words[2..].chunks_exact(2).map(|p| (p[1], f32::from_bits(p[0])));
    Logprobs { token: words[1], logprob: f32::from_bits(words[0]), top: pairs.collect() }
}

impl Sequence {
    fn new(job: &Job) -> Self {
        Self {
            stream: job.stream(),
            text: String::new(),
            tokens: Vec::new(),
            logprobs: Vec::new(),
            last: None,
            finish: None,
        }
    }

    /// Takes a token; returns the text that is certain now.
    fn push(&mut self, job: &Job, token: u32, report: Option<Logprobs>, bytes: &[u8]) -> String {
        if job.stop_tokens.contains(&token) {
            self.finish = Some(Finish::Stop);
            self.last = report;
            return String::new();
        }
        self.tokens.push(token);
        self.logprobs.extend(report);
        let delta = self.stream.push(bytes);
        if delta.stopped {
            self.finish = Some(Finish::Stop);
        } else if self.tokens.len() as u32 >= job.max_tokens {
            self.finish = Some(Finish::Length);
        }
        self.text.push_str(&delta.text);
        delta.text
    }

    fn end(mut self, index: u32, on: &mut dyn FnMut(Delta)) -> Output {
        let rest = self.stream.finish();
        self.text.push_str(&rest);
        if !rest.is_empty() {
            on(Delta { index, text: rest });
        }
        Output {
            text: self.text,
            tokens: self.tokens,
            finish: self.finish.unwrap_or(Finish::Length),
            logprobs: self.logprobs,
            end: self.last,
        }
    }
}
