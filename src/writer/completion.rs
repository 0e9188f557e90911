//! Plain completions in OpenAI's shape: `max_tokens`, `choices[0].text`, `logprobs`.

use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize};

use super::{WriteError, Writer, random_seed};
use crate::copy::brief::BriefError;
use crate::fields::{Fields, FromValue, Read, Value};
use crate::generate::constraint::{Automaton, Constraint, Table};
use crate::generate::params::Sampling;
use crate::generate::{Delta, Finish, GenerateError, Job, Output, Timing};
use crate::map::Map;

/// Most tokens of an answer that has a form, where the request does not say: one that is cut off would be of no use.
const STRUCTURED_TOKENS: u32 = 256;

/// One string or several.
#[derive(Debug, Clone)]
pub enum Stop {
    /// `"\n"`
    One(String),
    /// `["\n", "END"]`
    Many(Vec<String>),
}

/// What is continued.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// A text, in which special tokens are recognised.
    Text(String),
    /// Tokens: of a conversation, whose contents must not be read as special tokens.
    Tokens(Vec<u32>),
}

/// A request for completions.
#[derive(Debug, Clone)]
pub struct CompletionRequest {
    /// What is continued.
    pub prompt: Prompt,
    /// Most new tokens; 16 when absent, as in OpenAI's, and 256 where the text has a form.
    pub max_tokens: Option<u32>,
    /// Choices, 1 to 8.
    pub n: Option<u32>,
    /// Where to stop.
    pub stop: Option<Stop>,
    /// Tokens that end a text besides the model's own.
    pub stop_token_ids: Vec<u32>,
    /// Report log-probabilities with this many alternatives, up to 5.
    pub logprobs: Option<u32>,
    /// Give the prompt back before the text.
    pub echo: bool,
    /// Tokens per readback after the first; 0 adapts.
    pub steps_per_readback: u32,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// What the text has to be like, by `response_format` or `structured_outputs`: see `crate::schema`. A page finds that
    /// out elsewhere, and hands it in.
    pub table: Option<Table>,
}

/// In snake_case as OpenAI has it, or in camelCase; `null` is as good as absent. What does not change the text
/// (`model`, `user`, `stream`, `stream_options`) is read and left to whoever sends the answer; a name that is
/// unknown is an error.
impl FromValue for CompletionRequest {
    fn from_value(value: Value) -> Read<Self> {
        Fields::of(value, |f| {
            let prompt = f.get(&["prompt"], prompt)?;
            f.text("model")?;
            f.text("user")?;
            f.get(&["stream"], |v, at| v.flag(at))?;
            f.get(&["stream_options", "streamOptions"], |v, at| {
                let mut inner = Fields::new(at, v.map(at)?);
                inner.get(&["include_usage", "includeUsage"], |v, at| v.flag(at))?;
                inner.finish()
            })?;
            Ok(Self {
                prompt: prompt.map_or_else(|| f.missing("prompt"), Ok)?,
                max_tokens: f.get(&["max_tokens", "maxTokens"], |v, at| v.whole(at))?,
                n: f.get(&["n"], |v, at| v.whole(at))?,
                stop: f.get(&["stop"], stop)?,
                stop_token_ids: f.items(&["stop_token_ids", "stopTokenIds"], |v, at| v.whole(at))?,
                logprobs: f.get(&["logprobs"], |v, at| v.whole(at))?,
                echo: f.get(&["echo"], |v, at| v.flag(at))?.unwrap_or_default(),
                steps_per_readback: f
                    .get(&["steps_per_readback", "stepsPerReadback"], |v, at| v.whole(at))?
                    .unwrap_or_default(),
                sampling: Sampling::read(f)?,
                table: None,
            })
        })
    }
}

#[cfg(target_arch = "wasm32")]
impl<'de> Deserialize<'de> for CompletionRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::fields::deserialize(deserializer)
    }
}

