//! The decode loop. Steps are recorded once and replayed; what a step needs lies on the GPU, so that K
//! steps run before one small readback, and the next K are already under way while it travels.

mod plans;
#[cfg(not(target_arch = "wasm32"))]
mod score;
mod steps;

use std::rc::Rc;

use litemap::LiteMap;

use plans::{Choice, Key, Under};

use crate::engine::{Allocations, Engine, EngineError, Plan, Slice};
use crate::generate::constraint::{Constraint, GPU_WORDS};
use crate::generate::prefix::Prefix;
use crate::generate::rules::Rules;
use crate::generate::{Delta, GenerateError, Job, Output, Timing};
use crate::gpu::now_ms;
use crate::kernel::sample::{RING, TOP};
use crate::model::decoder::{Decoder, MAX_SEQUENCES, MAX_SLICE};
use crate::record::{Element, Tensor};
use crate::text::Vocabulary;

/// Words of `struct Sampling` in `shaders/lib/sampling.wgsl`.
const SAMPLING_WORDS: u32 = 28;
/// Row counts that prefill is recorded for.
const SLICES: [u32; 3] = [16, 64, MAX_SLICE];

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
}
