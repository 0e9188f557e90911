//! The decode loop. Steps are recorded once and replayed; what a step needs lies on the GPU, so that K
//! steps run before one small readback, and the next K are already under way while it travels.

#[cfg(not(target_arch = "wasm32"))]
mod score;

use std::collections::VecDeque;
use std::rc::Rc;

use litemap::LiteMap;

use crate::engine::{Allocations, Engine, EngineError, Plan, Readback, Slice};
use crate::generate::constraint::{Constraint, GPU_WORDS};
use crate::generate::prefix::Prefix;
use crate::generate::rules::{Rules, Walk};
use crate::generate::stream::TextStream;
use crate::generate::{Delta, Finish, GenerateError, Job, Logprobs, Output, Timing};
use crate::gpu::now_ms;
use crate::kernel::Rows;
use crate::kernel::norm::Softmax;
use crate::kernel::sample::{Penalties, RING, Sample, TOP, Top};
use crate::model::decoder::{Decoder, MAX_SEQUENCES, MAX_SLICE};
use crate::record::{Element, Recording, Tensor};
use crate::text::Vocabulary;

/// What `sample` writes for a sequence that has ended.
const NOTHING: u32 = u32::MAX;
/// Most steps of one readback.
const MOST_STEPS: u32 = 16;
/// Steps are bundled as long as their text comes at least this often.
const READBACK_MS: f64 = 60.0;
/// Readbacks under way at once.
const FLIGHTS: usize = 2;
/// Words of `struct Sampling` in `shaders/lib/sampling.wgsl`.
const SAMPLING_WORDS: u32 = 28;
/// Row counts that prefill is recorded for.
const SLICES: [u32; 3] = [16, 64, MAX_SLICE];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
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
struct Choice {
    /// For so many sequences.
    n: u32,
    /// With log-probabilities.
    logprobs: bool,
    /// Under which rules.
    rules: Under,
}

/// How rules come into a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Under {
    /// There are none.
    Nothing,
    /// The sampler asks for the tokens that it would choose.
    Asked,
    /// All that is barred goes first, because top-k, top-p or min-p count what is left.
    Barred,
    /// They are walked here, and the GPU gets a mask for each step.
    Masked,
}

