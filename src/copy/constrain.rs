//! The rules of a brief as automata, for the decoder to hold to while it writes.
//!
//! They are stricter than [`mod@crate::copy::check`], which looks at finished texts and knows nothing of this: what they let
//! through should pass there.

mod claims;
mod near;
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
use crate::generate::constraint::{Automaton, Constraint, Costs, Limit, NEVER, continues, distance};

/// The constraint of a brief. `spaced`: the model begins each line with a space. None where the tables would be too large.
#[must_use]
pub fn constraint(brief: &Brief, spaced: bool) -> Option<Constraint> {
    let limits = brief.format.limits()?;
    let Rules { max, count, name, must, never } = Rules::of(brief);
    let costs = costs(count);
    let mut sources = vec![brief.name.clone()];
    // Loops, here and below: each chain of iterators would be a type of its own in the module that a page downloads.
    let context = &brief.context;
    for text in [&brief.brand, &brief.category, &brief.audience, &context.interest, &context.question] {
        sources.extend(text.clone());
    }
    sources.extend_from_slice(&brief.features);
    sources.extend_from_slice(&brief.must);
    for (key, value) in &brief.facts {
        sources.push(format!("{key} {value}"));
    }
    for claim in &brief.allow {
        sources.push(claim.evidence.clone());
    }

    let parts = limits.parts.len() as u32;
    // What is text of one part may have paragraphs in an e-mail and in a post.
    let most = if matches!(brief.format, Format::EmailBody | Format::BlogIntro) { 12 } else { parts };
    let tight = shape::tight(&sources);
    let shape = [
        ending(count, (limits.sentence, parts > 1, tight.clone()))?,
        shape::lines(&costs, parts, most, spaced, &tight)?,
    ];
    let mut terms = Vec::new();
    if let Some(name) = &name {
        terms.push(words::contain(&costs, name, false)?);
    }
    let mut names: Vec<&str> = brief.brand.as_deref().into_iter().collect();
    names.push(&brief.name);
    for term in &must {
        terms.push(words::contain(&costs, term, !words::begins_like(&names, term))?);
    }
    // What a text has to go on with: a term, or the rest of a name's word.
    let mut required: Vec<&str> = name.as_deref().into_iter().collect();
    for term in &must {
        required.push(term);
    }
    let mut forced = required.clone();
    for name in &names {
        forced.extend(name.split(words::PARTS));
    }
    let own = [check::words(brief), must.clone()].concat();
    let mut phrases = Vec::new();
    for term in &never {
        phrases.append(&mut words::forms(term));
    }
    // Where one letter comes again and again, there are as many places to be in as ways to cut it.
    let forbid = |gaps| words::forbid(&costs, &phrases, gaps);
    let never = if never.is_empty() { None } else { Some(forbid(true).or_else(|| forbid(false))?) };
    // A number that must not come must not be begun.
    let comes = |(text, _): &spans::Span| {
        let end = |never: &Automaton| text.bytes().fold(never.start(), |entry, byte| never.step(entry, byte));
        never.as_ref().is_none_or(|never| distance(end(never)) == 0)
    };
    let mut spans = Vec::new();
    for text in &sources {
        spans.append(&mut spans::spans(text));
    }
    // Nor one whose sign ("°" for degrees) the text may not have.
    let spelled = |text: &str| text.chars().all(|c| c.is_ascii() || sources.iter().any(|s| s.contains(c)));
    spans.retain(|span| comes(span) && spelled(&span.0));
    let (units, had) = numbers::units(&spans, &forced);
    let owned = comes(&("1's".to_owned(), false));
    // A word of a number that has been begun has to be finished, too: "1 week" where a name is "Weekling".
    let mut said = required.clone();
    for (text, _) in &spans {
        said.push(text);
    }
    let mut others = vec![
        words::spelled(&costs, &names, &said)?,
        shape::characters(&costs, &sources)?,
        numbers::lock(&costs, (&spans, &had), owned, &sources)?,
        units,
        claims::automaton(brief, &own, &forced),
    ];
    others.extend(never);
    for name in &names {
        others.extend(words::tail(&costs, name, &required));
        others.extend(near::near(&costs, name, &sources));
    }
    // The space that is taken away at the beginning of each part costs nothing; those of paragraphs, which may not come, do.
    let space = u32::from(spaced);
    let part = |i: usize| limits.part_max.get(i).copied().unwrap_or(max) + space;
    let limit = Limit { all: max + parts * space, first: part(0), rest: part(1) };
    // A term that no text ends on ("from") wants more behind it, and not a letter, with which it would be another word; before
    // a line break it wants no full stop.
    let (mut stop, mut lean) = (u32::from(limits.sentence), 0);
    for term in &required {
        let [ending, _] = &shape;
        let behind = [" ", term].concat().bytes().fold(ending.start(), |at, byte| ending.step(at, byte));
        if distance(behind) > 0 {
            let then = |byte| distance(ending.step(behind, byte));
            stop = stop.max(1 + then(b' ').min(then(b'.')));
            if then(b'\n') == u32::from(NEVER) {
                lean = lean.max(1 + (then(b' ') - u32::from(limits.sentence)).min(then(b'.')));
            }
        }
    }
    Constraint::new(shape, terms, others, (limits.sentence, stop, lean), costs, limit)
}

/// Whether texts end as sentences, whether they have several parts, and behind which signs of clauses a letter may follow.
type Ending = (bool, bool, String);

/// How a text ends: one of a few automata, each made once.
fn ending(count: Count, how: Ending) -> Option<Automaton> {
    static MADE: Mutex<Vec<(Count, Ending, Automaton)>> = Mutex::new(Vec::new());
    let Ok(mut made) = MADE.lock() else { return None };
    if let Some((.., automaton)) = made.iter().find(|(c, h, _)| *c == count && *h == how) {
        return Some(automaton.clone());
    }
    let (sentence, parts, tight) = &how;
    let automaton = shape::ending(&costs(count), *sentence, *parts, tight, OPEN, LEANING)?;
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
