//! How well a model expects a text that somebody else wrote for a brief: its loss, in bits per byte.

use super::{WriteError, Writer};
use crate::copy::brief::Input;
use crate::generate::GenerateError;
use crate::model::manifest::BRIEF_V2;

/// What a text costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// −ln p of the text and of its end, given the brief.
    pub nats: f64,
    /// Bytes of the text in UTF-8, without white space around it. The end has none, nor have the spaces of `brief-v2`.
    pub bytes: usize,
}

impl Score {
    /// Bits per byte: comparable between models with other tokenizers, as tokens are not.
    #[must_use]
    pub fn bits_per_byte(&self) -> f64 {
        self.nats / std::f64::consts::LN_2 / self.bytes as f64
    }
}

impl Writer {
    /// Scores a text as the continuation of a brief: every token of it and the end token, by the model's own
    /// distribution. White space around the text does not count.
    ///
    /// # Errors
    /// A bad brief; a text and its brief that are longer than the context; a GPU that fails.
    pub async fn score(&mut self, input: &Input, text: &str) -> Result<Score, WriteError> {
        let brief = self.brief(input)?;
        let before = self.prompt(&brief)?;
        let text = text.trim();
        let mut tokens = self.tokenizer.encode(&written(text, self.manifest.prompt == BRIEF_V2))?;
        tokens.extend(self.session.decoder.config.eos_token_ids.first());
        let (needed, context) = (before.len() + tokens.len(), self.session.decoder.context);
        if needed > context as usize {
            let (prompt, max_tokens) = (before.len() as u32, tokens.len() as u32);
            return Err(GenerateError::TooLong { prompt, max_tokens, context }.into());
        }
        let found = self.session.logprobs_of(&before, &tokens).await?;
        Ok(Score { nats: -found.iter().sum::<f64>(), bytes: text.len() })
    }
}

/// A text as the model is to write it. In `brief-v2` that is line by line, each behind a space, without blank lines.
fn written(text: &str, spaced: bool) -> String {
    if !spaced {
        return text.to_owned();
    }
    let kept = text.lines().map(str::trim).filter(|line| !line.is_empty());
    kept.map(|line| format!(" {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_with_a_space_in_the_second_prompt_only() {
        let text = "One.\n\n Two.  \nThree.";
        assert_eq!(written(text, true), " One.\n Two.\n Three.");
        assert_eq!(written(text, false), text);
    }

    #[test]
    fn bits_are_counted_by_the_byte() {
        let score = Score { nats: 8.0 * std::f64::consts::LN_2, bytes: 4 };
        assert!((score.bits_per_byte() - 2.0).abs() < 1e-12);
    }
}
