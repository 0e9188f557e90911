//! Generation: how a token is chosen, when a text ends, and the decode loop on the GPU.

pub mod constraint;
pub mod params;
mod prefix;
mod rules;
pub mod session;
pub mod stream;

use std::rc::Rc;

use thiserror::Error;

use crate::engine::EngineError;
use crate::error::Kind;
use crate::generate::constraint::Constraint;
use crate::generate::params::{ParamError, Sampling};
use crate::generate::stream::TextStream;

/// What can go wrong while a text is written.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// The engine or the GPU.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A sampling parameter.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The prompt with the tokens asked for does not fit the model's context.
    #[error("the input has {prompt} tokens and {max_tokens} more are asked for; the context holds {context}")]
    TooLong {
        /// Tokens of the prompt.
        prompt: u32,
        /// Tokens asked for.
        max_tokens: u32,
        /// Tokens that fit.
        context: u32,
    },
    /// There is nothing to continue.
    #[error("prompt: it has no tokens")]
    Empty,
    /// A token that the model does not have.
    #[error("prompt: the token {token} lies outside the model's vocabulary of {vocabulary}")]
    Token {
        /// The token.
        token: u32,
        /// Tokens that the model has.
        vocabulary: u32,
    },
    /// The rules ask for more than so many tokens can surely hold.
    #[error("maxTokens: {max_tokens} tokens may be too few for what is asked; {least} are enough")]
    Short {
        /// Tokens asked for.
        max_tokens: u32,
        /// Tokens that are enough.
        least: u32,
    },
    /// `n` is not 1 to 8.
    #[error("n: {0} is not between 1 and 8")]
    Sequences(u32),
    /// The caller gave up.
    #[error("the caller stopped the work")]
    Aborted,
}

impl GenerateError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Engine(e) => e.kind(),
            Self::Param(e) => e.kind(),
            Self::TooLong { prompt, max_tokens, context } => {
                Kind::QuotaExceeded { requested: (*prompt).into(), quota: context.saturating_sub(*max_tokens).into() }
            }
            Self::Empty | Self::Token { .. } | Self::Short { .. } | Self::Sequences(_) => Kind::Type,
            Self::Aborted => Kind::Abort,
        }
    }
}

/// One prompt to continue, in up to eight ways at once.
#[derive(Debug, Clone)]
pub struct Job {
    /// Token ids.
    pub prompt: Vec<u32>,
    /// Sequences, 1 to 8. Sequence i draws with seed + i.
    pub n: u32,
    /// Seed of sequence 0.
    pub seed: u32,
    /// Most tokens of a sequence.
    pub max_tokens: u32,
    /// How to choose.
    pub sampling: Sampling,
    /// Token ids that end a text.
    pub stop_tokens: Vec<u32>,
    /// Strings that end a text.
    pub stop: Vec<String>,
    /// Leave out a space that begins a line.
    pub trim_lines: bool,
    /// What holds while the text is written.
    pub rules: Option<Rc<Constraint>>,
    /// Report log-probabilities.
    pub logprobs: bool,
    /// Tokens per readback after the first; 0 adapts to the device.
    pub steps_per_readback: u32,
}

impl Job {
    /// What makes text of a sequence's bytes.
    #[must_use]
    pub fn stream(&self) -> TextStream {
        TextStream::new(self.stop.clone()).trim_lines(self.trim_lines)
    }
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// The model ended it, or a stop string came.
    Stop,
    /// It reached `max_tokens`.
    Length,
}

/// Log-probabilities at one token, from the model's own distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Logprobs {
    /// The chosen token.
    pub token: u32,
    /// ln p of it.
    pub logprob: f32,
    /// The likeliest tokens with their ln p, falling.
    pub top: Vec<(u32, f32)>,
}

/// One finished sequence.
#[derive(Debug, Clone)]
pub struct Output {
    /// The text, cut at the stop string.
    pub text: String,
    /// Its tokens, without the stop token.
    pub tokens: Vec<u32>,
    /// Why it ended.
    pub finish: Finish,
    /// One for each token, when asked for.
    pub logprobs: Vec<Logprobs>,
    /// The same of the stop token, where one ended it.
    pub end: Option<Logprobs>,
}

/// New text of one sequence.
#[derive(Debug, Clone)]
pub struct Delta {
    /// Which sequence.
    pub index: u32,
    /// Its new text.
    pub text: String,
}

/// How long it took.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// From the call to the first token, in milliseconds.
    pub first_token_ms: f64,
    /// Tokens of all sequences per second, after the first.
    pub tokens_per_second: f64,
}
