//! Why a text is as it is: of each token the probability, what else was likely, and which rules struck that out.
//!
//! Everything is computed once the text is there. Its tokens go through the model once more, which gives the logits of each
//! place, and through the rules on the CPU, which say what they bar. So nothing of it costs anything while a text is written.

use std::rc::Rc;

use serde::Serialize;

use super::{WriteError, Writer};
use crate::copy::brief::Brief;
use crate::copy::rules::Rules;
use crate::generate::constraint::{Bar, Constraint, Standing};
use crate::generate::{Finish, Job, Logprobs, Output};

/// Alternatives that are told of each token.
const ALTERNATIVES: usize = 5;

/// One token of a text, or its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The token that was chosen.
    pub token: u32,
    /// Its text; empty where it ends the copy. What is no whole character is U+FFFD.
    pub text: String,
    /// Its probability by the model's own distribution, 0 to 1: at temperature 1, without penalties and rules.
    pub probability: f64,
    /// The likeliest tokens, itself among them if it is one, the likeliest first.
    pub alternatives: Vec<Alternative>,
}

/// A token that could have come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alternative {
    /// The token.
    pub token: u32,
    /// As [`Step::text`].
    pub text: String,
    /// As [`Step::probability`].
    pub probability: f64,
    /// The rules that struck it out, as [`crate::copy::check::Check::rule`] calls them; empty where it was free to come.
    pub struck: Vec<&'static str>,
}

/// The rules of a brief, each automaton with the name of its rule.
pub struct Reasons {
    rules: Rc<Constraint>,
    names: Vec<&'static str>,
}

impl Reasons {
    /// The names follow the order in which [`crate::copy::constrain::constraint`] has its automata.
    #[must_use]
    pub fn new(brief: &Brief, rules: Rc<Constraint>) -> Self {
        let Rules { name, must, never, .. } = Rules::of(brief);
        let mut names = vec!["ending", "parts"];
        names.extend(name.iter().map(|_| "name"));
        names.extend(must.iter().map(|_| "must"));
        names.extend(["name", "markup", "number", "number", "claim"]);
        names.extend((!never.is_empty()).then_some("never"));
        // How names do not go on.
        names.extend(["name"; 2]);
        Self { rules, names }
    }

    /// Where a text begins.
    #[must_use]
    pub fn start(&self) -> Standing {
        self.rules.start()
    }

    /// The rules that strike out a token of these bytes, before which `tokens` and itself may still come.
    #[must_use]
    pub fn token(&self, standing: &Standing, bytes: &[u8], tokens: u32) -> Vec<&'static str> {
        self.named(self.rules.bar(standing, bytes, tokens))
    }

    /// Where a text stands after these bytes more; None where they are barred.
    #[must_use]
    pub fn after(&self, standing: &Standing, bytes: &[u8], tokens: u32) -> Option<Standing> {
        self.rules.token(standing, bytes, tokens)
    }

    /// The rules that strike out the end of the text.
    #[must_use]
    pub fn end(&self, standing: &Standing) -> Vec<&'static str> {
        self.named(self.rules.bar_end(standing))
    }

    fn named(&self, bar: Option<Bar>) -> Vec<&'static str> {
        let mut all = match bar {
            None => Vec::new(),
            Some(Bar::Room) => vec!["length"],
            Some(Bar::Silent) => vec!["markup"],
            Some(Bar::Automata(numbers)) => {
                numbers.iter().map(|&i| self.names.get(i).copied().unwrap_or("rules")).collect()
            }
        };
        all.dedup();
        all
    }
}

impl Writer {
    /// Explains the tokens of a text that this job gave for a brief, and what ended it.
    pub(super) async fn explained(
        &mut self,
        brief: &Brief,
        job: &Job,
        output: &Output,
    ) -> Result<Vec<Step>, WriteError> {
        let ends = job.stop_tokens.clone();
        let mut tokens = output.tokens.clone();
        // Where a stop string ended it, no token did.
        if output.finish == Finish::Stop && job.stop.is_empty() {
            tokens.extend(ends.first());
        }
        let found = self.session.alternatives_of(&job.prompt, &tokens, ALTERNATIVES).await?;
        let (rules, most) = (job.rules.as_ref(), job.max_tokens);
        let reasons = rules.map(|rules| Reasons::new(brief, rules.clone()));
        let mut standing = reasons.as_ref().map(Reasons::start);
        let bytes = |token: u32| self.session.vocabulary.bytes(token);
        let text = |token: u32| String::from_utf8_lossy(bytes(token)).into_owned();
        let mut steps = Vec::with_capacity(found.len());
        for (i, Logprobs { token, logprob, top }) in (1..).zip(found) {
            let left = most.saturating_sub(i);
            let struck = |token: u32| match (&reasons, &standing) {
                (Some(reasons), Some(at)) if ends.contains(&token) => reasons.end(at),
                (Some(reasons), Some(at)) => reasons.token(at, bytes(token), left),
                _ => Vec::new(),
            };
            let alternative = |&(token, ln): &(u32, f32)| Alternative {
                token,
                text: text(token),
                probability: f64::from(ln).exp(),
                struck: struck(token),
            };
            let alternatives = top.iter().map(alternative).collect();
            steps.push(Step { token, text: text(token), probability: f64::from(logprob).exp(), alternatives });
            if let (Some(reasons), Some(at)) = (&reasons, &standing) {
                standing = reasons.after(at, bytes(token), left);
            }
        }
        Ok(steps)
    }
}
