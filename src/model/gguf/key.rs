//! GGUF's names of tensors and Hugging Face's keys. (Source: `constants.py` and `tensor_mapping.py` of llama.cpp.)

/// Names outside the layers, of decoders.
const DECODER: [(&str, &str); 3] =
    [("token_embd", "model.embed_tokens"), ("output_norm", "model.norm"), ("output", "lm_head")];
/// Names within a layer, of decoders.
const LAYER: [(&str, &str); 14] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_qkv", "self_attn.qkv_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("attn_q_norm", "self_attn.q_norm"),
    ("attn_k_norm", "self_attn.k_norm"),
    ("post_attention_norm", "post_attention_layernorm"),
    ("ffn_norm", "post_attention_layernorm"),
    ("post_ffw_norm", "post_feedforward_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];
const GPT2: [(&str, &str); 4] =
    [("token_embd", "wte"), ("position_embd", "wpe"), ("output_norm", "ln_f"), ("output", "lm_head")];
const GPT2_LAYER: [(&str, &str); 6] = [
    ("attn_norm", "ln_1"),
    ("attn_qkv", "attn.c_attn"),
    ("attn_output", "attn.c_proj"),
    ("ffn_norm", "ln_2"),
    ("ffn_up", "mlp.c_fc"),
    ("ffn_down", "mlp.c_proj"),
];
const BERT: [(&str, &str); 4] = [
    ("token_embd", "embeddings.word_embeddings"),
    ("position_embd", "embeddings.position_embeddings"),
    ("token_types", "embeddings.token_type_embeddings"),
    ("token_embd_norm", "embeddings.LayerNorm"),
];
const BERT_LAYER: [(&str, &str); 8] = [
    ("attn_q", "attention.self.query"),
    ("attn_k", "attention.self.key"),
    ("attn_v", "attention.self.value"),
    ("attn_output", "attention.output.dense"),
    ("attn_output_norm", "attention.output.LayerNorm"),
    ("ffn_up", "intermediate.dense"),
    ("ffn_down", "output.dense"),
    ("layer_output_norm", "output.LayerNorm"),
];

/// Hugging Face's key of a tensor of this architecture (`general.architecture`); `None` where it has none.
///
/// GPT-2's matrices lie in GGUF as (outputs, inputs), transposed to those of Hugging Face under the same key.
#[must_use]
pub fn key(arch: &str, name: &str) -> Option<String> {
    let (outer, layer, prefix): (&[_], &[_], _) = match arch {
        "gpt2" => (&GPT2, &GPT2_LAYER, "h"),
        "bert" => (&BERT, &BERT_LAYER, "encoder.layer"),
        _ => (&DECODER, &LAYER, "model.layers"),
    };
    let (stem, kind) = name.rsplit_once('.').filter(|(_, kind)| matches!(*kind, "weight" | "bias"))?;
    let find = |table: &[(&str, &'static str)], stem: &str| table.iter().find(|t| t.0 == stem).map(|t| t.1);
    let Some((number, stem)) = stem.strip_prefix("blk.").and_then(|rest| rest.split_once('.')) else {
        return Some(format!("{}.{kind}", find(outer, stem)?));
    };
    // As a number is written, and in no other way.
    let number = number.parse::<u16>().ok().filter(|n| n.to_string() == number)?;
    let within = match (arch, stem) {
        ("gemma2" | "gemma3", "ffn_norm") => "pre_feedforward_layernorm",
        // Phi-3's gate and its other half are one tensor.
        ("phi3", "ffn_up") => "mlp.gate_up_proj",
        _ => find(layer, stem)?,
    };
    Some(format!("{prefix}.{number}.{within}.{kind}"))
}
