//! Plain completions in OpenAI's shape: `max_tokens`, `choices[0].text`, `logprobs`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{WriteError, Writer, random_seed};
use crate::copy::brief::BriefError;
use crate::generate::params::Sampling;
use crate::generate::{Delta, Finish, Job, Output, Timing};

/// One string or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Stop {
    /// `"\n"`
    One(String),
    /// `["\n", "END"]`
    Many(Vec<String>),
}

/// A request for completions.
#[derive(Debug, Clone, Deserialize)]
pub struct CompletionRequest {
    /// The text to continue.
    pub prompt: String,
    /// Most new tokens; 16 when absent, as in OpenAI's.
    #[serde(default)]
    pub max_tokens: Option<u32>,
    /// Choices, 1 to 8.
    #[serde(default)]
    pub n: Option<u32>,
    /// Where to stop.
    #[serde(default)]
    pub stop: Option<Stop>,
    /// Report log-probabilities with this many alternatives, up to 5.
    #[serde(default)]
    pub logprobs: Option<u32>,
    /// Give the prompt back before the text.
    #[serde(default)]
    pub echo: bool,
    /// Tokens per readback after the first; 0 adapts.
    #[serde(default)]
    pub steps_per_readback: u32,
    /// How tokens are chosen.
    #[serde(flatten)]
    pub sampling: Sampling,
}

/// Log-probabilities in the shape of OpenAI's completions.
#[derive(Debug, Clone, Serialize)]
pub struct CompletionLogprobs {
    /// The tokens' texts.
    pub tokens: Vec<String>,
    /// ln p of each.
    pub token_logprobs: Vec<f32>,
    /// The likeliest tokens with their ln p.
    pub top_logprobs: Vec<BTreeMap<String, f32>>,
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
        let prompt = self.tokenizer.encode(&request.prompt)?;
        let prompt_tokens = prompt.len() as u32;
        let seed = request.sampling.seed.unwrap_or_else(random_seed);
        let job = Job {
            prompt,
            n: request.n.unwrap_or(1),
            seed,
            max_tokens: request.max_tokens.unwrap_or(16),
            sampling: request.sampling.clone(),
            stop_tokens: self.session.decoder.config.eos_token_ids.clone(),
            stop: match &request.stop {
                None => Vec::new(),
                Some(Stop::One(s)) => vec![s.clone()],
                Some(Stop::Many(s)) => s.clone(),
            },
            logprobs: request.logprobs.is_some(),
            steps_per_readback: request.steps_per_readback,
        };
        let (outputs, timing) = self.session.generate(&job, on, cancelled).await?;
        let completion_tokens = outputs.iter().map(|o| o.tokens.len() as u32).sum();
        let choices = outputs.into_iter().enumerate().map(|(i, o)| {
            let logprobs = request.logprobs.map(|k| self.logprobs(&o, k as usize));
            let text = if request.echo { format!("{}{}", request.prompt, o.text) } else { o.text };
            Choice { index: i as u32, text, finish_reason: o.finish, logprobs }
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

    fn logprobs(&self, output: &Output, alternatives: usize) -> CompletionLogprobs {
        let name = |token: u32| String::from_utf8_lossy(self.session.vocabulary.bytes(token)).into_owned();
        let tokens: Vec<String> = output.logprobs.iter().map(|l| name(l.token)).collect();
        let mut at = 0;
        let text_offset = tokens.iter().map(|t| {
            let begin = at;
            at += t.chars().count();
            begin
        });
        CompletionLogprobs {
            text_offset: text_offset.collect(),
            token_logprobs: output.logprobs.iter().map(|l| l.logprob).collect(),
            top_logprobs: output
                .logprobs
                .iter()
                .map(|l| l.top.iter().take(alternatives).map(|&(t, p)| (name(t), p)).collect())
                .collect(),
            tokens,
        }
    }
}
