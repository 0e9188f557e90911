//! Weights on the GPU: the matrices of each layer, in parts where one exceeds a binding.

mod builder;
mod group;

use crate::record::Tensor;
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

/// A weight matrix (outputs, K), split by rows where it exceeds the device's binding limit or changes its type.
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

/// W x + b
#[derive(Debug, Clone)]
pub struct Linear<M = Matrix, V = Tensor> {
    /// (outputs, K)
    pub weight: M,
    /// (1, outputs)
    pub bias: Option<V>,
}

/// RMSNorm, or LayerNorm where there is a bias.
#[derive(Debug, Clone)]
pub struct Norm<V = Tensor> {
    /// (1, D)
    pub gain: V,
    /// (1, D)
    pub bias: Option<V>,
}

/// One layer; q, k and v lie in one matrix, gate and up in another.
#[derive(Debug, Clone)]
pub struct Layer<M = Matrix, V = Tensor> {
    /// Before attention.
    pub input_norm: Option<Norm<V>>,
    /// ((H + 2 G) d, D)
    pub qkv_proj: Linear<M, V>,
    /// (2, d): gains of the queries and of the keys.
    pub qk_norm: Option<V>,
    /// (D, H d)
    pub o_proj: Linear<M, V>,
    /// Behind attention.
    pub attention_norm: Option<Norm<V>>,
    /// Before the feed-forward block.
    pub mlp_norm: Option<Norm<V>>,
    /// (I, D), or (2 I, D) and paired: gate and up.
    pub up_proj: Linear<M, V>,
    /// (D, I)
    pub down_proj: Linear<M, V>,
    /// Behind the feed-forward block.
    pub output_norm: Option<Norm<V>>,
}

/// All weights of a model.
#[derive(Debug, Clone)]
pub struct Weights<M = Matrix, V = Tensor> {
    /// (V, D)
    pub embed_tokens: M,
    /// (positions + 1, D); the last row is added to every token.
    pub positions: Option<V>,
    /// In order.
    pub layers: Vec<Layer<M, V>>,
    /// Before the head; of an encoder: behind the embedding.
    pub norm: Option<Norm<V>>,
    /// (V, D); the embedding again where they are tied.
    pub lm_head: M,
    /// The head is the embedding.
    pub tied: bool,
}

impl<M, V> Weights<M, V> {
    /// The same shape with other matrices and vectors.
    ///
    /// # Errors
    /// The first error of either function.
    pub fn map<M2, V2, E>(
        self,
        matrix: &mut dyn FnMut(M) -> Result<M2, E>,
        vector: &mut dyn FnMut(V) -> Result<V2, E>,
    ) -> Result<Weights<M2, V2>, E> {
        let mut layers = Vec::with_capacity(self.layers.len());
        for l in self.layers {
            layers.push(Layer {
                input_norm: norm(l.input_norm, vector)?,
                qkv_proj: linear(l.qkv_proj, matrix, vector)?,
                qk_norm: l.qk_norm.map(&mut *vector).transpose()?,
                o_proj: linear(l.o_proj, matrix, vector)?,
                attention_norm: norm(l.attention_norm, vector)?,
                mlp_norm: norm(l.mlp_norm, vector)?,
                up_proj: linear(l.up_proj, matrix, vector)?,
                down_proj: linear(l.down_proj, matrix, vector)?,
                output_norm: norm(l.output_norm, vector)?,
            });
        }
        Ok(Weights {
            embed_tokens: matrix(self.embed_tokens)?,
            positions: self.positions.map(&mut *vector).transpose()?,
            layers,
            norm: norm(self.norm, vector)?,
            lm_head: matrix(self.lm_head)?,
            tied: self.tied,
        })
    }
}

fn norm<V, V2, E>(n: Option<Norm<V>>, vector: &mut dyn FnMut(V) -> Result<V2, E>) -> Result<Option<Norm<V2>>, E> {
    let Some(n) = n else { return Ok(None) };
    Ok(Some(Norm { gain: vector(n.gain)?, bias: n.bias.map(vector).transpose()? }))
}

fn linear<M, V, M2, V2, E>(
    l: Linear<M, V>,
    matrix: &mut dyn FnMut(M) -> Result<M2, E>,
    vector: &mut dyn FnMut(V) -> Result<V2, E>,
) -> Result<Linear<M2, V2>, E> {
    Ok(Linear { weight: matrix(l.weight)?, bias: l.bias.map(vector).transpose()? })
}

impl Layer {
    fn linears(&self) -> [&Linear; 4] {
        [&self.qkv_proj, &self.o_proj, &self.up_proj, &self.down_proj]
    }

    fn vectors(&self) -> impl Iterator<Item = &Tensor> {
        let norms = [&self.input_norm, &self.attention_norm, &self.mlp_norm, &self.output_norm];
        let norms = norms.into_iter().flatten().flat_map(Norm::tensors);
        norms.chain(&self.qk_norm).chain(self.linears().into_iter().filter_map(|l| l.bias.as_ref()))
    }
}

impl Norm {
    fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        std::iter::once(&self.gain).chain(&self.bias)
    }
}

impl Weights {
    /// No weights: for measuring what else a model takes.
    #[must_use]
    pub fn none() -> Self {
        let none = Matrix { parts: Vec::new() };
        let (embed_tokens, lm_head) = (none.clone(), none);
        Self { embed_tokens, positions: None, layers: Vec::new(), norm: None, lm_head, tied: true }
    }

    /// Bytes that a decode step must read at least once: every matrix but the embedding, or the embedding
    /// as the head where they are tied.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        let layer = |l: &Layer| l.linears().iter().map(|l| l.weight.bytes()).sum::<u64>();
        self.layers.iter().map(layer).sum::<u64>() + self.lm_head.bytes()
    }

    /// Every tensor, for freeing.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let own = self.norm.iter().flat_map(Norm::tensors).chain(&self.positions);
        self.matrices().chain(self.layers.iter().flat_map(Layer::vectors)).chain(own)
    }

    /// The parts of every matrix; a tied head is the embedding and comes once.
    pub fn matrices(&self) -> impl Iterator<Item = &Tensor> {
        let layers = self.layers.iter().flat_map(|l| l.linears().map(|l| &l.weight));
        let head = (!self.tied).then_some(&self.lm_head);
        let all = layers.chain([&self.embed_tokens]).chain(head);
        all.flat_map(|m| m.parts.iter().map(|p| &p.tensor))
    }
}
