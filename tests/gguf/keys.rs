//! Every tensor that llama.cpp's conversion writes for an architecture, and the key it came from.

use copywright::model::gguf::key;

const LLAMA: &str = "
    token_embd.weight model.embed_tokens.weight
    output_norm.weight model.norm.weight
    output.weight lm_head.weight
    blk.0.attn_norm.weight model.layers.0.input_layernorm.weight
    blk.3.attn_q.weight model.layers.3.self_attn.q_proj.weight
    blk.3.attn_k.weight model.layers.3.self_attn.k_proj.weight
    blk.3.attn_v.weight model.layers.3.self_attn.v_proj.weight
    blk.3.attn_q.bias model.layers.3.self_attn.q_proj.bias
    blk.3.attn_k.bias model.layers.3.self_attn.k_proj.bias
    blk.3.attn_v.bias model.layers.3.self_attn.v_proj.bias
    blk.10.attn_output.weight model.layers.10.self_attn.o_proj.weight
    blk.123.ffn_norm.weight model.layers.123.post_attention_layernorm.weight
    blk.0.ffn_gate.weight model.layers.0.mlp.gate_proj.weight
    blk.0.ffn_up.weight model.layers.0.mlp.up_proj.weight
    blk.0.ffn_down.weight model.layers.0.mlp.down_proj.weight
    rope_freqs.weight -";
const QWEN3: &str = "
    blk.3.attn_q_norm.weight model.layers.3.self_attn.q_norm.weight
    blk.3.attn_k_norm.weight model.layers.3.self_attn.k_norm.weight
    blk.3.ffn_norm.weight model.layers.3.post_attention_layernorm.weight";
const GEMMA: &str = "
    token_embd.weight model.embed_tokens.weight
    blk.3.attn_q_norm.weight model.layers.3.self_attn.q_norm.weight
    blk.3.attn_norm.weight model.layers.3.input_layernorm.weight
    blk.3.post_attention_norm.weight model.layers.3.post_attention_layernorm.weight
    blk.3.ffn_norm.weight model.layers.3.pre_feedforward_layernorm.weight
    blk.3.post_ffw_norm.weight model.layers.3.post_feedforward_layernorm.weight
    blk.3.ffn_up.weight model.layers.3.mlp.up_proj.weight";
const PHI3: &str = "
    blk.3.attn_qkv.weight model.layers.3.self_attn.qkv_proj.weight
    blk.3.ffn_up.weight model.layers.3.mlp.gate_up_proj.weight
    blk.3.ffn_down.weight model.layers.3.mlp.down_proj.weight
    rope_factors_short.weight -
    rope_factors_long.weight -";
const GPT2: &str = "
    token_embd.weight wte.weight
    position_embd.weight wpe.weight
    output_norm.weight ln_f.weight
    output_norm.bias ln_f.bias
    output.weight lm_head.weight
    blk.3.attn_norm.bias h.3.ln_1.bias
    blk.3.attn_qkv.weight h.3.attn.c_attn.weight
    blk.3.attn_qkv.bias h.3.attn.c_attn.bias
    blk.3.attn_output.weight h.3.attn.c_proj.weight
    blk.3.ffn_norm.weight h.3.ln_2.weight
    blk.3.ffn_up.bias h.3.mlp.c_fc.bias
    blk.3.ffn_down.weight h.3.mlp.c_proj.weight
    blk.3.attn_q.weight -";
const BERT: &str = "
    token_embd.weight embeddings.word_embeddings.weight
    position_embd.weight embeddings.position_embeddings.weight
    token_types.weight embeddings.token_type_embeddings.weight
    token_embd_norm.bias embeddings.LayerNorm.bias
    blk.3.attn_q.weight encoder.layer.3.attention.self.query.weight
    blk.3.attn_k.bias encoder.layer.3.attention.self.key.bias
    blk.3.attn_v.weight encoder.layer.3.attention.self.value.weight
    blk.3.attn_output.weight encoder.layer.3.attention.output.dense.weight
    blk.3.attn_output_norm.weight encoder.layer.3.attention.output.LayerNorm.weight
    blk.3.ffn_up.weight encoder.layer.3.intermediate.dense.weight
    blk.3.ffn_down.bias encoder.layer.3.output.dense.bias
    blk.3.layer_output_norm.weight encoder.layer.3.output.LayerNorm.weight
    cls.weight -";

#[test]
fn names_and_keys() {
    let mut count = 0;
    let tables = [
        ("llama", LLAMA),
        ("smollm3", LLAMA),
        ("qwen2", LLAMA),
        ("qwen3", QWEN3),
        ("gemma2", GEMMA),
        ("gemma3", GEMMA),
        ("phi3", PHI3),
        ("gpt2", GPT2),
        ("bert", BERT),
    ];
    for (arch, table) in tables {
        for line in table.trim().lines() {
            let (name, expected) = line.trim().split_once(' ').unwrap();
            let expected = if expected == "-" { None } else { Some(expected) };
            assert_eq!(key(arch, name).as_deref(), expected, "{arch}: {name}");
            count += 1;
        }
    }
    println!("{count} names");
}

#[test]
fn names_that_there_are_not() {
    let bad = ["", ".", "weight", "blk", "blk.", "blk.3", "blk.3.", "blk.3.attn_q", "blk..attn_q.weight"];
    let numbers = ["blk.03.attn_q.weight", "blk.+3.attn_q.weight", "blk.-1.attn_q.weight", "blk.99999.attn_q.weight"];
    let others = ["blk.3.attn_q.scale", "attn_q.weight", "blk.3.token_embd.weight", "xblk.3.attn_q.weight"];
    for name in bad.iter().chain(&numbers).chain(&others) {
        assert_eq!(key("llama", name), None, "{name}");
    }
}
