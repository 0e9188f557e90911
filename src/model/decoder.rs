//! The decoder: a Llama (Touvron et al. 2023), written as in the paper. It records kernels and knows
//! neither the graphics API nor how tokens are chosen.

use crate::engine::{Allocations, Engine, EngineError};
use crate::kernel::Rows;
use crate::kernel::attention::{Attention, AttentionMerge};
use crate::kernel::embed::{Embed, LastRow};
use crate::kernel::linear::{MatMul, MatVec, Norm, Out};
use crate::kernel::norm::RmsNorm;
use crate::kernel::rope::{Cache, Heads, Rope, rope_table};
use crate::model::config::Config;
use crate::model::weights::{Layer, Matrix, Weights};
use crate::record::{Element, Recording, Tensor};

/// Most sequences of a batch.
pub const MAX_SEQUENCES: u32 = 8;
/// Most rows of a prefill slice.
pub const MAX_SLICE: u32 = 256;
/// Keys that one workgroup of a decode step reads.
const SPLIT: u32 = 128;

/// A decoder with its weights, its cache and its scratch memory.
pub struct Decoder {
    /// The model's shape.
    pub config: Config,
    /// Its weights.
    pub weights: Weights,
    /// Positions that a sequence may have.
    pub context: u32,
    /// Most rows of a prefill slice; a short context has no room for [`MAX_SLICE`].
    pub slice: u32,
    /// Rows of the cache.
    pub cache_rows: u32,
    /// Sequence state, see `shaders/lib/state.wgsl`.
    pub state: Tensor,
    /// (cache rows, 1): the token at each row of the cache.
    pub history: Tensor,
    /// (8, V)
    pub logits: Tensor,
    caches: Vec<Cache>,
    table: Tensor,
    x: Tensor,
    h: Tensor,
    qkv: Tensor,
    attended: Tensor,
    parts: Tensor,
    ffn: Tensor,
    f16: bool,
}

/// Words of the state buffer: 4 for all sequences, 4 for each.
pub const STATE_WORDS: u32 = 4 + 4 * MAX_SEQUENCES;

impl Decoder {
    /// Allocates cache and scratch. `context` is cut to the model's own limit.
    ///
    /// # Errors
    /// What the device refuses; the weights are freed then.
    pub fn new(engine: &Engine, config: Config, weights: Weights, context: u32) -> Result<Self, EngineError> {
        let c = &config;
        let f16 = engine.gpu.caps.f16;
        let context = context.min(c.max_position_embeddings);
        let heads = heads(c);
        let made = Allocations::new(engine);
        weights.tensors().for_each(|t| made.hold(t));
        let float = |name: &str, rows, cols| made.alloc(name, rows, cols, Element::F32);
        let table = float("rope table", context, c.head_dim)?;
        engine.write(&table, 0, bytemuck::cast_slice(&rope_table(context, c.head_dim, c.rope_theta)))?;
        let (caches, history) = cache(&made, c, context, f16)?;
        let slice = MAX_SLICE.min(context.max(MAX_SEQUENCES));
        let decoder = Self {
            context,
            slice,
            cache_rows: context,
            state: made.alloc("state", 1, STATE_WORDS, Element::U32)?,
            history,
            logits: float("logits", MAX_SEQUENCES, c.vocab_size)?,
            caches,
            table,
            x: float("x", slice, c.hidden_size)?,
            h: float("h", slice, c.hidden_size)?,
            qkv: float("qkv", slice, heads.qkv_cols())?,
            attended: float("attended", slice, heads.query * heads.size)?,
            parts: float("parts", MAX_SEQUENCES * heads.query, context.div_ceil(SPLIT) * (heads.size + 2))?,
            ffn: float("ffn", slice, c.intermediate_size)?,
            f16,
            weights,
            config,
        };
        made.keep();
        Ok(decoder)
    }

    /// Makes room for `rows` rows in the cache. True when it was moved: recordings made before are void.
    ///
    /// # Errors
    /// What the device refuses; the old cache is gone then, so ask again before going on.
    pub fn reserve(&mut self, engine: &Engine, rows: u32) -> Result<bool, EngineError> {
        if rows <= self.cache_rows {
            return Ok(false);
        }
        let rows = rows.next_multiple_of(self.context.max(256));
        self.release(engine);
        let made = Allocations::new(engine);
        (self.caches, self.history) = cache(&made, &self.config, rows, self.f16)?;
        made.keep();
        self.cache_rows = rows;
        Ok(true)
    }

    /// Frees the cache; [`Decoder::reserve`] makes another.
    pub fn release(&mut self, engine: &Engine) {
        for c in self.caches.drain(..) {
            engine.free(&c.keys);
            engine.free(&c.values);
        }
        // Its place among the engine's tensors may be another's next.
        let gone = Tensor::detached("history", 0, 1, Element::U32);
        engine.free(&std::mem::replace(&mut self.history, gone));
        self.cache_rows = 0;
    }

