//! Small checkpoints written here, whole or damaged: safetensors files, their manifest, their configuration.
#![allow(dead_code, reason = "each integration test uses its own part")]

use std::rc::Rc;

use copywright::engine::Engine;
use copywright::model::config::Config;
use copywright::text::{Scheme, TextError, Tokenizer, Vocabulary};
use copywright::writer::load::Loader;
use copywright::writer::{WriteError, Writer};
use half::{bf16, f16};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// A tensor of a file.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    pub dtype: &'static str,
    pub shape: Vec<u64>,
    pub bytes: Vec<u8>,
}

/// A model as it lies on a server.
#[derive(Debug, Clone)]
pub struct Model {
    pub config: Value,
    pub manifest: Value,
    pub files: Vec<(String, Vec<u8>)>,
}

/// The smallest configuration that has everything: grouped heads, a head of its own.
pub fn config() -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"], "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4, "vocab_size": 6,
        "max_position_embeddings": 32, "eos_token_id": 0, "tie_word_embeddings": false,
    })
}

pub fn parse(config: &Value) -> Config {
    Config::from_json(config.to_string().as_bytes()).unwrap()
}

/// Values that every element type keeps exactly.
pub fn value(tensor: usize, i: usize) -> f32 {
    ((tensor * 31 + i * 7) % 61) as f32 / 16.0 - 1.5
}

pub fn encode(dtype: &str, values: impl Iterator<Item = f32>) -> Vec<u8> {
    match dtype {
        "F32" => values.flat_map(f32::to_le_bytes).collect(),
        "F16" => values.flat_map(|v| f16::from_f32(v).to_le_bytes()).collect(),
        "BF16" => values.flat_map(|v| bf16::from_f32(v).to_le_bytes()).collect(),
        other => panic!("{other}"),
    }
}

/// Every tensor that the configuration asks for.
pub fn tensors(config: &Value, dtype: &'static str) -> Vec<Entry> {
    let wanted = parse(config).tensors().into_iter().enumerate();
    let entry = wanted.map(|(index, w)| {
        let (rows, cols) = (u64::from(w.rows), u64::from(w.cols));
        let values = (0..(rows * cols) as usize).map(|i| value(index, i));
        let shape = if w.vector { vec![cols] } else { vec![rows, cols] };
        Entry { key: w.key, dtype, shape, bytes: encode(dtype, values) }
    });
    entry.collect()
}

/// The header of a file in which these tensors lie one after the other.
pub fn header(entries: &[Entry]) -> Map<String, Value> {
    let mut at = 0;
    let mut header = Map::new();
    for e in entries {
        let end = at + e.bytes.len();
        header.insert(e.key.clone(), json!({"dtype": e.dtype, "shape": e.shape, "data_offsets": [at, end]}));
        at = end;
    }
    header
}

/// A file: length, header, data.
pub fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    file.extend_from_slice(data);
    file
}

pub fn safetensors(entries: &[Entry]) -> Vec<u8> {
    let data: Vec<u8> = entries.iter().flat_map(|e| e.bytes.clone()).collect();
    file(&Value::Object(header(entries)).to_string(), &data)
}

/// A model of these files, with a manifest that is true.
pub fn model(config: Value, files: &[(&str, Vec<u8>)]) -> Model {
    let entry = |(path, bytes): &(&str, Vec<u8>)| {
        let hash: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
        json!({"path": path, "size": bytes.len(), "sha256": hash})
    };
    let manifest = json!({
        "name": "tiny", "version": "1", "license": "MIT", "languages": ["en"], "prompt": "none",
        "files": files.iter().map(entry).collect::<Vec<_>>(),
    });
    Model { config, manifest, files: files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.clone())).collect() }
}

pub const FILE: &str = "model.safetensors";

/// A whole model in one file.
pub fn tiny(dtype: &'static str) -> Model {
    with(&tensors(&config(), dtype))
}

/// The same with other tensors.
pub fn with(entries: &[Entry]) -> Model {
    model(config(), &[(FILE, safetensors(entries))])
}

/// Text is bytes, and its bytes are its tokens: for models without a tokenizer.
pub struct Bytes;
impl Tokenizer for Bytes {
    fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        Ok(text.bytes().map(u32::from).collect())
    }
}

/// Loads a model in chunks of this size. Token i is written `<i>`.
pub fn load(engine: Rc<Engine>, model: &Model, chunk: usize) -> Result<Writer, WriteError> {
    let tokens = model.config["vocab_size"].as_u64().unwrap();
    let vocabulary = Vocabulary::new((0..tokens).map(|i| format!("<{i}>")), Scheme::Plain, &[]);
    load_with(engine, model, chunk, vocabulary)
}

/// The same with other tokens.
pub fn load_with(engine: Rc<Engine>, model: &Model, chunk: usize, tokens: Vocabulary) -> Result<Writer, WriteError> {
    let (manifest, config) = (model.manifest.to_string(), model.config.to_string());
    let mut loader = Loader::new(engine, manifest.as_bytes(), config.as_bytes())?;
    for (path, bytes) in &model.files {
        for chunk in bytes.chunks(chunk) {
            loader.push(path, chunk)?;
        }
        pollster::block_on(loader.settle())?;
    }
    pollster::block_on(loader.finish(Box::new(Bytes), tokens))
}
