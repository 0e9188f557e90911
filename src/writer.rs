//! All of it together: a model is loaded piece by piece, and then briefs become checked copy.

pub mod completion;
pub mod copies;
pub mod explain;
pub mod load;
#[cfg(feature = "native")]
mod open;
#[cfg(not(target_arch = "wasm32"))]
pub mod score;
mod write;

pub use copies::{Copies, Copy, Missing};

use std::rc::Rc;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::copy::brief::{Brief, BriefError, Input};
use crate::copy::prompt::prompt;
use crate::engine::{Counters, Engine, EngineError};
use crate::error::Kind;
use crate::fields::{self, Fields, FromValue, Read, Value};
use crate::generate::GenerateError;
use crate::generate::params::Sampling;
use crate::generate::session::Session;
use crate::gpu::GpuError;
use crate::model::error::ModelError;
use crate::model::manifest::{Manifest, NO_BRIEFS};
use crate::selfcheck::SelfCheckError;
use crate::text::{TextError, Tokenizer};

/// Anything that can go wrong from the brief to the copy.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The brief.
    #[error(transparent)]
    Brief(#[from] BriefError),
    /// The model's files.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Decoding.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The GPU.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The GPU computes wrong results.
    #[error(transparent)]
    SelfCheck(#[from] SelfCheckError),
    /// The tokenizer.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The model only continues texts.
    #[error("{0} was not trained on briefs (prompt: \"none\" in its manifest); it can only complete")]
    NoBriefs(String),
    /// No text kept the brief's rules, however often it was written anew: every one with its seed and what it broke.
    #[error("no text keeps the rules of the brief: {}", copies::told(.0))]
    Rules(Vec<Missing>),
    /// A file that cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl WriteError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Brief(e) => e.kind(),
            Self::Model(e) => e.kind(),
            Self::Generate(e) => e.kind(),
            Self::Engine(e) => e.kind(),
            Self::Gpu(e) => e.kind(),
            Self::SelfCheck(e) => e.kind(),
            Self::Text(e) => e.kind(),
            Self::NoBriefs(_) => Kind::NotSupported,
            Self::Rules(_) => Kind::Constraint,
            Self::File { .. } => Kind::Data,
        }
    }
}

/// How to write: all optional.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Variants, 1 to 8; default 1. Variant i begins with seed + i.
    pub n: Option<u32>,
    /// How often a text is written at most until it keeps the brief's rules and is none of the others in other words;
    /// default [`ATTEMPTS`], at least 1. Attempt a (from 0) draws with its first seed + a × [`STRIDE`], modulo 2^32.
    pub attempts: Option<u32>,
    /// Most tokens of a text; default what the format's limit needs.
    pub max_tokens: Option<u32>,
    /// Strings that end a text.
    pub stop: Vec<String>,
    /// Tokens per readback after the first; 0 adapts to the device.
    pub steps_per_readback: u32,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Write once, without the brief's rules; what is checked may fail, and is given back all the same.
    pub unconstrained: bool,
    /// Pass on what is written before it has passed, to show that something happens.
    pub drafts: bool,
    /// Tell of each token how likely it was, what else was, and which rule struck that out.
    pub explain: bool,
}

/// In camelCase or snake_case, as [`Sampling`]; a name that is no option is an error.
impl FromValue for Options {
    fn from_value(value: Value) -> Read<Self> {
        Fields::of(value, |f| {
            Ok(Self {
                n: f.get(&["n"], |v, at| v.whole(at))?,
                attempts: f.get(&["attempts"], |v, at| v.whole(at))?,
                max_tokens: f.get(&["maxTokens", "max_tokens"], |v, at| v.whole(at))?,
                stop: f.get(&["stop"], stop)?.unwrap_or_default(),
                steps_per_readback: f
                    .get(&["stepsPerReadback", "steps_per_readback"], |v, at| v.whole(at))?
                    .unwrap_or_default(),
                sampling: Sampling::read(f)?,
                unconstrained: f.get(&["unconstrained"], |v, at| v.flag(at))?.unwrap_or_default(),
                drafts: f.get(&["drafts"], |v, at| v.flag(at))?.unwrap_or_default(),
                explain: f.get(&["explain"], |v, at| v.flag(at))?.unwrap_or_default(),
            })
        })
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fields::deserialize(deserializer)
    }
}

