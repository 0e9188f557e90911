//! Metadata as conversions of real models have them, and the fields of those models' own config.json.

use copywright::error::Kind;
use copywright::model::gguf::{Header, config};
use serde_json::{Value, json};

use crate::support::Gguf;
use crate::{parse, refused};

/// The metadata of an architecture: sizes, numbers and texts.
fn of(arch: &str, fields: &Value) -> Gguf {
    let mut file = Gguf::new().text("general.architecture", arch);
    for (key, value) in fields.as_object().unwrap() {
        let key = if key.contains("tokenizer.") { key.clone() } else { format!("{arch}.{key}") };
        file = match value {
            Value::String(text) => file.text(&key, text),
            Value::Bool(flag) => file.flag(&key, *flag),
            Value::Number(n) if n.is_u64() => file.u32(&key, n.as_u64().unwrap() as u32),
            number => file.f32(&key, number.as_f64().unwrap() as f32),
        };
    }
    file
}

/// Every expected field is there; numbers with a fraction are those of f32. `null`: it is not there.
fn says(files: &[Header], expected: &Value) {
    let found: Value = serde_json::from_str(&config(files).unwrap()).unwrap();
    same("", &found, expected);
}

fn same(path: &str, found: &Value, expected: &Value) {
    match expected {
        Value::Object(fields) => {
            for (field, value) in fields {
                same(&format!("{path}.{field}"), &found[field], value);
            }
        }
        Value::Number(n) if !n.is_u64() => {
            assert_eq!(found.as_f64().map(|f| f as f32), n.as_f64().map(|n| n as f32), "{path}");
        }
        _ => assert_eq!(found, expected, "{path}"),
    }
}

#[test]
fn llama_3_2_1b() {
    let fields = json!({
        "block_count": 16, "context_length": 131_072, "embedding_length": 2048, "feed_forward_length": 8192,
        "attention.head_count": 32, "attention.head_count_kv": 8, "rope.freq_base": 500_000.0,
        "attention.layer_norm_rms_epsilon": 1e-5, "attention.key_length": 64, "attention.value_length": 64,
        "vocab_size": 128_256, "rope.dimension_count": 64,
    });
    let file = of("llama", &fields).named(&["rope_freqs.weight", "blk.0.attn_q.weight"]);
    let expected = json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
        "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 128_256, "max_position_embeddings": 131_072,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "attention_bias": false, "sliding_window": null,
        "rope_parameters": {
            "rope_theta": 500_000.0, "rope_type": "longrope", "attention_factor": 1,
            "original_max_position_embeddings": 131_072, "partial_rotary_factor": null,
        },
        "gguf": { "rope_interleaved": true, "rope_divisors": "rope_freqs.weight", "norm_plus_one": null },
    });
    says(&[parse(&file)], &expected);
    // The head may lie in another file.
    let other = parse(&Gguf::new().named(&["output.weight"]));
    says(&[parse(&file), other], &json!({ "tie_word_embeddings": false }));
    says(&[parse(&file.named(&["blk.0.attn_q.bias"]))], &json!({ "attention_bias": true }));
}

/// A small Llama, with other fields.
fn small(arch: &str, more: Value) -> Gguf {
    let mut fields = json!({
        "block_count": 2, "context_length": 512, "embedding_length": 64, "feed_forward_length": 128,
        "attention.head_count": 4, "attention.layer_norm_rms_epsilon": 1e-6,
    });
    for (key, value) in more.as_object().unwrap() {
        fields[key] = value.clone();
    }
    of(arch, &fields)
}

#[test]
fn rotary_positions() {
    let rope = |arch: &str, more: Value, expected: Value| {
        says(&[parse(&small(arch, more))], &json!({ "rope_parameters": expected }));
    };
    rope("llama", json!({}), json!({ "rope_type": "default", "rope_theta": null, "factor": null }));
    rope("llama", json!({ "rope.scaling.type": "none" }), json!({ "rope_type": "default" }));
    let linear = json!({ "rope.scaling.type": "linear", "rope.scaling.factor": 4.0 });
    rope("llama", linear, json!({ "rope_type": "linear", "factor": 4.0 }));
    let yarn = json!({
        "rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 128,
        "rope.scaling.yarn_beta_fast": 16.0, "rope.scaling.attn_factor": 1.5,
    });
    let expected = json!({
        "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "beta_fast": 16.0,
        "attention_factor": null,
    });
    rope("qwen2", yarn, expected);
    // A part of each head turns: of 16, 12.
    rope("phi3", json!({ "rope.dimension_count": 12 }), json!({ "partial_rotary_factor": 0.75 }));
    rope("llama", json!({ "rope.dimension_count": 16 }), json!({ "partial_rotary_factor": null }));
}

#[test]
fn small_differences() {
    let one = |arch: &str, more: Value, expected: Value| says(&[parse(&small(arch, more))], &expected);
    one("llama", json!({}), json!({ "num_key_value_heads": 4, "head_dim": null }));
    one("llama", json!({ "attention.sliding_window": 128 }), json!({ "sliding_window": 128 }));
    let smollm = json!({
        "architectures": ["SmolLM3ForCausalLM"], "model_type": "smollm3", "gguf": { "rope_interleaved": true },
    });
    one("smollm3", json!({}), smollm);
    let qwen2 = json!({
        "architectures": ["Qwen2ForCausalLM"], "attention_bias": null, "gguf": { "rope_interleaved": false },
    });
    one("qwen2", json!({}), qwen2);
    let qwen3 = json!({ "architectures": ["Qwen3ForCausalLM"], "head_dim": 128, "attention_bias": false });
    one("qwen3", json!({ "attention.key_length": 128 }), qwen3);
    let phi = small("phi3", json!({ "attention.sliding_window": 0, "rope.scaling.attn_factor": 1.19 }));
    let phi = phi.named(&["rope_factors_long.weight", "rope_factors_short.weight", "output.weight"]);
    let expected = json!({
        "architectures": ["Phi3ForCausalLM"], "sliding_window": null, "tie_word_embeddings": false,
        "rope_parameters": { "rope_type": "longrope", "attention_factor": 1.19 },
        "gguf": { "rope_divisors": "rope_factors_short.weight", "rope_interleaved": false },
    });
    says(&[parse(&phi)], &expected);
}

