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

use serde_json::{Map, Value as Json};

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
const FIELDS: [(&str, &str); 13] = [
    ("embedding_length", "hidden_size"),
    ("feed_forward_length", "intermediate_size"),
    ("block_count", "num_hidden_layers"),
    ("attention.head_count", "num_attention_heads"),
    ("attention.head_count_kv", "num_key_value_heads"),
    ("attention.key_length", "head_dim"),
    ("context_length", "max_position_embeddings"),
    ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    ("attention.layer_norm_epsilon", "layer_norm_eps"),
    ("attn_logit_softcapping", "attn_logit_softcapping"),
    ("final_logit_softcapping", "final_logit_softcapping"),
    ("attention.sliding_window", "sliding_window"),
    ("vocab_size", "vocab_size"),
];

/// The same of `rope_parameters`.
const ROPE: [(&str, &str); 6] = [
    ("rope.freq_base", "rope_theta"),
    ("rope.scaling.factor", "factor"),
    ("rope.scaling.original_context_length", "original_max_position_embeddings"),
    ("rope.scaling.yarn_beta_fast", "beta_fast"),
    ("rope.scaling.yarn_beta_slow", "beta_slow"),
    ("rope.scaling.attn_factor", "attention_factor"),
];

type Object = Map<String, Json>;

/// The configuration, from the headers of all files of a model, the first of which has the metadata.
///
/// # Errors
/// [`ModelError::Unsupported`] for an architecture that is not known, or for one of its ways that is not;
/// [`ModelError::File`] for values of wrong types.
pub fn config(files: &[Header]) -> Result<Object, ModelError> {
    let Some(h) = files.first() else { return Err(ModelError::file("GGUF", "no file")) };
    let arch = h.text(ARCHITECTURE)?.unwrap_or_default();
    let Some(&(_, class, model_type, act)) = ARCHITECTURES.iter().find(|a| a.0 == arch) else {
        return Err(ModelError::unsupported(h.file(), ARCHITECTURE, format!("{} is not supported", short(arch))));
    };
    let own = |key: &str| format!("{arch}.{key}");
    let tensor = |name: &str| files.iter().find_map(|f| f.tensor(name));
    let (gemma, bert) = (arch.starts_with("gemma"), arch == "bert");

    let mut c = Object::new();
    let mut g = Object::new();
    c.insert("architectures".into(), vec![class].into());
    for (field, value) in [("model_type", model_type), ("hidden_act", act)] {
        c.insert(field.into(), value.into());
    }
    copy(h, arch, &FIELDS, &mut c)?;
    if arch == "gpt2"
        && let Some(eps) = c.remove("layer_norm_eps")
    {
        c.insert("layer_norm_epsilon".into(), eps);
    }
    // 0 is none, and GGUF has no other way to say so.
    if c.get("sliding_window").and_then(Json::as_u64) == Some(0) {
        c.remove("sliding_window");
    }
    if whole(&c, "num_key_value_heads").is_none() && !bert && arch != "gpt2" {
        c.extend(c.get("num_attention_heads").cloned().map(|n| ("num_key_value_heads".into(), n)));
    }
    for (key, usual) in [("attention.value_length", "attention.key_length"), ("expert_count", "")] {
        let (is, must) = (h.whole(&own(key))?, if usual.is_empty() { Some(0) } else { h.whole(&own(usual))? });
        if is.is_some() && must.is_some() && is != must {
            let problem = format!("{} is not supported", is.unwrap_or_default());
            return Err(ModelError::unsupported(h.file(), &own(key), problem));
        }
    }

    // What the tensors say.
    let rows = |name: &str| tensor(name).and_then(|t| t.dims.get(1).copied());
    let listed = h.array(TOKENS)?.map(|tokens| tokens.len() as u64);
    let vocab = rows("token_embd.weight").or(whole(&c, "vocab_size")).or(listed);
    c.extend(vocab.map(|n| ("vocab_size".into(), n.into())));
    c.extend(rows("token_types.weight").map(|n| ("type_vocab_size".into(), n.into())));
    c.insert("tie_word_embeddings".into(), tensor("output.weight").is_none().into());
    if matches!(arch, "llama" | "smollm3" | "qwen3") {
        c.insert("attention_bias".into(), tensor("blk.0.attn_q.bias").is_some().into());
    }

    if listed.is_some() {
        let special = special(h)?;
        c.extend(special.bos.map(|id| ("bos_token_id".into(), id.into())));
        c.extend(special.pad.map(|id| ("pad_token_id".into(), id.into())));
        if !bert {
            c.insert("eos_token_id".into(), special.ends.into());
        }
    }

    if bert {
        let pooling = match h.whole(&own("pooling_type"))? {
            Some(1) => "mean",
            Some(2) => "cls",
            Some(3) => "last",
            _ => "none",
        };
        g.insert("pooling".into(), pooling.into());
    } else if arch != "gpt2" {
        let divisors = ["rope_freqs.weight", "rope_factors_short.weight"].into_iter().find(|n| tensor(n).is_some());
        let rope = rope(h, arch, &c, divisors.is_some())?;
        c.insert("rope_parameters".into(), rope.into());
        g.extend(divisors.map(|name| ("rope_divisors".into(), name.into())));
        g.insert("rope_interleaved".into(), matches!(arch, "llama" | "smollm3").into());
    }
    if gemma {
        g.insert("norm_plus_one".into(), false.into());
        // The largest of each scales by the width of the model, not by that of its heads. (llama.cpp tells them by
        // their layers, too.)
        let heads = whole(&c, "num_attention_heads").unwrap_or(1).max(1);
        let scalar = match (arch, whole(&c, "num_hidden_layers")) {
            ("gemma2", Some(46)) | ("gemma3", Some(62)) => whole(&c, "hidden_size").map(|d| d / heads),
            _ => whole(&c, "head_dim"),
        };
        c.extend(scalar.map(|n| ("query_pre_attn_scalar".into(), n.into())));
    }
    c.insert("gguf".into(), g.into());
    Ok(c)
}

