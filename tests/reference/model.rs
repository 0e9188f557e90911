//! The model against PyTorch's logits, and what must hold for any decoder.

use crate::cpu::compare::{Rng, assert_nmse, nmse};
use crate::cpu::model::{Llama, LlamaConfig};
use crate::cpu::sample::{SampleParams, choose};
use crate::support::fixture;
use std::collections::HashMap;
use std::path::Path;

const BOUND: f64 = 1e-9;

fn load(folder: &Path) -> Llama {
    Llama { config: fixture::config(folder), tensors: fixture::tensors(folder) }
}

#[test]
fn logits_are_those_of_pytorch() {
    for folder in fixture::folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let want = fixture::expected(&folder);
        let llama = load(&folder);
        let vocab = llama.config.vocab_size;
        assert!(!want.logits.is_empty() && want.logits.len() <= want.greedy.len() + 1);

        // Every token but the last greedy one is input, so that each predicts the next.
        let (_, inputs) = want.greedy.split_last().unwrap();
        let logits = llama.forward(&[&want.prompt, inputs].concat());
        let rows: Vec<&[f32]> = logits.chunks(vocab).skip(want.prompt.len() - 1).collect();
        for (i, row) in want.logits.iter().enumerate() {
            assert_nmse(&format!("{name}: logits after {i} tokens"), rows[i], row, BOUND);
        }
        let greedy = SampleParams { temperature: 0.0, ..SampleParams::default() };
        for (i, (row, &token)) in rows.iter().zip(&want.greedy).enumerate() {
            let (got, margin) = choose(row, &greedy, 0, 0).unwrap();
            assert_eq!(got, token, "{name}: greedy token {i}, margin {margin:e}");
        }
        println!("{name}: {} greedy tokens as PyTorch's", want.greedy.len());
    }
}

#[test]
fn a_wrong_model_is_not_that_of_pytorch() {
    let folder = &fixture::folders()[0];
    let want = fixture::expected(folder);
    type Fault = fn(&mut Llama);
    let faults: [(&str, Fault); 4] = [
        ("eps", |m| m.config.rms_norm_eps *= 10.0),
        ("theta", |m| m.config.rope_theta /= 100.0),
        ("gate and up swapped", |m| {
            let name = |part: &str| format!("model.layers.0.mlp.{part}_proj.weight");
            let gate = m.tensors.remove(&name("gate")).unwrap();
            let up = m.tensors.insert(name("up"), gate).unwrap();
            m.tensors.insert(name("gate"), up);
        }),
        ("row of a weight", |m| {
            let row = m.config.hidden_size;
            let v = m.tensors.get_mut("model.layers.0.self_attn.v_proj.weight").unwrap();
            v[..row].iter_mut().for_each(|v| *v = -*v);
        }),
    ];
    for (name, fault) in faults {
        let mut llama = load(folder);
        fault(&mut llama);
        let logits = llama.forward(&want.prompt);
        let last = logits.chunks(llama.config.vocab_size).next_back().unwrap();
        let error = nmse(last, &want.logits[0]);
        println!("wrong {name}: NMSE {error:.1e}, must exceed {BOUND:.0e}");
        assert!(error > BOUND, "wrong {name} passed with {error:e}");
    }
}

/// A random model, 2 layers of 4 heads on 2.
fn small(tied: bool) -> Llama {
    let config = LlamaConfig {
        hidden_size: 12,
        intermediate_size: 20,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        num_key_value_heads: 2,
        head_dim: 4,
        vocab_size: 11,
        rms_norm_eps: 1e-5,
        rope_theta: 1e4,
        tie_word_embeddings: tied,
    };
    let mut rng = Rng::new(7);
    let mut tensors = HashMap::new();
    let mut put = |name: String, count: usize| tensors.insert(name, rng.normal(count));
    put("model.embed_tokens.weight".into(), 11 * 12);
    put("model.norm.weight".into(), 12);
    put("lm_head.weight".into(), 11 * 12);
    for layer in 0..2 {
        for (name, count) in [
            ("input_layernorm", 12),
            ("self_attn.q_proj", 16 * 12),
            ("self_attn.k_proj", 8 * 12),
            ("self_attn.v_proj", 8 * 12),
            ("self_attn.o_proj", 12 * 16),
            ("post_attention_layernorm", 12),
            ("mlp.gate_proj", 20 * 12),
            ("mlp.up_proj", 20 * 12),
            ("mlp.down_proj", 12 * 20),
        ] {
            put(format!("model.layers.{layer}.{name}.weight"), count);
        }
    }
    Llama { config, tensors }
}

#[test]
fn later_tokens_do_not_change_earlier_logits() {
    let llama = small(false);
    let (a, b) = (llama.forward(&[3, 1, 4, 1]), llama.forward(&[3, 1, 4, 9]));
    assert_eq!(a[..3 * 11], b[..3 * 11]);
    assert!(nmse(&a[3 * 11..], &b[3 * 11..]) > 1e-3);
    let c = llama.forward(&[2, 1, 4, 1]);
    assert!(nmse(&c[3 * 11..], &a[3 * 11..]) > 1e-6, "the first token is seen");
}

#[test]
fn a_tied_head_is_the_embedding() {
    let mut separate = small(false);
    assert!(nmse(&separate.forward(&[1, 2]), &small(true).forward(&[1, 2])) > 1e-3);
    let table = separate.tensors["model.embed_tokens.weight"].clone();
    separate.tensors.insert("lm_head.weight".into(), table);
    assert_eq!(separate.forward(&[1, 2]), small(true).forward(&[1, 2]));
}

#[test]
#[should_panic(expected = "lacks model.layers.1.mlp.up_proj.weight")]
fn a_missing_tensor_is_named() {
    let mut llama = small(true);
    llama.tensors.remove("model.layers.1.mlp.up_proj.weight");
    llama.forward(&[0]);
}
