//! `config.json` in Hugging Face layout: what a model is, as data. Architectures differ in these fields, not in code.

mod family;
mod raw;
mod rope;

use crate::json::{self, Value};
use crate::model::error::ModelError;
use crate::model::layout::{Layout, Wanted};
pub use family::Family;
use raw::{FILE, MOST, Raw, unsupported};
pub use rope::Rotary;

/// What the feed-forward block does with its inner values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// silu(gate) · up (Shazeer 2020).
    SwiGlu,
    /// gelu(gate) · up, gelu by tanh.
    GeGlu,
    /// gelu by tanh (Hendrycks & Gimpel 2016).
    Gelu,
    /// gelu by the error function.
    GeluErf,
}

impl Activation {
    /// Two matrices make the inner values.
    #[must_use]
    pub fn gated(self) -> bool {
        matches!(self, Self::SwiGlu | Self::GeGlu)
    }
}

/// How a model knows where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positions {
    /// Queries and keys turn.
    Rotary,
    /// A learned row for each position is added to the embedding.
    Learned,
    /// A row of sines and cosines is added (Vaswani et al. 2017, section 3.5).
    Sinusoidal,
}

/// What a layer's attention sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerKind {
    /// Keys back from a query, itself among them; `u32::MAX` for all.
    pub window: u32,
    /// Which of [`Config::rotary`] turns it.
    pub rotary: usize,
}

impl LayerKind {
    /// It sees all, and turns by the first angles.
    pub const FULL: Self = Self { window: u32::MAX, rotary: 0 };
}

