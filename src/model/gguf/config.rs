//! The metadata of a model as the `config.json` that Hugging Face has for it, so that one reader serves both. What
//! GGUF holds otherwise than Hugging Face stands in an object of its own, `gguf`:
//!
//! - `rope_interleaved`: rows of queries and keys lie so that neighbours make a rotary pair (`permute` in llama.cpp's
//!   conversion), instead of the two halves of a head.
//! - `norm_plus_one`: false, Gemma's gains have their one already.
//! - `rope_divisors`: the tensor by whose elements the rotary frequencies are divided, one for each pair: what became
//!   of Llama 3's scaling, or of the short factors of `longrope`. `rope_parameters` then says `longrope` and lacks its
//!   `short_factor`, which is to be this tensor's.
//! - `pooling`: `mean`, `cls` or `last`, of an encoder.

use std::fmt::{Display, Write as _};

use super::Header;
use super::vocab::{TOKENS, special};
use crate::model::error::{ModelError, short};

const ARCHITECTURE: &str = "general.architecture";

/// The architectures: GGUF's name, Hugging Face's class and model type, and the activation.
const ARCHITECTURES: [(&str, &str, &str, &str); 9] = [
    ("llama", "LlamaForCausalLM", "llama", "silu"),
    ("smollm3", "SmolLM3ForCausalLM", "smollm3", "silu"),
    ("qwen2", "Qwen2ForCausalLM", "qwen2", "silu"),
    ("qwen3", "Qwen3ForCausalLM", "qwen3", "silu"),
    ("gemma2", "Gemma2ForCausalLM", "gemma2", "gelu_pytorch_tanh"),
    ("gemma3", "Gemma3ForCausalLM", "gemma3_text", "gelu_pytorch_tanh"),
    ("phi3", "Phi3ForCausalLM", "phi3", "silu"),
    ("gpt2", "GPT2LMHeadModel", "gpt2", "gelu_new"),
    ("bert", "BertModel", "bert", "gelu"),
];

/// Numbers that only have another name.
const FIELDS: [(&str, &str); 8] = [
    ("embedding_length", "hidden_size"),
    ("feed_forward_length", "intermediate_size"),
    ("block_count", "num_hidden_layers"),
    ("attention.head_count", "num_attention_heads"),
    ("context_length", "max_position_embeddings"),
    ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    ("attn_logit_softcapping", "attn_logit_softcapping"),
    ("final_logit_softcapping", "final_logit_softcapping"),
];

/// The same of `rope_parameters`.
const ROPE: [(&str, &str); 4] = [
    ("rope.freq_base", "rope_theta"),
    ("rope.scaling.factor", "factor"),
    ("rope.scaling.yarn_beta_fast", "beta_fast"),
    ("rope.scaling.yarn_beta_slow", "beta_slow"),
];

/// The fields of a JSON object in the making.
struct Fields(String);

impl Fields {
    /// A field whose value is JSON.
    fn put(&mut self, field: &str, value: &dyn Display) {
        let comma = if self.0.len() > 1 { "," } else { "" };
        // Nothing can fail here: it is memory.
        let _ = write!(self.0, "{comma}\"{field}\":{value}");
    }

    /// A field whose value is a name of ours.
    fn name(&mut self, field: &str, name: &str) {
        self.put(field, &format_args!("\"{name}\""));
    }

    /// A field that may not be there.
    fn number(&mut self, field: &str, number: Option<u64>) {
        if let Some(n) = number {
            self.put(field, &n);
        }
    }

    /// Copies numbers under their other names.
    fn copy(&mut self, h: &Header, arch: &str, fields: &[(&str, &str)]) -> Result<(), ModelError> {
        for (key, field) in fields {
            let key = format!("{arch}.{key}");
            if let Some(number) = h.number(&key)? {
                self.put(field, &number);
            }
        }
        Ok(())
    }
}

