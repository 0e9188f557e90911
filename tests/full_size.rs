//! A model of a size that people use: random weights in SmolLM2-135M's shape, packed into 8 and 4 bits at load, against
//! the CPU reference. It takes 1 GB of memory and a minute, so it runs on request only:
//!
//!     cargo test --release --test full_size -- --ignored --nocapture
//!
//! With `COPYWRIGHT_FULL_SIZE=FOLDER` the model and the reference's tokens stay in FOLDER, where
//! `node tests/browser/full-size.mjs FOLDER` compares a browser with them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod cpu;
#[path = "support/gpu.rs"]
mod gpu;
mod support;

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use copywright::generate::Job;
use copywright::generate::params::Sampling;
use copywright::model::config::Config;
use copywright::model::quantize::Quantize;
use cpu::compare::assert_nmse;
use cpu::model::Llama;
use cpu::quant;
use half::f16;
use pollster::block_on;
use serde_json::{Map, Value, json};
use support::fixture;

const PROMPT: [u32; 5] = [11, 4096, 977, 30_001, 2];
const TOKENS: u32 = 12;

fn config() -> Value {
    json!({
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "vocab_size": 49_152,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-5,
        "rope_theta": 100_000,
        "tie_word_embeddings": true,
    })
}

/// Writes config, manifest and weights: normal in spread, gains around one.
fn write_model(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let config = config();
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let wanted = Config::from_json(config.to_string().as_bytes()).unwrap().tensors();
    let mut header = Map::new();
    let mut at = 0u64;
    for w in &wanted {
        let end = at + 2 * u64::from(w.rows) * u64::from(w.cols);
        let shape = if w.vector { json!([w.cols]) } else { json!([w.rows, w.cols]) };
        header.insert(w.key.clone(), json!({"dtype": "F16", "shape": shape, "data_offsets": [at, end]}));
        at = end;
    }
    let header = Value::from(header).to_string();
    let mut file = BufWriter::new(fs::File::create(folder.join("model.safetensors")).unwrap());
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    // Xorshift (Marsaglia 2003); four of its bytes add up to something like a bell.
    let mut x = 2_463_534_242u32;
    let mut next = move || {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        x.to_le_bytes().iter().map(|&b| f32::from(b) - 127.5).sum::<f32>() / 147.0
    };
    for w in &wanted {
        let spread = (1.5 / w.cols as f32).sqrt();
        for _ in 0..w.rows * w.cols {
            let value = if w.vector { 1.0 + 0.1 * next() } else { spread * next() };
            file.write_all(&f16::from_f32(value).to_le_bytes()).unwrap();
        }
    }
    file.flush().unwrap();
    let size = 8 + header.len() as u64 + at;
    // Tokens that say their number: a page tells texts, not tokens.
    let vocab: Map<String, Value> = (0..49_152).map(|i| (format!("<{i}>"), i.into())).collect();
    let level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
    let tokenizer = json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": level, "post_processor": null,
        "decoder": level, "model": {"type": "BPE", "vocab": vocab, "merges": []},
    });
    fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let length = |name: &str| fs::metadata(folder.join(name)).unwrap().len();
    let files = json!([
        {"path": "config.json", "size": length("config.json")},
        {"path": "tokenizer.json", "size": length("tokenizer.json")},
        {"path": "model.safetensors", "size": size},
    ]);
    let manifest = json!({
        "name": "full-size", "version": "1", "license": "MIT", "languages": ["en"], "prompt": "none", "files": files,
    });
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}

/// The reference's logits for a text that the GPU wrote, from the prompt's last token on: a row for each token.
fn reference(folder: &Path, quantize: Quantize, text: &[u32]) -> Vec<Vec<f32>> {
    let mut llama = Llama { config: fixture::config(folder), tensors: fixture::tensors(folder) };
    for w in Config::from_json(config().to_string().as_bytes()).unwrap().tensors().iter().filter(|w| !w.vector) {
        let weights = llama.tensors.get_mut(&w.key).unwrap();
        *weights = if quantize == Quantize::Q8 { quant::q8(weights) } else { quant::q4(weights) };
    }
    let logits = llama.forward(text);
    logits.chunks(llama.config.vocab_size).skip(PROMPT.len() - 1).map(<[f32]>::to_vec).collect()
}

#[test]
#[ignore = "a gigabyte of memory and a minute; see above"]
fn greedy_tokens_are_the_references() {
    let kept = std::env::var_os("COPYWRIGHT_FULL_SIZE").map(PathBuf::from);
    let folder = kept.clone().unwrap_or_else(|| std::env::temp_dir().join("copywright-full-size"));
    write_model(&folder);
    let mut expected = Map::new();
    for quantize in [Quantize::Q8, Quantize::Q4] {
        let begun = Instant::now();
        let mut writer = support::load::load(gpu::engine(false), &folder, quantize, None);
        let seconds = begun.elapsed().as_secs_f64();
        let counters = writer.session().engine.counters();
        let packed = writer.session().decoder.weights.packed_bytes();
        let job = Job {
            prompt: PROMPT.to_vec(),
            n: 1,
            seed: 0,
            max_tokens: TOKENS,
            sampling: Sampling { temperature: 0.0, ..Sampling::default() },
            stop_tokens: Vec::new(),
            stop: Vec::new(),
            logprobs: false,
            trim_lines: false,
            rules: None,
            steps_per_readback: 0,
        };
        let (mut outputs, timing) = block_on(writer.session().generate(&job, &mut |_| (), &|| false)).unwrap();
        let tokens = outputs.remove(0).tokens;
        let got = block_on(writer.session().logits(&PROMPT)).unwrap();
        let rows = reference(&folder, quantize, &[&PROMPT, &tokens[..tokens.len() - 1]].concat());
        assert_nmse(&format!("{quantize:?} logits"), &got, &rows[0], 1e-9);
        let best = |row: &Vec<f32>| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap() as u32;
        let want: Vec<u32> = rows.iter().map(best).collect();
        assert_eq!(tokens, want, "{quantize:?}: greedy tokens");
        println!(
            "{quantize:?}: {TOKENS} greedy tokens are the reference's; loaded in {seconds:.1} s; GPU {} bytes, at most {}, \
             of which a step reads {packed}; {:.1} tokens/s on {}",
            counters.gpu_bytes,
            counters.peak_gpu_bytes,
            timing.tokens_per_second,
            writer.session().engine.gpu.info.name,
        );
        expected.insert(format!("{quantize:?}").to_lowercase(), json!(tokens));
    }
    let expected = json!({"prompt": PROMPT, "tokens": expected});
    match kept {
        Some(folder) => fs::write(folder.join("expected.json"), expected.to_string()).unwrap(),
        None => fs::remove_dir_all(folder).unwrap(),
    }
}
