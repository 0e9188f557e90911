//! Whether a text keeps its rules: looked up in the finished text, knowing nothing of how it was written.

pub(crate) mod claim;
pub(crate) mod ending;
mod markup;
pub(crate) mod name;
pub(crate) mod never;
pub(crate) mod number;
pub(crate) mod words;

use serde::Serialize;

use crate::copy::brief::{Brief, Context};
use crate::copy::fold::glyphs;
use crate::copy::format::{Format, Limits};
use crate::copy::rules::Rules;
use crate::copy::unicode::{lower, nfc};
use number::Quantity;
use words::apostrophe;

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

/// Every text of a brief but what must and must not be there: the name first. What they say may be said.
pub(crate) fn words(brief: &Brief) -> Vec<String> {
    let mut all = vec![brief.name.clone()];
    let Context { interest, question } = &brief.context;
    for text in [&brief.brand, &brief.category, &brief.audience, interest, question].into_iter().flatten() {
        all.push(text.clone());
    }
    all.extend_from_slice(&brief.features);
    for (key, value) in &brief.facts {
        let value = value.to_string();
        // Delivery, free: free delivery.
        all.push([key, " ", &value].concat());
        all.push([&value, " ", key].concat());
    }
    for claim in &brief.allow {
        all.push(claim.evidence.clone());
    }
    all
}

/// The numbers of these texts and of the facts, which may be said.
pub(crate) fn numbers(brief: &Brief, sources: &[String]) -> Vec<Quantity> {
    let mut known = Vec::new();
    for source in sources {
        known.append(&mut number::scan(source));
    }
    // { "weight in kg": 1.5 }
    for (key, value) in &brief.facts {
        for value in number::scan(&value.to_string()) {
            if value.unit.is_empty() {
                number::with_units(&value, key, &mut known);
            }
        }
    }
    known
}

/// Checks every rule.
#[must_use]
pub fn check(text: &str, brief: &Brief) -> Vec<Check> {
    let mut words = words(brief);
    let limits = brief.format.limits();
    let lines = lines(text);
    let mut checks = Vec::new();
    let mut add = |rule, pass, detail: String, spans| checks.push(Check { rule, pass, detail, spans });

    let Rules { max, count, name, must, never } = Rules::of(brief);
    let length = count.of(text);
    add("length", length <= max && !text.trim().is_empty(), of(length, max), Vec::new());

    if let Some(limits) = limits {
        let parts = &limits.parts;
        if parts.len() > 1 || lines.len() > 1 && !parts.iter().any(|part| part == "text") {
            let (pass, detail, spans) = fits(text, &lines, limits);
            add("parts", pass, detail, spans);
        }
    }

    let claims = claim::closed(text, &words, &brief.allow);
    let brand = brief.brand.as_deref().unwrap_or_default();
    let mut right = name::exact(text, &brief.name);
    let present = name.is_none() || !right.is_empty();
    right.append(&mut name::exact(text, brand));
    let mut other = words.clone();
    other.retain(|t| !t.contains(&brief.name) && (brand.is_empty() || !t.contains(brand)));
    let mut wrong = name::near(text, &brief.name, &right, &other);
    if brand != brief.name {
        wrong.append(&mut name::near(text, brand, &right, &other));
    }
    let detail = match (wrong.is_empty(), present) {
        (false, _) => [&quoted(text, &wrong), " is nearly a name, which is ", &brief.name].concat(),
        (_, false) => [&brief.name, " is missing"].concat(),
        _ => brief.name.clone(),
    };
    let pass = wrong.is_empty() && present;
    add("name", pass, detail, if pass { right.clone() } else { wrong });

    for term in must {
        let spans = occurrences(text, &term, brief);
        add("must", !spans.is_empty(), term, spans);
    }
    let folded = glyphs(text);
    for term in never {
        let spans = never::find(&folded, &term);
        add("never", spans.is_empty(), term, spans);
    }

    words.extend_from_slice(&brief.must);
    let known = numbers(brief, &words);
    let (mut backed, mut foreign) = (Vec::new(), Vec::new());
    for said in number::scan(text) {
        let [start, end] = said.span;
        // No. 8's is a number of the name, too.
        let over = |at: usize| end <= at || end <= at + 4 && apostrophe(words::first(&text[at..]));
        if !right.iter().any(|name| name[0] <= start && start < name[1] && over(name[1])) {
            // "€49 Lumen Arc" has no lumen.
            let name = right.iter().find(|name| start < name[0] && name[0] < end);
            let alone = name.and_then(|name| number::scan(&text[..name[0]]).pop()).filter(|a| a.span[0] == start);
            // Nor has "one Lumen Arc" a number.
            let one = text[start..].get(..3).is_some_and(|word| word.eq_ignore_ascii_case("one"));
            let none = name.is_some() && alone.is_none() && one;
            let fine = none || number::backed(alone.as_ref().unwrap_or(&said), &known);
            if fine { &mut backed } else { &mut foreign }.push(said.span);
        }
    }
    if foreign.is_empty() {
        add("number", true, "every number is in the brief".into(), backed);
    } else {
        add("number", false, quoted(text, &foreign) + ": not in the brief", foreign);
    }

    if claims.is_empty() {
        add("claim", true, "no claim without evidence".into(), Vec::new());
    }
    for class in claim::classes() {
        let mut spans = Vec::new();
        for claim in &claims {
            if claim.class == class {
                spans.push(claim.span);
            }
        }
        if !spans.is_empty() {
            add("claim", false, [class, ": ", &quoted(text, &spans)].concat(), spans);
        }
    }

    let (detail, spans) = ends(text, &lines, brief, &right);
    add("ending", detail == "finished", detail, spans);

    let spans = markup::find(text);
    add("markup", spans.is_empty(), if spans.is_empty() { "plain text".into() } else { quoted(text, &spans) }, spans);
    checks
}

