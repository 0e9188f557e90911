//! Whether a text keeps its rules: looked up in the finished text, knowing nothing of how it was written.

use serde::Serialize;

use crate::copy::rules::Rules;
use crate::copy::unicode::{lower, nfc};

/// One rule and whether the text keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `length`, `name`, `must` or `never`.
    pub rule: &'static str,
    /// Kept.
    pub pass: bool,
    /// The numbers or the term.
    pub detail: String,
}

/// Checks every rule.
#[must_use]
pub fn check(text: &str, rules: &Rules) -> Vec<Check> {
    let length = rules.count.of(text);
    let mut checks = vec![Check {
        rule: "length",
        pass: length <= rules.max && !text.trim().is_empty(),
        detail: format!("{length} of {}", rules.max),
    }];
    checks.extend(rules.name.iter().map(|name| Check {
        rule: "name",
        pass: text.contains(name.as_str()),
        detail: name.clone(),
    }));
    // An accent may be written in two ways.
    let fold = |s: &str| lower(&nfc(s));
    let folded = fold(text);
    let has = |term: &str| folded.contains(&fold(term));
    checks.extend(rules.must.iter().map(|t| Check { rule: "must", pass: has(t), detail: t.clone() }));
    checks.extend(rules.never.iter().map(|t| Check { rule: "never", pass: !has(t), detail: t.clone() }));
    checks
}