/// A schema's properties are written in its order, so it is read before the order is lost.
#[cfg(not(target_arch = "wasm32"))]
impl<'de> Deserialize<'de> for CompletionRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use crate::schema::{Json, NAMES, asked};
        use serde::de::Error as _;
        let mut json = Json::deserialize(deserializer)?;
        let table = asked(&json).map_err(D::Error::custom)?;
        if let Json::Map(fields) = &mut json {
            fields.retain(|(name, _)| !NAMES.contains(&name.as_str()));
        }
        let request = Self::from_value(json.into()).map_err(D::Error::custom)?;
        Ok(Self { table, ..request })
    }
}

fn prompt(value: Value, at: &str) -> Read<Prompt> {
    match value {
        Value::List(ids) => ids.iter().map(|v| v.whole(at)).collect::<Read<_>>().map(Prompt::Tokens),
        text => text.text(at).map(Prompt::Text),
    }
}

fn stop(value: Value, at: &str) -> Read<Stop> {
    match value {
        Value::Text(one) => Ok(Stop::One(one)),
        several => super::stop(several, at).map(Stop::Many),
    }
}

/// Log-probabilities in the shape of OpenAI's completions.
#[derive(Debug, Clone, Serialize)]
pub struct CompletionLogprobs {
    /// The tokens' texts.
    pub tokens: Vec<String>,
    /// ln p of each.
    pub token_logprobs: Vec<f32>,
    /// The likeliest tokens with their ln p.
    pub top_logprobs: Vec<Map<f32>>,
    /// Where each token begins in the text, in characters.
    pub text_offset: Vec<usize>,
}

/// One choice.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// Its number.
    pub index: u32,
    /// Its text.
    pub text: String,
    /// Why it ended.
    pub finish_reason: Finish,
    /// When asked for.
    pub logprobs: Option<CompletionLogprobs>,
}

/// Tokens used.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CompletionUsage {
    /// Of the prompt.
    pub prompt_tokens: u32,
    /// Of all choices.
    pub completion_tokens: u32,
    /// Both.
    pub total_tokens: u32,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Completion {
    /// Unique in this writer's life.
    pub id: String,
    /// `text_completion`
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    /// Name and version of the model.
    pub model: String,
    /// The choices.
    pub choices: Vec<Choice>,
    /// Tokens used.
    pub usage: CompletionUsage,
    /// The seed of choice 0; choice i has seed + i.
    pub seed: u32,
    /// How long it took.
    pub timing: Timing,
}

