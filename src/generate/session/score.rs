//! How likely a model finds a text that is there already. Prefill computes many rows of a text at once; here the head
//! meets all of them, and not the last one alone.

use super::Session;
use super::plans::Key;
use crate::engine::Slice;
use crate::generate::{GenerateError, Job};
use crate::model::decoder::MAX_SEQUENCES;

impl Session {
    /// ln p of each of `continuation`'s tokens behind `prompt` and the tokens before it, by the model's own
    /// distribution: no temperature, no penalty. The last of them is never fed, so it needs no room in the context.
    ///
    /// # Errors
    /// As [`Session::generate`]; [`GenerateError::Token`] for a token of the continuation, too.
    pub async fn logprobs_of(&mut self, prompt: &[u32], continuation: &[u32]) -> Result<Vec<f64>, GenerateError> {
        let mut scores = Vec::with_capacity(continuation.len());
        self.rows_of(prompt, continuation, &mut |row, token| scores.push(at(row, token) - whole(row))).await?;
        Ok(scores)
    }

    /// Shows the logits (V) before each token of the continuation, with that token.
    async fn rows_of(
        &mut self,
        prompt: &[u32],
        continuation: &[u32],
        on: &mut dyn FnMut(&[f32], u32),
    ) -> Result<(), GenerateError> {
        let Some((_, fed)) = continuation.split_last() else { return Ok(()) };
        let vocabulary = self.decoder.config.vocab_size;
        if let Some(&token) = continuation.iter().find(|&&t| t >= vocabulary) {
            return Err(GenerateError::Token { token, vocabulary });
        }
        if prompt.is_empty() {
            return Err(GenerateError::Empty);
        }
        let job = Self::unsampled([prompt, fed].concat(), 0);
        self.check(&job)?;
        let outcome = self.teacher_forced(&job, prompt.len() - 1, continuation, on).await;
        self.sure(outcome)
    }

    /// The row behind `before` tokens, of the prompt's last, predicts the first token of the continuation.
    async fn teacher_forced(
        &mut self,
        job: &Job,
        before: usize,
        continuation: &[u32],
        on: &mut dyn FnMut(&[f32], u32),
    ) -> Result<(), GenerateError> {
        let tokens = &job.prompt;
        self.room(tokens.len() as u32 + 1).await?;
        self.set_up(job, &[])?;
        if before == 0 {
            self.prefix.forget();
        } else {
            self.prefill(&Self::unsampled(tokens[..before].to_vec(), 0), &|| false).await?;
        }
        let width = self.decoder.config.vocab_size as usize;
        let mut done = before;
        for wanted in continuation.chunks(MAX_SEQUENCES.min(self.decoder.slice) as usize) {
            // All rows before these are in the cache, so that these alone are computed, and lie first in x.
            done += wanted.len();
            self.prefill(&Self::unsampled(tokens[..done].to_vec(), 0), &|| false).await?;
            self.run(Key::Head(wanted.len() as u32), &[]).await?;
            let bytes = (wanted.len() * width * 4) as u64;
            let raw = self.engine.fetch(&[Slice { tensor: self.decoder.logits.clone(), offset: 0, bytes }]).await?;
            let logits: Vec<f32> = bytemuck::pod_collect_to_vec(&raw);
            logits.chunks_exact(width).zip(wanted).for_each(|(row, &token)| on(row, token));
        }
        Ok(())
    }
}

/// A logit.
fn at(logits: &[f32], token: u32) -> f64 {
    logits.get(token as usize).map_or(f64::NEG_INFINITY, |&l| l.into())
}

/// ln Σ exp of all logits, summed in f64: what turns a logit into ln p.
fn whole(logits: &[f32]) -> f64 {
    let most = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    most + logits.iter().map(|&l| (f64::from(l) - most).exp()).sum::<f64>().ln()
}