#[test]
fn gemma() {
    let fields = json!({
        "block_count": 26, "embedding_length": 1152, "feed_forward_length": 6912, "attention.head_count": 4,
        "attention.head_count_kv": 1, "attention.key_length": 256, "attention.value_length": 256,
        "attention.layer_norm_rms_epsilon": 1e-6, "context_length": 32_768, "rope.freq_base": 1e6,
        "attention.sliding_window": 512,
    });
    let expected = json!({
        "architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "hidden_act": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": 256, "sliding_window": 512, "final_logit_softcapping": null,
        "gguf": { "norm_plus_one": false, "rope_interleaved": false }, "rope_parameters": { "rope_theta": 1e6 },
    });
    says(&[parse(&of("gemma3", &fields))], &expected);
    let caps = json!({ "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0 });
    says(&[parse(&small("gemma2", caps.clone()))], &caps);
    // Gemma 2 with 27 billion: 4608 wide, 32 heads of 128, scaled by 144; Gemma 3's: 5376, 168.
    let large = [("gemma2", 46, 4608, 144), ("gemma3", 62, 5376, 168)];
    for (arch, layers, width, scalar) in large {
        let mut fields = fields.clone();
        fields["block_count"] = layers.into();
        fields["embedding_length"] = width.into();
        fields["attention.head_count"] = 32.into();
        fields["attention.key_length"] = 128.into();
        fields["attention.value_length"] = 128.into();
        says(&[parse(&of(arch, &fields))], &json!({ "query_pre_attn_scalar": scalar }));
    }
}

#[test]
fn gpt2_and_bert() {
    let fields = json!({
        "block_count": 12, "context_length": 1024, "embedding_length": 768, "feed_forward_length": 3072,
        "attention.head_count": 12, "attention.layer_norm_epsilon": 1e-5,
    });
    let file = of("gpt2", &fields).tensor("token_embd.weight", &[1, 50_257], 1, vec![0; 2 * 50_257]);
    let expected = json!({
        "architectures": ["GPT2LMHeadModel"], "hidden_act": "gelu_new", "layer_norm_epsilon": 1e-5,
        "layer_norm_eps": null, "vocab_size": 50_257, "rope_parameters": null, "gguf": {},
    });
    says(&[parse(&file)], &expected);
    let mut fields = fields;
    fields["attention.layer_norm_epsilon"] = 1e-12.into();
    for (kind, name) in [(0, "none"), (1, "mean"), (2, "cls"), (3, "last")] {
        fields["pooling_type"] = kind.into();
        let file = of("bert", &fields).tensor("token_types.weight", &[4, 2], 0, vec![0; 32]);
        let expected = json!({
            "architectures": ["BertModel"], "hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2,
            "gguf": { "pooling": name },
        });
        says(&[parse(&file)], &expected);
    }
}

#[test]
fn tokens() {
    let file = small("llama", json!({ "tokenizer.ggml.bos_token_id": 1, "tokenizer.ggml.eos_token_id": 2 }));
    let file = file.texts("tokenizer.ggml.tokens", &["a", "b", "c", "<|im_end|>"]);
    let file = file.i32s("tokenizer.ggml.token_type", &[1, 1, 1, 3]);
    says(&[parse(&file)], &json!({ "vocab_size": 4, "bos_token_id": 1, "eos_token_id": [2, 3] }));
    // A model may have more rows than its tokenizer has tokens.
    let more = file.tensor("token_embd.weight", &[1, 6], 0, vec![0; 24]);
    says(&[parse(&more)], &json!({ "vocab_size": 6 }));
}

#[test]
fn models_that_are_refused() {
    let bad = |file: Gguf, kind, names: &[&str]| refused(config(&[parse(&file)]), kind, names);
    bad(Gguf::new(), Kind::NotSupported, &["general.architecture"]);
    bad(of("mamba", &json!({})), Kind::NotSupported, &["general.architecture", "mamba"]);
    bad(Gguf::new().u32("general.architecture", 3), Kind::Data, &["general.architecture", "text"]);
    bad(small("llama", json!({ "expert_count": 8 })), Kind::NotSupported, &["llama.expert_count", "8"]);
    let uneven = json!({ "attention.key_length": 192, "attention.value_length": 128 });
    bad(small("llama", uneven), Kind::NotSupported, &["value_length", "128"]);
    bad(small("llama", json!({ "block_count": "two" })), Kind::Data, &["llama.block_count", "number"]);
    bad(small("llama", json!({})).i32s("llama.feed_forward_length", &[1, 2]), Kind::Data, &["feed_forward_length"]);
    bad(small("llama", json!({})).f32("llama.rope.freq_base", f32::INFINITY), Kind::Data, &["rope.freq_base"]);
    assert!(config(&[]).is_err());
}