/// The configuration as JSON, from the headers of all files of a model, the first of which has the metadata.
///
/// # Errors
/// [`ModelError::Unsupported`] for an architecture that is not known, or for one of its ways that is not;
/// [`ModelError::File`] for values of wrong types.
pub fn config(files: &[Header]) -> Result<String, ModelError> {
    let Some(h) = files.first() else { return Err(ModelError::file("GGUF", "no file")) };
    let arch = h.text(ARCHITECTURE)?.unwrap_or_default();
    let Some(&(_, class, model_type, act)) = ARCHITECTURES.iter().find(|a| a.0 == arch) else {
        return Err(ModelError::unsupported(h.file(), ARCHITECTURE, format!("{} is not supported", short(arch))));
    };
    let own = |key: &str| h.whole(&format!("{arch}.{key}"));
    let tensor = |name: &str| files.iter().find_map(|f| f.tensor(name));
    let refuse = |key: &str, value: u64| {
        Err(ModelError::unsupported(h.file(), &format!("{arch}.{key}"), format!("{value} is not supported")))
    };
    let (bert, gpt2) = (arch == "bert", arch == "gpt2");
    let (hidden, heads) = (own("embedding_length")?, own("attention.head_count")?.filter(|&n| n > 0));
    let width = own("attention.key_length")?;

    if let Some(n) = own("expert_count")?.filter(|&n| n > 0) {
        return refuse("expert_count", n);
    }
    if let Some(n) = own("attention.value_length")?.filter(|&n| width.is_some_and(|width| n != width)) {
        return refuse("attention.value_length", n);
    }
    let (mut c, mut g) = (Fields("{".into()), Fields("{".into()));
    c.put("architectures", &format_args!("[\"{class}\"]"));
    c.name("model_type", model_type);
    c.name("hidden_act", act);
    c.copy(h, arch, &FIELDS)?;
    c.copy(h, arch, &[("attention.layer_norm_epsilon", if gpt2 { "layer_norm_epsilon" } else { "layer_norm_eps" })])?;
    c.number("head_dim", width);
    // 0 is none, and GGUF has no other way to say so.
    c.number("sliding_window", own("attention.sliding_window")?.filter(|&n| n > 0));
    c.number("num_key_value_heads", own("attention.head_count_kv")?.or(heads).filter(|_| !bert && !gpt2));

    // What the tensors say.
    let rows = |name: &str| tensor(name).and_then(|t| t.dims.get(1).copied());
    let listed = h.array(TOKENS)?.map(|tokens| tokens.len() as u64);
    c.number("vocab_size", rows("token_embd.weight").or(own("vocab_size")?).or(listed));
    c.number("type_vocab_size", rows("token_types.weight"));
    c.put("tie_word_embeddings", &tensor("output.weight").is_none());
    if matches!(arch, "llama" | "smollm3" | "qwen3") {
        c.put("attention_bias", &tensor("blk.0.attn_q.bias").is_some());
    }

    if listed.is_some() {
        let special = special(h)?;
        c.number("bos_token_id", special.bos.map(u64::from));
        c.number("pad_token_id", special.pad.map(u64::from));
        if !bert {
            c.put("eos_token_id", &format_args!("{:?}", special.ends));
        }
    }

    if bert {
        let pooling = match own("pooling_type")? {
            Some(1) => "mean",
            Some(2) => "cls",
            Some(3) => "last",
            _ => "none",
        };
        g.name("pooling", pooling);
    } else if !gpt2 {
        let divisors = ["rope_freqs.weight", "rope_factors_short.weight"].into_iter().find(|n| tensor(n).is_some());
        let each = width.or(hidden.zip(heads).map(|(d, h)| d / h));
        c.put("rope_parameters", &rope(h, arch, divisors.is_some(), each)?);
        if let Some(name) = divisors {
            g.name("rope_divisors", name);
        }
        g.put("rope_interleaved", &matches!(arch, "llama" | "smollm3"));
    }
    if arch.starts_with("gemma") {
        g.put("norm_plus_one", &false);
        // The largest of each scales by the width of the model, not by that of its heads. (llama.cpp tells them by
        // their layers, too.)
        let scalar = match (arch, own("block_count")?) {
            ("gemma2", Some(46)) | ("gemma3", Some(62)) => hidden.zip(heads).map(|(d, h)| d / h),
            _ => width,
        };
        c.number("query_pre_attn_scalar", scalar);
    }
    g.0.push('}');
    c.put("gguf", &g.0);
    c.0.push('}');
    Ok(c.0)
}

/// Rotary positions, of heads of this width.
fn rope(h: &Header, arch: &str, divided: bool, width: Option<u64>) -> Result<String, ModelError> {
    let mut rope = Fields("{".into());
    rope.copy(h, arch, &ROPE)?;
    let kind = match h.text(&format!("{arch}.rope.scaling.type"))? {
        _ if divided => "longrope",
        None | Some("none") => "default",
        Some(kind @ ("linear" | "yarn" | "longrope")) => kind,
        Some(kind) => {
            let key = format!("{arch}.rope.scaling.type");
            return Err(ModelError::unsupported(h.file(), &key, format!("{} is not supported", short(kind))));
        }
    };
    rope.name("rope_type", kind);
    const ORIGINAL: &str = "original_max_position_embeddings";
    if divided && arch != "phi3" {
        // Llama 3's frequencies are divided and nothing else, for every length.
        rope.put("attention_factor", &1);
        rope.number(ORIGINAL, h.whole(&format!("{arch}.context_length"))?);
    } else {
        rope.copy(h, arch, &[("rope.scaling.original_context_length", ORIGINAL)])?;
        // Elsewhere it is a part of the factor that nobody uses.
        if kind == "longrope" {
            rope.copy(h, arch, &[("rope.scaling.attn_factor", "attention_factor")])?;
        }
    }
    // Some models turn a part of each head.
    if let (Some(turning), Some(width)) = (h.whole(&format!("{arch}.rope.dimension_count"))?, width)
        && 0 < turning
        && turning < width
    {
        rope.put("partial_rotary_factor", &(turning as f64 / width as f64));
    }
    rope.0.push('}');
    Ok(rope.0)
}
