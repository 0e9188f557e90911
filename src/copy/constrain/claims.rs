//! Claims that want evidence, as one automaton for all briefs. It is explored once, as if every claim were open; a brief
//! then closes the ends of those that neither its `allow` nor its own words open.
//!
//! What has to be known of words before a claim is in it, and so are the exceptions that end where the claim does ("at its
//! best"). Not in it, and left to the check: phrases with any word in their middle ("the only lamp that"), a percentage
//! at the end ("save 20%"), and for each brief the phrases that could end in the beginning of its name or of what it must
//! say. Exceptions that only what follows would tell ("best before") are closed: what is written cannot be taken back.

use std::sync::OnceLock;

use super::phrases::{GAP, Phrases, WITHIN};
use super::shared::Shared;
use crate::copy::brief::Brief;
use crate::copy::check::claim::{self, Pattern};
use crate::copy::unicode::Is;
use crate::generate::constraint::Automaton;

/// Words for `_` in an exception.
const WHOSE: [&str; 8] = ["its", "their", "his", "her", "your", "our", "my", "the"];

struct Claims {
    patterns: &'static [Pattern],
    phrases: Shared,
}

impl Claims {
    fn new() -> Self {
        let patterns = claim::patterns();
        let mut phrases = Phrases::default();
        for (i, pattern) in patterns.iter().enumerate() {
            let entry = pattern.entry;
            if pattern.exception {
                let words: Vec<String> = entry.split(' ').map(String::from).collect();
                if patterns.iter().any(|p| !p.exception && p.ends(&words)) {
                    for whose in WHOSE {
                        let at = add(&mut phrases, &entry.replace('_', whose));
                        phrases.excuse(at);
                    }
                }
            } else if !entry.contains(" _") {
                let at = add(&mut phrases, entry);
                // Behind a digit or a sign other rules may forbid letters.
                let anywhere = !entry.ends_with((|c| c.is_ascii_alphabetic()) as Is);
                phrases.complete(at, i as u16, anywhere);
            }
        }
        Self { patterns, phrases: Shared::new(&phrases) }
    }
}

/// Adds the words of a pattern; where they end.
fn add(phrases: &mut Phrases, entry: &str) -> u32 {
    let (mut at, mut before) = (GAP, "");
    for word in entry.split(' ') {
        if !before.is_empty() {
            if before.ends_with('*') {
                phrases.stay(at);
            }
            let gap = phrases.space(at, None);
            // "No. 1" is one thing to say.
            if before == "no" {
                phrases.join(at, b'.', gap);
            }
            at = gap;
        }
        before = word;
        at = match (word, word.strip_prefix('_')) {
            ("0", _) => phrases.digits(at),
            (_, Some(end)) => phrases.word(WITHIN, end),
            _ => phrases.word(at, word.trim_end_matches('*')),
        };
    }
    at
}

/// The automaton for a brief whose texts are `own`; no phrase is closed that ends in the beginning of one of `forced`.
pub(super) fn automaton(brief: &Brief, own: &[String], forced: &[&str]) -> Automaton {
    static CLAIMS: OnceLock<Claims> = OnceLock::new();
    let &Claims { patterns, ref phrases } = CLAIMS.get_or_init(Claims::new);
    let allowed = |p: &Pattern| brief.allow.iter().any(|claim| claim.class == p.class);
    let mut closed: Vec<bool> = patterns.iter().map(|p| !allowed(p)).collect();
    for text in own {
        phrases.open(text, &mut closed);
        for (closed, pattern) in closed.iter_mut().zip(patterns).filter(|(_, p)| !p.opener.is_empty()) {
            let is = |word: &str| {
                word.trim_matches((|c: char| !c.is_alphanumeric()) as Is).eq_ignore_ascii_case(pattern.opener)
            };
            *closed &= !text.split_whitespace().any(is);
        }
    }
    for text in forced {
        let words = claim::words(text).0;
        for (closed, pattern) in closed.iter_mut().zip(patterns).filter(|(closed, _)| **closed) {
            *closed = !pattern.ends_in(&words);
        }
    }
    phrases.table(&closed)
}
