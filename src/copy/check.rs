//! Whether a text keeps its rules: looked up in the finished text, knowing nothing of how it was written.

pub(crate) mod claim;
mod ending;
mod markup;
mod name;
pub(crate) mod never;
pub(crate) mod number;
mod words;

use serde::Serialize;

use crate::copy::brief::Brief;
use crate::copy::count::Count;
use crate::copy::fold::glyphs;
use crate::copy::format::Format;
use crate::copy::rules::Rules;
use crate::copy::unicode::{lower, nfc};

/// Where in a text: first byte, byte after the last.
pub type Span = [usize; 2];

/// One rule and whether the text keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `length`, `parts`, `name`, `must`, `never`, `number`, `claim`, `ending` or `markup`.
    pub rule: &'static str,
    /// Kept.
    pub pass: bool,
    /// What was found, in words.
    pub detail: String,
    /// Where in the text, in bytes of UTF-8: what breaks the rule, or what keeps it.
    pub spans: Vec<Span>,
}

/// Every text of a brief. A number in any of them is a number of the brief.
pub(crate) struct Words {
    /// Of name, brand, category, features, facts, audience and context.
    pub own: Vec<String>,
    /// Of the evidence for claims.
    pub evidence: Vec<String>,
}

impl Words {
    pub(crate) fn of(brief: &Brief) -> Self {
        let mut own = vec![brief.name.clone()];
        let context = [&brief.context.interest, &brief.context.question];
        own.extend([&brief.brand, &brief.category, &brief.audience].into_iter().chain(context).flatten().cloned());
        own.extend(brief.features.iter().cloned());
        for (key, value) in &brief.facts {
            let value = value.to_string();
            // Delivery, free: free delivery.
            own.extend([[key, " ", &value].concat(), [&value, " ", key].concat()]);
        }
        Self { own, evidence: brief.allow.iter().map(|claim| claim.evidence.clone()).collect() }
    }
}

/// The numbers that a text for this brief may say. `must` are further sources.
pub(crate) fn numbers(brief: &Brief, words: &Words, must: &[String]) -> Vec<number::Quantity> {
    let mut known = number::known(&words.own);
    known.extend(number::known(&words.evidence));
    known.extend(number::known(must));
    // { "weight in kg": 1.5 }
    for (key, value) in &brief.facts {
        for value in number::scan(&value.to_string()).iter().filter(|value| value.unit.is_empty()) {
            known.extend(number::units(key).map(|unit| number::Quantity { unit: unit.into(), ..value.clone() }));
        }
    }
    known
}

/// Checks every rule.
#[must_use]
pub fn check(text: &str, brief: &Brief) -> Vec<Check> {
    let words = Words::of(brief);
    let limits = brief.format.limits();
    let lines: Vec<Span> = lines(text);
    let mut checks = Vec::new();
    let mut add = |rule, pass, detail: String, spans| checks.push(Check { rule, pass, detail, spans });

    let Rules { max, count, name, must, never } = Rules::of(brief);
    let length = count.of(text);
    let of = |n: u32, max: u32| [&n.to_string(), " of ", &max.to_string()].concat();
    add("length", length <= max && !text.trim().is_empty(), of(length, max), Vec::new());

    let parts = limits.map_or(&[][..], |l| &l.parts);
    if parts.len() > 1 || parts.first().is_some_and(|part| part != "text") && lines.len() > 1 {
        let (pass, detail, spans) = fits(text, &lines, parts, limits.map_or(&[][..], |l| &l.part_max), count);
        add("parts", pass, detail, spans);
    }

    let mut right = name::exact(text, &brief.name);
    let present = !right.is_empty();
    right.extend(brief.brand.iter().flat_map(|brand| name::exact(text, brand)));
    let names: Vec<&String> = [&brief.name].into_iter().chain(&brief.brand).collect();
    let other: Vec<String> = words.own.iter().filter(|t| !names.iter().any(|n| t.contains(*n))).cloned().collect();
    let mut wrong = name::near(text, &brief.name, &right, &other);
    if let Some(brand) = brief.brand.as_ref().filter(|brand| **brand != brief.name) {
        wrong.extend(name::near(text, brand, &right, &other));
    }
    if !wrong.is_empty() {
        let detail = [&quoted(text, &wrong), " is nearly a name, which is ", &brief.name].concat();
        add("name", false, detail, wrong);
    } else if !present && name.is_some() {
        add("name", false, [&brief.name, " is missing"].concat(), Vec::new());
    } else {
        add("name", true, brief.name.clone(), right.clone());
    }

    for term in must {
        let spans = occurrences(text, &term, brief);
        add("must", !spans.is_empty(), term, spans);
    }
    let folded = glyphs(text);
    for term in never {
        let spans = never::find(&folded, &term);
        add("never", spans.is_empty(), term, spans);
    }

    let known = numbers(brief, &words, &brief.must);
    // No. 8's is a number of the name, too.
    let over = |at: usize, end: usize| end <= at || end <= at + 4 && text[at..].starts_with(words::apostrophe);
    let named = |span: Span| right.iter().any(|r| r[0] <= span[0] && span[0] < r[1] && over(r[1], span[1]));
    let said: Vec<_> = number::scan(text).into_iter().filter(|q| !named(q.span)).collect();
    let foreign: Vec<Span> = said.iter().filter(|q| !number::backed(q, &known)).map(|q| q.span).collect();
    if foreign.is_empty() {
        add("number", true, "every number is in the brief".into(), said.iter().map(|q| q.span).collect());
    } else {
        add("number", false, quoted(text, &foreign) + ": not in the brief", foreign);
    }

    let own: Vec<String> = words.own.iter().chain(&words.evidence).cloned().collect();
    let claims = claim::closed(text, &own, |class| brief.allow.iter().any(|claim| claim.class == class));
    if claims.is_empty() {
        add("claim", true, "no claim without evidence".into(), Vec::new());
    }
    for class in claim::classes() {
        let spans: Vec<Span> = claims.iter().filter(|c| c.class == class).map(|c| c.span).collect();
        if !spans.is_empty() {
            add("claim", false, [class, ": ", &quoted(text, &spans)].concat(), spans);
        }
    }

    let (pass, detail, spans) = ends(text, &lines, brief, &right);
    add("ending", pass, detail, spans);

    let spans = markup::find(text);
    add("markup", spans.is_empty(), if spans.is_empty() { "plain text".into() } else { quoted(text, &spans) }, spans);
    checks
}

