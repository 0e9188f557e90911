//! What a brief demands of its text, in so many words. [`crate::copy::check`] looks for it in the finished text, with what goes
//! without saying: numbers, claims, endings.

use crate::copy::brief::Brief;
use crate::copy::count::Count;

/// The rules of one brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Most characters, in `count`.
    pub max: u32,
    /// How they are counted.
    pub count: Count,
    /// The name, when the format needs it in the text.
    pub name: Option<String>,
    /// Terms that must be there, whatever their case.
    pub must: Vec<String>,
    /// Terms that must not, whatever their case.
    pub never: Vec<String>,
}

impl Rules {
    /// The rules of a brief.
    #[must_use]
    pub fn of(brief: &Brief) -> Self {
        let limits = brief.format.limits();
        let most = limits.map_or(0, |l| l.max);
        let mut must: Vec<String> = Vec::new();
        for term in &brief.must {
            // Asked for twice it is there once.
            if !must.iter().any(|other| other.eq_ignore_ascii_case(term)) {
                must.push(term.clone());
            }
        }
        Self {
            max: brief.max_chars.unwrap_or(most).min(most),
            count: limits.map_or(Count::Grapheme, |l| l.count),
            name: limits.is_some_and(|l| l.requires_name).then(|| brief.name.clone()),
            must,
            never: brief.never.clone(),
        }
    }
}
