//! Loading a model: its files come in chunks, in any order and by turns, and go straight to the GPU. A load
//! that fails leaves nothing there.

use std::rc::Rc;

use super::{WriteError, Writer};
use crate::engine::Engine;
use crate::generate::session::Session;
use crate::model::checkpoint::Checkpoint;
use crate::model::config::Config;
use crate::model::decoder::Decoder;
use crate::model::error::ModelError;
use crate::model::manifest::Manifest;
use crate::model::quantize::Quantize;
use crate::model::weights::Builder;
use crate::record::Element;
use crate::selfcheck;
use crate::text::{Tokenizer, Vocabulary};

/// Positions of a sequence, whatever more the model could take: the cache is paid for in advance.
const MAX_CONTEXT: u32 = 4096;

/// A model on its way.
pub struct Loader {
    engine: Rc<Engine>,
    manifest: Manifest,
    config: Config,
    checkpoint: Checkpoint,
    builder: Builder,
    pushed: u64,
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
        let builder = Builder::new(engine.clone(), &config, Quantize::None);
        Ok(Self { engine, manifest, config, checkpoint, builder, pushed: 0 })
    }

    /// The same with its matrices quantised on their way to the GPU; before the first chunk.
    #[must_use]
    pub fn quantized(self, quantize: Quantize) -> Self {
        let builder = Builder::new(self.engine.clone(), &self.config, quantize);
        Self { builder, ..self }
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
        self.checkpoint.push(file, chunk, &mut |piece| builder.take(&piece))?;
        self.pushed += chunk.len() as u64;
        Ok(())
    }

    /// Waits until the GPU has taken what was pushed, now and then: memory stays bounded.
    ///
    /// # Errors
    /// A lost device.
    pub async fn settle(&mut self) -> Result<(), WriteError> {
        const EVERY: u64 = 16 << 20;
        if self.pushed >= EVERY {
            self.pushed = 0;
            self.engine.gpu.queue.submit([]);
            self.engine.gpu.idle().await?;
        }
        Ok(())
    }

    /// Checks that all came, and makes the writer.
    ///
    /// # Errors
    /// Missing or damaged files, a tokenizer with more tokens than the model, a GPU that refuses. The memory is
    /// free again then.
    pub async fn finish(self, tokenizer: Box<dyn Tokenizer>, vocabulary: Vocabulary) -> Result<Writer, WriteError> {
        self.checkpoint.finish()?;
        let Self { engine, manifest, config, builder, .. } = self;
        let (tokens, rows) = (vocabulary.len(), config.vocab_size);
        if tokens > rows as usize {
            let problem = format!("has {tokens} tokens, the model has {rows}");
            return Err(ModelError::file("tokenizer.json", problem).into());
        }
        let weights = builder.finish()?;
        let decoder = Decoder::new(&engine, config, weights, MAX_CONTEXT)?;
        let mut session = Session::new(engine, decoder, vocabulary)?;
        if let Err(e) = ready(&mut session).await {
            drop(session.close());
            return Err(e);
        }
        Ok(Writer { session, tokenizer, manifest })
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
/// compiled. (The engine was checked with f16 weights when it was made.)
async fn ready(session: &mut Session) -> Result<(), WriteError> {
    let engine = session.engine.clone();
    for element in [Element::F32, Element::Bf16, Element::Q8, Element::Q4] {
        if session.decoder.weights.matrices().any(|t| t.element == element) {
            selfcheck::check(&engine, element).await?;
        }
    }
    Ok(session.warm_up().await?)
}

#[cfg(feature = "native")]
impl Writer {
    /// Loads a model from a folder in Hugging Face layout with a manifest, on a GPU that passes the self-check.
    ///
    /// # Errors
    /// Files that are missing or damaged, no GPU.
    pub async fn open(
        folder: impl AsRef<std::path::Path>,
        options: &crate::gpu::GpuOptions,
    ) -> Result<Self, WriteError> {
        Self::open_on(selfcheck::checked_engine(options).await?, folder).await
    }

    /// The same on an engine that is there already; see [`selfcheck`] for how to know that it computes rightly.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub async fn open_on(engine: Rc<Engine>, folder: impl AsRef<std::path::Path>) -> Result<Self, WriteError> {
        Self::open_quantized(engine, folder, Quantize::None).await
    }

    /// The same with its matrices quantized on their way to the GPU.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub async fn open_quantized(
        engine: Rc<Engine>,
        folder: impl AsRef<std::path::Path>,
        quantize: Quantize,
    ) -> Result<Self, WriteError> {
        use std::io::Read as _;
        let folder = folder.as_ref();
        let failed = |path: &std::path::Path| {
            let path = path.display().to_string();
            move |source| WriteError::File { path, source }
        };
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(failed(&path))
        };
        let mut loader = Loader::new(engine, &read("manifest.json")?, &read("config.json")?)?.quantized(quantize);
        let names: Vec<String> = loader.manifest.files.iter().map(|f| f.path.clone()).collect();
        let mut chunk = vec![0; 1 << 20];
        for name in names {
            let path = folder.join(&name);
            let mut file = std::fs::File::open(&path).map_err(failed(&path))?;
            loop {
                let count = file.read(&mut chunk).map_err(failed(&path))?;
                if count == 0 {
                    break;
                }
                loader.push(&name, &chunk[..count])?;
            }
            loader.settle().await?;
        }
        let tokenizer = crate::text::HfTokenizer::from_bytes(&read("tokenizer.json")?)?;
        let vocabulary = tokenizer.vocabulary();
        loader.finish(Box::new(tokenizer), vocabulary).await
    }
}
