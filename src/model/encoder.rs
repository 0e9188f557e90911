//! The encoder: BERT (Devlin et al. 2019), which normalises behind each block instead of before it, and the mean over a
//! text as its embedding (Reimers & Gurevych 2019).

use crate::engine::{Allocations, Engine, EngineError};
use crate::kernel::Rows;
use crate::kernel::attention::Attention;
use crate::kernel::embed::Embed;
use crate::kernel::linear::{MatMul, Out};
use crate::kernel::norm::LayerNorm;
use crate::kernel::pool::{Pool, TEXTS};
use crate::kernel::rope::{Cache, Heads, Rope};
use crate::model::config::{Activation, Config};
use crate::model::decoder::{MAX_SLICE, STATE_WORDS};
use crate::model::weights::{Layer, Linear, Norm, Weights};
use crate::record::{Element, Recording, Tensor};

/// Most tokens of a text, whatever more the model could take.
const MAX_TOKENS: u32 = 512;
/// Fewest rows that a recording is made for.
const FEWEST: u32 = 32;

/// An encoder with its weights and its scratch memory.
pub struct Encoder {
    /// The model's shape.
    pub config: Config,
    /// Its weights.
    pub weights: Weights,
    /// Tokens that a text may have.
    pub context: u32,
    /// Rows of all texts of a batch.
    pub slice: u32,
    /// (rows, 1): the tokens of all texts.
    pub tokens: Tensor,
    /// (rows, D): the last layer's output.
    pub x: Tensor,
    /// (8, D): an embedding for each text.
    pub pooled: Tensor,
    state: Tensor,
    /// Keys and values of one layer: the next one no longer needs them.
    cache: Cache,
    h: Tensor,
    qkv: Tensor,
    attended: Tensor,
    ffn: Tensor,
    f16: bool,
    serial: bool,
}

impl Encoder {
    /// Allocates scratch memory.
    ///
    /// # Errors
    /// What the device refuses; the weights are freed then.
    pub fn new(engine: &Engine, config: Config, weights: Weights) -> Result<Self, EngineError> {
        let made = Allocations::new(engine);
        weights.tensors().for_each(|t| made.hold(t));
        let context = config.max_position_embeddings.min(MAX_TOKENS);
        let slice = context.max(MAX_SLICE);
        let (d, heads) = (config.hidden_size, heads(&config));
        let all = [
            ("state", 1, STATE_WORDS, Element::U32),
            ("tokens", slice, 1, Element::U32),
            ("pooled", TEXTS, d, Element::F32),
            ("x", slice, d, Element::F32),
            ("h", slice, d, Element::F32),
            ("qkv", slice, heads.qkv_cols(), Element::F32),
            // In f32 whatever the device has: they are small, and the embeddings are the same everywhere.
            ("keys", slice, heads.kv_cols(), Element::F32),
            ("values", slice, heads.kv_cols(), Element::F32),
            ("attended", slice, heads.query * heads.size, Element::F32),
            ("ffn", slice, config.intermediate_size, Element::F32),
        ];
        let mut tensors = Vec::with_capacity(all.len());
        for (name, rows, cols, element) in all {
            tensors.push(made.alloc(name, rows, cols, element)?);
        }
        let all = <[Tensor; 10]>::try_from(tensors).map_err(|_| EngineError::Gone("scratch".into()))?;
        let [state, tokens, pooled, x, h, qkv, keys, values, attended, ffn] = all;
        made.keep();
        let (cache, f16, serial) = (Cache { keys, values }, engine.gpu.caps.f16, engine.gpu.caps.software);
        Ok(Self {
            config,
            weights,
            context,
            slice,
            tokens,
            x,
            pooled,
            state,
            cache,
            h,
            qkv,
            attended,
            ffn,
            f16,
            serial,
        })
    }

    /// Frees all memory.
    pub fn free(&self, engine: &Engine) {
        self.weights.tensors().for_each(|t| engine.free(t));
        let Self { tokens, x, pooled, state, cache, h, qkv, attended, ffn, .. } = self;
        let own = [tokens, x, pooled, state, &cache.keys, &cache.values, h, qkv, attended, ffn];
        own.into_iter().for_each(|t| engine.free(t));
    }

