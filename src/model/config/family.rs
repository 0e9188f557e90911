//! The architectures that are known, by the names that files give them, and what each does unless its file says
//! otherwise.

use std::borrow::Cow;

use super::raw::{Raw, unsupported};
use crate::json::Value;
use crate::model::error::ModelError;

/// Which checkpoints a model's file is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Llama 2 and 3 (Touvron et al. 2023), SmolLM2, and whatever else calls itself one.
    Llama,
    /// SmolLM3: a Llama with some layers without positions.
    SmolLm3,
    /// Mistral (Jiang et al. 2023): a Llama with a sliding window.
    Mistral,
    /// Qwen2 and 2.5: with biases on queries, keys and values.
    Qwen2,
    /// Qwen3: with normalised queries and keys.
    Qwen3,
    /// Gemma 2: norms around each block, capped scores.
    Gemma2,
    /// Gemma 3: the same with normalised queries and keys and two rotary bases instead of caps.
    Gemma3,
    /// Phi-3: a Llama with fused projections.
    Phi3,
    /// GPT-2 (Radford et al. 2019).
    Gpt2,
    /// BERT (Devlin et al. 2019) and MiniLM: encoders.
    Bert,
}

const NAMES: [(Family, &str, &str); 10] = [
    (Family::Llama, "LlamaForCausalLM", "llama"),
    (Family::SmolLm3, "SmolLM3ForCausalLM", "smollm3"),
    (Family::Mistral, "MistralForCausalLM", "mistral"),
    (Family::Qwen2, "Qwen2ForCausalLM", "qwen2"),
    (Family::Qwen3, "Qwen3ForCausalLM", "qwen3"),
    (Family::Gemma2, "Gemma2ForCausalLM", "gemma2"),
    (Family::Gemma3, "Gemma3ForCausalLM", "gemma3_text"),
    (Family::Phi3, "Phi3ForCausalLM", "phi3"),
    (Family::Gpt2, "GPT2LMHeadModel", "gpt2"),
    (Family::Bert, "BertModel", "bert"),
];

impl Family {
    /// By `architectures`, or by `model_type` where that is missing. A BERT may have any head; it is not used.
    pub(super) fn read(raw: Raw) -> Result<Self, ModelError> {
        let first = match raw.get("architectures") {
            Some(Value::List(list)) => match list.first() {
                Some(first) => first.as_str().ok_or_else(|| bad("architectures", "is no list of names"))?,
                None => return Err(bad("architectures", "is empty")),
            },
            Some(_) => raw.string("architectures")?.unwrap_or_default(),
            None => raw.string("model_type")?.ok_or_else(|| bad("architectures", "missing"))?,
        };
        let known = NAMES.iter().find(|n| n.1 == first || n.2 == first);
        match known {
            Some(n) => Ok(n.0),
            None if first.starts_with("Bert") => Ok(Self::Bert),
            None => Err(unsupported("architectures", first)),
        }
    }

    /// Gemma 2 or 3.
    #[must_use]
    pub fn gemma(self) -> bool {
        matches!(self, Self::Gemma2 | Self::Gemma3)
    }

    /// GPT-2 or BERT: LayerNorm, learned positions, biases throughout.
    #[must_use]
    pub fn early(self) -> bool {
        matches!(self, Self::Gpt2 | Self::Bert)
    }

    /// The head is the embedding unless the file says otherwise.
    pub(super) fn ties(self) -> bool {
        self.gemma() || self.early() || self == Self::SmolLm3
    }

    pub(super) fn theta(self) -> f64 {
        match self {
            Self::SmolLm3 => 2e6,
            Self::Gemma3 => 1e6,
            _ => 1e4,
        }
    }

    pub(super) fn activation(self) -> &'static str {
        match self {
            Self::Gpt2 => "gelu_new",
            Self::Bert => "gelu",
            _ if self.gemma() => "gelu_pytorch_tanh",
            _ => "silu",
        }
    }

    /// Checkpoints of whole models have a word before each key that those of a bare one lack. Those of BERTs that once
    /// were TensorFlow's have its names for norms.
    #[must_use]
    pub fn canonical(self, key: &str) -> Cow<'_, str> {
        let prefix = match self {
            Self::Gpt2 => "transformer.",
            Self::Bert => "bert.",
            _ => "",
        };
        let key = key.strip_prefix(prefix).unwrap_or(key);
        let renamed = |old: &str, new: &str| key.strip_suffix(old).map(|stem| format!("{stem}{new}"));
        match renamed("LayerNorm.gamma", "LayerNorm.weight").or_else(|| renamed("LayerNorm.beta", "LayerNorm.bias")) {
            Some(renamed) if self == Self::Bert => renamed.into(),
            _ => key.into(),
        }
    }
}

fn bad(field: &str, problem: &str) -> ModelError {
    ModelError::file(super::raw::FILE, format!("{field}: {problem}"))
}