/// The lines that hold something.
fn lines(text: &str) -> Vec<Span> {
    let mut start = 0;
    let mut all = Vec::new();
    for line in text.split('\n') {
        if !line.trim().is_empty() {
            all.push([start, start + line.len()]);
        }
        start += line.len() + 1;
    }
    all
}

/// A format with several parts has a line for each, within its own limit where it has one; one that is a single line has
/// no second.
fn fits(text: &str, lines: &[Span], parts: &[String], most: &[u32], count: Count) -> (bool, String, Vec<Span>) {
    if lines.len() != parts.len() {
        let detail = [&lines.len().to_string(), " lines instead of ", &parts.len().to_string()].concat();
        return (false, detail, lines.get(parts.len()..).map_or(Vec::new(), <[_]>::to_vec));
    }
    let mut detail = String::new();
    let mut over = Vec::new();
    for (i, (part, line)) in parts.iter().zip(lines).enumerate() {
        let (length, max) = (count.of(&text[line[0]..line[1]]), most.get(i).copied().unwrap_or(u32::MAX));
        detail += &[if i > 0 { ", " } else { "" }, part, " ", &length.to_string()].concat();
        if max < u32::MAX {
            detail += &[" of ", &max.to_string()].concat();
        }
        if length > max {
            over.push(*line);
        }
    }
    (over.is_empty(), detail, over)
}

/// How each part of a text ends, and the text itself.
fn ends(text: &str, lines: &[Span], brief: &Brief, names: &[Span]) -> (bool, String, Vec<Span>) {
    let limits = brief.format.limits();
    let parts = limits.map_or(1, |l| l.parts.len());
    let sentence = limits.is_some_and(|l| l.sentence);
    for (i, line) in lines.iter().enumerate() {
        let last = i + 1 == lines.len();
        if !last && parts == 1 {
            continue;
        }
        let shown = &text[line[0]..line[1]];
        // A name may end on any word.
        if names.iter().any(|name| name[1] == line[0] + shown.trim_end().len()) && !(last && sentence) {
            continue;
        }
        if let Some((problem, span)) = ending::wrong(shown, last && sentence && !signed(shown, brief.format, lines)) {
            let spans = vec![[line[0] + span[0], line[0] + span[1]]];
            return (false, [&quoted(text, &spans), " ", problem].concat(), spans);
        }
    }
    (!lines.is_empty(), if lines.is_empty() { "no text" } else { "finished" }.into(), Vec::new())
}

/// A last line that needs no full stop: who writes the e-mail, the tags of a post.
fn signed(line: &str, format: Format, lines: &[Span]) -> bool {
    match format {
        Format::EmailBody => lines.len() > 1 && line.split_whitespace().count() <= 6,
        Format::SocialPost => {
            line.split_whitespace().next_back().is_some_and(|w| w.starts_with('#') || w.contains("://"))
        }
        _ => false,
    }
}

/// Where the term stands, whatever its case: as a word or words of its own, accents written either way. The name and the
/// brand are byte for byte.
fn occurrences(text: &str, term: &str, brief: &Brief) -> Vec<Span> {
    let fold = |s: &str| lower(&nfc(s));
    let wanted = fold(term);
    if let Some(name) = brief.brand.iter().chain([&brief.name]).find(|name| fold(name) == wanted) {
        return name::exact(text, name);
    }
    // The text piece by piece, so that what is found keeps its place: a letter with its marks folds into one piece.
    let mut pieces: Vec<(Span, String)> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match pieces.last_mut() {
            Some((span, piece)) if ('\u{300}'..='\u{36f}').contains(&c) => {
                span[1] = end;
                *piece = fold(&text[span[0]..end]);
            }
            _ => pieces
                .push(([at, end], if c.is_ascii() { c.to_ascii_lowercase().into() } else { fold(&text[at..end]) })),
        }
    }
    let folded: String = pieces.iter().map(|(_, piece)| piece.as_str()).collect();
    let starts = |byte: usize| {
        let mut seen = 0;
        pieces.iter().find(|(_, piece)| {
            seen += piece.len();
            seen > byte
        })
    };
    let whole = |span: &Span| match (starts(span[0]), starts(span[1] - 1)) {
        (Some((first, _)), Some((last, _))) => Some([first[0], last[1]]),
        _ => None,
    };
    name::exact(&folded, &wanted).iter().filter_map(whole).collect()
}

/// Pieces of a text, quoted.
fn quoted(text: &str, spans: &[Span]) -> String {
    let pieces: Vec<String> = spans.iter().map(|s| ["\"", &text[s[0]..s[1]], "\""].concat()).collect();
    pieces.join(", ")
}
