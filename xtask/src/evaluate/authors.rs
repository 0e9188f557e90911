//! Who writes: a model through the engine, or a baseline.

use std::path::{Path, PathBuf};

use copywright::copy::brief::{Brief, Input};
use copywright::generate::Finish;
use copywright::generate::params::Sampling;
use copywright::gpu::GpuOptions;
use copywright::model::manifest::Manifest;
use copywright::writer::{Options, Writer};
use pollster::block_on;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::cache::{Cache, short};
use super::corpus::Pair;
use super::ngram::Ngram;
use crate::tools::Result;

/// At which everything is drawn.
pub const TEMPERATURE: f32 = 0.7;
/// Most texts of a batch.
pub const BATCH: usize = 8;
/// Most tokens of a text of the 4-gram model, as of the writer's.
const MOST_TOKENS: usize = 256;

/// Whoever writes copy for a brief.
pub trait Author {
    /// What its column is called.
    fn name(&self) -> String;

    /// A text for each seed, and whether it came to its end.
    fn write(&mut self, brief: &Brief, seeds: &[u32]) -> Result<Vec<(String, bool)>>;

    /// −ln p of a text for a brief, and the text's bytes; None for authors that give no probabilities.
    fn score(&mut self, brief: &Brief, text: &str) -> Result<Option<(f64, usize)>>;
}

/// A model in the engine, whose work is kept.
pub struct Model {
    pub(super) writer: Writer,
    cache: Cache,
    /// The end of its texts.
    end: u32,
    /// SHA-256 of its files, shortened.
    pub hash: String,
    /// The same with that of the device.
    file: String,
}

impl Model {
    /// Opens a model folder. What it wrote before is taken from below `kept`, unless it is to be written afresh.
    pub fn open(folder: &Path, kept: &Path, fresh: bool) -> Result<Self> {
        let hash = hash(folder)?;
        let mut writer = block_on(Writer::open(folder, &GpuOptions::default())).map_err(|e| e.to_string())?;
        // Devices round differently, and a text may part where two tokens are all but equal.
        let device = short(&Sha256::digest(adapter(&mut writer).as_bytes()));
        let name = format!("{hash}-{device}");
        let file = kept.join(format!("{name}.jsonl"));
        let end = writer.session().decoder.config.eos_token_ids.first().copied();
        let end = end.ok_or("the model has no end token")?;
        Ok(Self { cache: Cache::open(file, fresh)?, writer, end, hash, file: name })
    }

    /// A name for files about this model on this device.
    pub fn device_hash(&self) -> &str {
        &self.file
    }

    /// Name and version.
    pub fn model(&self) -> String {
        self.writer.model()
    }

    /// What it ran on.
    pub fn adapter(&mut self) -> String {
        adapter(&mut self.writer)
    }

    fn draw(&mut self, brief: &Brief, seeds: &[u32]) -> Result<Vec<(String, bool)>> {
        let options = Options {
            n: Some(seeds.len() as u32),
            sampling: Sampling { temperature: TEMPERATURE, seed: seeds.first().copied(), ..Sampling::default() },
            // What the model does by itself.
            unconstrained: true,
            ..Options::default()
        };
        let input = Input::Brief(Box::new(brief.clone()));
        let copies = block_on(self.writer.write(&input, &options, &mut |_| (), &|| false));
        let copies = copies.map_err(|e| format!("{} ({}): {e}", brief.name, brief.format.id()))?;
        Ok(copies.into_iter().map(|c| (c.text, c.finish_reason == Finish::Stop)).collect())
    }

    /// Counts the tokens of the training copies, with this model's tokenizer.
    pub fn ngram(&mut self, training: &[Pair]) -> Result<Ngram> {
        let tokens = training.iter().map(|pair| self.writer.encode(&pair.text).map_err(|e| e.to_string()));
        let tokens: Vec<Vec<u32>> = tokens.collect::<Result<_>>()?;
        let texts = training.iter().zip(&tokens).map(|(pair, tokens)| (pair.brief.format, &tokens[..]));
        Ok(Ngram::train(self.writer.session().decoder.config.vocab_size, self.end, texts))
    }
}

impl Author for Model {
    fn name(&self) -> String {
        self.writer.model()
    }

