//! Texts to vectors: an encoder with its tokenizer. Similar texts have a large scalar product.

use std::rc::Rc;

use crate::engine::{Counters, Engine, EngineError, Plan, Readback, Slice};
use crate::generate::GenerateError;
use crate::model::encoder::Encoder;
use crate::model::manifest::Manifest;
use crate::model::weights::Weights;
use crate::text::{Frame, Tokenizer};
use crate::writer::WriteError;

/// An encoder ready for texts.
pub struct Embedder {
    engine: Rc<Engine>,
    encoder: Encoder,
    tokenizer: Box<dyn Tokenizer>,
    frame: Frame,
    manifest: Manifest,
    max_tokens: u32,
    /// By the rows that they are made for.
    plans: Vec<(u32, Plan)>,
}

impl Embedder {
    pub(crate) fn new(
        engine: Rc<Engine>,
        encoder: Encoder,
        (tokenizer, frame): (Box<dyn Tokenizer>, Frame),
        manifest: Manifest,
    ) -> Self {
        let max_tokens = encoder.context;
        Self { engine, encoder, tokenizer, frame, manifest, max_tokens, plans: Vec::new() }
    }

    /// Name and version of the model.
    #[must_use]
    pub fn model(&self) -> String {
        format!("{}@{}", self.manifest.name, self.manifest.version)
    }

    /// Numbers of an embedding.
    #[must_use]
    pub fn dimensions(&self) -> u32 {
        self.encoder.config.hidden_size
    }

    /// Tokens of a text that count, those around it among them: what comes behind is cut off.
    #[must_use]
    pub fn max_tokens(&self) -> u32 {
        self.max_tokens
    }

    /// Lets fewer tokens count than the model's positions, as some models were trained (`max_seq_length` in
    /// `sentence_bert_config.json`).
    pub fn set_max_tokens(&mut self, most: u32) {
        self.max_tokens = most.clamp(self.frame.len() + 1, self.encoder.context.max(self.frame.len() + 1));
    }

    /// Compiles what short texts need, so that the first call does not wait for it.
    ///
    /// # Errors
    /// What the device refuses.
    pub async fn warm_up(&mut self) -> Result<(), WriteError> {
        Ok(self.plan(self.encoder.slice.min(64)).await.map(drop)?)
    }

