//! The GPU's memory: what a model takes is known before it comes, a bound is kept, and what fails frees all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "support/gpu.rs"]
mod gpu;

use std::rc::Rc;

use copywright::engine::Engine;
use copywright::error::Kind;
use copywright::generate::Job;
use copywright::model::quantize::Quantize;
use copywright::writer::load::Loader;
use copywright::writer::{WriteError, Writer};
use pollster::block_on;

/// A model whose file has halves, so that it may be made smaller.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/f16");

fn engine(half: bool, bound: Option<u64>) -> Rc<Engine> {
    let mut engine = gpu::engine(half);
    engine.gpu.max_bytes = bound;
    Rc::new(engine)
}

fn estimate(engine: &Rc<Engine>, quantize: Quantize) -> u64 {
    let read = |name: &str| std::fs::read(format!("{FOLDER}/{name}")).unwrap();
    let loader = Loader::new(engine.clone(), &read("manifest.json"), &read("config.json")).unwrap();
    loader.quantized(quantize).estimate().unwrap()
}

fn open(engine: &Rc<Engine>, quantize: Quantize) -> Result<Writer, WriteError> {
    block_on(Writer::open_quantized(engine.clone(), FOLDER, quantize))
}

/// Numbers of an error that must be about memory.
fn numbers(error: &WriteError) -> (u64, u64) {
    println!("{error}");
    match error.kind() {
        Kind::QuotaExceeded { requested, quota } if error.to_string().contains("GPU memory") => (requested, quota),
        _ => panic!("{error:?}"),
    }
}

fn tokens(writer: &mut Writer, n: u32, max_tokens: u32) -> Result<Vec<Vec<u32>>, WriteError> {
    let job = Job {
        prompt: vec![3, 4, 5],
        n,
        seed: 1,
        max_tokens,
        sampling: Default::default(),
        stop_tokens: Vec::new(),
        stop: Vec::new(),
        logprobs: false,
        trim_lines: false,
        rules: None,
        steps_per_readback: 0,
    };
    let (outputs, _) = block_on(writer.session().generate(&job, &mut |_| (), &|| false))?;
    Ok(outputs.into_iter().map(|o| o.tokens).collect())
}

#[test]
fn the_estimate_is_what_the_model_takes() {
    for half in [false, true] {
        for quantize in [Quantize::None, Quantize::Q8, Quantize::Q4] {
            let engine = engine(half, None);
            let buffers = engine.counters().buffers;
            let estimate = estimate(&engine, quantize);
            assert_eq!(
                (engine.counters().buffers, engine.counters().gpu_bytes),
                (buffers, 0),
                "measuring makes nothing"
            );
            let mut writer = open(&engine, quantize).unwrap();
            tokens(&mut writer, 1, 4).unwrap();
            let counters = engine.counters();
            println!("{quantize:?}, f16 {half}: {estimate} by the estimate, {} held", counters.gpu_bytes);
            // The self-check's tensors come on top for a moment.
            assert!(counters.peak_gpu_bytes >= counters.gpu_bytes);
            assert!(counters.gpu_bytes <= estimate && estimate <= counters.gpu_bytes + (1 << 20), "{counters:?}");
            assert_eq!(counters.heap_bytes, 0);
        }
    }
}

#[test]
fn beyond_the_bound_nothing_is_made() {
    let engine = engine(false, None);
    let bound = estimate(&engine, Quantize::Q8);
    let needed = estimate(&engine, Quantize::None);
    drop(engine);
    let engine = self::engine(false, Some(bound));
    let buffers = engine.counters().buffers;
    assert_eq!(numbers(&open(&engine, Quantize::None).err().unwrap()), (needed, bound));
    assert_eq!(engine.counters().buffers, buffers, "refused before the first tensor");
    let mut smaller = open(&engine, Quantize::Q8).unwrap();
    assert_eq!(tokens(&mut smaller, 1, 4).unwrap()[0].len(), 4);
    assert!(engine.counters().peak_gpu_bytes <= bound);
}

#[test]
fn a_load_that_reaches_the_bound_frees_all() {
    let engine = engine(false, Some(4 << 20));
    let read = |name: &str| std::fs::read(format!("{FOLDER}/{name}")).unwrap();
    // As if nobody had asked whether there is room.
    let mut loader = Loader::new(engine.clone(), &read("manifest.json"), &read("config.json")).unwrap();
    let error = read("model.safetensors")
        .chunks(1 << 16)
        .find_map(|chunk| loader.push("model.safetensors", chunk).err())
        .expect("6 MB of weights in 4");
    let (requested, quota) = numbers(&error);
    assert!(requested > quota && quota == 4 << 20);
    assert!(engine.counters().gpu_bytes > 1 << 20);
    drop(loader.abandon());
    assert_eq!(engine.counters().gpu_bytes, 0);
}

#[test]
fn a_cache_that_cannot_grow_is_an_error_of_that_call() {
    let free = engine(false, None);
    let mut writer = open(&free, Quantize::Q4).unwrap();
    let context = writer.session().decoder.context;
    let alone = tokens(&mut writer, 1, 8).unwrap();
    // The bound is what it takes to write alone.
    let bound = free.counters().gpu_bytes + (1 << 20);
    drop(writer.close());
    let engine = engine(false, Some(bound));
    let mut writer = open(&engine, Quantize::Q4).unwrap();
    for _ in 0..3 {
        let (requested, quota) = numbers(&tokens(&mut writer, 8, context - 8).unwrap_err());
        assert!(requested > quota && quota == bound);
        assert!(engine.counters().gpu_bytes < bound);
    }
    assert_eq!(tokens(&mut writer, 1, 8).unwrap(), alone, "a smaller call finds room again");
    assert!(engine.counters().peak_gpu_bytes <= bound);
    drop(writer.close());
}
