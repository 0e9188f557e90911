//! How the next token is chosen.

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::error::Kind;

/// A parameter outside its range.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{field}: {value} is not {expected}")]
pub struct ParamError {
    /// The field as the caller knows it.
    pub field: &'static str,
    /// What was given.
    pub value: f64,
    /// What is allowed.
    pub expected: &'static str,
}

impl ParamError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::Type
    }
}

/// Sampling parameters, applied in this order: logit bias; repetition, presence and frequency penalties;
/// no-repeat n-gram; temperature; top-k; top-p; min-p. Names in camelCase or snake_case.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sampling {
    /// 0 is greedy; at most 2 as in OpenAI's API. Default 0.7.
    pub temperature: f32,
    /// Only the k likeliest tokens; 0 is off.
    #[serde(alias = "top_k")]
    pub top_k: u32,
    /// Only the likeliest tokens that together have this probability; 1 is off (Holtzman et al. 2019).
    #[serde(alias = "top_p")]
    pub top_p: f32,
    /// Only tokens at least this fraction as likely as the likeliest; 0 is off.
    #[serde(alias = "min_p")]
    pub min_p: f32,
    /// Divides the positive logits of tokens seen before and multiplies the negative ones; 1 is off.
    #[serde(alias = "repetition_penalty")]
    pub repetition_penalty: f32,
    /// Taken from the logits of tokens that the text has; −2 to 2.
    #[serde(alias = "presence_penalty")]
    pub presence_penalty: f32,
    /// Taken from the logits as often as the text has the token; −2 to 2.
    #[serde(alias = "frequency_penalty")]
    pub frequency_penalty: f32,
    /// No sequence of this many tokens comes twice; 0 is off.
    #[serde(alias = "no_repeat_ngram_size")]
    pub no_repeat_ngram_size: u32,
    /// Added to the logits of single tokens; −100 to 100.
    #[serde(alias = "logit_bias", deserialize_with = "bias")]
    pub logit_bias: Vec<(u32, f32)>,
    /// The same seed gives the same text; a new one is drawn when absent.
    pub seed: Option<u32>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.7,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            no_repeat_ngram_size: 0,
            logit_bias: Vec::new(),
            seed: None,
        }
    }
}

impl Sampling {
    /// Checks every range, for a vocabulary of this many tokens.
    ///
    /// # Errors
    /// The first field that is out of range.
    pub fn check(&self, vocabulary: u32) -> Result<(), ParamError> {
        let within = |field, value: f32, low: f32, high: f32, expected| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(ParamError { field, value: value.into(), expected })
            }
        };
        within("temperature", self.temperature, 0.0, 2.0, "between 0 and 2")?;
        within("topP", self.top_p, 0.0, 1.0, "between 0 and 1")?;
        within("minP", self.min_p, 0.0, 1.0, "between 0 and 1")?;
        within("repetitionPenalty", self.repetition_penalty, 0.01, 100.0, "between 0.01 and 100")?;
        within("presencePenalty", self.presence_penalty, -2.0, 2.0, "between -2 and 2")?;
        within("frequencyPenalty", self.frequency_penalty, -2.0, 2.0, "between -2 and 2")?;
        within("noRepeatNgramSize", self.no_repeat_ngram_size as f32, 0.0, 64.0, "between 0 and 64")?;
        for &(token, bias) in &self.logit_bias {
            within("logitBias", bias, -100.0, 100.0, "between -100 and 100")?;
            if token >= vocabulary {
                let expected = "a token of the vocabulary";
                return Err(ParamError { field: "logitBias", value: token.into(), expected });
            }
        }
        Ok(())
    }
}

/// `{"17": -100}`, as in OpenAI's API: JSON has no numbers as keys.
fn bias<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u32, f32)>, D::Error> {
    let map = std::collections::BTreeMap::<String, f32>::deserialize(deserializer)?;
    let pair = |(token, bias): (String, f32)| {
        let wrong = || serde::de::Error::custom(format!("logitBias: {token:?} is no token id"));
        Ok((token.parse().map_err(|_| wrong())?, bias))
    };
    map.into_iter().map(pair).collect()
}
