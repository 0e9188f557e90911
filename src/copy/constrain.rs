//! The rules of a brief as automata, for the decoder to hold to while it writes.
//!
//! They are stricter than [`mod@crate::copy::check`], which looks at finished texts and knows nothing of this: what they let
//! through should pass there.

mod claims;
mod numbers;
mod phrases;
mod shape;
mod shared;
mod spans;
mod words;

use std::sync::Mutex;

use crate::copy::brief::Brief;
use crate::copy::check;
use crate::copy::check::ending::{LEANING, OPEN};
use crate::copy::count::Count;
use crate::copy::format::Format;
use crate::copy::rules::Rules;
use crate::generate::constraint::{Automaton, Constraint, Costs, Limit, continues, distance};

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
    let tight = shape::tight(&sources);
    let shape = [
        ending(count, (limits.sentence, parts > 1, tight.contains('.')))?,
        shape::lines(&costs, parts, most, spaced, &tight)?,
    ];
    let mut terms = Vec::new();
    if let Some(name) = &name {
        terms.push(words::contain(&costs, name, false)?);
    }
    let names: Vec<&str> = brief.brand.iter().chain([&brief.name]).map(String::as_str).collect();
    for term in &must {
        terms.push(words::contain(&costs, term, !words::begins_like(&names, term))?);
    }
    // What a text has to go on with: a term, or the rest of a name's word.
    let words = names.iter().flat_map(|name| name.split([' ', '-', '&']));
    let required: Vec<&str> = name.iter().chain(&must).map(String::as_str).collect();
    let forced: Vec<&str> = required.iter().copied().chain(words).collect();
    let own = [check::words(brief), must.clone()].concat();
    let phrases: Vec<String> = never.iter().flat_map(|term| words::forms(term)).collect();
    let never = if never.is_empty() { None } else { Some(words::forbid(&costs, &phrases)?) };
    // A number that must not come must not be begun.
    let comes = |(text, _): &spans::Span| {
        let end = |never: &Automaton| text.bytes().fold(never.start(), |entry, byte| never.step(entry, byte));
        never.as_ref().is_none_or(|never| distance(end(never)) == 0)
    };
    let spans: Vec<_> = sources.iter().flat_map(|text| spans::spans(text)).filter(comes).collect();
    let (units, had) = numbers::units(&spans, &forced);
    let mut others = vec![
        words::spelled(&costs, &names, &required)?,
        shape::characters(&costs, &sources)?,
        numbers::lock(&costs, &spans, &had, &sources)?,
        units,
        claims::automaton(brief, &own, &forced),
    ];
    others.extend(never);
    others.extend(names.iter().filter_map(|name| words::tail(&costs, name, &required)));
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

/// Whether texts end as sentences, whether they have several parts, and whether a letter may follow a full stop.
type Ending = (bool, bool, bool);

/// How a text ends: one of a few automata, each made once.
fn ending(count: Count, how: Ending) -> Option<Automaton> {
    static MADE: Mutex<Vec<(Count, Ending, Automaton)>> = Mutex::new(Vec::new());
    let Ok(mut made) = MADE.lock() else { return None };
    if let Some((.., automaton)) = made.iter().find(|(c, h, _)| *c == count && *h == how) {
        return Some(automaton.clone());
    }
    let (sentence, parts, dotted) = how;
    let automaton = shape::ending(&costs(count), sentence, parts, dotted, OPEN, LEANING)?;
    made.push((count, how, automaton.clone()));
    Some(automaton)
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
