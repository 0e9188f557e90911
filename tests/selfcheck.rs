//! The self-check's numbers are the CPU reference's, a sound adapter passes, and a broken one does not.
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

use std::rc::Rc;

use copywright::kernel::Mad;
use copywright::model::dtype::Dtype;
use copywright::model::quantize::Quantize;
use copywright::record::Element;
use copywright::selfcheck::{Expected, PLAIN, Q4, Q8, blocks, check, config, prompt, sampling, weights};
use cpu::compare::{assert_nmse, nmse};
use cpu::model::{Llama, LlamaConfig};
use cpu::quant;
use cpu::sample::{SampleParams, choose, process};
use pollster::block_on;

const MODELS: [(Quantize, &Expected); 3] = [(Quantize::None, &PLAIN), (Quantize::Q8, &Q8), (Quantize::Q4, &Q4)];

fn tiny(quantize: Quantize) -> Llama {
    let c = config(quantize);
    let config = LlamaConfig {
        hidden_size: c.hidden_size as usize,
        intermediate_size: c.intermediate_size as usize,
        num_hidden_layers: c.num_hidden_layers as usize,
        num_attention_heads: c.num_attention_heads as usize,
        num_key_value_heads: c.num_key_value_heads as usize,
        head_dim: c.head_dim as usize,
        vocab_size: c.vocab_size as usize,
        rms_norm_eps: c.norm_eps,
        rope_theta: 1e4,
        tie_word_embeddings: c.tie_word_embeddings,
    };
    let tensors = c.tensors().into_iter().enumerate();
    let tensors = tensors.map(|(i, w)| {
        let values: Vec<f32> = weights(i as u32, w.rows * w.cols, w.vector).collect();
        let values = match quantize {
            Quantize::Q8 if !w.vector => quant::q8(&values),
            Quantize::Q4 if !w.vector => quant::q4(&values),
            _ => values,
        };
        (w.key, values)
    });
    Llama { config, tensors: tensors.collect() }
}

/// The logits after the prompt, and the tokens that follow, with the least margin of any choice.
fn reference(llama: &Llama, temperature: f32, seed: u32) -> (Vec<u32>, f64) {
    let s = sampling(temperature);
    let params = SampleParams {
        temperature,
        top_k: s.top_k,
        top_p: s.top_p,
        min_p: s.min_p,
        repetition_penalty: s.repetition_penalty,
        presence_penalty: s.presence_penalty,
        frequency_penalty: s.frequency_penalty,
        no_repeat_ngram_size: s.no_repeat_ngram_size,
        logit_bias: Vec::new(),
    };
    let mut text = prompt();
    let first = text.len();
    let mut least = f64::INFINITY;
    for step in 0..6 {
        let logits = llama.forward(&text);
        let last = &logits[logits.len() - llama.config.vocab_size..];
        let z = process(last, &text, first, &params);
        let (token, margin) = choose(&z, &params, seed, step).unwrap();
        least = least.min(margin);
        text.push(token);
    }
    (text.split_off(first), least)
}

#[test]
fn the_numbers_are_the_references() {
    for (quantize, expected) in MODELS {
        let llama = tiny(quantize);
        let logits = llama.forward(&prompt());
        let logits = &logits[logits.len() - llama.config.vocab_size..];
        let seed = expected.seed;
        let greedy = reference(&llama, 0.0, seed);
        let sampled = [reference(&llama, 1.0, seed), reference(&llama, 1.0, seed + 1)];
        println!("{quantize:?}\nlogits: {logits:?}\ngreedy: {greedy:?}\nsampled: {sampled:?}");
        assert_nmse("logits", &expected.logits, logits, 1e-12);
        let got = [&expected.greedy, &expected.sampled[0], &expected.sampled[1]];
        for (got, want) in got.into_iter().zip([&greedy, &sampled[0], &sampled[1]]) {
            assert_eq!(got[..], want.0[..], "{quantize:?}");
            assert!(want.1 > 0.08, "{quantize:?}: a margin of {} is no margin for an f16 cache", want.1);
        }
    }
}

#[test]
fn a_sound_adapter_passes() {
    for (half, mad) in [(false, Mad::Fused), (true, Mad::Fused), (true, Mad::Plain)] {
        let engine = Rc::new(support::engine_with(half, mad));
        let held = engine.counters().gpu_bytes;
        for element in [Element::F16, Element::F32, Element::Bf16].into_iter().chain(Element::QUANTIZED) {
            block_on(check(&engine, element)).unwrap_or_else(|e| panic!("f16 {half}, {element:?}: {e}"));
        }
        let left = engine.counters().gpu_bytes - held;
        assert!(left <= 64 << 10, "{left} bytes are more than staging buffers");
    }
}

#[test]
fn other_weights_are_other_numbers() {
    let mut llama = tiny(Quantize::None);
    let gain = llama.tensors.get_mut("model.layers.1.input_layernorm.weight").unwrap();
    gain[0] += 0.5;
    let logits = llama.forward(&prompt());
    let logits = &logits[logits.len() - llama.config.vocab_size..];
    assert!(nmse(logits, &PLAIN.logits) > 1e-4, "one gain must be felt");
}

/// The products of packed weights are not compared with zeros, nor with numbers that drown each other.
#[test]
fn packed_weights_are_weights() {
    for dtype in [Dtype::Q4_1, Dtype::Q5_1, Dtype::Q4K, Dtype::Q5K, Dtype::Q6K] {
        let mut values = Vec::new();
        dtype.floats(&blocks(dtype), &mut values);
        let most = values.iter().fold(0f32, |m, v| m.max(v.abs()));
        let large = values.iter().filter(|v| v.abs() > most / 50.0).count();
        println!("{dtype:?}: {} weights up to {most}, {large} of them above a fiftieth of it", values.len());
        assert!(dtype.finite(&blocks(dtype)) && most < 1e3 && large > values.len() / 10);
    }
}
