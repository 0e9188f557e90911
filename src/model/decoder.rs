//! The decoder: a transformer as GPT-2 and Llama made it, written as in the papers. What architectures do differently is
//! data: fields of the configuration, and weights that are there or not. It records kernels and knows neither the graphics
//! API nor how tokens are chosen.

use crate::engine::{Allocations, Engine, EngineError};
use crate::kernel::Rows;
use crate::kernel::attention::{Attention, AttentionMerge};
use crate::kernel::embed::{Embed, LastRow};
use crate::kernel::linear::{self, MatMul, MatVec, Out};
use crate::kernel::norm::{LayerNorm, RmsNorm};
use crate::kernel::rope::{Cache, Heads, Rope, rope_table};
use crate::math;
use crate::model::config::{Activation, Config, LayerKind, Positions};
use crate::model::weights::{Layer, Linear, Norm, Weights};
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
    /// Of each of the configuration's rotary positions; none where nothing turns.
    tables: Vec<Option<Tensor>>,
    x: Tensor,
    h: Tensor,
    qkv: Tensor,
    attended: Tensor,
    parts: Tensor,
    ffn: Tensor,
    f16: bool,
    serial: bool,
}

/// Words of the state buffer: 4 for all sequences, 4 for each.
pub const STATE_WORDS: u32 = 4 + 4 * MAX_SEQUENCES;

