//! The vocabulary in a GGUF file: tokens, what kind each is, and the ids with a meaning.

use super::Header;
use crate::model::error::{ModelError, short};
use crate::text::{Scheme, Vocabulary};

pub(super) const TOKENS: &str = "tokenizer.ggml.tokens";
const TYPES: &str = "tokenizer.ggml.token_type";
pub(super) const MODEL: &str = "tokenizer.ggml.model";

/// Most tokens.
const MOST: usize = 1 << 20;

/// Kinds of tokens, by their numbers in the file.
pub(super) const NORMAL: u8 = 1;
pub(super) const UNKNOWN: u8 = 2;
pub(super) const CONTROL: u8 = 3;
pub(super) const USER_DEFINED: u8 = 4;
pub(super) const BYTE: u8 = 6;

/// Texts of control tokens that end a turn or a text. Files name one; models use several.
const ENDS: [&str; 7] =
    ["<|endoftext|>", "<|im_end|>", "<|end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<end_of_turn>"];

/// The tokens of a file.
pub(super) struct Tokens<'a> {
    pub header: &'a Header,
    pub texts: Vec<&'a str>,
    pub kinds: Vec<u8>,
}

impl<'a> Tokens<'a> {
    pub fn of(header: &'a Header) -> Result<Self, ModelError> {
        let wrong = |problem: String| ModelError::file(header.file(), problem);
        let list = header.array(TOKENS)?.ok_or_else(|| wrong(format!("{TOKENS}: missing")))?;
        if list.len() > MOST {
            return Err(wrong(format!("{TOKENS}: {} are too many", list.len())));
        }
        let utf8 = |(i, t)| std::str::from_utf8(t).map_err(|_| wrong(format!("{TOKENS}: token {i} is not UTF-8")));
        let texts = list.texts().enumerate().map(utf8).collect::<Result<Vec<_>, _>>()?;
        let kinds = match header.array(TYPES)? {
            Some(kinds) => kinds.values().map(|v| v.whole().map_or(0, |k| k as u8)).collect(),
            None => vec![NORMAL; texts.len()],
        };
        if texts.is_empty() || kinds.len() < texts.len() {
            return Err(wrong(format!("{TYPES}: {} for {} tokens", kinds.len(), texts.len())));
        }
        Ok(Self { header, texts, kinds })
    }

    /// Ids, texts and kinds.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'a str, u8)> {
        (0..).zip(&self.texts).zip(&self.kinds).map(|((id, &text), &kind)| (id, text, kind))
    }

    /// The token with this meaning, where the file names one that there is.
    pub fn id(&self, meaning: &str) -> Result<Option<u32>, ModelError> {
        let id = self.header.whole(&format!("tokenizer.ggml.{meaning}_token_id"))?;
        Ok(id.filter(|&id| id < self.texts.len() as u64).map(|id| id as u32))
    }

    /// What no text holds: control tokens, and the one for what is unknown.
    pub fn special(&self, id: u32, unknown: Option<u32>) -> bool {
        let kind = self.kinds.get(id as usize);
        kind == Some(&CONTROL) || kind == Some(&UNKNOWN) && unknown == Some(id)
    }
}

/// Token ids with a meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Special {
    /// Begins a text; `[CLS]` of a BERT.
    pub bos: Option<u32>,
    /// Ends a text; `[SEP]` of a BERT.
    pub eos: Option<u32>,
    /// Every token that ends a text or a turn, `eos` first.
    pub ends: Vec<u32>,
    /// Stands for what the vocabulary lacks.
    pub unknown: Option<u32>,
    /// Fills up batches.
    pub pad: Option<u32>,
    /// The model was trained with `bos` before each text.
    pub add_bos: bool,
    /// The model was trained with `eos` after each text.
    pub add_eos: bool,
}

/// The ids with a meaning, and which of them belong around a text.
///
/// # Errors
/// A file without tokens, or with values of wrong types.
pub fn special(header: &Header) -> Result<Special, ModelError> {
    Tokens::of(header).and_then(|tokens| special_of(&tokens))
}

