//! The rules of a brief as automata, for the decoder to hold to while it writes.
//!
//! They are stricter than [`mod@crate::copy::check`], which looks at finished texts and knows nothing of this: what they let
//! through should pass there.

mod numbers;
mod shape;
mod words;

use crate::copy::brief::Brief;
use crate::copy::check::ending::{LEANING, OPEN};
use crate::copy::count::Count;
use crate::copy::format::Format;
use crate::copy::rules::Rules;
use crate::generate::constraint::{Constraint, Costs, Limit, continues, distance};

/// The constraint of a brief. `spaced`: the model begins each line with a space. None where the tables would be too large.
#[must_use]
pub fn constraint(brief: &Brief, spaced: bool) -> Option<Constraint> {
    let limits = brief.format.limits()?;
    let Rules { max, count, name, must, never } = Rules::of(brief);
    let costs = costs(count);
    let mut sources = vec![brief.name.clone()];
    let context = [&brief.context.interest, &brief.context.question];
    sources.extend([&brief.brand, &brief.category, &brief.audience].into_iter().chain(context).flatten().cloned());
    sources.extend(brief.features.iter().chain(&brief.must).cloned());
    sources.extend(brief.facts.iter().map(|(key, value)| format!("{key} {value}")));
    sources.extend(brief.allow.iter().map(|claim| claim.evidence.clone()));

    let parts = limits.parts.len() as u32;
    // What is text of one part may have paragraphs in an e-mail and in a post.
    let most = if matches!(brief.format, Format::EmailBody | Format::BlogIntro) { 12 } else { parts };
    let shape = [
        shape::ending(&costs, limits.sentence, parts > 1, OPEN, LEANING)?,
        shape::lines(&costs, parts, most, spaced, &shape::tight(&sources))?,
    ];
    let mut terms = Vec::new();
    if let Some(name) = &name {
        terms.push(words::contain(&costs, name, false)?);
    }
    let names: Vec<&str> = brief.brand.iter().chain([&brief.name]).map(String::as_str).collect();
    for term in &must {
        terms.push(words::contain(&costs, term, !words::begins_like(&names, term))?);
    }
    let mut others =
        vec![words::spelled(&costs, &names)?, shape::characters(&costs, &sources)?, numbers::lock(&costs, &sources)?];
    if !never.is_empty() {
        let phrases: Vec<String> = never.iter().flat_map(|term| words::forms(term)).collect();
        others.push(words::forbid(&costs, &phrases)?);
    }
    // The spaces that are taken away, and line breaks between parts, cost nothing.
    let spaces = if spaced { most } else { 0 };
    let part = |i: usize| limits.part_max.get(i).copied().unwrap_or(max);
    let limit = Limit { all: max + spaces, first: part(0) + spaces, rest: part(1) };
    // A term that no text ends on ("from") wants more behind it.
    let behind =
        |term: &String| [" ", term].concat().bytes().fold(shape[0].start(), |at, byte| shape[0].step(at, byte));
    let stop = name.iter().chain(&must).map(|term| distance(behind(term))).max().unwrap_or_default();
    let stop = stop.max(u32::from(limits.sentence));
    Constraint::new(shape, terms, others, (limits.sentence, stop), costs, limit)
}

/// What the bytes of a character cost together, at least what it counts there: continuations nothing, others their most.
fn costs(count: Count) -> Costs {
    let mut costs = [1; 256];
    for byte in (0..=255u8).filter(|_| count != Count::Bytes) {
        costs[usize::from(byte)] = match byte {
            _ if continues(byte) => 0,
            b'^' | b'{' | b'}' | b'\\' | b'[' | b'~' | b']' | b'|' if count == Count::Gsm7 => 2,
            0..=0xdf if count != Count::Gsm7 || byte < 0x80 => 1,
            0xe0..=0xef if matches!(count, Count::Grapheme | Count::Utf16) => 1,
            // Dashes and quotes are narrow.
            0xe2 if count == Count::DoubleWidth => 1,
            _ => 2,
        };
    }
    costs
}
