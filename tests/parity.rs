//! The GPU against PyTorch: logits and greedy tokens of tiny random Llamas (train/fixtures.py), of a real
//! trained one, and of the default model.
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
mod support;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use copywright::generate::params::Sampling;
use copywright::generate::session::Session;
use copywright::generate::{Finish, Job};
use copywright::model::config::Config;
use copywright::model::manifest::Manifest;
use copywright::text::{Scheme, TextError, Tokenizer, Vocabulary};
use copywright::writer::Writer;
use copywright::writer::load::Loader;
use cpu::compare::{assert_nmse, nmse};
use pollster::block_on;
use serde_json::Value;

/// For models without a tokenizer: nothing is encoded.
struct Mute;
impl Tokenizer for Mute {
    fn encode(&self, _: &str) -> Result<Vec<u32>, TextError> {
        Ok(Vec::new())
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

fn ids(v: &Value) -> Vec<u32> {
    v.as_array().unwrap().iter().map(|t| t.as_u64().unwrap() as u32).collect()
}

/// Loads a folder in chunks of a size that splits everything there is to split.
fn load(folder: &Path, half: bool, max_binding: Option<u64>) -> Writer {
    let mut engine = support::engine(half);
    if let Some(bytes) = max_binding {
        engine.gpu.caps.max_binding = bytes;
    }
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let config = read("config.json");
    let vocab = Config::from_json(&config).unwrap().vocab_size;
    let manifest = read("manifest.json");
    let mut loader = Loader::new(Rc::new(engine), &manifest, &config).unwrap();
    for file in &Manifest::from_json(&manifest).unwrap().files {
        for chunk in read(&file.path).chunks(4099) {
            loader.push(&file.path, chunk).unwrap_or_else(|e| panic!("{}: {e}", file.path));
        }
    }
    let vocabulary = Vocabulary::new((0..vocab).map(|i| format!("<{i}>")), Scheme::Plain, &[]);
    block_on(loader.finish(Box::new(Mute), vocabulary)).unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
}

fn greedy(prompt: &[u32], tokens: u32) -> Job {
    Job {
        prompt: prompt.to_vec(),
        n: 1,
        seed: 0,
        max_tokens: tokens,
        sampling: Sampling { temperature: 0.0, ..Sampling::default() },
        stop_tokens: Vec::new(),
        stop: Vec::new(),
        logprobs: false,
        steps_per_readback: 0,
    }
}

fn tokens(session: &mut Session, job: &Job) -> Vec<u32> {
    let (outputs, _) = block_on(session.generate(job, &mut |_| (), &|| false)).unwrap();
    assert_eq!(outputs[0].finish, Finish::Length);
    outputs[0].tokens.clone()
}

/// The folders of tests/fixtures that hold a model.
fn fixtures() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join("tests/fixtures"))
        .expect("tests/fixtures")
        .map(|e| e.unwrap().path())
        .filter(|p| p.join("expected.json").exists())
        .collect();
    found.sort();
    assert!(found.len() >= 10, "only {} fixtures", found.len());
    found
}

fn compare(folder: &Path, half: bool, max_binding: Option<u64>) {
    let expected = json(&folder.join("expected.json"));
    let (prompt, want) = (ids(&expected["prompt"]), ids(&expected["greedy"]));
    assert_eq!(want.len(), 64);
    let mut writer = load(folder, half, max_binding);
    let name = format!("{} f16 {half} binding {max_binding:?}", folder.file_name().unwrap().display());
    let session = writer.session();
    let mut text = prompt.clone();
    for (row, logits) in expected["logits"].as_array().unwrap().iter().enumerate() {
        let want_logits: Vec<f32> = logits.as_array().unwrap().iter().map(|l| l.as_f64().unwrap() as f32).collect();
        let got = block_on(session.logits(&text)).unwrap();
        assert_nmse(&format!("{name} logits {row}"), &got, &want_logits, if half { 1e-5 } else { 1e-9 });
        text.push(want[row]);
    }
    assert_eq!(tokens(session, &greedy(&prompt, 64)), want, "{name}: greedy tokens");
    println!("{name}: 64 greedy tokens identical, least margin {}", expected["margin"]);
}

#[test]
fn tiny_llamas_in_f32() {
    fixtures().iter().for_each(|f| compare(f, false, None));
}

#[test]
fn tiny_llamas_in_f16() {
    fixtures().iter().for_each(|f| compare(f, true, None));
}

/// A device that binds little: every matrix falls into parts.
#[test]
fn tensors_over_the_binding_limit_are_split() {
    for folder in fixtures() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if ["gqa", "tied", "untied", "f16", "bf16"].contains(&name.as_str()) {
            let config = Config::from_json(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
            // Room for the activations, not for the matrices.
            let limit = u64::from(256 * config.intermediate_size.max(3 * config.hidden_size)) * 4;
            let table = u64::from(config.vocab_size * config.hidden_size) * 2;
            println!("{name}: table of at least {table} bytes under a limit of {limit}");
            compare(&folder, false, Some(limit));
        }
    }
}

#[test]
fn the_harness_rejects_other_weights() {
    let folder = root().join("tests/fixtures/gqa");
    let expected = json(&folder.join("expected.json"));
    let mut writer = load(&folder, false, None);
    let prompt = ids(&expected["prompt"]);
    let mut other = prompt.clone();
    other[0] ^= 1;
    let got = block_on(writer.session().logits(&other)).unwrap();
    let want: Vec<f32> = expected["logits"][0].as_array().unwrap().iter().map(|l| l.as_f64().unwrap() as f32).collect();
    assert!(nmse(&got, &want) > 1e-4, "another prompt must give other logits");
}

#[test]
fn the_default_model() {
    for half in [false, true] {
        let engine = Rc::new(support::engine(half));
        let mut writer = block_on(Writer::open_on(engine, root().join("models/default"))).unwrap();
        let example = json(&root().join("models/default/example.json"));
        let prompt = ids(&example["prompt_ids"]);
        let logits = block_on(writer.session().logits(&prompt)).unwrap();
        let want: Vec<f32> =
            example["last_logits_first8"].as_array().unwrap().iter().map(|l| l.as_f64().unwrap() as f32).collect();
        // The example keeps five decimals.
        assert_nmse(&format!("default model, f16 {half}"), &logits[..8], &want, if half { 1e-5 } else { 1e-9 });
        let mut job = greedy(&prompt, 30);
        job.stop_tokens = vec![0];
        let (outputs, _) = block_on(writer.session().generate(&job, &mut |_| (), &|| false)).unwrap();
        let mut want = ids(&example["greedy_ids"]);
        assert_eq!(want.pop(), Some(0));
        assert_eq!(outputs[0].tokens, want);
        assert_eq!(outputs[0].text, example["greedy_text"].as_str().unwrap());
        assert_eq!(outputs[0].finish, Finish::Stop);
        println!("default model, f16 {half}: {:?}", outputs[0].text);
    }
}