impl Decoder {
    /// Allocates cache and scratch. `context` is cut to the model's own limit.
    ///
    /// # Errors
    /// What the device refuses; the weights are freed then.
    pub fn new(engine: &Engine, config: Config, mut weights: Weights, context: u32) -> Result<Self, EngineError> {
        let c = &config;
        let f16 = engine.gpu.caps.f16;
        let context = context.min(c.max_position_embeddings);
        let heads = heads(c);
        let made = Allocations::new(engine);
        weights.tensors().for_each(|t| made.hold(t));
        let float = |name: &str, rows, cols| made.alloc(name, rows, cols, Element::F32);
        let mut tables = Vec::new();
        for r in &c.rotary {
            let turning = r.inverse.len() as u32;
            tables.push(if turning == 0 { None } else { Some(float("rope table", context, 2 * turning)?) });
            if let Some(Some(table)) = tables.last() {
                engine.write(table, 0, bytemuck::cast_slice(&rope_table(context, &r.inverse, r.factor)))?;
            }
        }
        if c.positions == Positions::Sinusoidal {
            let table = float("positions", context + 1, c.hidden_size)?;
            engine.write(&table, 0, bytemuck::cast_slice(&sinusoids(context, c.hidden_size)))?;
            weights.positions = Some(table);
        }
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
            tables,
            x: float("x", slice, c.hidden_size)?,
            h: float("h", slice, c.hidden_size)?,
            qkv: float("qkv", slice, heads.qkv_cols())?,
            attended: float("attended", slice, heads.query * heads.size)?,
            parts: float("parts", MAX_SEQUENCES * heads.query, context.div_ceil(SPLIT) * (heads.size + 2))?,
            ffn: float("ffn", slice, c.intermediate_size)?,
            f16,
            serial: engine.gpu.caps.software,
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
            &self.x,
            &self.h,
            &self.qkv,
            &self.attended,
            &self.parts,
            &self.ffn,
        ];
        own.into_iter().chain(self.tables.iter().flatten()).for_each(|t| engine.free(t));
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
                scale: self.config.embedding_scale,
                positions: self.weights.positions.as_ref(),
                rows,
                f16: self.f16,
            });
        }
        for ((layer, kind), cache) in self.weights.layers.iter().zip(&self.config.layers).zip(&self.caches) {
            self.layer(r, layer, *kind, cache, rows);
        }
    }

    fn layer(&self, r: &mut Recording, l: &Layer, kind: LayerKind, cache: &Cache, rows: Rows) {
        let c = &self.config;
        let heads = heads(c);
        let Self { state, x, qkv, attended, ffn, serial, .. } = self;
        self.linear(r, &l.qkv_proj, x, qkv, l.input_norm.as_ref(), Out::Store, rows);
        let norm = l.qk_norm.as_ref().map(|gains| (gains, c.norm_eps));
        let table = self.tables[kind.rotary].as_ref();
        r.run(&Rope { state, table, interleaved: c.rope_interleaved, norm, qkv, cache, heads, rows, serial: *serial });
        self.attention(r, cache, heads, kind.window, rows);
        self.residual(r, &l.o_proj, attended, l.attention_norm.as_ref(), rows);
        let activation = match c.activation {
            Activation::SwiGlu => Out::SwiGlu,
            Activation::GeGlu => Out::GeGlu,
            Activation::Gelu => Out::Gelu,
            Activation::GeluErf => Out::GeluErf,
        };
        self.linear(r, &l.up_proj, x, ffn, l.mlp_norm.as_ref(), activation, rows);
        self.residual(r, &l.down_proj, ffn, l.output_norm.as_ref(), rows);
    }

    /// x = x + W v, or x = x + norm(W v).
    fn residual(&self, r: &mut Recording, w: &Linear, v: &Tensor, norm: Option<&Norm>, rows: Rows) {
        let Some(norm) = norm else { return self.linear(r, w, v, &self.x, None, Out::Add, rows) };
        self.linear(r, w, v, &self.h, None, Out::Store, rows);
        let (eps, rows, serial) = (self.config.norm_eps, rows.count(), self.serial);
        r.run(&RmsNorm { x: &self.h, w: &norm.gain, y: &self.x, eps, rows, add: true, serial });
    }

    /// Logits of `rows` sequences from x, or of the slice's last row (then `rows` is 1).
    pub fn head(&self, r: &mut Recording, rows: Rows) {
        let norm = self.weights.norm.as_ref();
        let out = if self.config.logit_cap == 0.0 { Out::Store } else { Out::Cap(self.config.logit_cap) };
        let head = Linear { weight: self.weights.lm_head.clone(), bias: None };
        match rows {
            Rows::Decode(_) => self.linear(r, &head, &self.x, &self.logits, norm, out, rows),
            Rows::Prefill(_) | Rows::Encode(_) => {
                r.run(&LastRow { state: &self.state, x: &self.x, y: &self.h });
                let (norm, x) = match norm {
                    // A LayerNorm writes to h, so it cannot read from there.
                    Some(Norm { gain, bias: Some(bias) }) => {
                        let (eps, serial) = (self.config.norm_eps, self.serial);
                        r.run(&LayerNorm { x: &self.h, w: gain, b: bias, y: &self.x, eps, rows: 1, serial });
                        (None, &self.x)
                    }
                    norm => (norm, &self.h),
                };
                self.linear(r, &head, x, &self.logits, norm, out, Rows::Decode(1));
            }
        }
    }

    /// Few rows meet each weight once; many rows go through tiles. For few, an RMSNorm is part of the product.
    #[expect(clippy::too_many_arguments, reason = "a product has this many sides")]
    fn linear(&self, r: &mut Recording, l: &Linear, x: &Tensor, y: &Tensor, norm: Option<&Norm>, out: Out, rows: Rows) {
        let (eps, f16, serial) = (self.config.norm_eps, self.f16, self.serial);
        let mut fused = None;
        let x = match (norm, rows) {
            (None, _) => x,
            (Some(Norm { gain, bias: None }), Rows::Decode(_)) => {
                fused = Some(linear::Norm { gain, eps });
                x
            }
            (Some(Norm { gain, bias }), _) => {
                let (y, rows) = (&self.h, rows.count());
                match bias {
                    None => r.run(&RmsNorm { x, w: gain, y, eps, rows, add: false, serial }),
                    Some(b) => r.run(&LayerNorm { x, w: gain, b, y, eps, rows, serial }),
                }
                y
            }
        };
        let bias = l.bias.as_ref();
        for part in &l.weight.parts {
            let (w, first) = (&part.tensor, part.first);
            match rows {
                Rows::Decode(rows) => r.run(&MatVec { w, x, y, norm: fused, bias, out, first, rows, f16, serial }),
                Rows::Prefill(rows) | Rows::Encode(rows) => {
                    r.run(&MatMul { w, x, y, state: &self.state, bias, out, first, rows, f16, serial })
                }
            }
        }
    }

    /// A prompt has rows enough to fill the GPU; a decode step shares the keys among more workgroups.
    fn attention(&self, r: &mut Recording, cache: &Cache, heads: Heads, window: u32, rows: Rows) {
        let (splits, split, o) = match rows {
            // Without a GPU nothing runs beside anything.
            Rows::Decode(_) if self.context > SPLIT && !self.serial => {
                (self.context.div_ceil(SPLIT), SPLIT, &self.parts)
            }
            _ => (1, self.context, &self.attended),
        };
        let (state, qkv) = (&self.state, &self.qkv);
        let (scale, cap, serial) = (self.config.attention_scale, self.config.attention_cap, self.serial);
        r.run(&Attention { state, qkv, cache, o, heads, rows, splits, split, scale, window, cap, serial });
        if splits > 1 {
            r.run(&AttentionMerge { state, parts: o, o: &self.attended, heads, rows, splits, split, window });
        }
    }
}

/// Row t has sin(t f) and cos(t f) by turns, f falling from 1 to 1/10000 (Vaswani et al. 2017); the last row is zero.
fn sinusoids(positions: u32, cols: u32) -> Vec<f32> {
    let angle = |t: u32, i: u32| f64::from(t) * math::pow(1e4, -f64::from(2 * i) / f64::from(cols));
    let row = |t: u32| (0..cols / 2).flat_map(move |i| [math::sin(angle(t, i)) as f32, math::cos(angle(t, i)) as f32]);
    (0..positions).flat_map(row).chain(vec![0.0; cols as usize]).collect()
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
