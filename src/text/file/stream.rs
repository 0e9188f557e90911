//! The file as it comes: merges and templates, most of it, never lie in memory, and tokens lie there once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{File, Tokens};
use crate::json::Value;
use crate::text::TextError;

#[derive(serde::Deserialize)]
struct Whole {
    #[serde(default)]
    added_tokens: Value,
    #[serde(default)]
    decoder: Value,
    #[serde(default)]
    post_processor: Value,
    model: Option<Model>,
}

#[derive(serde::Deserialize)]
struct Model {
    #[serde(default)]
    vocab: Tokens,
}

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tokens;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ids or pairs in model.vocab")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tokens, A::Error> {
        let mut tokens = Tokens::default();
        while let Some(token) = map.next_key::<String>()? {
            let id = map.next_value().map_err(|e| A::Error::custom(format_args!("an id in model.vocab: {e}")))?;
            tokens.push(id, &token);
        }
        Ok(tokens)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tokens, A::Error> {
        let mut tokens = Tokens::default();
        for id in 0.. {
            let pair = list.next_element::<(String, IgnoredAny)>();
            let Some((token, _)) = pair.map_err(|e| A::Error::custom(format_args!("a pair in model.vocab: {e}")))?
            else {
                break;
            };
            tokens.push(id, &token);
        }
        Ok(tokens)
    }
}

/// The parts of a JSON text.
pub fn read(text: &str) -> Result<File, TextError> {
    let whole: Whole = serde_json::from_str(text).map_err(|e| TextError::File(e.to_string()))?;
    let vocab = whole.model.map(|m| m.vocab).unwrap_or_default();
    let Whole { added_tokens, decoder, post_processor, .. } = whole;
    Ok(File { added_tokens, decoder, post_processor, vocab })
}
