//! Every architecture against PyTorch: tiny random models that transformers made, or a textbook in f64 (train/fixtures).
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

use copywright::generate::Job;
use copywright::generate::params::Sampling;
use copywright::model::quantize::Quantize;
use cpu::compare::assert_nmse;
use pollster::block_on;
use support::fixture;

fn compare(folder: &Path, half: bool, max_binding: Option<u64>) {
    let want = fixture::expected(folder);
    let name = format!("{} f16 {half}", folder.file_name().unwrap().display());
    let mut writer = support::load::load(gpu::engine(half), folder, Quantize::None, max_binding);
    assert!(!want.logits.is_empty(), "{name}: no logits to compare with");
    for (i, row) in want.logits.iter().enumerate() {
        let text = [&want.prompt, &want.greedy[..i]].concat();
        let got = block_on(writer.session().logits(&text)).unwrap();
        assert_nmse(&format!("{name} logits {i}"), &got, row, if half { 1e-4 } else { 1e-9 });
    }
    let job = Job {
        prompt: want.prompt.clone(),
        n: 1,
        seed: 0,
        max_tokens: want.greedy.len() as u32,
        sampling: Sampling { temperature: 0.0, ..Sampling::default() },
        stop_tokens: Vec::new(),
        stop: Vec::new(),
        logprobs: false,
        steps_per_readback: 0,
    };
    let output = block_on(writer.session().generate(&job, &mut |_| (), &|| false)).unwrap().0.remove(0);
    assert_eq!(want.greedy.len(), 64, "{name}: greedy tokens to compare with");
    // The least lead of a greedy token is far above f32's rounding, but not above that of f16 in every model.
    let same = output.tokens.iter().zip(&want.greedy).take_while(|(a, b)| a == b).count();
    println!("{name}: {same} greedy tokens identical, least margin {}", want.margin);
    assert!(same == 64 || half, "{name}: {:?} instead of {:?}", output.tokens, want.greedy);
}

#[test]
fn every_architecture_in_f32() {
    fixture::folders_in("arch", 15).iter().for_each(|f| compare(f, false, None));
}

#[test]
fn every_architecture_with_f16_kernels() {
    fixture::folders_in("arch", 15).iter().for_each(|f| compare(f, true, None));
}
