//! tests/fixtures/<name>/: a small checkpoint and what PyTorch computes with it (train/fixtures writes them).
//! The checkpoint is read here by other code than the crate's, and without its care: these files are ours.

use crate::cpu::model::LlamaConfig;
use half::{bf16, f16};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What PyTorch says of a prompt.
#[derive(Deserialize)]
pub struct Expected {
    pub prompt: Vec<u32>,
    /// Of the last token of the prompt, and maybe of the first greedy tokens: rows of V.
    pub logits: Vec<Vec<f32>>,
    pub greedy: Vec<u32>,
    /// Least lead of a greedy token's logit over the second best.
    pub margin: f32,
    /// What the greedy tokens say, where the model has a tokenizer.
    #[serde(default)]
    pub text: String,
    /// The tokens of that text.
    #[serde(default)]
    pub encoded: Vec<u32>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The folders of all fixtures of Llamas, by name. There are some, or the test fails.
pub fn folders() -> Vec<PathBuf> {
    folders_in("", 10)
}

/// The folders of fixtures below one, `least` of them at least.
pub fn folders_in(below: &str, least: usize) -> Vec<PathBuf> {
    let root = fixtures().join(below);
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap_or_else(|e| panic!("{}: {e}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("expected.json").is_file())
        .collect();
    folders.sort();
    assert!(folders.len() >= least, "{} holds only {} fixtures", root.display(), folders.len());
    folders
}

/// The folder of one fixture.
pub fn folder(name: &str) -> PathBuf {
    fixtures().join(name)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn json(path: &Path) -> Value {
    read(path)
}

/// What is expected of the checkpoint in a folder.
pub fn expected(folder: &Path) -> Expected {
    read(&folder.join("expected.json"))
}

/// What is expected of a checkpoint that lies elsewhere: tests/fixtures/<name>.json.
pub fn expected_elsewhere(name: &str) -> Expected {
    read(&fixtures().join(name).with_extension("json"))
}

pub fn config(folder: &Path) -> LlamaConfig {
    let json = json(&folder.join("config.json"));
    let size = |name: &str| json[name].as_u64().map(|v| v as usize);
    let must = |name: &str| size(name).unwrap_or_else(|| panic!("config.json: {name}"));
    let (hidden, heads) = (must("hidden_size"), must("num_attention_heads"));
    let theta = &json["rope_parameters"]["rope_theta"];
    LlamaConfig {
        hidden_size: hidden,
        intermediate_size: must("intermediate_size"),
        num_hidden_layers: must("num_hidden_layers"),
        num_attention_heads: heads,
        num_key_value_heads: must("num_key_value_heads"),
        head_dim: size("head_dim").unwrap_or(hidden / heads),
        vocab_size: must("vocab_size"),
        rms_norm_eps: json["rms_norm_eps"].as_f64().expect("rms_norm_eps") as f32,
        rope_theta: theta.as_f64().or(json["rope_theta"].as_f64()).expect("rope_theta") as f32,
        tie_word_embeddings: json["tie_word_embeddings"].as_bool().unwrap_or(false),
    }
}

/// Every tensor of every .safetensors file of a folder, widened to f32.
pub fn tensors(folder: &Path) -> HashMap<String, Vec<f32>> {
    let mut all = HashMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "safetensors") {
            all.extend(safetensors(&fs::read(&path).unwrap()));
        }
    }
    all
}

/// 8 bytes of header length, a JSON header {name: {dtype, shape, data_offsets}}, then the data.
fn safetensors(file: &[u8]) -> Vec<(String, Vec<f32>)> {
    let (length, rest) = file.split_first_chunk::<8>().expect("a header length");
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: serde_json::Map<String, Value> = serde_json::from_slice(header).expect("a header");
    let tensors = header.into_iter().filter(|(name, _)| name != "__metadata__");
    tensors
        .map(|(name, info)| {
            let offset = |i: usize| info["data_offsets"][i].as_u64().unwrap() as usize;
            let bytes = &data[offset(0)..offset(1)];
            let values: Vec<f32> = match info["dtype"].as_str() {
                Some("F32") => elements(bytes).map(f32::from_le_bytes).collect(),
                Some("F16") => elements(bytes).map(|b| f16::from_le_bytes(b).to_f32()).collect(),
                // A half, by which 32 signed bytes are multiplied.
                Some("Q8_0") => bytes
                    .chunks_exact(34)
                    .flat_map(|block| {
                        let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
                        block[2..].iter().map(move |&byte| f32::from(byte as i8) * scale)
                    })
                    .collect(),
                Some("BF16") => elements(bytes).map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
                other => panic!("{name}: dtype {other:?}"),
            };
            let shape = info["shape"].as_array().unwrap().iter();
            let count: u64 = shape.map(|d| d.as_u64().unwrap()).product();
            assert_eq!(values.len() as u64, count, "{name}: shape and bytes");
            (name, values)
        })
        .collect()
}

fn elements<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    let (elements, rest) = bytes.as_chunks::<N>();
    assert!(rest.is_empty(), "bytes that are not whole elements");
    elements.iter().copied()
}
