//! Tokens and the bytes they stand for. Encoding is a library's work: the `tokenizers` crate natively, the
//! page's own tokenizer in a browser. Decoding is ours, because a stream of tokens is a stream of bytes.

use serde_json::Value;
use thiserror::Error;

use crate::error::Kind;

/// What can be wrong with a tokenizer.
#[derive(Debug, Clone, Error)]
pub enum TextError {
    /// `tokenizer.json` is damaged.
    #[error("tokenizer.json: {0}")]
    File(String),
    /// `tokenizer.json` asks for what is not supported.
    #[error("tokenizer.json: {0} is not supported")]
    Unsupported(String),
    /// The tokenizer failed.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(String),
}

impl TextError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::File(_) => Kind::Data,
            Self::Unsupported(_) => Kind::NotSupported,
            Self::Tokenizer(_) => Kind::Operation,
        }
    }
}

/// Text to token ids.
pub trait Tokenizer {
    /// The tokens of a text; no special token is added.
    ///
    /// # Errors
    /// What the tokenizer refuses.
    fn encode(&self, text: &str) -> Result<Vec<u32>, TextError>;
}

/// How a token's text in the vocabulary stands for bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// GPT-2's alphabet: each byte is written as one printable character.
    ByteLevel,
    /// U+2581 is a space, `<0x0A>` is a byte.
    SentencePiece,
    /// The text itself.
    Plain,
}

impl Scheme {
    /// The scheme that a `tokenizer.json` decodes with.
    ///
    /// # Errors
    /// [`TextError::Unsupported`] naming a decoder that is none of ours.
    pub fn of(tokenizer: &Value) -> Result<Self, TextError> {
        let decoder = &tokenizer["decoder"];
        let kind = |d: &Value| d["type"].as_str().map(str::to_owned);
        let kinds: Vec<String> = match decoder["decoders"].as_array() {
            Some(list) => list.iter().filter_map(kind).collect(),
            None => kind(decoder).into_iter().collect(),
        };
        let has = |name: &str| kinds.iter().any(|k| k == name);
        if has("ByteLevel") {
            Ok(Self::ByteLevel)
        } else if has("Metaspace") || has("ByteFallback") || has("Replace") {
            Ok(Self::SentencePiece)
        } else if kinds.is_empty() || has("Fuse") {
            Ok(Self::Plain)
        } else {
            Err(TextError::Unsupported(format!("the decoder {}", kinds.join(", "))))
        }
    }

    fn bytes(self, token: &str) -> Vec<u8> {
        match self {
            Self::Plain => token.as_bytes().to_vec(),
            Self::SentencePiece => match byte_token(token) {
                Some(byte) => vec![byte],
                None => token.replace('\u{2581}', " ").into_bytes(),
            },
            // A character outside the alphabet (an added token's text) stands for itself.
            Self::ByteLevel => token
                .chars()
                .flat_map(|c| match byte_of(c) {
                    Some(byte) => vec![byte],
                    None => c.to_string().into_bytes(),
                })
                .collect(),
        }
    }
}

/// `<0x0A>` → 10
fn byte_token(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() == 2 { u8::from_str_radix(digits, 16).ok() } else { None }
}

/// The byte that a character of GPT-2's alphabet stands for: printable Latin-1 is itself, and the other 68
/// bytes follow from U+0100 on, in order.
fn byte_of(c: char) -> Option<u8> {
    const PRINTABLE: fn(u32) -> bool = |b| matches!(b, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    let code = u32::from(c);
    if code < 0x100 {
        return u8::try_from(code).ok().filter(|_| PRINTABLE(code));
    }
    let rank = code.checked_sub(0x100)? as usize;
    (0..=0xffu32).filter(|&b| !PRINTABLE(b)).nth(rank).and_then(|b| u8::try_from(b).ok())
}

/// The bytes of every token. Special tokens have none: they never show in a text.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    bytes: Vec<u8>,
    /// Token i is `bytes[ends[i - 1]..ends[i]]`.
    ends: Vec<u32>,
    special: Vec<bool>,
}

