//! The score of a text, computed on the GPU in slices, against the textbook, which computes it whole on the CPU.
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

use std::path::{Path, PathBuf};
use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::error::Kind;
use copywright::writer::Writer;
use cpu::model::Llama;
use pollster::block_on;
use serde_json::{Value, json};
use support::fixture;

const PROMPTS: [(&str, &str); 2] = [
    ("brief-v1", "<|brief|>format: hero\ntone: warm\nname: Lumen Arc\nfeatures: dims with a tap; folds flat\n<|copy|>"),
    ("brief-v2", "<|brief|>name: Lumen Arc\nfeatures: dims with a tap; folds flat\nformat: hero\ntone: warm\n<|copy|>"),
];
const TEXTS: [&str; 4] = [
    "Light that folds.\nLumen Arc dims with a tap, and folds flat when the desk is needed for something else.",
    "A",
    "Søren's lamp – 49 €.",
    "  Two lines,\n\nand a blank one between them.\n",
];

fn input() -> Input {
    let features = ["dims with a tap", "folds flat"];
    serde_json::from_value(json!({"format": "hero", "tone": "warm", "name": "Lumen Arc", "features": features}))
        .unwrap()
}

fn default_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default")
}

fn open(folder: &Path, half: bool) -> Writer {
    block_on(Writer::open_on(Rc::new(gpu::engine(half)), folder)).unwrap_or_else(|e| panic!("{e}"))
}

/// The default model under another prompt: what the manifest says decides how a text is written.
fn with_prompt(prompt: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(prompt);
    std::fs::create_dir_all(&folder).unwrap();
    let mut manifest = fixture::json(&default_model().join("manifest.json"));
    for file in manifest["files"].as_array().unwrap() {
        let name = file["path"].as_str().unwrap();
        std::fs::copy(default_model().join(name), folder.join(name)).unwrap();
    }
    manifest["prompt"] = Value::from(prompt);
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    folder
}

/// −ln p of `after` behind `before`, all positions at once.
fn reference(llama: &Llama, before: &[u32], after: &[u32]) -> f64 {
    let logits = llama.forward(&[before, after].concat());
    let rows = logits.chunks_exact(llama.config.vocab_size).skip(before.len() - 1);
    let cost = |(row, &token): (&[f32], &u32)| {
        row.iter().map(|&l| f64::from(l).exp()).sum::<f64>().ln() - f64::from(row[token as usize])
    };
    rows.zip(after).map(cost).sum()
}

#[test]
fn scores_are_the_textbooks() {
    let llama = Llama { config: fixture::config(&default_model()), tensors: fixture::tensors(&default_model()) };
    for (prompt, writes) in [
        ("brief-v1", TEXTS.map(|t| t.trim().to_owned())),
        (
            "brief-v2",
            TEXTS.map(|t| {
                t.trim().split('\n').filter(|l| !l.is_empty()).map(|l| format!(" {l}")).collect::<Vec<_>>().join("\n")
            }),
        ),
    ] {
        let folder = with_prompt(prompt);
        for half in [false, true] {
            let mut writer = open(&folder, half);
            for (text, written) in TEXTS.iter().zip(&writes) {
                let before = writer.encode(PROMPTS.iter().find(|(kind, _)| *kind == prompt).unwrap().1).unwrap();
                let mut after = writer.encode(written).unwrap();
                after.push(0); // <|end|>
                let want = reference(&llama, &before, &after);
                let got = block_on(writer.score(&input(), text)).unwrap();
                // The second time all of it lies in the cache.
                let again = block_on(writer.score(&input(), text)).unwrap();
                println!("{prompt}, f16 {half}, {} tokens: {} nats, {want} by the textbook", after.len(), got.nats);
                assert!((got.nats - want).abs() <= want * if half { 2e-3 } else { 2e-6 }, "{} and {want}", got.nats);
                assert_eq!((got, got.bytes), (again, text.trim().len()));
            }
        }
    }
}

#[test]
fn a_text_changes_nothing_of_what_is_written_next() {
    let mut writer = open(&default_model(), false);
    let options = serde_json::from_value(json!({"seed": 5, "n": 2})).unwrap();
    let write = |writer: &mut Writer| {
        let copies = block_on(writer.write(&input(), &options, &mut |_| (), &|| false)).unwrap();
        copies.into_iter().map(|c| c.text).collect::<Vec<_>>()
    };
    let fresh = write(&mut writer);
    block_on(writer.score(&input(), TEXTS[0])).unwrap();
    assert_eq!(write(&mut writer), fresh);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut writer = open(&default_model(), false);
    let fits = |words| "lamp ".repeat(words);
    assert!(block_on(writer.score(&input(), &fits(300))).is_ok());
    let long = block_on(writer.score(&input(), &fits(1100))).unwrap_err();
    assert!(matches!(long.kind(), Kind::QuotaExceeded { .. }), "{long}");
    // A prompt of one token has no row before it, and no prefix to keep.
    let session = writer.session();
    let alone = block_on(session.logprobs_of(&[1], &[7, 8])).unwrap();
    assert_eq!(alone, block_on(session.logprobs_of(&[1], &[7, 8])).unwrap());
    let logits = block_on(session.logits(&[1])).unwrap();
    let first = f64::from(logits[7]) - logits.iter().map(|&l| f64::from(l).exp()).sum::<f64>().ln();
    assert!((alone[0] - first).abs() < 1e-5, "{} and {first}", alone[0]);
    assert!(block_on(session.logprobs_of(&[1], &[])).unwrap().is_empty());
    assert!(block_on(session.logprobs_of(&[], &[7])).is_err());
    assert!(block_on(session.logprobs_of(&[1], &[7, 4096])).is_err());
}