    /// The tokens of a text with those that the model wants around it, cut to [`Embedder::max_tokens`].
    ///
    /// # Errors
    /// What the tokenizer refuses.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, WriteError> {
        let mut ids = self.tokenizer.encode(text)?;
        ids.truncate(self.max_tokens.saturating_sub(self.frame.len()) as usize);
        Ok([&self.frame.before[..], &ids, &self.frame.behind].concat())
    }

    /// A vector of length one for each text: the mean of what the model makes of its tokens. What else is in a call
    /// changes no bit of it. `cancelled` is asked between batches.
    ///
    /// # Errors
    /// What the tokenizer refuses, an abort, a GPU that fails.
    pub async fn embed(&mut self, texts: &[&str], cancelled: &dyn Fn() -> bool) -> Result<Vec<Vec<f32>>, WriteError> {
        let texts: Vec<String> = texts.iter().map(|&text| text.into()).collect();
        let flat = self.flat(&texts, cancelled).await?;
        Ok(self.rows(&flat))
    }

    /// The same of tokens as they are.
    ///
    /// # Errors
    /// As [`Embedder::embed`]; a text without tokens, with too many, or with one that the model does not have.
    pub async fn embed_tokens(
        &mut self,
        texts: &[Vec<u32>],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, WriteError> {
        let flat = self.flat_tokens(texts, cancelled).await?;
        Ok(self.rows(&flat))
    }

    fn rows(&self, flat: &[f32]) -> Vec<Vec<f32>> {
        flat.chunks_exact(self.dimensions() as usize).map(<[f32]>::to_vec).collect()
    }

    /// As [`Embedder::embed`], one vector behind the other.
    pub(crate) async fn flat(
        &mut self,
        texts: &[String],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, WriteError> {
        let mut ids = Vec::with_capacity(texts.len());
        for text in texts {
            if cancelled() {
                return Err(GenerateError::Aborted.into());
            }
            ids.push(self.encode(text)?);
        }
        self.flat_tokens(&ids, cancelled).await
    }

    async fn flat_tokens(&mut self, texts: &[Vec<u32>], cancelled: &dyn Fn() -> bool) -> Result<Vec<f32>, WriteError> {
        for ids in texts {
            self.check(ids)?;
        }
        let mut all = Vec::new();
        let mut flight = None;
        let mut rest = texts;
        let mut ending = false;
        loop {
            ending = ending || rest.is_empty() || cancelled();
            let landing = flight.take();
            if !ending {
                // A batch is under way while the one before it travels.
                let (batch, others) = rest.split_at(self.encoder.fits(rest));
                flight = self.start(batch).await?;
                rest = others;
            }
            if let Some(readback) = landing {
                all.extend_from_slice(bytemuck::cast_slice(&self.engine.receive(readback).await?));
            } else if ending {
                break;
            }
        }
        if rest.is_empty() { Ok(all) } else { Err(GenerateError::Aborted.into()) }
    }

    /// What the last layer makes of each token of a text, for measurements and tests: rows of D.
    ///
    /// # Errors
    /// As [`Embedder::embed_tokens`].
    pub async fn hidden(&mut self, text: &[u32]) -> Result<Vec<f32>, WriteError> {
        self.embed_tokens(&[text.to_vec()], &|| false).await?;
        let bytes = 4 * text.len() as u64 * u64::from(self.dimensions());
        let slice = Slice { tensor: self.encoder.x.clone(), offset: 0, bytes };
        Ok(bytemuck::pod_collect_to_vec(&self.engine.fetch(&[slice]).await?))
    }

    /// The engine's counters.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.engine.counters()
    }

    /// Frees the model; the engine can load another.
    #[must_use]
    pub fn close(mut self) -> Rc<Engine> {
        self.plans.drain(..).for_each(|(_, plan)| self.engine.free_plan(plan));
        self.encoder.free(&self.engine);
        self.engine
    }

    pub(crate) fn weights(&self) -> &Weights {
        &self.encoder.weights
    }

    fn check(&self, ids: &[u32]) -> Result<(), GenerateError> {
        let (prompt, context) = (ids.len() as u32, self.encoder.context);
        let vocabulary = self.encoder.config.vocab_size;
        match ids.iter().find(|&&id| id >= vocabulary) {
            Some(&token) => Err(GenerateError::Token { token, vocabulary }),
            None if ids.is_empty() => Err(GenerateError::Empty),
            None if prompt > context => Err(GenerateError::TooLong { prompt, max_tokens: 0, context }),
            None => Ok(()),
        }
    }

    /// Submits a batch.
    async fn start(&mut self, batch: &[Vec<u32>]) -> Result<Option<Readback>, EngineError> {
        let rows = self.encoder.put(&self.engine, batch)?;
        let (tensor, bytes) = (self.encoder.pooled.clone(), 4 * batch.len() as u64 * u64::from(self.dimensions()));
        let engine = self.engine.clone();
        let plan = self.plan(rows).await?;
        engine.replay(plan, &[Slice { tensor, offset: 0, bytes }])
    }

    async fn plan(&mut self, rows: u32) -> Result<&Plan, EngineError> {
        let known = self.plans.iter().position(|p| p.0 == rows);
        if known.is_none() {
            let mut recording = self.engine.recording();
            self.encoder.record(&mut recording, rows);
            self.plans.push((rows, self.engine.prepare(recording).await?));
        }
        let at = known.unwrap_or(self.plans.len() - 1);
        Ok(&self.plans[at].1)
    }
}
