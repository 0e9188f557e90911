//! Loading a model: its files come in chunks, in any order and by turns, and go straight to the GPU. A load
//! that fails leaves nothing there.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::{WriteError, Writer};
use crate::embedder::Embedder;
use crate::engine::{Engine, EngineError};
use crate::generate::session::Session;
use crate::model::checkpoint::Checkpoint;
use crate::model::config::{Config, Family};
use crate::model::decoder::Decoder;
use crate::model::dtype::Dtype;
use crate::model::encoder::Encoder;
use crate::model::error::ModelError;
use crate::model::layout::Wanted;
use crate::model::manifest::Manifest;
use crate::model::quantize::Quantize;
use crate::model::weights::{Builder, Weights};
use crate::record::Element;
use crate::selfcheck;
use crate::text::{TextError, Tokenizer, Vocabulary};

/// Positions of a sequence, whatever more the model could take: the cache is paid for in advance.
const MAX_CONTEXT: u32 = 4096;
/// Most tokens around a text; BERT has two.
const MAX_FRAME: u32 = 16;
/// What parameters and readbacks take at most, in bytes.
const SPARE: u64 = 1 << 20;

/// What will have become of a chunk on the GPU.
type Outcome = Pin<Box<dyn Future<Output = Result<(), EngineError>>>>;

/// A model on its way.
pub struct Loader {
    engine: Rc<Engine>,
    manifest: Manifest,
    config: Config,
    checkpoint: Checkpoint,
    builder: Builder,
    quantize: Quantize,
    pushed: u64,
    outcomes: Vec<Outcome>,
}

impl Loader {
    /// Begins with the manifest and the configuration, both JSON.
    ///
    /// # Errors
    /// Files that are damaged or ask for what is not supported.
    pub fn new(engine: Rc<Engine>, manifest: &[u8], config: &[u8]) -> Result<Self, WriteError> {
        let manifest = Manifest::from_json(manifest)?;
        let config = Config::from_json(config)?;
        let checkpoint = Checkpoint::new(&config, &manifest)?;
        Ok(Self::begin(engine, manifest, config, checkpoint))
    }

    /// Begins with what `model::gguf::describe` has made of the headers of GGUF files: a configuration, and a list of
    /// tensors for each file that the manifest lists. The whole files are to be pushed all the same.
    ///
    /// # Errors
    /// As [`Loader::new`].
    pub fn described(engine: Rc<Engine>, manifest: &[u8], config: &[u8], lists: &str) -> Result<Self, WriteError> {
        let manifest = Manifest::from_json(manifest)?;
        let config = Config::from_json(config)?;
        let checkpoint = Checkpoint::described(&config, &manifest, lists)?;
        Ok(Self::begin(engine, manifest, config, checkpoint))
    }

    fn begin(engine: Rc<Engine>, manifest: Manifest, config: Config, checkpoint: Checkpoint) -> Self {
        let quantize = Quantize::None;
        let builder = Builder::new(engine.clone(), &config, quantize);
        Self { engine, manifest, config, checkpoint, builder, quantize, pushed: 0, outcomes: Vec::new() }
    }

    /// The same with its matrices quantised on their way to the GPU; before the first chunk.
    #[must_use]
    pub fn quantized(self, quantize: Quantize) -> Self {
        let builder = Builder::new(self.engine.clone(), &self.config, quantize);
        Self { builder, quantize, ..self }
    }

    /// Bytes of GPU memory that the model will take: cache and scratch as they will be made, weights by the sizes
    /// of the files.
    ///
    /// # Errors
    /// A tensor that the device cannot bind.
    pub fn estimate(&self) -> Result<u64, EngineError> {
        let wanted = self.config.tensors();
        let count = |rows: u32, cols: u32| u64::from(rows) * u64::from(cols);
        let weights: u64 = wanted.iter().map(|w| count(w.rows, w.cols)).sum();
        let there: u64 = self.manifest.files.iter().filter(|f| f.is_weights()).map(|f| f.size).sum();
        // Files may hold more than what is wanted, but hardly as much again.
        let source = if there >= 4 * weights { Dtype::F32 } else { Dtype::F16 };
        let element = |w: &Wanted| if w.vector { Element::F32 } else { self.quantize.element(source, w.cols) };
        let weights = match there {
            // Quantised in the file, they stay as they are.
            _ if there < 2 * weights => there,
            _ => wanted.iter().map(|w| element(w).size(count(w.rows, w.cols))).sum(),
        };
        let rest = self.engine.measure(|| {
            let (config, weights) = (self.config.clone(), Weights::none());
            if config.family == Family::Bert {
                return Encoder::new(&self.engine, config, weights).map(drop);
            }
            let decoder = Decoder::new(&self.engine, config, weights, MAX_CONTEXT)?;
            Session::new(self.engine.clone(), decoder, Vocabulary::default()).map(drop)
        })?;
        Ok(weights + rest + SPARE)
    }

    /// Whether the model fits, as far as that can be known before its weights are fetched.
    ///
    /// # Errors
    /// [`EngineError::OutOfMemory`] or [`EngineError::TooLarge`], with the numbers.
    pub fn check_room(&self) -> Result<(), WriteError> {
        Ok(self.engine.room(self.estimate()?)?)
    }

    /// Whether it is an encoder, for an [`Embedder`], or a model that writes.
    ///
    /// # Errors
    /// [`ModelError::Unsupported`] when it is the other.
    pub fn expect_encoder(&self, encoder: bool) -> Result<(), ModelError> {
        let problem = match (self.config.family == Family::Bert, encoder) {
            (true, false) => "an encoder writes nothing; Embedder takes it",
            (false, true) => "a model that writes makes no embeddings; Embedder takes encoders (BERT)",
            _ => return Ok(()),
        };
        Err(ModelError::unsupported("config.json", "architectures", problem))
    }

