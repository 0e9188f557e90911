//! Models from disk: a folder in Hugging Face layout, or GGUF files.

use std::path::Path;
use std::rc::Rc;

use super::load::Loader;
use super::{WriteError, Writer};
use crate::embedder::Embedder;
use crate::engine::Engine;
use crate::model::error::ModelError;
use crate::model::gguf;
use crate::model::manifest::{FileEntry, Manifest};
use crate::model::quantize::Quantize;
use crate::selfcheck;
use crate::text::HfTokenizer;

impl Writer {
    /// Loads a model from a folder in Hugging Face layout with a manifest, or a GGUF file (of several the first), on a GPU that passes the self-check.
    ///
    /// # Errors
    /// Files that are missing or damaged, no GPU.
    pub async fn open(folder: impl AsRef<Path>, options: &crate::gpu::GpuOptions) -> Result<Self, WriteError> {
        Self::open_on(selfcheck::checked_engine(options).await?, folder).await
    }

    /// The same on an engine that is there already; see [`selfcheck`] for how to know that it computes rightly.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub async fn open_on(engine: Rc<Engine>, folder: impl AsRef<Path>) -> Result<Self, WriteError> {
        Self::open_quantized(engine, folder, Quantize::None).await
    }

    /// The same with its matrices quantized on their way to the GPU.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub async fn open_quantized(
        engine: Rc<Engine>,
        folder: impl AsRef<Path>,
        quantize: Quantize,
    ) -> Result<Self, WriteError> {
        let (mut loader, json) = begun(engine, folder.as_ref(), quantize)?;
        loader.expect_encoder(false)?;
        fill(&mut loader, folder.as_ref()).await?;
        let tokenizer = HfTokenizer::from_bytes(&json)?;
        let vocabulary = tokenizer.vocabulary();
        loader.finish(Box::new(tokenizer), vocabulary).await
    }
}

impl Embedder {
    /// Loads an encoder from a folder in Hugging Face layout with a manifest, or a GGUF file (of several the first), on a
    /// GPU that passes the self-check.
    ///
    /// # Errors
    /// Files that are missing or damaged, a model that is no encoder, no GPU.
    pub async fn open(folder: impl AsRef<Path>, options: &crate::gpu::GpuOptions) -> Result<Self, WriteError> {
        Self::open_on(selfcheck::checked_engine(options).await?, folder, Quantize::None).await
    }

    /// The same on an engine that is there already, its matrices quantized on their way to the GPU.
    ///
    /// # Errors
    /// As [`Embedder::open`].
    pub async fn open_on(engine: Rc<Engine>, folder: impl AsRef<Path>, quantize: Quantize) -> Result<Self, WriteError> {
        let (mut loader, json) = begun(engine, folder.as_ref(), quantize)?;
        loader.expect_encoder(true)?;
        fill(&mut loader, folder.as_ref()).await?;
        let tokenizer = HfTokenizer::from_bytes(&json)?;
        let vocabulary = tokenizer.vocabulary();
        loader.finish_embedder(Box::new(tokenizer), vocabulary).await
    }
}

/// A loader that knows what is to come, and a `tokenizer.json`.
fn begun(engine: Rc<Engine>, folder: &Path, quantize: Quantize) -> Result<(Loader, Vec<u8>), WriteError> {
    if FileEntry::gguf(&folder.to_string_lossy()) {
        return begun_gguf(engine, folder, quantize);
    }
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|e| failed(&path, e))
    };
    let loader = Loader::new(engine, &read("manifest.json")?, &read("config.json")?)?.quantized(quantize);
    Ok((loader, read("tokenizer.json")?))
}

/// The same of a GGUF file, or of the first of several.
fn begun_gguf(engine: Rc<Engine>, first: &Path, quantize: Quantize) -> Result<(Loader, Vec<u8>), WriteError> {
    let name = first.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut names = vec![name.clone()];
    let mut headers: Vec<gguf::Header> = Vec::new();
    let mut files = Vec::new();
    while let Some(name) = names.get(headers.len()).cloned() {
        let (header, size) = header(&beside(first).join(&name), &name)?;
        files.push(FileEntry { path: name.clone(), size, sha256: None });
        if headers.is_empty() {
            names = gguf::split_files(&name, &header)?;
        }
        headers.push(header);
    }
    let manifest = Manifest { name, prompt: crate::model::manifest::NO_BRIEFS.into(), files, ..Manifest::default() };
    let manifest = serde_json::to_vec(&manifest).map_err(|e| ModelError::file("manifest.json", e.to_string()))?;
    let model = gguf::describe(&headers)?;
    drop(headers);
    let loader = Loader::described(engine, &manifest, model.config.as_bytes(), &model.lists)?.quantized(quantize);
    Ok((loader, model.language.tokenizer.into_bytes()))
}

/// The folder of a model that is a folder or a file.
fn beside(model: &Path) -> &Path {
    match FileEntry::gguf(&model.to_string_lossy()) {
        true => model.parent().unwrap_or(Path::new(".")),
        false => model,
    }
}

/// Reads the files of a manifest.
async fn fill(loader: &mut Loader, model: &Path) -> Result<(), WriteError> {
    use std::io::Read as _;
    loader.check_room()?;
    let names: Vec<String> = loader.manifest().files.iter().map(|f| f.path.clone()).collect();
    let mut chunk = vec![0; 1 << 20];
    for name in names {
        let path = beside(model).join(&name);
        let mut file = std::fs::File::open(&path).map_err(|e| failed(&path, e))?;
        loop {
            let count = file.read(&mut chunk).map_err(|e| failed(&path, e))?;
            if count == 0 {
                break;
            }
            loader.push(&name, &chunk[..count])?;
            loader.settle().await?;
        }
    }
    Ok(())
}

fn failed(path: &Path, source: std::io::Error) -> WriteError {
    WriteError::File { path: path.display().to_string(), source }
}

/// The header of a file, and the file's size.
fn header(path: &Path, name: &str) -> Result<(gguf::Header, u64), WriteError> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path).map_err(|e| failed(path, e))?;
    let size = file.metadata().map_err(|e| failed(path, e))?.len();
    let mut head = Vec::new();
    loop {
        let more = (head.len() as u64).max(1 << 20);
        let came = file.by_ref().take(more).read_to_end(&mut head).map_err(|e| failed(path, e))?;
        if let Some(header) = gguf::Header::parse(name, &head, size)? {
            return Ok((header, size));
        }
        if came == 0 {
            return Err(ModelError::file(name, "ends within its header").into());
        }
    }
}
