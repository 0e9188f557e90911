//! The options that commands share: which model, on which GPU, and how to choose tokens.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use copywright::engine::Engine;
use copywright::generate::params::Sampling;
use copywright::gpu::{AdapterInfo, GpuOptions, PowerPreference, Precision};
use copywright::model::quantize::Quantize;
use copywright::selfcheck::checked_engine;
use copywright::writer::Writer;
use pollster::block_on;

use crate::args::Args;
use crate::failure::{Failure, Result};

/// Flags that choose and name the GPU.
pub const GPU: &[&str] = &["--f32", "--f16", "--adapter-info"];
/// Options that say how tokens are chosen.
pub const SAMPLING: &[&str] =
    &["--seed", "--temperature", "--top-k", "--top-p", "--min-p", "--repetition-penalty", "--no-repeat-ngram-size"];

/// 16-bit arithmetic or not.
pub fn precision(args: &Args) -> Result<Precision> {
    match (args.has("--f32"), args.has("--f16")) {
        (true, true) => Err(Failure::Usage("--f32 and --f16 exclude each other".into())),
        (true, false) => Ok(Precision::F32),
        (false, true) => Ok(Precision::F16),
        (false, false) => Ok(Precision::Auto),
    }
}

/// An engine on the fastest GPU of the machine, which has passed the self-check: nobody's battery or screen waits
/// for a command line.
pub fn engine(precision: Precision) -> Result<Rc<Engine>> {
    let power_preference = Some(PowerPreference::HighPerformance);
    let options = GpuOptions { power_preference, precision, ..GpuOptions::default() };
    Ok(block_on(checked_engine(&options))?)
}

/// What becomes of the weights on their way to the GPU.
pub fn quantize(args: &Args) -> Result<Quantize> {
    match args.last("--quantize") {
        None | Some("none") => Ok(Quantize::None),
        Some("q8") => Ok(Quantize::Q8),
        Some("q4") => Ok(Quantize::Q4),
        Some(other) => Err(Failure::Usage(format!("--quantize {other} is none of none, q8, q4"))),
    }
}

/// The model's folder: the one asked for, or the default model of the crate that cargo is running.
pub fn model(args: &Args) -> Result<PathBuf> {
    if let Some(folder) = args.last("--model") {
        return Ok(folder.into());
    }
    let beside = std::env::var_os("CARGO_MANIFEST_DIR").map(|root| Path::new(&root).join("models/default"));
    let found = beside.filter(|folder| folder.join("manifest.json").is_file());
    found.ok_or_else(|| Failure::Usage("there is no default model here, say where one is: --model DIR".into()))
}

/// A writer as the options ask for.
pub fn writer(args: &Args) -> Result<Writer> {
    let folder = model(args)?;
    let engine = engine(precision(args)?)?;
    introduce(args, &engine.gpu.info);
    Ok(block_on(Writer::open_quantized(engine, folder, quantize(args)?))?)
}

/// Names the adapter on standard error, if that was asked for.
#[expect(clippy::print_stderr, reason = "beside the results, not among them")]
pub fn introduce(args: &Args, info: &AdapterInfo) {
    if args.has("--adapter-info") {
        eprintln!("adapter: {}", adapter(info));
    }
}

/// An adapter in words.
pub fn adapter(info: &AdapterInfo) -> String {
    let kind = if info.software { "software" } else { "hardware" };
    let half = if info.f16 { "with shader-f16" } else { "without shader-f16" };
    let driver = [info.vendor.as_str(), info.architecture.as_str()].join(" ");
    format!("{} ({}, {}), {kind}, {half}", info.name, info.backend, driver.trim())
}

/// How tokens are chosen. Ranges are checked by the library, which knows the vocabulary.
pub fn sampling(args: &Args) -> Result<Sampling> {
    let d = Sampling::default();
    Ok(Sampling {
        seed: args.number("--seed")?,
        temperature: args.number("--temperature")?.unwrap_or(d.temperature),
        top_k: args.number("--top-k")?.unwrap_or(d.top_k),
        top_p: args.number("--top-p")?.unwrap_or(d.top_p),
        min_p: args.number("--min-p")?.unwrap_or(d.min_p),
        repetition_penalty: args.number("--repetition-penalty")?.unwrap_or(d.repetition_penalty),
        no_repeat_ngram_size: args.number("--no-repeat-ngram-size")?.unwrap_or(d.no_repeat_ngram_size),
        ..d
    })
}
