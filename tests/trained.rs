//! A model that `python -m train` has just made: it loads, and computes what PyTorch says of it.
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

use std::path::PathBuf;
use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::writer::Writer;
use cpu::compare::assert_nmse;
use pollster::block_on;
use serde_json::{Value, json};
use support::agree::greedy;
use support::fixture;

fn folder() -> PathBuf {
    let folder = std::env::var_os("COPYWRIGHT_TRAINED").expect(
        "COPYWRIGHT_TRAINED must name a folder that `python -m train export` or `quick` wrote; see train/README.md",
    );
    PathBuf::from(folder)
}

#[test]
#[ignore = "the model must be trained first: `cargo xtask test --only train` does both"]
fn the_trained_model_computes_what_pytorch_says() {
    let folder = folder();
    let example = fixture::json(&folder.join("example.json"));
    let numbers = |key: &str| example[key].as_array().unwrap().clone();
    let ids = |key: &str| numbers(key).iter().map(|t| t.as_u64().unwrap() as u32).collect::<Vec<_>>();
    let want: Vec<f32> = numbers("last_logits_first8").iter().map(|v| v.as_f64().unwrap() as f32).collect();
    let (prompt, tokens) = (ids("prompt_ids"), ids("greedy_ids"));
    assert!(tokens.len() > 1);
    for half in [false, true] {
        let mut writer = block_on(Writer::open_on(Rc::new(gpu::engine(half)), &folder)).unwrap();
        // The brief of train/export.py.
        let brief = json!({
            "format": "tagline", "tone": "plain", "name": "Lumen Arc", "category": "desk lamp",
            "features": ["dims with a tap", "USB-C charging", "folds flat"], "facts": {"price": "€49"},
            "audience": "students in small flats",
        });
        let input: Input = serde_json::from_value(brief).unwrap();
        assert_eq!(writer.prompt(&input.brief().unwrap()).unwrap(), prompt);
        let logits = block_on(writer.session().logits(&prompt)).unwrap();
        // They are rounded to six decimals.
        assert_nmse(&format!("f16 {half}"), &logits[..want.len()], &want, if half { 1e-4 } else { 1e-9 });
        let output = greedy(&mut writer, &prompt, tokens.len() as u32, &[]);
        println!("f16 {half}: {:?}", output.text);
        assert!(half || output.tokens == tokens, "{:?} instead of {tokens:?}", output.tokens);
    }
    let manifest = fixture::json(&folder.join("manifest.json"));
    assert_eq!(manifest["prompt"], Value::from("brief-v2"));
}

/// A copy has no space before its lines, though the model writes one.
#[test]
#[ignore = "the model must be trained first: `cargo xtask test --only train` does both"]
fn copies_begin_without_a_space() {
    let mut writer = block_on(Writer::open_on(Rc::new(gpu::engine(false)), folder())).unwrap();
    let brief = json!({"format": "tagline", "name": "Lumen Arc", "features": ["dims with a tap", "folds flat"]});
    let input = serde_json::from_value(brief).unwrap();
    let options = serde_json::from_value(json!({"seed": 1, "n": 8, "unconstrained": true})).unwrap();
    let mut streamed = vec![String::new(); 8];
    let mut on = |d: copywright::generate::Delta| streamed[d.index as usize].push_str(&d.text);
    let copies = block_on(writer.write(&input, &options, &mut on, &|| false)).unwrap();
    let texts: Vec<&str> = copies.iter().map(|c| c.text.as_str()).collect();
    println!("{texts:#?}");
    assert_eq!(texts, streamed);
    assert!(texts.iter().all(|t| !t.starts_with(' ') && !t.contains("\n ")), "{texts:?}");
}
