//! How byte-level tokenizers cut a text before they merge bytes. A file names its way of cutting; the patterns are
//! those of the models' own `tokenizer.json`, with cases written out where those fold them.

use super::Header;
use crate::model::error::ModelError;

const KEY: &str = "tokenizer.ggml.pre";

/// A way of cutting.
pub(super) struct Pre {
    /// Cut by each in turn: what matches is a piece, and what lies between matches.
    pub splits: &'static [&'static str],
    /// A piece that is a token stays whole, whatever the merges make of it.
    pub whole: bool,
    /// Texts begin with a token unless the file says otherwise.
    pub bos: bool,
    /// Characters are composed first.
    pub nfc: bool,
}

const DIGIT: &str = r"\p{N}";
const GPT_2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

macro_rules! later {
    ($digits:literal) => {
        concat!(
            r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
    };
}

macro_rules! cased {
    ($endings:literal, $digits:literal) => {
        concat!(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
            $endings,
            r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
            $endings,
            r"|\p{N}",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
    };
}

/// The way that a file names; `None`: one that is not known.
pub(super) fn of(header: &Header) -> Result<Option<Pre>, ModelError> {
    let plain = |splits| Pre { splits, whole: false, bos: false, nfc: false };
    Ok(Some(match header.text(KEY)?.unwrap_or("default") {
        "gpt-2" | "phi-2" | "roberta-bpe" | "mpt" | "olmo" | "jais" => plain(&[GPT_2]),
        "smollm" | "starcoder" | "refact" | "codeshell" | "exaone" | "minerva-7b" => plain(&[DIGIT, GPT_2]),
        "command-r" => Pre { nfc: true, ..plain(&[DIGIT, GPT_2]) },
        "llama-bpe" | "llama3" | "llama-v3" | "falcon3" | "pixtral" => {
            Pre { whole: true, bos: true, ..plain(&[later!("{1,3}")]) }
        }
        "dbrx" | "smaug-bpe" => plain(&[later!("{1,3}")]),
        "qwen2" | "megrez" => Pre { nfc: true, ..plain(&[later!("")]) },
        "deepseek-r1-qwen" | "stablelm2" => plain(&[later!("")]),
        "tekken" => Pre { whole: true, bos: true, ..plain(&[cased!("", "")]) },
        "gpt-4o" | "llama4" => plain(&[cased!("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?", "{1,3}")]),
        "falcon" => plain(&[r"[\p{P}$+<=>^~|`]+", GPT_2, "[0-9]{3}"]),
        "default" => plain(&[r"[\p{P}$+<=>^~|]+", GPT_2, r"\p{N}+", "[0-9]{3}"]),
        _ => return Ok(None),
    }))
}

/// The error of a way that is not known.
pub(super) fn unknown(header: &Header) -> ModelError {
    let name = header.text(KEY).ok().flatten().unwrap_or_default();
    ModelError::unsupported(header.file(), KEY, format!("{} is not supported", crate::model::error::short(name)))
}
