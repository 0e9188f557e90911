//! How the next token is chosen.

use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::error::Kind;
use crate::fields::{self, FieldError, Fields, FromValue, Read, Value};

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

    /// The same with the field in snake_case, for callers who speak that.
    #[must_use]
    pub(crate) fn snake(self) -> Self {
        let field = NAMES.iter().find(|n| n[0] == self.field).and_then(|n| n.get(1)).copied();
        Self { field: field.unwrap_or(self.field), ..self }
    }
}

/// The names of each field, in camelCase and in snake_case.
const TEMPERATURE: &[&str] = &["temperature"];
const TOP_K: &[&str] = &["topK", "top_k"];
const TOP_P: &[&str] = &["topP", "top_p"];
const MIN_P: &[&str] = &["minP", "min_p"];
const REPETITION: &[&str] = &["repetitionPenalty", "repetition_penalty"];
const PRESENCE: &[&str] = &["presencePenalty", "presence_penalty"];
const FREQUENCY: &[&str] = &["frequencyPenalty", "frequency_penalty"];
const NGRAM: &[&str] = &["noRepeatNgramSize", "no_repeat_ngram_size"];
const BIAS: &[&str] = &["logitBias", "logit_bias"];
const SEED: &[&str] = &["seed"];
const NAMES: [&[&str]; 10] = [TEMPERATURE, TOP_K, TOP_P, MIN_P, REPETITION, PRESENCE, FREQUENCY, NGRAM, BIAS, SEED];

/// Sampling parameters, applied in this order: logit bias; repetition, presence and frequency penalties;
/// no-repeat n-gram; temperature; top-k; top-p; min-p. Names in camelCase or snake_case.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 is greedy; at most 2 as in OpenAI's API. Default 0.7.
    pub temperature: f32,
    /// Only the k likeliest tokens; 0 is off.
    pub top_k: u32,
    /// Only the likeliest tokens that together have this probability; 1 is off (Holtzman et al. 2019).
    pub top_p: f32,
    /// Only tokens at least this fraction as likely as the likeliest; 0 is off.
    pub min_p: f32,
    /// Divides the positive logits of tokens seen before and multiplies the negative ones; 1 is off.
    pub repetition_penalty: f32,
    /// Taken from the logits of tokens that the text has; −2 to 2.
    pub presence_penalty: f32,
    /// Taken from the logits as often as the text has the token; −2 to 2.
    pub frequency_penalty: f32,
    /// No sequence of this many tokens comes twice; 0 is off.
    pub no_repeat_ngram_size: u32,
    /// Added to the logits of single tokens; −100 to 100.
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
    /// Takes its fields, under either of their names. Ranges are for [`Sampling::check`].
    pub(crate) fn read(f: &mut Fields) -> Read<Self> {
        let d = Self::default();
        let number = |v: Value, at: &str| v.number(at).map(|n| n as f32);
        let whole = |v: Value, at: &str| v.whole(at);
        Ok(Self {
            temperature: f.get(TEMPERATURE, number)?.unwrap_or(d.temperature),
            top_k: f.get(TOP_K, whole)?.unwrap_or(d.top_k),
            top_p: f.get(TOP_P, number)?.unwrap_or(d.top_p),
            min_p: f.get(MIN_P, number)?.unwrap_or(d.min_p),
            repetition_penalty: f.get(REPETITION, number)?.unwrap_or(d.repetition_penalty),
            presence_penalty: f.get(PRESENCE, number)?.unwrap_or(d.presence_penalty),
            frequency_penalty: f.get(FREQUENCY, number)?.unwrap_or(d.frequency_penalty),
            no_repeat_ngram_size: f.get(NGRAM, whole)?.unwrap_or(d.no_repeat_ngram_size),
            logit_bias: f.get(BIAS, bias)?.unwrap_or_default(),
            seed: f.get(SEED, whole)?,
        })
    }

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
fn bias(value: Value, at: &str) -> Read<Vec<(u32, f32)>> {
    let pair = |(token, bias): (String, Value)| {
        // Written in one way only, so that no token comes twice.
        let id = token.parse().ok().filter(|id: &u32| id.to_string() == token);
        let wrong = || FieldError { field: at.into(), problem: format!("has the key {token:?}, which is no token id") };
        Ok((id.ok_or_else(wrong)?, bias.number(&format!("{at}.{token}"))? as f32))
    };
    value.map(at)?.into_iter().map(pair).collect()
}

impl<'de> Deserialize<'de> for Sampling {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fields::deserialize(deserializer)
    }
}

impl FromValue for Sampling {
    fn from_value(value: Value) -> Read<Self> {
        Fields::of(value, Self::read)
    }
}
