//! `config.json` of a `LlamaForCausalLM` in Hugging Face layout.

use serde_json::Value;

use crate::model::error::{ModelError, short};

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

/// The fields as they stand in the file: what is not asked for is ignored, as every reader of such files does.
type Raw = serde_json::Map<String, Value>;

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ModelError::File`] for what is damaged, [`ModelError::Unsupported`] naming the field for what is
    /// sound but not supported.
    pub fn from_json(json: &[u8]) -> Result<Self, ModelError> {
        let raw: Raw = serde_json::from_slice(json).map_err(|e| ModelError::file(FILE, e.to_string()))?;
        supported(&raw)?;
        let must = |field: &str| size(&raw, field)?.ok_or_else(|| ModelError::file(FILE, format!("{field}: missing")));
        let hidden_size = must("hidden_size")?;
        let heads = must("num_attention_heads")?;
        let rope = present(&raw, "rope_parameters").and_then(Value::as_object);
        let theta = rope.and_then(|r| present(r, "rope_theta")).or(present(&raw, "rope_theta"));
        let config = Self {
            hidden_size,
            intermediate_size: must("intermediate_size")?,
            num_hidden_layers: must("num_hidden_layers")?,
            num_attention_heads: heads,
            num_key_value_heads: size(&raw, "num_key_value_heads")?.unwrap_or(heads),
            head_dim: size(&raw, "head_dim")?.unwrap_or(hidden_size / heads),
            vocab_size: must("vocab_size")?,
            max_position_embeddings: size(&raw, "max_position_embeddings")?.unwrap_or(2048),
            rms_norm_eps: positive("rms_norm_eps", raw.get("rms_norm_eps"), 1e-6)?,
            rope_theta: positive("rope_theta", theta, 10_000.0)?,
            tie_word_embeddings: flag(&raw, "tie_word_embeddings")?,
            eos_token_ids: ids(&raw, "eos_token_id")?,
            bos_token_id: ids(&raw, "bos_token_id")?.first().copied(),
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
    let first = present(raw, "architectures").and_then(|a| if a.is_array() { a.get(0) } else { Some(a) });
    let architecture = match first {
        Some(first) => string("architectures", first)?,
        None => match present(raw, "model_type") {
            Some(kind) => string("model_type", kind)?,
            None => return Err(ModelError::file(FILE, "architectures: missing")),
        },
    };
    if !["LlamaForCausalLM", "llama"].contains(&architecture) {
        return no("architectures", format!("{} is not LlamaForCausalLM", short(architecture)));
    }
    for field in ["attention_bias", "mlp_bias"] {
        if flag(raw, field)? {
            return no(field, "biases are not supported".into());
        }
    }
    match present(raw, "hidden_act").map(|act| string("hidden_act", act)).transpose()? {
        None | Some("silu" | "swish") => {}
        Some(other) => return no("hidden_act", format!("{} is not silu", short(other))),
    }
    if present(raw, "quantization_config").is_some() {
        return no("quantization_config", "quantised weights are not supported".into());
    }
    for field in ["rope_scaling", "rope_parameters"] {
        let Some(rope) = present(raw, field) else { continue };
        let Some(rope) = rope.as_object() else {
            return Err(ModelError::file(FILE, format!("{field}: {} is no object", shown(rope))));
        };
        if let Some(kind) = present(rope, "rope_type").or(present(rope, "type"))
            && kind.as_str() != Some("default")
        {
            return no(field, format!("the rope type {} is not supported", shown(kind)));
        }
        partial(field, rope)?;
    }
    partial("partial_rotary_factor", raw)
}

/// Some models turn only a part of each head.
fn partial(field: &str, of: &Raw) -> Result<(), ModelError> {
    match present(of, "partial_rotary_factor") {
        Some(factor) if factor.as_f64() != Some(1.0) => {
            Err(ModelError::unsupported(FILE, field, "partial rotation is not supported"))
        }
        _ => Ok(()),
    }
}

/// `null` is as good as absent.
fn present<'a>(raw: &'a Raw, field: &str) -> Option<&'a Value> {
    raw.get(field).filter(|v| !v.is_null())
}

/// A value for a message.
fn shown(value: &Value) -> String {
    short(&value.to_string())
}

fn string<'a>(field: &str, value: &'a Value) -> Result<&'a str, ModelError> {
    value.as_str().ok_or_else(|| ModelError::file(FILE, format!("{field}: {} is no string", shown(value))))
}

/// False when absent.
fn flag(raw: &Raw, field: &str) -> Result<bool, ModelError> {
    match present(raw, field) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(v) => Err(ModelError::file(FILE, format!("{field}: {} is neither true nor false", shown(v)))),
    }
}

fn size(raw: &Raw, field: &str) -> Result<Option<u32>, ModelError> {
    let Some(value) = present(raw, field) else { return Ok(None) };
    match value.as_u64() {
        Some(n @ 1..=MOST) => Ok(Some(n as u32)),
        _ => Err(ModelError::file(FILE, format!("{field}: {} is not between 1 and {MOST}", shown(value)))),
    }
}

fn positive(field: &str, value: Option<&Value>, default: f64) -> Result<f32, ModelError> {
    let number = match value.filter(|v| !v.is_null()) {
        None => Some(default),
        Some(v) => v.as_f64(),
    };
    match number.map(|n| n as f32) {
        Some(n) if n > 0.0 && n.is_finite() => Ok(n),
        _ => {
            let value = shown(value.unwrap_or(&Value::Null));
            Err(ModelError::file(FILE, format!("{field}: {value} is no positive number")))
        }
    }
}

/// One id, a list of ids, or none.
fn ids(raw: &Raw, field: &str) -> Result<Vec<u32>, ModelError> {
    let one = |v: &Value| {
        let id = v.as_u64().and_then(|n| u32::try_from(n).ok());
        id.ok_or_else(|| ModelError::file(FILE, format!("{field}: {} is no token id", shown(v))))
    };
    match present(raw, field) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(one).collect(),
        Some(v) => one(v).map(|id| vec![id]),
    }
}