pub(super) fn special_of(tokens: &Tokens) -> Result<Special, ModelError> {
    let header = tokens.header;
    let model = header.text(MODEL)?.unwrap_or_default();
    let bert = model == "bert";
    let there = |id: u32| Some(id).filter(|&id| (id as usize) < tokens.texts.len());
    // What llama.cpp takes where the file is silent.
    let (bos, eos, unknown) = match model {
        "llama" => (there(1), there(2), there(0)),
        "bert" => (there(101), there(102), there(100)),
        _ => (None, None, None),
    };
    let first = |names: &[&str], default| {
        let named = names.iter().map(|name| tokens.id(name)).find(|id| !matches!(id, Ok(None)));
        named.unwrap_or(Ok(default))
    };
    let mut s = Special {
        bos: first(if bert { &["cls", "bos"] } else { &["bos"] }, bos)?,
        // The format's own spelling.
        eos: first(if bert { &["seperator", "eos"] } else { &["eos"] }, eos)?,
        ends: Vec::new(),
        unknown: first(&["unknown"], unknown)?,
        pad: first(&["padding"], None)?,
        add_bos: false,
        add_eos: false,
    };
    let bos_by_default = model != "gpt2" || super::pre::of(header)?.is_some_and(|p| p.bos);
    s.add_bos = header.flag("tokenizer.ggml.add_bos_token")?.unwrap_or(bos_by_default) && s.bos.is_some();
    s.add_eos = header.flag("tokenizer.ggml.add_eos_token")?.unwrap_or(bert) && s.eos.is_some();
    if !bert {
        s.ends.extend(s.eos);
        let named = [tokens.id("eot")?, tokens.id("eom")?].into_iter().flatten();
        // Older conversions call some of them user-defined.
        let known = tokens.iter().filter(|t| matches!(t.2, CONTROL | USER_DEFINED) && ENDS.contains(&t.1)).map(|t| t.0);
        for id in named.chain(known) {
            if !s.ends.contains(&id) {
                s.ends.push(id);
            }
        }
    }
    Ok(s)
}

/// The bytes of the tokens, without the detour of a `tokenizer.json`.
///
/// # Errors
/// A file without tokens, or with a tokenizer that is not supported.
pub fn vocabulary(header: &Header) -> Result<Vocabulary, ModelError> {
    let tokens = Tokens::of(header)?;
    let scheme = match header.text(MODEL)?.unwrap_or_default() {
        "gpt2" => Scheme::ByteLevel,
        "llama" | "bert" => Scheme::SentencePiece,
        other => return Err(ModelError::unsupported(header.file(), MODEL, short(other))),
    };
    let unknown = special_of(&tokens)?.unknown;
    let special: Vec<u32> = (0..tokens.texts.len() as u32).filter(|&id| tokens.special(id, unknown)).collect();
    Ok(Vocabulary::new(tokens.texts.iter().map(|&t| t.to_owned()), scheme, &special))
}

/// The Jinja template of a conversation, where the file has one.
#[must_use]
pub fn chat_template(header: &Header) -> Option<&str> {
    header.text("tokenizer.chat_template").ok().flatten()
}

/// What a file says of texts and conversations, in the terms of Hugging Face's files.
#[derive(Debug)]
pub struct Language {
    /// `tokenizer.json`
    pub tokenizer: String,
    /// Jinja.
    pub template: Option<String>,
    /// Text of the token before a text.
    pub bos_token: Option<String>,
    /// Text of the token behind a text.
    pub eos_token: Option<String>,
}

/// See [`Language`].
///
/// # Errors
/// A file without a tokenizer, or with one that is not supported.
pub fn language(header: &Header) -> Result<Language, ModelError> {
    let tokens = Tokens::of(header)?;
    let special = special_of(&tokens)?;
    let text = |id: Option<u32>| id.and_then(|id| tokens.texts.get(id as usize)).map(|&t| t.to_owned());
    Ok(Language {
        tokenizer: super::tokenizer_json(header)?,
        template: chat_template(header).map(Into::into),
        bos_token: text(special.bos),
        eos_token: text(special.eos),
    })
}
