//! From a brief to texts that keep its rules: drafts are checked, and those that fail are written anew.
//!
//! A text under rules is passed on when it has passed, whole: what has been shown cannot be taken back, and whether a text
//! ends well, says the name and makes no claim is not known before its end. Texts without rules come as they are written.

use std::rc::Rc;

use super::{ATTEMPTS, Copies, Copy, Missing, Options, STRIDE, WriteError, Writer, random_seed};
use super::{DEFAULT_TOKENS, copies::Usage};
use crate::copy::brief::{BriefError, Input};
use crate::copy::check::check;
use crate::copy::constrain::constraint;
use crate::copy::contradiction::field_of_limit;
use crate::copy::rules::Rules;
use crate::copy::variants::{coverage, near, words};
use crate::generate::{Delta, GenerateError, Job, Output};
use crate::model::decoder::MAX_SEQUENCES;
use crate::model::manifest::BRIEF_V2;

impl Writer {
    /// Writes `n` texts for a brief. Each is checked, and one that breaks a rule of the brief or is a near-copy of another
    /// variant ([`crate::copy::variants::near`]) is written anew with another seed, together with the others that failed;
    /// what still fails after [`Options::attempts`] is left out, with the reason. The best comes first ([`Copy::score`]; of
    /// equals, the earlier seed). The same brief, model, options and seed give the same texts on the same device.
    ///
    /// `on` gets each text once it has passed, under its place among the copies. [`Options::unconstrained`] texts come in pieces,
    /// as they are written; so do [`Options::drafts`], and nothing else then, of which an empty piece says that what came under
    /// its number is forgotten.
    ///
    /// # Errors
    /// A bad brief or option, an input that is too long, an abort, a GPU that fails; [`WriteError::Rules`] when no text
    /// passed.
    pub async fn write(
        &mut self,
        input: &Input,
        options: &Options,
        on: &mut dyn FnMut(Delta),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Copies, WriteError> {
        let brief = self.brief(input)?;
        let most = Rules::of(&brief).max;
        let tokens = self.prompt(&brief)?;
        let prompt_tokens = tokens.len() as u32;
        let seed = options.sampling.seed.unwrap_or_else(random_seed);
        let context = self.session.decoder.context;
        let quota = self.input_quota();
        if options.max_tokens.is_none() && prompt_tokens > quota {
            return Err(GenerateError::TooLong { prompt: prompt_tokens, max_tokens: context - quota, context }.into());
        }
        let n = options.n.unwrap_or(1);
        if n > MAX_SEQUENCES {
            return Err(GenerateError::Sequences(n).into());
        }
        let spaced = self.manifest.prompt == BRIEF_V2;
        let free = options.unconstrained;
        let rules = if free { None } else { constraint(&brief, spaced).map(Rc::new) };
        if rules.as_ref().is_some_and(|rules| !rules.possible()) {
            return Err(BriefError::field(field_of_limit(&brief), "leaves no room for all that must be there").into());
        }
        let least = rules.as_ref().map_or(1, |rules| rules.least_tokens());
        let max_tokens = options.max_tokens.unwrap_or_else(|| tokens_for(most).max(least).min(context - quota));
        if max_tokens < least && prompt_tokens.saturating_add(max_tokens) <= context {
            return Err(GenerateError::Short { max_tokens, least }.into());
        }
        let several = n > 1 && !free;
        let mut job = Job {
            prompt: tokens,
            n,
            seed,
            max_tokens,
            sampling: options.sampling.clone(),
            stop_tokens: self.session.decoder.config.eos_token_ids.clone(),
            stop: options.stop.clone(),
            trim_lines: spaced,
            rules,
            // They say which variant the model finds likeliest.
            logprobs: several || options.explain,
            steps_per_readback: options.steps_per_readback,
        };
        let (model, brief_hash) = (self.model(), brief.hash());
        let (mut seeds, mut places): (Vec<u32>, Vec<u32>) = (0..n).map(|i| (seed.wrapping_add(i), i)).unzip();
        let mut passed: Vec<(Copy, Vec<String>)> = Vec::new();
        let mut failed: Vec<Missing> = Vec::new();
        for attempts in 1..=if free { 1 } else { options.attempts.unwrap_or(ATTEMPTS).max(1) } {
            job.n = seeds.len() as u32;
            if options.drafts && !free {
                places.iter().for_each(|&index| on(Delta { index, text: String::new() }));
            }
            let mut heard = |delta: Delta| {
                if free || options.drafts {
                    on(Delta { index: places[delta.index as usize], ..delta });
                }
            };
            let (outputs, timing) = self.session.generate_each(&job, &seeds, &mut heard, cancelled).await?;
            let (mut again, mut at) = (Vec::new(), Vec::new());
            for ((&seed, &place), output) in seeds.iter().zip(&places).zip(outputs) {
                let checks = check(&output.text, &brief);
                let said = words(&output.text);
                let mut reason = String::new();
                for broken in checks.iter().filter(|c| !c.pass && !free) {
                    if !reason.contains(broken.rule) {
                        reason.push_str(if reason.is_empty() { "" } else { ", " });
                        reason.push_str(broken.rule);
                    }
                }
                if several && reason.is_empty() && passed.iter().any(|(_, other)| near(&said, other)) {
                    reason.push_str("near-copy");
                }
                if !reason.is_empty() {
                    failed.push(Missing { seed, reason, text: output.text });
                    again.push(seed.wrapping_add(STRIDE));
                    at.push(place);
                    continue;
                }
                let score = several.then(|| likelihood(&output) + coverage(&said, &brief));
                let explanation = options.explain.then(|| self.explained(&brief, &job, &output));
                let copy = Copy {
                    checks,
                    seed,
                    attempts,
                    score,
                    model: model.clone(),
                    brief_hash: brief_hash.clone(),
                    finish_reason: output.finish,
                    usage: Usage { prompt_tokens, completion_tokens: output.tokens.len() as u32 },
                    timing,
                    explanation,
                    text: output.text,
                };
                passed.push((copy, said));
            }
            (seeds, places) = (again, at);
            if seeds.is_empty() {
                break;
            }
        }
        if passed.is_empty() {
            return Err(WriteError::Rules(failed));
        }
        // Few, and none may overtake its equal.
        let mut copies: Vec<Copy> = Vec::new();
        for (copy, _) in passed {
            let place = copies.iter().position(|other| other.score < copy.score).unwrap_or(copies.len());
            copies.insert(place, copy);
        }
        if !free && !options.drafts {
            for (index, copy) in (0..).zip(&copies) {
                on(Delta { index, text: copy.text.clone() });
            }
        }
        let missing = failed[failed.len() - seeds.len()..].to_vec();
        Ok(Copies { copies, missing, failed })
    }
}

/// Mean ln p of a text's tokens, by the model's own distribution.
fn likelihood(output: &Output) -> f64 {
    let mut sum = 0.0;
    for token in &output.logprobs {
        sum += f64::from(token.logprob);
    }
    sum / output.logprobs.len().max(1) as f64
}

/// Enough tokens for a text of this many characters: rare names take a token for two or three.
fn tokens_for(characters: u32) -> u32 {
    characters.clamp(16, DEFAULT_TOKENS)
}
