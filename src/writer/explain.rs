//! Why a text is as it is: of each token the probability, what else was likely, and which rules struck that out.
//!
//! The probabilities are those that the GPU reports while it writes. Once the text is there, its tokens go through the rules
//! again, on the CPU, which say what they barred: while a text is written, nobody need know why.

use std::rc::Rc;

use serde::Serialize;

use super::Writer;
use crate::copy::brief::Brief;
use crate::copy::rules::Rules;
use crate::generate::constraint::{Bar, Constraint, Standing};
use crate::generate::stream::TextStream;
use crate::generate::{Job, Logprobs, Output};
use crate::math::exp;

/// One token of a text, or its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The token that was chosen.
    pub token: u32,
    /// What it adds to the text: all steps together give [`super::Copy::text`]. Empty where it ends the text, or where the
    /// next token is needed to make a character whole or to know that no stop string has begun.
    pub text: String,
    /// Its probability by the model's own distribution, 0 to 1: at temperature 1, without penalties and rules.
    pub probability: f64,
    /// The [`crate::kernel::sample::TOP`] likeliest tokens, itself among them if it is one, the likeliest first.
    pub alternatives: Vec<Alternative>,
}

/// A token that could have come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alternative {
    /// The token.
    pub token: u32,
    /// Its own text; empty where it ends the text. What is no whole character is U+FFFD.
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
        // How names do not go on, and what is nearly one: of the brand and of the name.
        names.extend(["name"; 4]);
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
        let mut all = Vec::new();
        match bar {
            None => {}
            Some(Bar::Room) => all.push("length"),
            Some(Bar::Silent) => all.push("markup"),
            Some(Bar::Automata(these)) => {
                for i in (0..u64::BITS).filter(|i| these >> i & 1 == 1) {
                    let name = self.names.get(i as usize).copied().unwrap_or("rules");
                    if all.last() != Some(&name) {
                        all.push(name);
                    }
                }
            }
        }
        all
    }
}

impl Writer {
    /// Explains the tokens of a text that this job gave for a brief, and the token that ended it, if one did.
    pub(super) fn explained(&self, brief: &Brief, job: &Job, output: &Output) -> Vec<Step> {
        let mut under = job.rules.as_ref().map(|rules| {
            let reasons = Reasons::new(brief, rules.clone());
            let start = reasons.start();
            (reasons, start)
        });
        let mut stream = job.stream();
        let mut steps = Vec::new();
        let mut left = job.max_tokens;
        for Logprobs { token, logprob, top } in output.logprobs.iter().chain(&output.end) {
            left = left.saturating_sub(1);
            let mut alternatives = Vec::new();
            for &(token, ln) in top {
                let bytes = self.said(job, token);
                let struck = match &under {
                    None => Vec::new(),
                    Some((reasons, at)) if job.stop_tokens.contains(&token) => reasons.end(at),
                    Some((reasons, at)) => reasons.token(at, bytes, left),
                };
                // Apart from the others, a piece of a character is none.
                let mut alone = TextStream::new(Vec::new());
                let text = alone.push(bytes).text + &alone.finish();
                alternatives.push(Alternative { token, text, probability: exp(ln.into()), struck });
            }
            let bytes = self.said(job, *token);
            let text = stream.push(bytes).text;
            steps.push(Step { token: *token, text, probability: exp((*logprob).into()), alternatives });
            if let Some((reasons, at)) = &mut under {
                // The end has no bytes, and nothing behind it.
                *at = reasons.after(at, bytes, left).unwrap_or(*at);
            }
        }
        if let Some(last) = steps.last_mut() {
            last.text.push_str(&stream.finish());
        }
        steps
    }

    /// What a token adds to a text. One that ends texts is of none, whatever its bytes.
    fn said(&self, job: &Job, token: u32) -> &[u8] {
        if job.stop_tokens.contains(&token) { &[] } else { self.session.vocabulary.bytes(token) }
    }
}
