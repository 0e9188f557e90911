//! How well a model expects a text, by the chain rule: ln p(text) = Σ ln p(token | the tokens before it).

use serde::Serialize;

use super::MetricError;

/// What a text costs a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Likelihood {
    /// ln p of the whole text.
    pub log_probability: f64,
    /// Tokens.
    pub tokens: usize,
    /// Bytes of UTF-8.
    pub bytes: usize,
    /// Nats per token.
    pub cross_entropy: f64,
    /// e to the cross-entropy: among so many tokens the model was in doubt, on average.
    pub perplexity: f64,
    /// Comparable between models with other tokenizers, as the two above are not.
    pub bits_per_byte: f64,
}

/// Rounding of f32 logits may lift a log-probability this far above 0.
const ROUNDING: f64 = 1e-4;

/// From the natural log-probability of each token of a text that has so many bytes.
///
/// # Errors
/// No tokens or bytes; a log-probability that is no number, infinite or above 0.
pub fn likelihood(log_probabilities: &[f64], bytes: usize) -> Result<Likelihood, MetricError> {
    if log_probabilities.is_empty() || bytes == 0 {
        return Err(MetricError::Empty("the text"));
    }
    if let Some(at) = log_probabilities.iter().position(|p| !p.is_finite() || *p > ROUNDING) {
        let value = log_probabilities[at].to_string();
        let expected = "a finite number of at most 0";
        return Err(MetricError::Number { field: "log-probabilities", at, value, expected });
    }
    let log_probability = log_probabilities.iter().sum::<f64>();
    let tokens = log_probabilities.len();
    let cross_entropy = -log_probability / tokens as f64;
    let bits_per_byte = -log_probability / std::f64::consts::LN_2 / bytes as f64;
    Ok(Likelihood { log_probability, tokens, bytes, cross_entropy, perplexity: cross_entropy.exp(), bits_per_byte })
}
