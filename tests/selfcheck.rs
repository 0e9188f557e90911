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
use copywright::model::safetensors::Dtype;
use copywright::selfcheck::{GREEDY, LOGITS, SAMPLED, SEED, check, config, prompt, sampling, weights};
use cpu::compare::{assert_nmse, nmse};
use cpu::model::{Llama, LlamaConfig};
use cpu::sample::{SampleParams, choose, process};
use pollster::block_on;

fn tiny() -> Llama {
    let c = config();
    let config = LlamaConfig {
        hidden_size: c.hidden_size as usize,
        intermediate_size: c.intermediate_size as usize,
        num_hidden_layers: c.num_hidden_layers as usize,
        num_attention_heads: c.num_attention_heads as usize,
        num_key_value_heads: c.num_key_value_heads as usize,
        head_dim: c.head_dim as usize,
        vocab_size: c.vocab_size as usize,
        rms_norm_eps: c.rms_norm_eps,
        rope_theta: c.rope_theta,
        tie_word_embeddings: c.tie_word_embeddings,
    };
    let tensors = c.tensors().into_iter().enumerate();
    let tensors = tensors.map(|(i, w)| (w.key, weights(i as u32, w.rows * w.cols, w.vector).collect())).collect();
    Llama { config, tensors }
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
    let llama = tiny();
    let logits = llama.forward(&prompt());
    let logits = &logits[logits.len() - llama.config.vocab_size..];
    println!("LOGITS {logits:?}");
    let greedy = [reference(&llama, 0.0, SEED), reference(&llama, 0.0, SEED + 1)];
    let sampled = [reference(&llama, 1.0, SEED), reference(&llama, 1.0, SEED + 1)];
    println!("GREEDY {greedy:?}\nSAMPLED {sampled:?}");
    assert_nmse("logits", &LOGITS, logits, 1e-12);
    for (got, want) in GREEDY.iter().chain(&SAMPLED).zip(greedy.iter().chain(&sampled)) {
        assert_eq!(got[..], want.0[..]);
        assert!(want.1 > 0.2, "a margin of {} is no margin for an f16 cache", want.1);
    }
}

#[test]
fn a_sound_adapter_passes() {
    for (half, mad) in [(false, Mad::Fused), (true, Mad::Fused), (true, Mad::Plain)] {
        let engine = Rc::new(support::engine_with(half, mad));
        let held = engine.counters().gpu_bytes;
        for dtype in [Dtype::F16, Dtype::F32, Dtype::BF16] {
            block_on(check(&engine, dtype)).unwrap_or_else(|e| panic!("f16 {half}, {dtype:?}: {e}"));
        }
        let left = engine.counters().gpu_bytes - held;
        assert!(left <= 64 << 10, "{left} bytes are more than staging buffers");
    }
}

#[test]
fn other_weights_are_other_numbers() {
    let mut llama = tiny();
    let gain = llama.tensors.get_mut("model.layers.1.input_layernorm.weight").unwrap();
    gain[0] += 0.5;
    let logits = llama.forward(&prompt());
    let logits = &logits[logits.len() - llama.config.vocab_size..];
    assert!(nmse(logits, &LOGITS) > 1e-4, "one gain must be felt");
}