    /// What is to be fetched.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Takes the next chunk of a file.
    ///
    /// # Errors
    /// Damage, found as soon as it can be.
    pub fn push(&mut self, file: &str, chunk: &[u8]) -> Result<(), WriteError> {
        let builder = &mut self.builder;
        let guard = self.engine.guard();
        let taken = self.checkpoint.push(file, chunk, &mut |piece| builder.take(&piece));
        self.pushed += chunk.len() as u64;
        // Natively it is known at once; a page hears of it later.
        let mut outcome: Outcome = Box::pin(guard.end());
        match outcome.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome?,
            Poll::Pending => self.outcomes.push(outcome),
        }
        Ok(taken?)
    }

    /// Waits until the GPU has taken what was pushed, now and then: memory stays bounded.
    ///
    /// # Errors
    /// A lost device, or one that had no memory for what was pushed.
    pub async fn settle(&mut self) -> Result<(), WriteError> {
        const EVERY: u64 = 16 << 20;
        if self.pushed >= EVERY {
            self.pushed = 0;
            self.engine.gpu.queue.submit([]);
            self.engine.gpu.idle().await?;
            self.taken().await?;
        }
        Ok(())
    }

    async fn taken(&mut self) -> Result<(), EngineError> {
        for outcome in self.outcomes.drain(..) {
            outcome.await?;
        }
        Ok(())
    }

    /// Checks that all came, and makes the writer.
    ///
    /// # Errors
    /// Missing or damaged files, a tokenizer with more tokens than the model, a GPU that refuses. The memory is
    /// free again then.
    pub async fn finish(mut self, tokenizer: Box<dyn Tokenizer>, vocabulary: Vocabulary) -> Result<Writer, WriteError> {
        self.complete(false, vocabulary.len()).await?;
        let Self { engine, manifest, mut config, mut builder, .. } = self;
        if let Some(rotary) = config.rotary.first_mut() {
            rotary.inverse.iter_mut().zip(builder.divisors()).for_each(|(f, d)| *f /= d);
        }
        let weights = builder.finish()?;
        let guard = engine.guard();
        let decoder = Decoder::new(&engine, config, weights, MAX_CONTEXT);
        let session = decoder.and_then(|decoder| Session::new(engine, decoder, vocabulary));
        let made = guard.end();
        let mut session = session?;
        if let Err(e) = ready(&mut session, made.await).await {
            drop(session.close());
            return Err(e);
        }
        Ok(Writer { session, tokenizer, manifest })
    }

    /// The same of an encoder.
    ///
    /// # Errors
    /// As [`Loader::finish`].
    pub async fn finish_embedder(
        mut self,
        tokenizer: Box<dyn Tokenizer>,
        vocabulary: Vocabulary,
    ) -> Result<Embedder, WriteError> {
        self.complete(true, vocabulary.len()).await?;
        let frame = vocabulary.frame;
        if frame.before.is_empty() || frame.len() > MAX_FRAME {
            return Err(TextError::Unsupported("a post_processor that puts no token before a text".into()).into());
        }
        let Self { engine, manifest, config, builder, .. } = self;
        let weights = builder.finish()?;
        let guard = engine.guard();
        let encoder = Encoder::new(&engine, config, weights);
        let made = guard.end();
        let mut embedder = Embedder::new(engine.clone(), encoder?, (tokenizer, frame), manifest);
        let mut ready = made.await.map_err(WriteError::from);
        if ready.is_ok() {
            ready = check_kernels(&engine, embedder.weights()).await;
        }
        if ready.is_ok() {
            ready = embedder.warm_up().await;
        }
        match ready {
            Ok(()) => Ok(embedder),
            Err(e) => {
                drop(embedder.close());
                Err(e)
            }
        }
    }

    /// All came, and it is what it should be.
    async fn complete(&mut self, encoder: bool, tokens: usize) -> Result<(), WriteError> {
        self.taken().await?;
        self.checkpoint.finish()?;
        self.expect_encoder(encoder)?;
        let rows = self.config.vocab_size;
        if tokens > rows as usize {
            let problem = format!("has {tokens} tokens, the model has {rows}");
            return Err(ModelError::file("tokenizer.json", problem).into());
        }
        Ok(())
    }

    /// Frees what has been loaded, as dropping does; the engine can load another model.
    pub fn abandon(self) -> Rc<Engine> {
        self.engine.clone()
    }

    /// The engine that the model is loaded on.
    #[must_use]
    pub fn engine(&self) -> Rc<Engine> {
        self.engine.clone()
    }
}

/// The kernels that read this model's weights have passed the self-check, and those of a first text are
/// compiled.
async fn ready(session: &mut Session, made: Result<(), EngineError>) -> Result<(), WriteError> {
    made?;
    check_kernels(&session.engine.clone(), &session.decoder.weights).await?;
    Ok(session.warm_up().await?)
}

/// The kernels that read these weights have passed the self-check. (The engine was checked with f16 weights when it
/// was made.)
async fn check_kernels(engine: &Rc<Engine>, weights: &Weights) -> Result<(), WriteError> {
    for element in [Element::F32, Element::Bf16].into_iter().chain(Element::QUANTIZED) {
        if !engine.passed.get() && weights.matrices().any(|t| t.element == element) {
            selfcheck::check(engine, element).await?;
        }
    }
    Ok(())
}
