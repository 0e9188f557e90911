//! Models in GGUF against PyTorch: every type of packed weights, other families under GGUF's names, a split model. The
//! references are computed from the dequantized weights (train/fixtures).
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

use copywright::model::quantize::Quantize;
use copywright::record::Element;
use copywright::writer::Writer;
use pollster::block_on;
use support::agree::agree;
use support::fixture;

/// Loads tests/fixtures/gguf/`name`.gguf and compares it with what is expected of `like`.
fn compare(file: &str, like: &str, half: bool, elements: &[Element]) {
    let folder = fixture::folder("gguf");
    let want = fixture::expected_elsewhere(&format!("gguf/{like}"));
    let engine = Rc::new(gpu::engine(half));
    let path = folder.join(file);
    let mut writer = block_on(Writer::open_quantized(engine.clone(), &path, Quantize::None))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut there: Vec<Element> = writer.session().decoder.weights.matrices().map(|t| t.element).collect();
    there.dedup();
    for element in elements {
        assert!(there.contains(element), "{file}: {element:?} is not among {there:?}");
    }
    println!("{file}: {there:?}");
    let before = engine.counters();
    agree(&format!("{file} f16 {half}"), &mut writer, &want, half);

    // A step reads each weight once.
    let packed = writer.session().decoder.weights.packed_bytes();
    let plan = block_on(writer.session().step_plan(1)).unwrap();
    assert_eq!(plan.weight_bytes(), packed, "{file}: bytes of weights that a step reads");
    assert!(engine.counters().weight_bytes > before.weight_bytes);
}

const TYPES: [(&str, &[Element]); 8] = [
    ("f16", &[Element::F16]),
    ("q4_0", &[Element::Q4]),
    ("q4_1", &[Element::Q4Min]),
    ("q5_0", &[Element::Q5Min]),
    ("q5_1", &[Element::Q5Min]),
    ("q8_0", &[Element::Q8]),
    ("q4_k_m", &[Element::Q4K, Element::Q6K]),
    ("q5_k_m", &[Element::Q5K, Element::Q6K]),
];

#[test]
fn every_type() {
    for (name, elements) in TYPES {
        compare(&format!("{name}.gguf"), name, false, elements);
    }
}

#[test]
fn every_type_with_f16_kernels() {
    for (name, elements) in TYPES {
        compare(&format!("{name}.gguf"), name, true, elements);
    }
}

#[test]
fn other_families() {
    for name in ["gpt2", "qwen2", "qwen3", "gemma3", "llama3"] {
        compare(&format!("{name}.gguf"), name, false, &[]);
    }
}

#[test]
fn a_split_model() {
    compare("split-00001-of-00002.gguf", "split", false, &[]);
    let second = fixture::folder("gguf").join("split-00002-of-00002.gguf");
    let outcome = block_on(Writer::open_quantized(Rc::new(gpu::engine(false)), Path::new(&second), Quantize::None));
    let message = outcome.map(drop).unwrap_err().to_string();
    assert!(message.contains("first of 2 files"), "{message}");
}
