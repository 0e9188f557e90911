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

use copywright::model::quantize::Quantize;
use support::agree::agree;
use support::fixture;

fn compare(folder: &Path, half: bool) {
    let want = fixture::expected(folder);
    let name = format!("{} f16 {half}", folder.file_name().unwrap().display());
    let mut writer = support::load::load(gpu::engine(half), folder, Quantize::None, None);
    agree(&name, &mut writer, &want, half);
}

#[test]
fn every_architecture_in_f32() {
    fixture::folders_in("arch", 15).iter().for_each(|f| compare(f, false));
}

#[test]
fn every_architecture_with_f16_kernels() {
    fixture::folders_in("arch", 15).iter().for_each(|f| compare(f, true));
}
