//! `config.json` of a `LlamaForCausalLM` in Hugging Face layout.

use serde::Deserialize;
use serde_json::Value;

use crate::model::error::ModelError;

const FILE: &str = "config.json";
/// Larger than any size of a model that a visitor's GPU could hold, and small enough for u32 products.
const MOST: u64 = 1 << 20;

/// The shape of a model. Sizes are checked: not zero, within bounds, fitting together.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
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
    /// Added to the mean square in RMSNorm.
    pub rms_norm_eps: f32,
    /// Base of the rotary frequencies.
    pub rope_theta: f32,
    /// The head is the embedding.
    pub tie_word_embeddings: bool,
    /// Tokens that end a text.
    pub eos_token_ids: Vec<u32>,
    /// Token that begins a text.
    pub bos_token_id: Option<u32>,
}

/// A tensor that a checkpoint must hold: its key, and its shape (rows, cols); rows are 1 for a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Key in the checkpoint.
    pub key: String,
    /// Rows, 1 for a vector.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// The checkpoint's shape has one dimension.
    pub vector: bool,
}

/// The fields as they stand in the file.
#[derive(Deserialize)]
struct Raw {
    architectures: Option<Vec<String>>,
    model_type: Option<String>,
    hidden_size: Option<Value>,
    intermediate_size: Option<Value>,
    num_hidden_layers: Option<Value>,
    num_attention_heads: Option<Value>,
    num_key_value_heads: Option<Value>,
    head_dim: Option<Value>,
    vocab_size: Option<Value>,
    max_position_embeddings: Option<Value>,
    rms_norm_eps: Option<Value>,
    rope_theta: Option<Value>,
    rope_parameters: Option<Value>,
    rope_scaling: Option<Value>,
    tie_word_embeddings: Option<bool>,
    attention_bias: Option<bool>,
    mlp_bias: Option<bool>,
    hidden_act: Option<String>,
    eos_token_id: Option<Value>,
    bos_token_id: Option<Value>,
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ModelError::File`] for what is damaged, [`ModelError::Unsupported`] naming the field for what is
    /// sound but not supported.
    pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let raw: Raw = serde_json::from_slice(json).map_err(|e| ModelError::file(FILE, e.to_string()))?;
        supported(&raw)?;
        let hidden_size = size("hidden_size", raw.hidden_size.as_ref())?;
        let heads = size("num_attention_heads", raw.num_attention_heads.as_ref())?;
        let kv_heads = optional("num_key_value_heads", raw.num_key_value_heads.as_ref())?.unwrap_or(heads);
        let head_dim = optional("head_dim", raw.head_dim.as_ref())?.unwrap_or(hidden_size / heads);
        let theta = raw.rope_parameters.as_ref().and_then(|r| r.get("rope_theta")).or(raw.rope_theta.as_ref());
        let config = Self {
            hidden_size,
            intermediate_size: size("intermediate_size", raw.intermediate_size.as_ref())?,
            num_hidden_layers: size("num_hidden_layers", raw.num_hidden_layers.as_ref())?,
            num_attention_heads: heads,
            num_key_value_heads: kv_heads,
            head_dim,
            vocab_size: size("vocab_size", raw.vocab_size.as_ref())?,
            max_position_embeddings: optional("max_position_embeddings", raw.max_position_embeddings.as_ref())?
                .unwrap_or(2048),
            rms_norm_eps: positive("rms_norm_eps", raw.rms_norm_eps.as_ref(), 1e-6)?,
            rope_theta: positive("rope_theta", theta, 10_000.0)?,
            tie_word_embeddings: raw.tie_word_embeddings.unwrap_or(false),
            eos_token_ids: ids("eos_token_id", raw.eos_token_id.as_ref())?,
            bos_token_id: ids("bos_token_id", raw.bos_token_id.as_ref())?.first().copied(),
        };
        config.fits()?;
        Ok(config)
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

    /// Every tensor that the checkpoint must hold.
    #[must_use]
    pub fn tensors(&self) -> Vec<Wanted> {
        let (d, i) = (self.hidden_size, self.intermediate_size);
        let (q, kv) = (self.num_attention_heads * self.head_dim, self.num_key_value_heads * self.head_dim);
        let matrix = |key: String, rows, cols| Wanted { key, rows, cols, vector: false };
        let vector = |key: String, cols| Wanted { key, rows: 1, cols, vector: true };
        let mut all = vec![matrix("model.embed_tokens.weight".into(), self.vocab_size, d)];
        for layer in 0..self.num_hidden_layers {
            let at = |name: &str| format!("model.layers.{layer}.{name}.weight");
            all.extend([
                vector(at("input_layernorm"), d),
                matrix(at("self_attn.q_proj"), q, d),
                matrix(at("self_attn.k_proj"), kv, d),
                matrix(at("self_attn.v_proj"), kv, d),
                matrix(at("self_attn.o_proj"), d, q),
                vector(at("post_attention_layernorm"), d),
                matrix(at("mlp.gate_proj"), i, d),
                matrix(at("mlp.up_proj"), i, d),
                matrix(at("mlp.down_proj"), d, i),
            ]);
        }
        all.push(vector("model.norm.weight".into(), d));
        if !self.tie_word_embeddings {
            all.push(matrix("lm_head.weight".into(), self.vocab_size, d));
        }
        all
    }
}

/// What changes the arithmetic must be what the decoder does.
fn supported(raw: &Raw) -> Result<(), ModelError> {
    let no = |field: &str, problem: String| Err(ModelError::unsupported(FILE, field, problem));
    let architecture = raw.architectures.as_ref().and_then(|a| a.first()).map(String::as_str);
    match architecture.or(raw.model_type.as_deref()) {
        Some("LlamaForCausalLM" | "llama") => {}
        Some(other) => return no("architectures", format!("{other} is not LlamaForCausalLM")),
        None => return Err(ModelError::file(FILE, "architectures: missing")),
    }
    for (field, set) in [("attention_bias", raw.attention_bias), ("mlp_bias", raw.mlp_bias)] {
        if set == Some(true) {
            return no(field, "biases are not supported".into());
        }
    }
    match raw.hidden_act.as_deref() {
        None | Some("silu" | "swish") => {}
        Some(other) => return no("hidden_act", format!("{other} is not silu")),
    }
    for (field, rope) in [("rope_scaling", &raw.rope_scaling), ("rope_parameters", &raw.rope_parameters)] {
        let Some(rope) = rope.as_ref().filter(|r| !r.is_null()) else { continue };
        let kind = rope.get("rope_type").or_else(|| rope.get("type")).and_then(Value::as_str);
        if kind.is_some_and(|k| k != "default") {
            return no(field, format!("rope type {} is not supported", kind.unwrap_or_default()));
        }
        if rope.get("partial_rotary_factor").and_then(Value::as_f64).is_some_and(|f| f != 1.0) {
            return no(field, "partial rotation is not supported".into());
        }
    }
    Ok(())
}

fn size(field: &str, value: Option<&Value>) -> Result<u32, ModelError> {
    optional(field, value)?.ok_or_else(|| ModelError::file(FILE, format!("{field}: missing")))
}

fn optional(field: &str, value: Option<&Value>) -> Result<Option<u32>, ModelError> {
    let Some(value) = value.filter(|v| !v.is_null()) else { return Ok(None) };
    match value.as_u64() {
        Some(n @ 1..=MOST) => Ok(Some(n as u32)),
        _ => Err(ModelError::file(FILE, format!("{field}: {value} is not between 1 and {MOST}"))),
    }
}

fn positive(field: &str, value: Option<&Value>, default: f64) -> Result<f32, ModelError> {
    let number = match value.filter(|v| !v.is_null()) {
        None => Some(default),
        Some(v) => v.as_f64(),
    };
    match number.map(|n| n as f32) {
        Some(n) if n > 0.0 && n.is_finite() => Ok(n),
        _ => Err(ModelError::file(FILE, format!("{field}: {} is no positive number", value.unwrap_or(&Value::Null)))),
    }
}

/// One id, a list of ids, or none.
fn ids(field: &str, value: Option<&Value>) -> Result<Vec<u32>, ModelError> {
    let one = |v: &Value| {
        let id = v.as_u64().and_then(|n| u32::try_from(n).ok());
        id.ok_or_else(|| ModelError::file(FILE, format!("{field}: {v} is no token id")))
    };
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(one).collect(),
        Some(v) => one(v).map(|id| vec![id]),
    }
}