/// A model ready to write.
pub struct Session {
    /// The engine.
    pub engine: Rc<Engine>,
    /// The model.
    pub decoder: Decoder,
    /// Bytes of its tokens.
    pub vocabulary: Vocabulary,
    /// Rules whose tables have more words than this are walked on the CPU: one token a readback, and the same text.
    /// At most [`GPU_WORDS`], which it is at first.
    pub gpu_words: u32,
    sampling: Tensor,
    bias: Tensor,
    biased: bool,
    z: Tensor,
    probabilities: Tensor,
    out: Tensor,
    report: Tensor,
    rules: Option<Rules>,
    plans: LiteMap<Key, Plan>,
    prefix: Prefix,
}

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
    /// A session for this decoder.
    ///
    /// # Errors
    /// What the device refuses; the decoder is freed then.
    pub fn new(engine: Rc<Engine>, decoder: Decoder, vocabulary: Vocabulary) -> Result<Self, EngineError> {
        let v = decoder.config.vocab_size;
        let made = Allocations::new(&engine);
        let tensors = || -> Result<_, EngineError> {
            Ok([
                made.alloc("sampling", 1, SAMPLING_WORDS, Element::U32)?,
                made.alloc("bias", 1, v, Element::F32)?,
                made.alloc("z", MAX_SEQUENCES, v, Element::F32)?,
                made.alloc("probabilities", MAX_SEQUENCES, v, Element::F32)?,
                made.alloc("out", RING, MAX_SEQUENCES, Element::U32)?,
                made.alloc("report", RING * MAX_SEQUENCES, 2 + 2 * TOP, Element::U32)?,
            ])
        };
        let [sampling, bias, z, probabilities, out, report] = tensors().inspect_err(|_| decoder.free(&engine))?;
        made.keep();
        let (biased, plans, prefix) = (false, LiteMap::new(), Prefix::default());
        let rules = None;
        Ok(Self {
            sampling,
            bias,
            biased,
            z,
            probabilities,
            out,
            report,
            rules,
            plans,
            prefix,
            gpu_words: GPU_WORDS,
            engine,
            decoder,
            vocabulary,
        })
    }

    /// Frees all memory of the model; the engine stays.
    #[must_use]
    pub fn close(mut self) -> Rc<Engine> {
        self.drop_plans();
        self.decoder.free(&self.engine);
        for t in [&self.sampling, &self.bias, &self.z, &self.probabilities, &self.out, &self.report] {
            self.engine.free(t);
        }
        self.rules.iter().for_each(|rules| rules.free(&self.engine));
        self.engine
    }

    /// Compiles what a single text needs, so that the first call does not wait for it.
    ///
    /// # Errors
    /// What the device refuses.
    pub async fn warm_up(&mut self) -> Result<(), EngineError> {
        // A short slice, too: it is all that a prompt needs whose beginning is in the cache.
        let slices = [SLICES[0], SLICES[1]].map(|rows| Key::Prefill(rows.min(self.decoder.slice)));
        let one = Choice { n: 1, logprobs: false, rules: Under::Nothing };
        let tokens = [Key::First(one), Key::Step(one)];
        for key in slices.into_iter().chain(tokens) {
            self.plan(key).await?;
        }
        Ok(())
    }

    /// The plan of a decode step of `n` sequences, for its counts.
    ///
    /// # Errors
    /// What the device refuses.
    pub async fn step_plan(&mut self, n: u32) -> Result<&Plan, EngineError> {
        let key = Key::Step(Choice { n, logprobs: false, rules: Under::Nothing });
        self.plan(key).await?;
        self.plans.get(&key).ok_or_else(|| EngineError::Gone("plan".into()))
    }

    /// Continues the job's prompt. `on` gets new text as it comes; `cancelled` is asked between
    /// submissions.
    ///
    /// # Errors
    /// [`GenerateError`]; the session stays usable after each but a lost device.
    pub async fn generate(
        &mut self,
        job: &Job,
        on: &mut dyn FnMut(Delta),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Vec<Output>, Timing), GenerateError> {
        let seeds: Vec<u32> = (0..MAX_SEQUENCES).map(|i| job.seed.wrapping_add(i)).collect();
        self.generate_each(job, &seeds, on, cancelled).await
    }

    /// The same with a seed for each sequence, instead of seeds that follow the job's. Those that are missing are 0.
    ///
    /// # Errors
    /// As [`Session::generate`].
    pub async fn generate_each(
        &mut self,
        job: &Job,
        seeds: &[u32],
        on: &mut dyn FnMut(Delta),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Vec<Output>, Timing), GenerateError> {
        self.check(job)?;
        let outcome = self.written(job, seeds, on, cancelled).await;
        self.sure(outcome)
    }

    async fn written(
        &mut self,
        job: &Job,
        seeds: &[u32],
        on: &mut dyn FnMut(Delta),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(Vec<Output>, Timing), GenerateError> {
        let begun = now_ms();
        let rows = job.prompt.len() as u32 + job.n * job.max_tokens;
        self.room(rows).await?;
        if let Some(rules) = &job.rules {
            self.ruled(rules, self.under(job))?;
        }
        self.set_up(job, seeds)?;
        self.prefill(job, cancelled).await?;
        self.decode(job, begun, on, cancelled).await
    }

    /// Forgets what the cache holds of the last prompt: the next one is computed from its first token. Texts are
    /// the same either way; measurements are not.
    pub fn forget(&mut self) {
        self.prefix.forget();
    }

    /// After a failure nobody knows what the cache holds. An abort is none: what was submitted still runs.
    fn sure<T>(&mut self, outcome: Result<T, GenerateError>) -> Result<T, GenerateError> {
        outcome.inspect_err(|e| {
            if !matches!(e, GenerateError::Aborted) {
                self.prefix.forget();
            }
        })
    }

    /// The logits that follow these tokens, without sampling: (1, V). For tests and scoring.
    ///
    /// # Errors
    /// As [`Session::generate`].
    pub async fn logits(&mut self, tokens: &[u32]) -> Result<Vec<f32>, GenerateError> {
        let job = Self::unsampled(tokens.to_vec(), 1);
        self.check(&job)?;
        let outcome = self.scored(&job).await;
        self.sure(outcome)
    }

    /// A job of which only the prompt counts.
    fn unsampled(prompt: Vec<u32>, max_tokens: u32) -> Job {
        Job {
            prompt,
            n: 1,
            seed: 0,
            max_tokens,
            sampling: crate::generate::params::Sampling::default(),
            stop_tokens: Vec::new(),
            stop: Vec::new(),
            trim_lines: false,
            rules: None,
            logprobs: false,
            steps_per_readback: 1,
        }
    }

    async fn scored(&mut self, job: &Job) -> Result<Vec<f32>, GenerateError> {
        self.room(job.prompt.len() as u32 + 1).await?;
        self.set_up(job, &[])?;
        self.prefill(job, &|| false).await?;
        self.run(Key::First(Choice { n: 1, logprobs: false, rules: Under::Nothing }), &[]).await?;
        let bytes = u64::from(self.decoder.config.vocab_size) * 4;
        let raw = self.engine.fetch(&[Slice { tensor: self.decoder.logits.clone(), offset: 0, bytes }]).await?;
        Ok(bytemuck::pod_collect_to_vec(&raw))
    }

    fn check(&self, job: &Job) -> Result<(), GenerateError> {
        if job.prompt.is_empty() {
            return Err(GenerateError::Empty);
        }
        if !(1..=MAX_SEQUENCES).contains(&job.n) {
            return Err(GenerateError::Sequences(job.n));
        }
        let vocabulary = self.decoder.config.vocab_size;
        job.sampling.check(vocabulary)?;
        if let Some(&token) = job.prompt.iter().find(|&&t| t >= vocabulary) {
            return Err(GenerateError::Token { token, vocabulary });
        }
        let (prompt, context) = (job.prompt.len() as u64, self.decoder.context);
        if prompt + u64::from(job.max_tokens) > u64::from(context) {
            let prompt = u32::try_from(prompt).unwrap_or(u32::MAX);
            return Err(GenerateError::TooLong { prompt, max_tokens: job.max_tokens, context });
        }
        Ok(())
    }

    /// Makes room in the cache. Where the GPU has none, there is no cache until the next job asks for one.
    async fn room(&mut self, rows: u32) -> Result<(), EngineError> {
        if rows <= self.decoder.cache_rows {
            return Ok(());
        }
        self.drop_plans();
        self.prefix.forget();
        let guard = self.engine.guard();
        let moved = self.decoder.reserve(&self.engine, rows);
        let refused = guard.end().await;
        if refused.is_err() {
            self.decoder.release(&self.engine);
        }
        moved.and(refused)
    }

    /// How the rules of a job come into its choices.
    fn under(&self, job: &Job) -> Under {
        let s = &job.sampling;
        match &job.rules {
            None => Under::Nothing,
            Some(rules) if rules.words() > self.gpu_words.min(GPU_WORDS) as usize => Under::Masked,
            Some(_) if s.top_k > 0 || s.top_p < 1.0 || s.min_p > 0.0 => Under::Barred,
            Some(_) => Under::Asked,
        }
    }

    /// The rules of a job, and that no sequence has begun.
    fn ruled(&mut self, constraint: &Constraint, under: Under) -> Result<(), EngineError> {
        if self.rules.is_none() {
            self.rules = Some(Rules::new(&self.engine, &self.vocabulary, self.decoder.config.vocab_size)?);
        }
        if under == Under::Masked {
            return Ok(());
        }
        self.rules.iter().try_for_each(|rules| rules.begin(&self.engine, constraint))
    }

    /// Everything that a job changes on the GPU before it runs: prompt, state, sampling, bias.
    fn set_up(&mut self, job: &Job, seeds: &[u32]) -> Result<(), EngineError> {
        let p = job.prompt.len() as u32;
        self.engine.write(&self.decoder.history, 0, bytemuck::cast_slice(&job.prompt))?;

        let mut state = vec![p, job.max_tokens, 0, 0];
        state.extend((0..MAX_SEQUENCES).flat_map(|_| [p - 1, 0, 0, 0]));
        self.engine.write(&self.decoder.state, 0, bytemuck::cast_slice(&state))?;

        let s = &job.sampling;
        // Near 0 the division would overflow; the choice is the greedy one long before.
        let temperature = if s.temperature < 1e-5 { 0.0 } else { s.temperature };
        let floats = [temperature, s.top_p, s.min_p, s.repetition_penalty, s.presence_penalty, s.frequency_penalty];
        let mut words: Vec<u32> = floats.iter().map(|f| f.to_bits()).collect();
        let stops = job.stop_tokens.len().min(8);
        words.extend([s.top_k, s.no_repeat_ngram_size, p + job.max_tokens, stops as u32, 0, 0]);
        words.extend(job.stop_tokens.iter().take(8));
        words.resize(20, 0);
        words.extend(seeds.iter().take(MAX_SEQUENCES as usize));
        words.resize(SAMPLING_WORDS as usize, 0);
        self.engine.write(&self.sampling, 0, bytemuck::cast_slice(&words))?;

        if self.biased || !s.logit_bias.is_empty() {
            let mut bias = vec![0f32; self.decoder.config.vocab_size as usize];
            for &(token, value) in &s.logit_bias {
                if let Some(b) = bias.get_mut(token as usize) {
                    *b = value;
                }
            }
            self.engine.write(&self.bias, 0, bytemuck::cast_slice(&bias))?;
            self.biased = !s.logit_bias.is_empty();
        }
        Ok(())
    }

    /// What the cache does not hold of the prompt goes through in slices, so that the page keeps painting and an
    /// abort is heard.
    async fn prefill(&mut self, job: &Job, cancelled: &dyn Fn() -> bool) -> Result<(), GenerateError> {
        let total = job.prompt.len() as u32;
        // A software adapter takes its time: smaller slices.
        let room = self.decoder.slice;
        let most = if self.engine.gpu.caps.software { SLICES[1].min(room) } else { room };
        let mut start = self.prefix.begin(&job.prompt);
        while start < total {
            if cancelled() {
                return Err(GenerateError::Aborted);
            }
            let rows = (total - start).min(most);
            let bucket = SLICES.into_iter().find(|&b| b >= rows).unwrap_or(MAX_SLICE).min(room);
            self.engine.write(&self.decoder.state, 8, bytemuck::cast_slice(&[start, rows]))?;
            self.run(Key::Prefill(bucket), &[]).await?;
            self.prefix.extend(&job.prompt[start as usize..(start + rows) as usize]);
            self.engine.prefilled(rows);
            start += rows;
            if start < total {
                self.engine.gpu.idle().await.map_err(EngineError::from)?;
            }
        }
        Ok(())
    }

    async fn decode(
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
            tokens += self.take(job, &raw, steps, &mut sequences, on);
            if let Some(walk) = &mut walk {
                let words: Vec<u32> = bytemuck::pod_collect_to_vec(&raw);
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
        let (n, logprobs) = (job.n, job.logprobs);
        let slices = self.ring_slices(n, *submitted, steps, logprobs);
        for i in 1..=steps {
            let choice = Choice { n, logprobs, rules: self.under(job) };
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
    fn take(&self, job: &Job, raw: &[u8], steps: u32, sequences: &mut [Sequence], on: &mut dyn FnMut(Delta)) -> usize {
        let words: Vec<u32> = bytemuck::pod_collect_to_vec(raw);
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

    async fn run(&mut self, key: Key, slices: &[Slice]) -> Result<Option<Readback>, EngineError> {
        self.plan(key).await?;
        let plan = self.plans.get(&key).ok_or_else(|| EngineError::Gone("plan".into()))?;
        self.engine.replay(plan, slices)
    }

    async fn plan(&mut self, key: Key) -> Result<(), EngineError> {
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

    fn drop_plans(&mut self) {
        for (_, plan) in std::mem::take(&mut self.plans) {
            self.engine.free_plan(plan);
        }
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
