//! What of a `tokenizer.json` it takes to decode, read as it comes: merges and templates, most of the file, never
//! lie in memory, and tokens lie there once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Frame, Scheme, TextError, Vocabulary};
use crate::model::order::order;

#[derive(serde::Deserialize)]
struct File {
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

/// Texts one after the other; for each its id and where it ends.
#[derive(Default)]
struct Tokens {
    text: String,
    ends: Vec<(u32, usize)>,
}

impl Tokens {
    fn push(&mut self, id: u32, token: &str) {
        self.text.push_str(token);
        self.ends.push((id, self.text.len()));
    }

    fn each(&self) -> impl Iterator<Item = (u32, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(id, end)| (id, &self.text[std::mem::replace(&mut start, end)..end]))
    }
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

/// See [`Vocabulary::from_tokenizer_json`].
pub fn read(text: &str) -> Result<Vocabulary, TextError> {
    let file: File = serde_json::from_str(text).map_err(|e| TextError::File(e.to_string()))?;
    let scheme = Scheme::of(&file.decoder)?;
    let wrong = |what: &str| TextError::File(format!("{what} is not as expected"));
    let vocab = file.model.map(|m| m.vocab).filter(|v| !v.ends.is_empty()).ok_or_else(|| wrong("model.vocab"))?;
    let mut special = Vec::new();
    let mut tokens: Vec<(u32, &str)> = Vec::new();
    match &file.added_tokens {
        Value::Null => {}
        Value::Array(list) => {
            // The last one of an id counts.
            for added in list.iter().rev() {
                let id = added["id"].as_u64().and_then(|id| u32::try_from(id).ok());
                let id = id.ok_or_else(|| wrong("the id of an added token"))?;
                let content = added["content"].as_str().ok_or_else(|| wrong("the content of an added token"))?;
                if added["special"].as_bool() == Some(true) {
                    special.push(id);
                }
                tokens.push((id, content));
            }
        }
        _ => return Err(wrong("added_tokens")),
    }
    tokens.extend(vocab.each());
    // An added token comes before one of the model's own.
    let order = order(tokens.len(), &|a, b| tokens[a].0.cmp(&tokens[b].0));
    let mut tokens: Vec<_> = order.iter().map(|&i| tokens[i as usize]).collect();
    tokens.dedup_by_key(|t| t.0);
    // Ids without a token have no bytes; a gap as large as a vocabulary is damage.
    let last = tokens.last().map_or(0, |t| t.0);
    if last as usize > 4 * tokens.len() + 1024 {
        return Err(wrong("the largest id"));
    }
    let mut tokens = tokens.into_iter().peekable();
    let by_id = (0..=last).map(|id| tokens.next_if(|t| t.0 == id).map_or("", |t| t.1).to_owned());
    Ok(Vocabulary { frame: frame(&file.post_processor), ..Vocabulary::new(by_id, scheme, &special) })
}

/// The tokens around a text, by what names them; none if nothing does.
fn frame(post_processor: &Value) -> Frame {
    let steps = post_processor["processors"].as_array().map_or(std::slice::from_ref(post_processor), Vec::as_slice);
    let id = |v: &Value| v.as_u64().and_then(|id| u32::try_from(id).ok());
    let mut frame = Frame::default();
    for step in steps {
        // BERT's own: {"cls": ["[CLS]", 101], "sep": ["[SEP]", 102]}.
        frame.before.extend(id(&step["cls"][1]));
        frame.behind.extend(id(&step["sep"][1]));
        // A template: special tokens and the text between them.
        let mut side = &mut frame.before;
        for piece in step["single"].as_array().into_iter().flatten() {
            match piece["SpecialToken"]["id"].as_str() {
                None => side = &mut frame.behind,
                Some(name) => {
                    let ids = step["special_tokens"][name]["ids"].as_array();
                    side.extend(ids.into_iter().flatten().filter_map(id));
                }
            }
        }
    }
    frame
}
