//! Loading a model: its files come in chunks, in any order between files, and go straight to the GPU.

use std::rc::Rc;

use super::{WriteError, Writer};
use crate::engine::Engine;
use crate::generate::session::Session;
use crate::model::checkpoint::Checkpoint;
use crate::model::config::Config;
use crate::model::decoder::Decoder;
use crate::model::manifest::Manifest;
use crate::model::weights::Builder;
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
        let builder = Builder::new(&engine, &config)?;
        Ok(Self { engine, manifest, config, checkpoint, builder, pushed: 0 })
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
        let (builder, engine) = (&mut self.builder, &self.engine);
        self.checkpoint.push(file, chunk, &mut |piece| builder.take(engine, &piece))?;
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
    /// Missing or damaged files, a vocabulary of another size, a GPU that refuses.
    pub async fn finish(self, tokenizer: Box<dyn Tokenizer>, vocabulary: Vocabulary) -> Result<Writer, WriteError> {
        if let Err(e) = self.checkpoint.finish() {
            self.abandon();
            return Err(e.into());
        }
        let Self { engine, manifest, config, builder, .. } = self;
        let weights = builder.finish()?;
        let decoder = Decoder::new(&engine, config, weights, MAX_CONTEXT)?;
        let mut session = Session::new(engine, decoder, vocabulary)?;
        session.warm_up().await?;
        Ok(Writer { session, tokenizer, manifest })
    }

    /// Frees what has been loaded; the engine can load another model.
    pub fn abandon(self) -> Rc<Engine> {
        self.builder.free(&self.engine);
        self.engine
    }

    /// The engine that the model is loaded on.
    #[must_use]
    pub fn engine(&self) -> Rc<Engine> {
        self.engine.clone()
    }
}

#[cfg(feature = "native")]
impl Writer {
    /// Loads a model from a folder in Hugging Face layout with a manifest.
    ///
    /// # Errors
    /// Files that are missing or damaged, no GPU.
    pub async fn open(
        folder: impl AsRef<std::path::Path>,
        options: &crate::gpu::GpuOptions,
    ) -> Result<Self, WriteError> {
        let gpu = crate::gpu::Gpu::new(options).await?;
        Self::open_on(Rc::new(Engine::new(gpu)), folder).await
    }

    /// The same on an engine that is there already.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub async fn open_on(engine: Rc<Engine>, folder: impl AsRef<std::path::Path>) -> Result<Self, WriteError> {
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
        let mut loader = Loader::new(engine, &read("manifest.json")?, &read("config.json")?)?;
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