    /// How many of these texts the next batch takes: at least one if there is one.
    #[must_use]
    pub fn fits(&self, texts: &[Vec<u32>]) -> usize {
        let (mut count, mut rows) = (0, 0);
        for text in texts.iter().take(TEXTS as usize) {
            rows += text.len();
            if rows > self.slice as usize {
                break;
            }
            count += 1;
        }
        count
    }

    /// Puts texts where a recording looks for them; they fit. Returns the rows that it has to be made for.
    ///
    /// # Errors
    /// A tensor that is gone.
    pub fn put(&self, engine: &Engine, texts: &[Vec<u32>]) -> Result<u32, EngineError> {
        let tokens = texts.concat();
        let rows = tokens.len() as u32;
        let mut state = [u32::MAX; STATE_WORDS as usize];
        state[3] = rows;
        let mut start = 0;
        for (text, place) in texts.iter().zip(state[4..].chunks_exact_mut(4)) {
            let end = start + text.len() as u32;
            place[..2].copy_from_slice(&[start, end]);
            start = end;
        }
        engine.write(&self.tokens, 0, bytemuck::cast_slice(&tokens))?;
        engine.write(&self.state, 0, bytemuck::cast_slice(&state))?;
        Ok(rows.next_power_of_two().max(FEWEST).min(self.slice))
    }

    /// From tokens to embeddings, for up to so many rows of all texts.
    pub fn record(&self, r: &mut Recording, rows: u32) {
        let Self { state, tokens, x, h, .. } = self;
        for part in &self.weights.embed_tokens.parts {
            r.run(&Embed {
                table: &part.tensor,
                first: part.first,
                state,
                history: tokens,
                x: h,
                scale: self.config.embedding_scale,
                positions: self.weights.positions.as_ref(),
                rows: Rows::Encode(rows),
                f16: self.f16,
            });
        }
        self.norm(r, self.weights.norm.as_ref(), h, x, rows);
        self.weights.layers.iter().for_each(|l| self.layer(r, l, rows));
        r.run(&Pool { state, x, y: &self.pooled, unit: true });
    }

    /// h = norm(x + attention(x)), x = norm(h + feed-forward(h)).
    fn layer(&self, r: &mut Recording, l: &Layer, rows: u32) {
        let Self { state, x, h, qkv, cache, attended, ffn, serial, .. } = self;
        let serial = *serial;
        let (heads, rows_of) = (heads(&self.config), Rows::Encode(rows));
        self.linear(r, &l.qkv_proj, x, qkv, Out::Store, rows);
        // Nothing turns: it only files keys and values.
        r.run(&Rope { state, table: None, interleaved: false, norm: None, qkv, cache, heads, rows: rows_of, serial });
        r.run(&Attention {
            state,
            qkv,
            cache,
            o: attended,
            heads,
            rows: rows_of,
            splits: 1,
            split: self.slice,
            scale: self.config.attention_scale,
            window: u32::MAX,
            cap: 0.0,
            serial,
        });
        self.linear(r, &l.o_proj, attended, x, Out::Add, rows);
        self.norm(r, l.attention_norm.as_ref(), x, h, rows);
        let gelu = if self.config.activation == Activation::Gelu { Out::Gelu } else { Out::GeluErf };
        self.linear(r, &l.up_proj, h, ffn, gelu, rows);
        self.linear(r, &l.down_proj, ffn, h, Out::Add, rows);
        self.norm(r, l.output_norm.as_ref(), h, x, rows);
    }

    fn linear(&self, r: &mut Recording, l: &Linear, x: &Tensor, y: &Tensor, out: Out, rows: u32) {
        let (state, bias, f16, serial) = (&self.state, l.bias.as_ref(), self.f16, self.serial);
        for part in &l.weight.parts {
            r.run(&MatMul { w: &part.tensor, x, y, state, bias, out, first: part.first, rows, f16, serial });
        }
    }

    fn norm(&self, r: &mut Recording, norm: Option<&Norm>, x: &Tensor, y: &Tensor, rows: u32) {
        // An encoder has all of them, with biases.
        if let Some(Norm { gain, bias: Some(b) }) = norm {
            r.run(&LayerNorm { x, w: gain, b, y, eps: self.config.norm_eps, rows, serial: self.serial });
        }
    }
}

fn heads(c: &Config) -> Heads {
    Heads { query: c.num_attention_heads, kv: c.num_key_value_heads, size: c.head_dim }
}