    /// Seeds follow each other: a batch gives sequence i the seed of the first one + i.
    fn write(&mut self, brief: &Brief, seeds: &[u32]) -> Result<Vec<(String, bool)>> {
        let hash = brief.hash();
        for batch in seeds.chunks(BATCH) {
            let missing: Vec<u32> = batch.iter().copied().filter(|s| self.cache.text(&hash, *s).is_none()).collect();
            // Neighbours in one batch; a gap that the cache left begins another.
            for run in missing.chunk_by(|a, b| a + 1 == *b) {
                for (seed, (text, ended)) in run.iter().zip(self.draw(brief, run)?) {
                    self.cache.keep_text(&hash, *seed, text, ended)?;
                }
            }
        }
        let text = |seed: &u32| self.cache.text(&hash, *seed).cloned().ok_or_else(|| "a text was lost".to_owned());
        seeds.iter().map(text).collect()
    }

    fn score(&mut self, brief: &Brief, text: &str) -> Result<Option<(f64, usize)>> {
        let hash = brief.hash();
        if let Some(score) = self.cache.score(&hash, text) {
            return Ok(Some(score));
        }
        let input = Input::Brief(Box::new(brief.clone()));
        let score = block_on(self.writer.score(&input, text)).map_err(|e| format!("{}: {e}", brief.name))?;
        self.cache.keep_score(&hash, text, score.nats, score.bytes)?;
        Ok(Some((score.nats, score.bytes)))
    }
}

/// The 4-gram model, which speaks the tokens of another.
pub struct Counted<'a> {
    /// Its counts.
    pub ngram: &'a Ngram,
    /// Whose tokens they are.
    pub tokens: &'a mut Model,
}

impl Author for Counted<'_> {
    fn name(&self) -> String {
        "4-gram".to_owned()
    }

    fn write(&mut self, brief: &Brief, seeds: &[u32]) -> Result<Vec<(String, bool)>> {
        // The brief's hash goes into the seed, or all products would get the same texts.
        let brief_seed = u64::from_str_radix(&brief.hash(), 16).map_err(|e| e.to_string())?;
        let vocabulary = &self.tokens.writer.session().vocabulary;
        let draw = |seed: &u32| {
            let seed = brief_seed.wrapping_add((*seed).into());
            let (tokens, ended) = self.ngram.draw(brief.format, seed, TEMPERATURE.into(), MOST_TOKENS);
            let bytes: Vec<u8> = tokens.iter().flat_map(|&t| vocabulary.bytes(t).to_vec()).collect();
            (String::from_utf8_lossy(&bytes).trim().to_owned(), ended)
        };
        Ok(seeds.iter().map(draw).collect())
    }

    fn score(&mut self, brief: &Brief, text: &str) -> Result<Option<(f64, usize)>> {
        let text = text.trim();
        let tokens = self.tokens.writer.encode(text).map_err(|e| e.to_string())?;
        Ok(Some((self.ngram.nats(brief.format, &tokens), text.len())))
    }
}

fn adapter(writer: &mut Writer) -> String {
    let info = &writer.session().engine.gpu.info;
    json!([info.name, info.backend, info.f16]).to_string()
}

/// 16 hexadecimal digits of the SHA-256 of the manifest and of all files that it lists.
fn hash(folder: &Path) -> Result<String> {
    let read = |path: PathBuf| std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()));
    let json = read(folder.join("manifest.json"))?;
    let manifest = Manifest::from_json(&json).map_err(|e| e.to_string())?;
    let mut hash = Sha256::new_with_prefix(&json);
    for file in &manifest.files {
        hash.update(read(folder.join(&file.path))?);
    }
    Ok(short(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::tools::root;

    #[test]
    fn a_model_is_known_by_its_bytes() {
        let model = root().join("models/default");
        let copy = std::env::temp_dir().join(format!("copywright-evaluate-{}", std::process::id()));
        std::fs::create_dir_all(&copy).unwrap();
        for file in ["manifest.json", "config.json", "tokenizer.json", "model.safetensors"] {
            std::fs::copy(model.join(file), copy.join(file)).unwrap();
        }
        assert_eq!(hash(&model), hash(&copy));
        let mut config = std::fs::read(copy.join("config.json")).unwrap();
        config.push(b'\n');
        std::fs::write(copy.join("config.json"), config).unwrap();
        assert_ne!(hash(&model), hash(&copy), "a byte more");
        std::fs::remove_dir_all(&copy).unwrap();
        assert!(hash(&copy).unwrap_err().contains("manifest.json"));
    }
}
