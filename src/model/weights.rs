//! Weights on the GPU: the matrices of each layer, in parts where one exceeds a binding.

mod builder;

use crate::record::{Element, Tensor};
pub use builder::Builder;

/// Some rows of a matrix, small enough to bind.
#[derive(Debug, Clone)]
pub struct Part {
    /// (rows, K); for a paired matrix gate's rows, then up's.
    pub tensor: Tensor,
    /// Output of its first row.
    pub first: u32,
    /// Outputs.
    pub count: u32,
}

/// A weight matrix (outputs, K), split by rows where it exceeds the device's binding limit.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// In order of their outputs.
    pub parts: Vec<Part>,
}

impl Matrix {
    /// Bytes of all parts.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|p| p.tensor.bytes()).sum()
    }
}

/// One layer, named as in the checkpoint; q, k and v lie in one matrix, gate and up in another.
#[derive(Debug, Clone)]
pub struct Layer {
    /// (1, D)
    pub input_layernorm: Tensor,
    /// ((H + 2 G) d, D)
    pub qkv_proj: Matrix,
    /// (D, H d)
    pub o_proj: Matrix,
    /// (1, D)
    pub post_attention_layernorm: Tensor,
    /// (2 I, D), paired
    pub gate_up_proj: Matrix,
    /// (D, I)
    pub down_proj: Matrix,
}

/// All weights of a model.
#[derive(Debug, Clone)]
pub struct Weights {
    /// (V, D)
    pub embed_tokens: Matrix,
    /// In order.
    pub layers: Vec<Layer>,
    /// (1, D)
    pub norm: Tensor,
    /// (V, D); the embedding again where they are tied.
    pub lm_head: Matrix,
    /// The head is the embedding.
    pub tied: bool,
}

impl Weights {
    /// No weights: for measuring what else a model takes.
    #[must_use]
    pub fn none() -> Self {
        let (none, norm) = (Matrix { parts: Vec::new() }, Tensor::detached("norm", 0, 0, Element::F32));
        Self { embed_tokens: none.clone(), layers: Vec::new(), norm, lm_head: none, tied: true }
    }

    /// Bytes that a decode step must read at least once: every matrix but the embedding, or the embedding
    /// as the head where they are tied.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        let layer = |l: &Layer| l.qkv_proj.bytes() + l.o_proj.bytes() + l.gate_up_proj.bytes() + l.down_proj.bytes();
        self.layers.iter().map(layer).sum::<u64>() + self.lm_head.bytes()
    }

    /// Every tensor, for freeing.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let gains = self.layers.iter().flat_map(|l| [&l.input_layernorm, &l.post_attention_layernorm]);
        self.matrices().chain(gains).chain([&self.norm])
    }

    /// The parts of every matrix; a tied head is the embedding and comes once.
    pub fn matrices(&self) -> impl Iterator<Item = &Tensor> {
        let layers = self.layers.iter().flat_map(|l| [&l.qkv_proj, &l.o_proj, &l.gate_up_proj, &l.down_proj]);
        let head = (!self.tied).then_some(&self.lm_head);
        let all = layers.chain([&self.embed_tokens]).chain(head);
        all.flat_map(|m| m.parts.iter().map(|p| &p.tensor))
    }
}