/// The shape of a model. Sizes are checked: not zero, within bounds, fitting together.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Whose checkpoint it is.
    pub family: Family,
    /// D
    pub hidden_size: u32,
    /// I, inner size of the feed-forward block.
    pub intermediate_size: u32,
    /// Number of layers.
    pub num_hidden_layers: u32,
    /// H
    pub num_attention_heads: u32,
    /// G, divides H.
    pub num_key_value_heads: u32,
    /// d, a multiple of 4.
    pub head_dim: u32,
    /// V
    pub vocab_size: u32,
    /// Positions that the model was made for.
    pub max_position_embeddings: u32,
    /// LayerNorm (Ba et al. 2016), with biases, instead of RMSNorm.
    pub layer_norm: bool,
    /// Added to the variance, or to the mean square.
    pub norm_eps: f32,
    /// Added to the gains of RMSNorm as they stand in the file.
    pub norm_offset: f32,
    /// Where tokens stand.
    pub positions: Positions,
    /// Rotary positions: none, or those of all layers, or of global and of local layers.
    pub rotary: Vec<Rotary>,
    /// Neighbours make a pair, instead of the two halves of a head.
    pub rope_interleaved: bool,
    /// Tensor by whose elements the frequencies of the first rotary positions are divided.
    pub rope_divisors: Option<String>,
    /// One for each layer.
    pub layers: Vec<LayerKind>,
    /// Of the feed-forward block.
    pub activation: Activation,
    /// Queries, keys and values have biases.
    pub qkv_bias: bool,
    /// The output of attention has a bias.
    pub o_bias: bool,
    /// The feed-forward block has biases.
    pub mlp_bias: bool,
    /// Queries and keys are normalised, head by head.
    pub qk_norm: bool,
    /// What attention and feed-forward give is normalised before it is added.
    pub post_norms: bool,
    /// q, k and v are one tensor of the file, gate and up another.
    pub fused: bool,
    /// Matrices lie in the file as (inputs, outputs).
    pub transposed: bool,
    /// Multiplies the embedding.
    pub embedding_scale: f32,
    /// Multiplies queries, usually 1 / √d.
    pub attention_scale: f32,
    /// Scores s become c · tanh(s / c); 0: they do not.
    pub attention_cap: f32,
    /// The same of logits.
    pub logit_cap: f32,
    /// The head is the embedding.
    pub tie_word_embeddings: bool,
    /// Tokens that end a text.
    pub eos_token_ids: Vec<u32>,
    /// Token that begins a text.
    pub bos_token_id: Option<u32>,
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ModelError::File`] for what is damaged, [`ModelError::Unsupported`] naming the field for what is
    /// sound but not supported.
    pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let raw = json::parse(json).map_err(|e| ModelError::file(FILE, e))?;
        let raw = Raw(raw.as_map().ok_or_else(|| ModelError::file(FILE, "is no object"))?);
        let family = Family::read(raw)?;
        let (gemma, early) = (family.gemma(), family.early());
        supported(raw, family)?;
        let hidden_size = raw.must(&["hidden_size", "n_embd"])?;
        let heads = raw.must(&["num_attention_heads", "n_head"])?;
        let head_dim = match raw.size(&["head_dim"])? {
            Some(size) => size,
            None if gemma => 256,
            None => hidden_size / heads,
        };
        let inner = match raw.size(&["intermediate_size", "n_inner"])? {
            None if family == Family::Gpt2 => 4 * hidden_size,
            given => given.ok_or_else(|| ModelError::file(FILE, "intermediate_size: missing"))?,
        };
        let activation = activation(raw, family)?;
        let number = |field: &str, default: f64| Ok::<_, ModelError>(raw.positive(field)?.unwrap_or(default) as f32);
        let eps = match family {
            Family::Gpt2 => number("layer_norm_epsilon", 1e-5)?,
            Family::Bert => number("layer_norm_eps", 1e-12)?,
            _ => number("rms_norm_eps", 1e-6)?,
        };
        let biased = raw.flag("attention_bias")?.unwrap_or(early);
        let caps = if family == Family::Gemma2 { (50.0, 30.0) } else { (0.0, 0.0) };
        let cap = |field: &str, default: f64| match raw.0.get(field) {
            None => Ok(default as f32),
            Some(Value::Null) => Ok(0.0),
            Some(_) => number(field, default),
        };
        let scalar = if gemma { number("query_pre_attn_scalar", 256.0)? } else { head_dim as f32 };
        let gguf = raw.object("gguf")?;
        let from_gguf = |field: &str| gguf.map_or(Ok(None), |g| g.flag(field));
        let mut config = Self {
            family,
            hidden_size,
            intermediate_size: inner,
            num_hidden_layers: raw.must(&["num_hidden_layers", "n_layer"])?,
            num_attention_heads: heads,
            num_key_value_heads: raw.size(&["num_key_value_heads"])?.unwrap_or(heads),
            head_dim,
            vocab_size: raw.must(&["vocab_size"])?,
            max_position_embeddings: raw.size(&["max_position_embeddings", "n_positions"])?.unwrap_or(2048),
            layer_norm: early,
            norm_eps: eps,
            norm_offset: if gemma && from_gguf("norm_plus_one")? != Some(false) { 1.0 } else { 0.0 },
            positions: positions(raw, family)?,
            rope_interleaved: from_gguf("rope_interleaved")?.unwrap_or(false),
            rope_divisors: gguf.map_or(Ok(None), |g| g.string("rope_divisors"))?.map(Into::into),
            activation,
            qkv_bias: biased || family == Family::Qwen2,
            o_bias: biased,
            mlp_bias: raw.flag("mlp_bias")?.unwrap_or(early),
            qk_norm: matches!(family, Family::Qwen3 | Family::Gemma3),
            post_norms: gemma,
            fused: family == Family::Phi3,
            transposed: family == Family::Gpt2 && gguf.is_none(),
            embedding_scale: if gemma { (hidden_size as f32).sqrt() } else { 1.0 },
            attention_scale: 1.0 / scalar.sqrt(),
            attention_cap: cap("attn_logit_softcapping", caps.0)?,
            logit_cap: cap("final_logit_softcapping", caps.1)?,
            tie_word_embeddings: raw.flag("tie_word_embeddings")?.unwrap_or(family.ties()),
            eos_token_ids: raw.ids("eos_token_id")?,
            bos_token_id: raw.ids("bos_token_id")?.first().copied(),
            ..Self::llama()
        };
        config.fits()?;
        config.turn(raw)?;
        config.layers = layers(raw, &config)?;
        Ok(config)
    }

    /// A Llama without sizes, positions and layers.
    #[must_use]
    pub fn llama() -> Self {
        Self {
            family: Family::Llama,
            hidden_size: 0,
            intermediate_size: 0,
            num_hidden_layers: 0,
            num_attention_heads: 0,
            num_key_value_heads: 0,
            head_dim: 0,
            vocab_size: 0,
            max_position_embeddings: 0,
            layer_norm: false,
            norm_eps: 1e-5,
            norm_offset: 0.0,
            positions: Positions::Rotary,
            rotary: Vec::new(),
            rope_interleaved: false,
            rope_divisors: None,
            layers: Vec::new(),
            activation: Activation::SwiGlu,
            qkv_bias: false,
            o_bias: false,
            mlp_bias: false,
            qk_norm: false,
            post_norms: false,
            fused: false,
            transposed: false,
            embedding_scale: 1.0,
            attention_scale: 1.0,
            attention_cap: 0.0,
            logit_cap: 0.0,
            tie_word_embeddings: false,
            eos_token_ids: Vec::new(),
            bos_token_id: None,
        }
    }

    /// Every tensor that the checkpoint must hold.
    #[must_use]
    pub fn tensors(&self) -> Vec<Wanted> {
        Layout::new(self).0.wanted
    }

    /// Sizes that must fit together.
    fn fits(&self) -> Result<(), ModelError> {
        let (h, g) = (self.num_attention_heads, self.num_key_value_heads);
        if !h.is_multiple_of(g) {
            return Err(ModelError::file(FILE, format!("num_key_value_heads: {g} does not divide {h} heads")));
        }
        let fours = [
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("head_dim", self.head_dim),
        ];
        for (field, value) in fours {
            if value == 0 || !value.is_multiple_of(4) {
                return Err(ModelError::unsupported(FILE, field, format!("{value} is no multiple of 4")));
            }
        }
        if self.head_dim > 1024 || u64::from(h + 2 * g) * u64::from(self.head_dim) > MOST {
            return Err(ModelError::file(FILE, format!("head_dim: {h} heads of {} are too large", self.head_dim)));
        }
        if self.num_hidden_layers > 1024 {
            return Err(ModelError::file(FILE, format!("num_hidden_layers: {} are too many", self.num_hidden_layers)));
        }
        if let Some(id) = self.eos_token_ids.iter().chain(&self.bos_token_id).find(|&&id| id >= self.vocab_size) {
            return Err(ModelError::file(
                FILE,
                format!("token {id} lies outside the vocabulary of {}", self.vocab_size),
            ));
        }
        Ok(())
    }

    /// Reads the rotary positions.
    fn turn(&mut self, raw: Raw) -> Result<(), ModelError> {
        if self.positions != Positions::Rotary {
            self.rotary = vec![Rotary::none()];
            return Ok(());
        }
        const ORIGINAL: &str = "original_max_position_embeddings";
        let rope = match raw.object("rope_parameters")? {
            Some(rope) => Some(rope),
            None => raw.object("rope_scaling")?,
        };
        // Newer files have one object for each kind of layer.
        let by_kind = |kind: &str| rope.map_or(Ok(None), |r| r.object(kind));
        let (global, local) = (by_kind("full_attention")?, by_kind("sliding_attention")?);
        let global = if global.is_some() { global } else { rope };
        let within = |field: &str, of: Option<Raw>| of.map_or(Ok(None), |r| r.positive(field));
        let or_above = |field: &str, of: Option<Raw>| match within(field, of)? {
            Some(value) => Ok::<_, ModelError>(Some(value)),
            None => raw.positive(field),
        };
        let theta = or_above("rope_theta", global)?.unwrap_or(self.family.theta());
        let part = or_above("partial_rotary_factor", global)?.unwrap_or(1.0);
        let dims = (f64::from(self.head_dim) * part.min(1.0) + 1e-6) as u32 & !1;
        let context = self.max_position_embeddings;
        let own = global.unwrap_or(raw);
        let original = match own.size(&[ORIGINAL])? {
            Some(original) => original,
            None => raw.size(&[ORIGINAL])?.unwrap_or(context),
        };
        self.rotary = vec![Rotary::read(global, theta, dims, (context, original), self.rope_divisors.is_some())?];
        if matches!(own.string("rope_type")?.or(own.string("type")?), Some("longrope" | "su")) {
            self.max_position_embeddings = original;
        }
        if self.family == Family::Gemma3 {
            let theta = match within("rope_theta", local)? {
                Some(theta) => theta,
                None => raw.positive("rope_local_base_freq")?.unwrap_or(1e4),
            };
            self.rotary.push(Rotary::read(local, theta, self.head_dim, (context, context), false)?);
        }
        if self.family == Family::SmolLm3 {
            self.rotary.push(Rotary::none());
        }
        Ok(())
    }
}

/// What changes the arithmetic must be what the decoder does.
fn supported(raw: Raw, family: Family) -> Result<(), ModelError> {
    for (field, default) in [("scale_attn_weights", true), ("scale_attn_by_inverse_layer_idx", false)] {
        if family == Family::Gpt2 && raw.flag(field)?.unwrap_or(default) != default {
            return Err(unsupported(field, "this value"));
        }
    }
    if let Some(q) = raw.get("quantization_config") {
        return Err(unsupported("quantization_config", &q.to_string()));
    }
    Ok(())
}

fn activation(raw: Raw, family: Family) -> Result<Activation, ModelError> {
    let names = ["hidden_activation", "hidden_act", "activation_function"];
    let mut named = None;
    for field in names {
        if named.is_none() {
            named = raw.string(field)?.map(|name| (field, name));
        }
    }
    let (field, name) = named.unwrap_or(("hidden_act", family.activation()));
    match (name, family.early()) {
        ("silu" | "swish", false) => Ok(Activation::SwiGlu),
        ("gelu_pytorch_tanh" | "gelu_new", false) => Ok(Activation::GeGlu),
        ("gelu_pytorch_tanh" | "gelu_new", true) => Ok(Activation::Gelu),
        ("gelu", true) => Ok(Activation::GeluErf),
        _ => Err(unsupported(field, name)),
    }
}

fn positions(raw: Raw, family: Family) -> Result<Positions, ModelError> {
    const FIELD: &str = "position_embedding_type";
    match (raw.string(FIELD)?, family.early()) {
        (None | Some("absolute"), true) => Ok(Positions::Learned),
        (None | Some("rope"), false) => Ok(Positions::Rotary),
        (Some("sinusoidal"), false) => Ok(Positions::Sinusoidal),
        (Some(other), _) => Err(unsupported(FIELD, other)),
    }
}

/// Which layers see a window, and which turn by which angles.
fn layers(raw: Raw, config: &Config) -> Result<Vec<LayerKind>, ModelError> {
    let count = config.num_hidden_layers as usize;
    let of = |list: Option<&[Value]>, field: &str| match list {
        Some(list) if list.len() < count => {
            Err(ModelError::file(FILE, format!("{field}: {} for {count} layers", list.len())))
        }
        _ => Ok(()),
    };
    let types = raw.list("layer_types")?;
    of(types, "layer_types")?;
    let gemma = config.family.gemma();
    let used =
        raw.flag("use_sliding_window")?.unwrap_or(matches!(config.family, Family::Mistral | Family::Phi3) || gemma);
    let window = match raw.size(&["sliding_window"])? {
        Some(window) if used => window,
        None if gemma => 4096,
        _ => u32::MAX,
    };
    let every = raw.size(&["sliding_window_pattern"])?.unwrap_or(if config.family == Family::Gemma2 { 2 } else { 6 });
    let from = raw.get("max_window_layers").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let turning = raw.list("no_rope_layers")?;
    of(turning, "no_rope_layers")?;
    let rest = raw.size(&["no_rope_layer_interval"])?.unwrap_or(4);
    let kind = |i: usize| {
        let slides = match (types, config.family) {
            (Some(types), _) => types[i].as_str() == Some("sliding_attention"),
            (None, Family::Gemma2 | Family::Gemma3) => !(i + 1).is_multiple_of(every as usize),
            (None, Family::Qwen2 | Family::Qwen3) => i as u64 >= from,
            _ => true,
        };
        let still = match turning {
            Some(list) => list[i].as_u64() == Some(0),
            None => (i + 1).is_multiple_of(rest as usize),
        };
        let rotary = match config.family {
            Family::Gemma3 => usize::from(slides),
            Family::SmolLm3 => usize::from(still),
            _ => 0,
        };
        LayerKind { window: if slides { window } else { u32::MAX }, rotary }
    };
    Ok((0..count).map(kind).collect())
}