/// Copies numbers under their other names.
fn copy(h: &Header, arch: &str, fields: &[(&str, &str)], to: &mut Object) -> Result<(), ModelError> {
    for (key, field) in fields {
        let key = format!("{arch}.{key}");
        let Some(number) = h.number(&key)? else { continue };
        // Sizes stay whole numbers.
        let value = match h.get(&key).and_then(|v| v.whole()) {
            Some(n) => n.into(),
            None => number.into(),
        };
        to.insert((*field).into(), value);
    }
    Ok(())
}

fn whole(c: &Object, field: &str) -> Option<u64> {
    c.get(field).and_then(Json::as_u64)
}

/// Rotary positions.
fn rope(h: &Header, arch: &str, c: &Object, divided: bool) -> Result<Object, ModelError> {
    let mut rope = Object::new();
    copy(h, arch, &ROPE, &mut rope)?;
    let kind = match h.text(&format!("{arch}.rope.scaling.type"))? {
        _ if divided => "longrope",
        None | Some("none") => "default",
        Some(kind) => kind,
    };
    rope.insert("rope_type".into(), kind.into());
    if kind != "longrope" {
        // There it is all of the factor; elsewhere a part of it that nobody uses.
        rope.remove("attention_factor");
    } else if arch != "phi3" {
        // Llama 3's frequencies are divided and nothing else, for every length.
        rope.insert("attention_factor".into(), 1.into());
        rope.extend(c.get("max_position_embeddings").cloned().map(|n| ("original_max_position_embeddings".into(), n)));
    }
    // Some models turn a part of each head.
    let width = match whole(c, "head_dim") {
        Some(width) => Some(width),
        None => whole(c, "hidden_size").zip(whole(c, "num_attention_heads")).and_then(|(d, h)| d.checked_div(h)),
    };
    if let (Some(turning), Some(width)) = (h.whole(&format!("{arch}.rope.dimension_count"))?, width)
        && 0 < turning
        && turning < width
    {
        rope.insert("partial_rotary_factor".into(), (turning as f64 / width as f64).into());
    }
    Ok(rope)
}
