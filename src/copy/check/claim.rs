//! Claims that want evidence, by the words that make them.
//!
//! `claims.txt` has each class on a line of its own and then its words, compared one by one, without case, accents,
//! apostrophes and hyphens. `*` ends the beginning of a word, `_` is any one word or its beginning, `0` any number. `!` begins
//! an exception: ordinary phrases in which the words claim nothing. What stands before `>` opens the claim where the brief
//! says it. Which classes and why: CONTRIBUTING.md, "Claims".

use std::sync::OnceLock;

use super::Span;
use super::words::tokens;
use crate::copy::brief::Claim;

/// What may make a claim, by class.
const LEXICON: &str = include_str!("../claims.txt");

/// A claim in a text.
pub(crate) struct Found {
    /// Its class.
    pub class: &'static str,
    /// Where.
    pub span: Span,
    /// A word by which the brief says the same.
    opener: &'static str,
    /// The words of the lexicon.
    entry: &'static str,
}

/// Every class, in the order of the file.
pub(crate) fn classes() -> Vec<&'static str> {
    let mut all = Vec::new();
    for pattern in patterns() {
        if all.last() != Some(&pattern.class) {
            all.push(pattern.class);
        }
    }
    all
}

/// A line's entry.
pub(crate) struct Pattern {
    /// Its class.
    pub class: &'static str,
    /// A word by which the brief says the same, or nothing.
    pub opener: &'static str,
    /// Its words.
    pub entry: &'static str,
    /// In these words nothing is claimed.
    pub exception: bool,
}

impl Pattern {
    /// Whether these words end with it.
    pub fn ends(&self, words: &[String]) -> bool {
        let count = self.entry.split(' ').count();
        words.len().checked_sub(count).is_some_and(|at| taken(self.entry, &words[at..]).is_some())
    }

    /// Whether it may begin before these words and end among them.
    pub fn ends_in(&self, words: &[String]) -> bool {
        let mut rest = self.entry;
        while let Some((_, after)) = rest.split_once(' ') {
            rest = after;
            if taken(rest, words).is_some() {
                return true;
            }
        }
        false
    }
}

/// All of them, in the order of the file, which is read once.
pub(crate) fn patterns() -> &'static [Pattern] {
    static ALL: OnceLock<Vec<Pattern>> = OnceLock::new();
    ALL.get_or_init(read)
}

fn read() -> Vec<Pattern> {
    let (mut all, mut class) = (Vec::new(), "");
    for line in LEXICON.lines() {
        if !line.contains(' ') {
            class = line;
            continue;
        }
        for entry in line.split(", ") {
            let exception = entry.starts_with('!');
            let (opener, entry) = entry.split_once('>').unwrap_or(("", entry.trim_start_matches('!')));
            all.push(Pattern { class, opener, entry, exception });
        }
    }
    all
}

/// The words of a text as claims are made of them, and where they stand; empty ones end what is said.
pub(crate) fn words(text: &str) -> (Vec<String>, Vec<Span>) {
    let (mut words, mut spans): (Vec<String>, Vec<Span>) = (Vec::new(), Vec::new());
    for token in tokens(text) {
        // £20, #1, 20% are one word each; other signs part nothing that is said.
        let before = words.last().map_or("", |word| word);
        if !token.apart && !before.is_empty() && (token.text == "%" || signs(before)) {
            if let (Some(word), Some(span)) = (words.last_mut(), spans.last_mut()) {
                word.push_str(&token.text);
                span[1] = token.end;
            }
            continue;
        }
        // No. 1 is one thing to say; otherwise a claim does not go on in the next sentence.
        let ends = [".", "!", "?", ";", ":", ","].contains(&&*token.text) && before != "no";
        if token.word || signs(&token.text) || ends {
            spans.push([token.start, token.end]);
            words.push(if ends { String::new() } else { token.text });
        }
    }
    (words, spans)
}

/// What the text says of the lexicon: its claims, and what only looks like one.
fn find(text: &str, exceptions: bool) -> Vec<Found> {
    let (words, spans) = words(text);
    let mut found = Vec::new();
    for &Pattern { class, opener, entry, exception } in patterns() {
        if exception != exceptions {
            continue;
        }
        for start in 0..words.len() {
            if let Some(count) = taken(entry, &words[start..]) {
                found.push(Found { class, span: [spans[start][0], spans[start + count - 1][1]], opener, entry });
            }
        }
    }
    found
}

/// How many of these words an entry takes, from the first on.
fn taken(entry: &str, words: &[String]) -> Option<usize> {
    let mut count = 0;
    for pattern in entry.split(' ') {
        if !words.get(count).is_some_and(|word| fits(pattern, word)) {
            return None;
        }
        count += 1;
    }
    Some(count)
}

fn signs(word: &str) -> bool {
    matches!(word, "#" | "%" | "£" | "$" | "€")
}

fn fits(pattern: &str, word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    if pattern == "0" {
        return word.as_bytes()[0].is_ascii_digit();
    }
    match (pattern.split_once('*'), pattern.strip_prefix('_')) {
        (Some((start, _)), _) => word.starts_with(start),
        (_, Some(end)) => word.ends_with(end),
        _ => pattern == word,
    }
}

/// The claims of a text, in its order, that nothing opens: neither evidence for their class nor the brief's `own` words,
/// which make the same claim.
pub(crate) fn closed(text: &str, own: &[String], allow: &[Claim]) -> Vec<Found> {
    let mut all = find(text, false);
    let excepted = find(text, true);
    let overlap = |a: Span, b: Span| a[0] < b[1] && b[0] < a[1];
    all.retain(|f| {
        !allow.iter().any(|claim| claim.class == f.class) && !excepted.iter().any(|e| overlap(e.span, f.span))
    });
    for text in own {
        if all.is_empty() {
            break;
        }
        let said = find(text, false);
        let words = tokens(text);
        all.retain(|f| {
            !said.iter().any(|s| s.entry == f.entry) && !words.iter().any(|t| t.apart && t.text == f.opener)
        });
    }
    all
}