/// One stop string or several.
fn stop(value: Value, at: &str) -> Read<Vec<String>> {
    match value {
        Value::Text(one) => Ok(vec![one]),
        several => several.list(at)?.into_iter().enumerate().map(|(i, v)| v.text(&format!("{at}[{i}]"))).collect(),
    }
}

/// How often a text is written when nobody says.
pub const ATTEMPTS: u32 = 3;
/// From the seed of an attempt to that of the next: 2^32 ÷ the golden ratio, so that callers who count seeds up do not meet
/// the same texts again.
pub const STRIDE: u32 = 0x9e37_79b9;

/// Tokens that a text may have when nobody says.
const DEFAULT_TOKENS: u32 = 256;

/// A model with its tokenizer, ready for briefs.
pub struct Writer {
    session: Session,
    tokenizer: Box<dyn Tokenizer>,
    manifest: Manifest,
}

impl Writer {
    /// Name and version of the model.
    #[must_use]
    pub fn model(&self) -> String {
        format!("{}@{}", self.manifest.name, self.manifest.version)
    }

    /// The decode loop, for measurements and tests.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The engine's counters.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.session.engine.counters()
    }

    /// Frees the model; the engine can load another.
    #[must_use]
    pub fn close(self) -> Rc<Engine> {
        self.session.close()
    }

    /// Tokens that a prompt and what follows it may have together.
    #[must_use]
    pub fn context(&self) -> u32 {
        self.session.decoder.context
    }

    /// Tokens that an input may have and still leave room for an answer.
    #[must_use]
    pub fn input_quota(&self) -> u32 {
        self.session.decoder.context - self.reserve()
    }

    /// Tokens that are kept free for an answer.
    fn reserve(&self) -> u32 {
        DEFAULT_TOKENS.min(self.session.decoder.context / 2)
    }

    /// The tokens of a prompt: behind the token that begins a text, where the model's tokenizer puts one.
    fn begun(&self, text: &str) -> Result<Vec<u32>, WriteError> {
        let bos = self.session.decoder.config.bos_token_id;
        let mut tokens: Vec<u32> = self.tokenizer.frame()?.into_iter().take(1).filter(|id| Some(*id) == bos).collect();
        tokens.extend(self.tokenizer.encode(text)?);
        Ok(tokens)
    }

    /// The tokens of a plain text.
    ///
    /// # Errors
    /// What the tokenizer refuses.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, WriteError> {
        Ok(self.tokenizer.encode(text)?)
    }

    /// The tokens of the prompt that a brief becomes.
    ///
    /// # Errors
    /// What the tokenizer refuses.
    pub fn prompt(&self, brief: &Brief) -> Result<Vec<u32>, WriteError> {
        Ok(self.tokenizer.encode(&prompt(brief, &self.manifest.prompt))?)
    }

    /// Tokens of the prompt that this input becomes.
    ///
    /// # Errors
    /// A bad brief.
    pub fn measure(&self, input: &Input) -> Result<u32, WriteError> {
        Ok(self.prompt(&self.brief(input)?)?.len() as u32)
    }

    fn brief(&self, input: &Input) -> Result<Brief, WriteError> {
        if self.manifest.prompt == NO_BRIEFS {
            return Err(WriteError::NoBriefs(self.model()));
        }
        let brief = input.brief()?;
        brief.check_language(&self.manifest.languages)?;
        Ok(brief)
    }
}

/// A seed when the caller names none; it is reported, so that any text can be had again.
fn random_seed() -> u32 {
    // The clock's fractions, mixed; nothing secret hangs on it.
    let bits = crate::gpu::wall_clock_bits();
    let mixed = (bits ^ (bits >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