impl Writer {
    /// Continues a plain text.
    ///
    /// # Errors
    /// A bad parameter, an input that is too long, an abort, a GPU that fails.
    pub async fn complete(
        &mut self,
        request: &CompletionRequest,
        on: &mut dyn FnMut(Delta),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Completion, WriteError> {
        if request.logprobs.is_some_and(|k| k > crate::kernel::sample::TOP) {
            return Err(BriefError::field("logprobs", "is more than 5").into());
        }
        let vocabulary = self.session.decoder.config.vocab_size;
        if request.stop_token_ids.iter().any(|&token| token >= vocabulary) {
            return Err(BriefError::field("stop_token_ids", "has a token that the model has not").into());
        }
        let ranges = request.sampling.check(vocabulary);
        ranges.map_err(|e| GenerateError::from(e.snake()))?;
        let (prompt, echo) = match &request.prompt {
            Prompt::Text(text) => (self.begun(text)?, if request.echo { text } else { "" }),
            Prompt::Tokens(_) if request.echo => {
                return Err(BriefError::field("echo", "needs a prompt that is a text").into());
            }
            Prompt::Tokens(tokens) => (tokens.clone(), ""),
        };
        let prompt_tokens = prompt.len() as u32;
        let stop_tokens = [&self.session.decoder.config.eos_token_ids[..], &request.stop_token_ids].concat();
        let rules = request.table.as_ref().map(|table| self.structured(table, request, &stop_tokens)).transpose()?;
        let room = self.session.decoder.context.saturating_sub(prompt_tokens);
        let least = rules.as_ref().map_or(0, |rules| rules.least_tokens());
        let usual = if rules.is_some() { least.max(STRUCTURED_TOKENS.min(room)) } else { 16 };
        let max_tokens = request.max_tokens.unwrap_or(usual);
        if max_tokens < least {
            return Err(GenerateError::Short { max_tokens, least }.into());
        }
        let seed = request.sampling.seed.unwrap_or_else(random_seed);
        let job = Job {
            prompt,
            n: request.n.unwrap_or(1),
            seed,
            max_tokens,
            sampling: request.sampling.clone(),
            stop_tokens,
            stop: match &request.stop {
                None => Vec::new(),
                Some(Stop::One(s)) => vec![s.clone()],
                Some(Stop::Many(s)) => s.clone(),
            },
            logprobs: request.logprobs.is_some(),
            trim_lines: false,
            rules,
            steps_per_readback: request.steps_per_readback,
        };
        let (outputs, timing) = self.session.generate(&job, on, cancelled).await?;
        let completion_tokens = outputs.iter().map(|o| o.tokens.len() as u32).sum();
        let choices = outputs.into_iter().enumerate().map(|(i, o)| {
            let logprobs = request.logprobs.map(|k| self.logprobs(&o, k as usize, echo.chars().count()));
            Choice { index: i as u32, text: format!("{echo}{}", o.text), finish_reason: o.finish, logprobs }
        });
        let choices = choices.collect();
        let wall = crate::gpu::wall_clock_bits();
        Ok(Completion {
            id: format!("cmpl-{wall:x}-{seed:x}"),
            object: "text_completion",
            created: crate::gpu::unix_seconds(),
            model: self.model(),
            choices,
            usage: CompletionUsage {
                prompt_tokens,
                completion_tokens,
                total_tokens: prompt_tokens + completion_tokens,
            },
            seed,
            timing,
        })
    }

    /// The rules of a text that is as this table says.
    fn structured(
        &self,
        table: &Table,
        request: &CompletionRequest,
        stop_tokens: &[u32],
    ) -> Result<Rc<Constraint>, WriteError> {
        if request.sampling.no_repeat_ngram_size > 0 {
            let problem = "may leave nothing that an answer of this form can go on with";
            return Err(BriefError::field("no_repeat_ngram_size", problem).into());
        }
        if stop_tokens.is_empty() {
            return Err(
                BriefError::field("stop_token_ids", "is empty, and the model has no token that ends a text").into()
            );
        }
        let mut writable = [false; 256];
        for token in (0..self.session.decoder.config.vocab_size).filter(|token| !stop_tokens.contains(token)) {
            if let [byte] = self.session.vocabulary.bytes(token) {
                writable[usize::from(*byte)] = true;
            }
        }
        let rules = Automaton::of(table, &writable).map(|automaton| Rc::new(Constraint::whole(automaton)));
        rules
            .ok_or_else(|| BriefError::field("response_format", "is something that the model has no tokens for").into())
    }

    /// `before`: characters of the choice's text before the first token.
    fn logprobs(&self, output: &Output, alternatives: usize, before: usize) -> CompletionLogprobs {
        let bytes = |token: u32| self.session.vocabulary.bytes(token);
        let name = |token: u32| token_name(token, bytes(token));
        let mut at = before;
        let text_offset = output.logprobs.iter().map(|l| {
            let begin = at;
            // A character counts where its first byte is: a token may begin within one.
            at += bytes(l.token).iter().filter(|&b| b & 0xc0 != 0x80).count();
            begin
        });
        CompletionLogprobs {
            text_offset: text_offset.collect(),
            tokens: output.logprobs.iter().map(|l| name(l.token)).collect(),
            token_logprobs: output.logprobs.iter().map(|l| l.logprob).collect(),
            top_logprobs: output
                .logprobs
                .iter()
                .map(|l| l.top.iter().take(alternatives).map(|&(t, p)| (name(t), p)).collect())
                .collect(),
        }
    }
}

/// A token's text; as in OpenAI's API `bytes:\xe2\x80` where it is a part of a character, since two such
/// tokens must not share a name. A special token has no text.
fn token_name(token: u32, bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok("") => format!("token:{token}"),
        Ok(text) => text.into(),
        Err(_) => bytes.iter().fold("bytes:".into(), |name, byte| format!("{name}\\x{byte:02x}")),
    }
}
