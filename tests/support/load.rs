//! Loads a fixture the way that a page loads a model: chunk by chunk, and without a tokenizer.

use std::path::Path;
use std::rc::Rc;

use copywright::engine::Engine;
use copywright::model::config::Config;
use copywright::model::manifest::Manifest;
use copywright::model::quantize::Quantize;
use copywright::text::{Scheme, TextError, Tokenizer, Vocabulary};
use copywright::writer::Writer;
use copywright::writer::load::Loader;
use pollster::block_on;

/// For models without a tokenizer: nothing is encoded.
pub struct Mute;
impl Tokenizer for Mute {
    fn encode(&self, _: &str) -> Result<Vec<u32>, TextError> {
        Ok(Vec::new())
    }
}

/// The model in a folder, its matrices packed or not. `max_binding` makes the device one that binds little.
pub fn load(engine: Engine, folder: &Path, quantize: Quantize, max_binding: Option<u64>) -> Writer {
    let config = std::fs::read(folder.join("config.json")).unwrap();
    let vocab = Config::from_json(&config).unwrap().vocab_size;
    let vocabulary = Vocabulary::new((0..vocab).map(|i| format!("<{i}>")), Scheme::Plain, &[]);
    let loader = pushed(engine, folder, quantize, max_binding);
    block_on(loader.finish(Box::new(Mute), vocabulary)).unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
}

/// A loader that has all files. Chunks cut through numbers, blocks and tensors.
pub fn pushed(mut engine: Engine, folder: &Path, quantize: Quantize, max_binding: Option<u64>) -> Loader {
    if let Some(bytes) = max_binding {
        engine.gpu.caps.max_binding = bytes;
    }
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (manifest, config) = (read("manifest.json"), read("config.json"));
    let mut loader = Loader::new(Rc::new(engine), &manifest, &config).unwrap().quantized(quantize);
    for file in &Manifest::from_json(&manifest).unwrap().files {
        for chunk in read(&file.path).chunks(4099) {
            loader.push(&file.path, chunk).unwrap_or_else(|e| panic!("{}: {e}", file.path));
        }
    }
    loader
}
