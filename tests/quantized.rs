//! Models quantised on their way to the GPU, against the CPU reference with the weights that the quants stand for.
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

use std::path::Path;
use std::rc::Rc;

use copywright::model::checkpoint::{Found, Piece};
use copywright::model::config::Config;
use copywright::model::quantize::Quantize;
use copywright::model::safetensors::Dtype;
use copywright::model::weights::{Builder, Matrix};
use copywright::record::Element;
use copywright::writer::Writer;
use cpu::compare::assert_nmse;
use cpu::model::Llama;
use cpu::quant;
use half::f16;
use pollster::block_on;
use support::agree::greedy;
use support::fixture;

const KINDS: [(Quantize, Element); 2] = [(Quantize::Q8, Element::Q8), (Quantize::Q4, Element::Q4)];

fn load(folder: &Path, quantize: Quantize, max_binding: Option<u64>) -> Writer {
    support::load::load(gpu::engine(false), folder, quantize, max_binding)
}

/// The reference with every matrix rounded as quantising does, where its rows are whole units of 64.
fn reference(folder: &Path, quantize: Quantize) -> Llama {
    let mut llama = Llama { config: fixture::config(folder), tensors: fixture::tensors(folder) };
    let config = Config::from_json(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
    for wanted in config.tensors().iter().filter(|w| !w.vector && w.cols.is_multiple_of(64)) {
        let weights = llama.tensors.get_mut(&wanted.key).unwrap();
        *weights = if quantize == Quantize::Q8 { quant::q8(weights) } else { quant::q4(weights) };
    }
    llama
}

/// Logits after the prompt, and greedy tokens, each of which the reference must choose too.
fn compare(folder: &Path, prompt: &[u32], max_tokens: u32, quantize: Quantize, max_binding: Option<u64>) -> Writer {
    let name = format!("{} {quantize:?}", folder.file_name().unwrap().display());
    let (llama, mut writer) = (reference(folder, quantize), load(folder, quantize, max_binding));
    let vocabulary = llama.config.vocab_size;
    let tokens = greedy(&mut writer, prompt, max_tokens, &[]).tokens;
    assert_eq!(tokens.len(), max_tokens as usize);
    let text = [prompt, &tokens].concat();
    let logits = llama.forward(&text);
    let rows: Vec<&[f32]> = logits.chunks(vocabulary).skip(prompt.len() - 1).collect();
    let got = block_on(writer.session().logits(prompt)).unwrap();
    assert_nmse(&name, &got, rows[0], 1e-9);
    for (i, (row, &token)) in rows.iter().zip(&tokens).enumerate() {
        let best = (0..vocabulary).max_by(|&a, &b| row[a].total_cmp(&row[b]).then(b.cmp(&a))).unwrap();
        assert_eq!(token as usize, best, "{name}: greedy token {i}");
    }
    writer
}

#[test]
fn quantised_models_compute_what_their_quants_say() {
    for (quantize, element) in KINDS {
        let mut quantised = 0;
        for folder in fixture::folders() {
            let mut writer = compare(&folder, &fixture::expected(&folder).prompt, 64, quantize, None);
            quantised += usize::from(writer.session().decoder.weights.matrices().any(|t| t.element == element));
        }
        assert!(quantised >= 3, "{quantize:?}: only {quantised} models have a matrix that can be quantised");
    }
}

/// The numbers in a quantised part as it lies on the GPU: quants, and behind them all scales.
fn unpack(element: Element, bytes: &[u8], count: usize) -> Vec<f32> {
    let (quants, scales) = bytes.split_at(element.plane(0, count as u64) as usize);
    let scale = |i: usize| f16::from_le_bytes([scales[i / 32 * 2], scales[i / 32 * 2 + 1]]).to_f32();
    let quant = |i: usize| match element {
        Element::Q8 => f32::from(quants[i] as i8),
        _ => f32::from(quants[i / 2] >> (4 * (i % 2)) & 15) - 8.0,
    };
    (0..count).map(|i| quant(i) * scale(i)).collect()
}

/// Under a limit of a few rows every matrix falls into parts, gate and up too, each with its scales behind it.
#[test]
fn quantised_matrices_are_split_too() {
    let folder = fixture::folder("older-rope");
    let config = Config::from_json(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
    let tensors = fixture::tensors(&folder);
    for (quantize, element) in KINDS {
        let mut engine = gpu::engine(false);
        engine.gpu.caps.max_binding = 1500;
        let engine = Rc::new(engine);
        let mut builder = Builder::new(engine.clone(), &config, quantize);
        for wanted in config.tensors() {
            let bytes: Vec<u8> = tensors[&wanted.key].iter().flat_map(|w| w.to_le_bytes()).collect();
            for (i, chunk) in bytes.chunks(300).enumerate() {
                let (key, offset) = (wanted.key.as_str(), i as u64 * 300);
                builder
                    .take(&Piece { file: "test", key, dtype: Dtype::F32, offset, bytes: chunk, found: &Found::new() })
                    .unwrap();
            }
        }
        let weights = builder.finish().unwrap();
        let kept = |key: &str| {
            let w = &tensors[&format!("{key}.weight")];
            if quantize == Quantize::Q8 { quant::q8(w) } else { quant::q4(w) }
        };
        let at = "model.layers.1";
        let qkv = ["q", "k", "v"].map(|p| kept(&format!("{at}.self_attn.{p}_proj"))).concat();
        let down = &weights.layers[1].down_proj;
        assert!(down.weight.parts.iter().all(|p| p.tensor.element == Element::F32), "rows of 96 are no whole units");
        let pair = ["gate", "up"].map(|p| kept(&format!("{at}.mlp.{p}_proj")));
        let cols = config.hidden_size as usize;
        let cases: [(&Matrix, &[Vec<f32>]); 3] = [
            (&weights.embed_tokens, &[kept("model.embed_tokens")]),
            (&weights.layers[1].qkv_proj.weight, &[qkv]),
            (&weights.layers[1].up_proj.weight, &pair),
        ];
        for (matrix, sections) in cases {
            assert!(matrix.parts.len() > 3, "{} parts", matrix.parts.len());
            for part in &matrix.parts {
                let (first, count) = (part.first as usize * cols, part.count as usize * cols);
                let want: Vec<f32> = sections.iter().flat_map(|s| s[first..first + count].to_vec()).collect();
                let bytes = block_on(engine.read(&part.tensor)).unwrap();
                assert_eq!(unpack(element, &bytes, want.len()), want, "{quantize:?} {}", part.tensor.name);
            }
        }
        println!("{quantize:?}: {} parts of the table", weights.embed_tokens.parts.len());
    }
}

/// The tokens of the prompt that a model brings as an example.
fn example(folder: &Path) -> Vec<u32> {
    let example = fixture::json(&folder.join("example.json"));
    example["prompt_ids"].as_array().unwrap().iter().map(|t| t.as_u64().unwrap() as u32).collect()
}

/// A trained model whose file has halves. (What the default model's file has packed stays as it is.)
#[test]
fn a_trained_model_in_fewer_bits() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models/f16");
    let mut held = Vec::new();
    for quantize in [Quantize::None, Quantize::Q8, Quantize::Q4] {
        let mut writer = load(&folder, quantize, None);
        let weights = &writer.session().decoder.weights;
        held.push(weights.packed_bytes());
        let plan = block_on(writer.session().step_plan(8)).unwrap().weight_bytes();
        let ratio = plan as f64 / writer.session().decoder.weights.packed_bytes() as f64;
        println!("{quantize:?}: {} bytes of matrices, read {ratio} times in a step of eight", held[held.len() - 1]);
        assert!(ratio <= 1.02, "each weight is read once");
    }
    // A binding limit just above a slice's activations: the table falls into parts.
    let prompt = example(&folder);
    let mut writer = compare(&folder, &prompt, 12, Quantize::Q8, Some(256 * 512 * 4));
    assert!(writer.session().decoder.weights.embed_tokens.parts.len() > 1);
    drop(compare(&folder, &prompt, 12, Quantize::Q4, None));
    let bits = |i: usize| 16.0 * held[i] as f64 / held[0] as f64;
    assert_eq!((bits(1), bits(2)), (8.5, 4.5), "bits a weight");
}

/// Its file is packed, and what it stands for is computed, whatever is asked for.
#[test]
fn the_default_model_stays_packed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    let config = Config::from_json(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
    let numbers: u64 =
        config.tensors().iter().filter(|w| !w.vector).map(|w| u64::from(w.rows) * u64::from(w.cols)).sum();
    let prompt = example(&folder);
    let llama = Llama { config: fixture::config(&folder), tensors: fixture::tensors(&folder) };
    let logits = llama.forward(&prompt);
    let last = &logits[logits.len() - llama.config.vocab_size..];
    for quantize in [Quantize::None, Quantize::Q8, Quantize::Q4] {
        let mut writer = load(&folder, quantize, None);
        assert_eq!(writer.session().decoder.weights.packed_bytes(), numbers / 32 * 34, "{quantize:?}");
        let got = block_on(writer.session().logits(&prompt)).unwrap();
        assert_nmse(&format!("default {quantize:?}"), &got, last, 1e-9);
    }
}