impl Vocabulary {
    /// The vocabulary of these tokens, in the order of their ids.
    pub fn new(tokens: impl Iterator<Item = String>, scheme: Scheme, special: &[u32]) -> Self {
        let mut all = Self::default();
        for (id, token) in tokens.enumerate() {
            let special = special.contains(&(id as u32));
            if !special {
                all.bytes.extend(scheme.bytes(&token));
            }
            all.ends.push(all.bytes.len() as u32);
            all.special.push(special);
        }
        all
    }

    /// Reads vocabulary, added tokens and scheme from the text of a `tokenizer.json` (BPE or WordPiece:
    /// an object of ids; Unigram: a list of pairs).
    ///
    /// # Errors
    /// A damaged file, or a decoder that is not supported.
    pub fn from_tokenizer_json(text: &str) -> Result<Self, TextError> {
        let json: Value = serde_json::from_str(text).map_err(|e| TextError::File(e.to_string()))?;
        let scheme = Scheme::of(&json)?;
        let wrong = |what: &str| TextError::File(format!("{what} is not as expected"));
        let mut tokens: Vec<(u64, String)> = match &json["model"]["vocab"] {
            Value::Object(map) => map
                .iter()
                .map(|(t, id)| Ok((id.as_u64().ok_or_else(|| wrong("model.vocab"))?, t.clone())))
                .collect::<Result<_, TextError>>()?,
            Value::Array(list) => list
                .iter()
                .zip(0..)
                .map(|(pair, id)| Ok((id, pair[0].as_str().ok_or_else(|| wrong("model.vocab"))?.into())))
                .collect::<Result<_, TextError>>()?,
            _ => return Err(wrong("model.vocab")),
        };
        let mut special = Vec::new();
        for added in json["added_tokens"].as_array().into_iter().flatten() {
            let id = added["id"].as_u64().ok_or_else(|| wrong("added_tokens"))?;
            let content = added["content"].as_str().ok_or_else(|| wrong("added_tokens"))?;
            if added["special"].as_bool() == Some(true) {
                special.push(u32::try_from(id).map_err(|_| wrong("added_tokens"))?);
            }
            tokens.push((id, content.into()));
        }
        tokens.sort();
        tokens.dedup_by_key(|t| t.0);
        // Ids without a token have no bytes; a gap as large as a vocabulary is damage.
        let last = tokens.last().map_or(0, |t| t.0);
        if last > 4 * tokens.len() as u64 + 1024 {
            return Err(wrong("the largest id"));
        }
        let mut by_id = vec![String::new(); usize::try_from(last).map_err(|_| wrong("the largest id"))? + 1];
        for (id, token) in tokens {
            by_id[id as usize] = token;
        }
        Ok(Self::new(by_id.into_iter(), scheme, &special))
    }

    /// The bytes of a token; none for a special or unknown one.
    #[must_use]
    pub fn bytes(&self, id: u32) -> &[u8] {
        let i = id as usize;
        let Some(&end) = self.ends.get(i) else { return &[] };
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start as usize..end as usize]
    }

    /// Whether a token is special.
    #[must_use]
    pub fn is_special(&self, id: u32) -> bool {
        self.special.get(id as usize).copied().unwrap_or(false)
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// No tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// The `tokenizers` crate.
#[cfg(feature = "native")]
pub struct HfTokenizer {
    inner: tokenizers::Tokenizer,
    vocabulary: Vocabulary,
}

#[cfg(feature = "native")]
impl HfTokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// A damaged or unsupported file.
    pub fn from_bytes(json: &[u8]) -> Result<Self, TextError> {
        let text = std::str::from_utf8(json).map_err(|e| TextError::File(e.to_string()))?;
        let inner = tokenizers::Tokenizer::from_bytes(json).map_err(|e| TextError::File(e.to_string()))?;
        Ok(Self { inner, vocabulary: Vocabulary::from_tokenizer_json(text)? })
    }

    /// The bytes of its tokens.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        self.vocabulary.clone()
    }
}

#[cfg(feature = "native")]
impl Tokenizer for HfTokenizer {
    fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        let encoding = self.inner.encode_fast(text, false).map_err(|e| TextError::Tokenizer(e.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }
}