    /// Frees all memory.
    pub fn free(&self, engine: &Engine) {
        self.weights.tensors().for_each(|t| engine.free(t));
        self.caches.iter().flat_map(|c| [&c.keys, &c.values]).for_each(|t| engine.free(t));
        let own = [
            &self.state,
            &self.history,
            &self.logits,
            &self.table,
            &self.x,
            &self.h,
            &self.qkv,
            &self.attended,
            &self.parts,
            &self.ffn,
        ];
        own.into_iter().for_each(|t| engine.free(t));
    }

    /// From the tokens in the history to the last layer's output in x.
    pub fn layers(&self, r: &mut Recording, rows: Rows) {
        for part in &self.weights.embed_tokens.parts {
            r.run(&Embed {
                table: &part.tensor,
                first: part.first,
                state: &self.state,
                history: &self.history,
                x: &self.x,
                rows,
                f16: self.f16,
            });
        }
        for (layer, cache) in self.weights.layers.iter().zip(&self.caches) {
            self.layer(r, layer, cache, rows);
        }
    }

    fn layer(&self, r: &mut Recording, l: &Layer, cache: &Cache, rows: Rows) {
        let heads = heads(&self.config);
        self.linear(r, &l.qkv_proj, &self.x, &self.qkv, Some(&l.input_layernorm), Out::Store, rows);
        r.run(&Rope { state: &self.state, table: &self.table, qkv: &self.qkv, cache, heads, rows });
        self.attention(r, cache, heads, rows);
        self.linear(r, &l.o_proj, &self.attended, &self.x, None, Out::Add, rows);
        self.linear(r, &l.gate_up_proj, &self.x, &self.ffn, Some(&l.post_attention_layernorm), Out::SwiGlu, rows);
        self.linear(r, &l.down_proj, &self.ffn, &self.x, None, Out::Add, rows);
    }

    /// Logits of `rows` sequences from x, or of the slice's last row (then `rows` is 1).
    pub fn head(&self, r: &mut Recording, rows: Rows) {
        let norm = Some(&self.weights.norm);
        match rows {
            Rows::Decode(_) => self.linear(r, &self.weights.lm_head, &self.x, &self.logits, norm, Out::Store, rows),
            Rows::Prefill(_) => {
                r.run(&LastRow { state: &self.state, x: &self.x, y: &self.h });
                self.linear(r, &self.weights.lm_head, &self.h, &self.logits, norm, Out::Store, Rows::Decode(1));
            }
        }
    }

    /// Few rows meet each weight once; many rows go through tiles. For few, the norm is part of the product.
    #[expect(clippy::too_many_arguments, reason = "a product has this many sides")]
    fn linear(
        &self,
        r: &mut Recording,
        w: &Matrix,
        x: &Tensor,
        y: &Tensor,
        gain: Option<&Tensor>,
        out: Out,
        rows: Rows,
    ) {
        let (eps, f16) = (self.config.rms_norm_eps, self.f16);
        let norm = gain.map(|gain| Norm { gain, eps });
        let x = match (rows, norm) {
            (Rows::Prefill(t), Some(n)) => {
                r.run(&RmsNorm { x, w: n.gain, y: &self.h, eps, rows: t });
                &self.h
            }
            _ => x,
        };
        for part in &w.parts {
            let (w, first) = (&part.tensor, part.first);
            match rows {
                Rows::Decode(rows) => r.run(&MatVec { w, x, y, norm, out, first, rows, f16 }),
                Rows::Prefill(rows) => r.run(&MatMul { w, x, y, state: &self.state, out, first, rows, f16 }),
            }
        }
    }

    /// A prompt has rows enough to fill the GPU; a decode step shares the keys among more workgroups.
    fn attention(&self, r: &mut Recording, cache: &Cache, heads: Heads, rows: Rows) {
        let splits = match rows {
            Rows::Decode(_) => self.context.div_ceil(SPLIT),
            Rows::Prefill(_) => 1,
        };
        let (state, qkv) = (&self.state, &self.qkv);
        if splits == 1 {
            r.run(&Attention { state, qkv, cache, o: &self.attended, heads, rows, splits, split: self.context });
        } else {
            r.run(&Attention { state, qkv, cache, o: &self.parts, heads, rows, splits, split: SPLIT });
            r.run(&AttentionMerge { state, parts: &self.parts, o: &self.attended, heads, rows, splits, split: SPLIT });
        }
    }
}

fn heads(c: &Config) -> Heads {
    Heads { query: c.num_attention_heads, kv: c.num_key_value_heads, size: c.head_dim }
}

/// Keys and values of every layer, and the tokens they came from.
fn cache(made: &Allocations, c: &Config, rows: u32, f16: bool) -> Result<(Vec<Cache>, Tensor), EngineError> {
    let element = if f16 { Element::F16 } else { Element::F32 };
    let cols = heads(c).kv_cols();
    let side = |name: &str, i| made.alloc(&format!("{name} {i}"), rows, cols, element);
    let caches = (0..c.num_hidden_layers)
        .map(|i| Ok(Cache { keys: side("keys", i)?, values: side("values", i)? }))
        .collect::<Result<_, EngineError>>()?;
    Ok((caches, made.alloc("history", rows, 1, Element::U32)?))
}