fn of(n: u32, max: u32) -> String {
    [&n.to_string(), " of ", &max.to_string()].concat()
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
fn fits(text: &str, lines: &[Span], limits: &Limits) -> (bool, String, Vec<Span>) {
    let parts = &limits.parts;
    if lines.len() != parts.len() {
        let detail = [&lines.len().to_string(), " lines instead of ", &parts.len().to_string()].concat();
        return (false, detail, lines.get(parts.len()..).map_or(Vec::new(), <[_]>::to_vec));
    }
    let mut detail = String::new();
    let mut over = Vec::new();
    for (i, (part, line)) in parts.iter().zip(lines).enumerate() {
        let length = limits.count.of(&text[line[0]..line[1]]);
        let max = limits.part_max.get(i).copied().unwrap_or(limits.max);
        for piece in [if i > 0 { ", " } else { "" }, part, " ", &of(length, max)] {
            detail.push_str(piece);
        }
        if length > max {
            over.push(*line);
        }
    }
    (over.is_empty(), detail, over)
}

/// How each part of a text ends, and the text itself.
fn ends(text: &str, lines: &[Span], brief: &Brief, names: &[Span]) -> (String, Vec<Span>) {
    let Some(limits) = brief.format.limits().filter(|_| !lines.is_empty()) else {
        return ("no text".into(), Vec::new());
    };
    for (i, line) in lines.iter().enumerate() {
        let last = i + 1 == lines.len();
        if !last && limits.parts.len() == 1 {
            continue;
        }
        let shown = &text[line[0]..line[1]];
        let sentence = last && limits.sentence;
        // A name may end on any word.
        if !sentence && names.iter().any(|name| name[1] == line[0] + shown.trim_end().len()) {
            continue;
        }
        if let Some((problem, span)) = ending::wrong(shown, sentence && !signed(shown, brief.format, lines)) {
            let spans = vec![[line[0] + span[0], line[0] + span[1]]];
            return ([&quoted(text, &spans), " ", problem].concat(), spans);
        }
    }
    ("finished".into(), Vec::new())
}

/// A last line that needs no full stop: who writes the e-mail, the tags of a post.
fn signed(line: &str, format: Format, lines: &[Span]) -> bool {
    match format {
        Format::EmailBody => lines.len() > 1 && line.split_whitespace().count() <= 6,
        Format::SocialPost => {
            line.split_whitespace().next_back().is_some_and(|w| words::first(w) == '#' || w.contains("://"))
        }
        _ => false,
    }
}

/// Where the term stands, whatever its case: as a word or words of its own, accents written either way. The name and the
/// brand are byte for byte.
fn occurrences(text: &str, term: &str, brief: &Brief) -> Vec<Span> {
    let fold = |s: &str| lower(&nfc(s));
    let wanted = fold(term);
    for name in brief.brand.iter().chain([&brief.name]) {
        if fold(name) == wanted {
            return name::exact(text, name);
        }
    }
    // Character by character, so that what is found keeps its place; marks go with their letter.
    let (mut folded, mut places) = (String::new(), Vec::new());
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        while let Some((at, mark)) = chars.next_if(|(_, c)| ('\u{300}'..='\u{36f}').contains(c)) {
            end = at + mark.len_utf8();
        }
        folded.push_str(&fold(&text[start..end]));
        places.resize(folded.len(), [start, end]);
    }
    let mut found = name::exact(&folded, &wanted);
    for span in &mut found {
        *span = [places[span[0]][0], places[span[1] - 1][1]];
    }
    found
}

/// Pieces of a text, quoted.
fn quoted(text: &str, spans: &[Span]) -> String {
    let mut all = String::new();
    for span in spans {
        let gap = if all.is_empty() { "\"" } else { ", \"" };
        for piece in [gap, &text[span[0]..span[1]], "\""] {
            all.push_str(piece);
        }
    }
    all
}
