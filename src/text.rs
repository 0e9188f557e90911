//! Tokens and the bytes they stand for. Encoding is a library's work: the `tokenizers` crate natively, the
//! page's own tokenizer in a browser. Decoding is ours, because a stream of tokens is a stream of bytes.

mod file;

use thiserror::Error;

use crate::error::Kind;
use crate::json::Value;

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

    /// The tokens that the model was trained to see around an empty text: those before every text, first.
    ///
    /// # Errors
    /// What the tokenizer refuses.
    fn frame(&self) -> Result<Vec<u32>, TextError> {
        Ok(Vec::new())
    }
}

/// Tokens that an encoder wants around every text: `[CLS]` and `[SEP]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Before it.
    pub before: Vec<u32>,
    /// Behind it.
    pub behind: Vec<u32>,
}

impl Frame {
    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> u32 {
        (self.before.len() + self.behind.len()) as u32
    }

    /// Nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a token's text in the vocabulary stands for bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// GPT-2's alphabet: each byte is written as one printable character.
    ByteLevel,
    /// U+2581 is a space, `<0x0A>` is a byte.
    SentencePiece,
    /// BERT's: `##` goes on with a word, anything else begins one after a space.
    WordPiece,
    /// The text itself.
    Plain,
}

impl Scheme {
    /// The scheme of a `decoder` in a `tokenizer.json`.
    ///
    /// # Errors
    /// [`TextError::Unsupported`] naming a decoder that is none of ours.
    pub(crate) fn of(decoder: &Value) -> Result<Self, TextError> {
        let list = decoder["decoders"].as_list().map_or(std::slice::from_ref(decoder), Vec::as_slice);
        let mut scheme = Self::Plain;
        for step in list.iter().filter(|d| !d.is_null()) {
            match step["type"].as_str() {
                Some("ByteLevel") => scheme = Self::ByteLevel,
                Some("WordPiece") => scheme = Self::WordPiece,
                Some("Metaspace" | "ByteFallback") => scheme = Self::SentencePiece,
                // The space that SentencePiece writes visibly.
                Some("Replace")
                    if step["pattern"]["String"].as_str() == Some("\u{2581}")
                        && step["content"].as_str() == Some(" ") =>
                {
                    scheme = Self::SentencePiece;
                }
                // A stream neither joins tokens nor begins a text: what they change does not exist here.
                Some("Fuse" | "Strip") => {}
                other => {
                    return Err(TextError::Unsupported(format!("the decoder {}", other.unwrap_or("without a type"))));
                }
            }
        }
        Ok(scheme)
    }

    fn bytes(self, token: &str) -> Vec<u8> {
        match self {
            Self::Plain => token.as_bytes().to_vec(),
            Self::WordPiece => match token.strip_prefix("##") {
                Some(rest) if !rest.is_empty() => rest.as_bytes().to_vec(),
                _ => [b" ", token.as_bytes()].concat(),
            },
            Self::SentencePiece => match byte_token(token) {
                Some(byte) => vec![byte],
                None => token.replace('\u{2581}', " ").into_bytes(),
            },
            // A token with a character outside the alphabet (an added token's text) stands for itself.
            Self::ByteLevel => {
                token.chars().map(byte_of).collect::<Option<_>>().unwrap_or_else(|| token.as_bytes().to_vec())
            }
        }
    }
}

/// `<0x0A>` → 10
fn byte_token(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    // A sign would be read as a part of the number.
    let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if plain { u8::from_str_radix(digits, 16).ok() } else { None }
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
    /// What the file's `post_processor` puts around a text.
    pub frame: Frame,
}

impl Vocabulary {
    /// The vocabulary of these tokens, in the order of their ids.
    pub fn new(tokens: impl Iterator<Item = String>, scheme: Scheme, special: &[u32]) -> Self {
        let mut all = Self::default();
        let mut marked = special.to_vec();
        marked.sort_unstable();
        for (id, token) in tokens.enumerate() {
            let special = marked.binary_search(&(id as u32)).is_ok();
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
    #[cfg(not(target_arch = "wasm32"))]
    pub fn from_tokenizer_json(text: &str) -> Result<Self, TextError> {
        file::vocabulary(&file::read(text)?)
    }

    /// The same of what a page has parsed.
    ///
    /// # Errors
    /// As [`Vocabulary::from_tokenizer_json`].
    #[cfg(target_arch = "wasm32")]
    pub fn from_page(file: &wasm_bindgen::JsValue) -> Result<Self, TextError> {
        file::vocabulary(&file::from_page(file)?)
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
        // First of all: the crate panics where the JSON of a decoder is damaged.
        let vocabulary = Vocabulary::from_tokenizer_json(text)?;
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(|e| TextError::File(e.to_string()))?;
        // Files of encoders say how their batches were cut and filled; here a text is as long as it is.
        inner.with_truncation(None).map_err(|e| TextError::File(e.to_string()))?.with_padding(None);
        Ok(Self { inner, vocabulary })
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

    fn frame(&self) -> Result<Vec<u32>, TextError> {
        let encoding = self.inner.encode_fast("", true).map_err(|e| TextError::Tokenizer(e.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }
}
