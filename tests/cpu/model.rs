//! A Llama decoder (Touvron et al. 2023), all positions at once and without a cache.

use super::ops::{add, attention, causal, embed, matmul, rms_norm, rope, swiglu};
use std::collections::HashMap;

/// The sizes of a checkpoint, by the names of its config.json.
#[derive(Clone, Debug)]
pub struct LlamaConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_key_value_heads: usize,
    pub head_dim: usize,
    pub vocab_size: usize,
    pub rms_norm_eps: f32,
    pub rope_theta: f32,
    pub tie_word_embeddings: bool,
}

/// A checkpoint in f32, under its own tensor names; matrices are (out, in).
pub struct Llama {
    pub config: LlamaConfig,
    pub tensors: HashMap<String, Vec<f32>>,
}

impl Llama {
    fn tensor(&self, name: &str, rows: usize, cols: usize) -> &[f32] {
        let tensor = self.tensors.get(name).unwrap_or_else(|| panic!("the checkpoint lacks {name}"));
        assert_eq!(tensor.len(), rows * cols, "{name}: ({rows}, {cols})");
        tensor
    }

    /// Logits of the token after each of `ids`, which stand at positions 0, 1, 2, ...  (T, V).
    pub fn forward(&self, ids: &[u32]) -> Vec<f32> {
        let c = &self.config;
        let (d, ff, eps) = (c.hidden_size, c.intermediate_size, c.rms_norm_eps);
        let (heads, kv_heads, hd) = (c.num_attention_heads, c.num_key_value_heads, c.head_dim);
        let positions: Vec<u32> = (0..ids.len() as u32).collect();
        let sees = causal(0, ids.len());

        let table = self.tensor("model.embed_tokens.weight", c.vocab_size, d);
        let mut x = embed(table, d, ids);
        for layer in 0..c.num_hidden_layers {
            let w = |name: &str, rows: usize, cols: usize| {
                self.tensor(&format!("model.layers.{layer}.{name}.weight"), rows, cols)
            };
            let h = rms_norm(&x, w("input_layernorm", 1, d), eps);
            let q = matmul(w("self_attn.q_proj", heads * hd, d), &h, d);
            let k = matmul(w("self_attn.k_proj", kv_heads * hd, d), &h, d);
            let v = matmul(w("self_attn.v_proj", kv_heads * hd, d), &h, d);
            let q = rope(&q, heads, hd, &positions, c.rope_theta);
            let k = rope(&k, kv_heads, hd, &positions, c.rope_theta);
            let a = attention(&q, &k, &v, &sees, heads, kv_heads, hd);
            x = add(&x, &matmul(w("self_attn.o_proj", d, heads * hd), &a, heads * hd));

            let h = rms_norm(&x, w("post_attention_layernorm", 1, d), eps);
            let gate = matmul(w("mlp.gate_proj", ff, d), &h, d);
            let up = matmul(w("mlp.up_proj", ff, d), &h, d);
            x = add(&x, &matmul(w("mlp.down_proj", d, ff), &swiglu(&gate, &up), ff));
        }
        let h = rms_norm(&x, self.tensor("model.norm.weight", 1, d), eps);
        let head = if c.tie_word_embeddings { table } else { self.tensor("lm_head.weight", c.vocab_size, d) };
        matmul(head, &h, d)
    }
}
