//! Claims that want evidence, by the words that make them.

use std::sync::OnceLock;

use super::Span;
use super::words::tokens;

/// One way to make a claim.
struct Entry {
    class: &'static str,
    words: Vec<&'static str>,
    /// A word by which the brief says the same.
    opener: &'static str,
    /// It only looks like one.
    exception: bool,
}

/// A claim in a text.
pub(crate) struct Found {
    /// Its class.
    pub class: &'static str,
    /// Where.
    pub span: Span,
    /// Which of the ways.
    entry: usize,
}

/// The lexicon, from `claims.txt`.
fn lexicon() -> &'static [Entry] {
    static LEXICON: OnceLock<Vec<Entry>> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let (mut all, mut class) = (Vec::new(), "");
        for line in include_str!("../claims.txt").lines().filter(|line| !line.starts_with("# ")) {
            if class.is_empty() || !line.contains([' ', ',']) {
                class = line;
                continue;
            }
            all.extend(line.split(", ").map(|entry| {
                let (opener, words) = entry.split_once('>').unwrap_or(("", entry.trim_start_matches('!')));
                Entry { class, words: words.split(' ').collect(), opener, exception: entry.starts_with('!') }
            }));
        }
        all
    })
}

/// Every class, in the order of the file.
pub(crate) fn classes() -> Vec<&'static str> {
    let mut all: Vec<&str> = lexicon().iter().map(|e| e.class).collect();
    all.dedup();
    all
}

/// The claims of a text; with those that only look like one, when there are no `exceptions`.
fn find(text: &str, exceptions: bool) -> Vec<Found> {
    let (mut words, mut spans): (Vec<String>, Vec<Span>) = (Vec::new(), Vec::new());
    for token in tokens(text) {
        // £20, #1, 20% are one word each; other signs part nothing that is said.
        let glued = !token.apart && (token.text == "%" || matches!(words.last(), Some(w) if w.len() < 4 && signs(w)));
        match (words.last_mut(), spans.last_mut()) {
            (Some(word), Some(span)) if glued => {
                word.push_str(&token.text);
                span[1] = token.end;
            }
            _ if token.word || signs(&token.text) => {
                words.push(token.text);
                spans.push([token.start, token.end]);
            }
            // No. 1 is one thing to say.
            (Some(word), _) if token.text == "." && word == "no" => (),
            // A claim does not go on in the next sentence.
            _ if matches!(&*token.text, "." | "!" | "?" | ";" | ":" | ",") => {
                words.push(String::new());
                spans.push([token.start, token.end]);
            }
            _ => (),
        }
    }
    let at = |i: usize, entry: &Entry| {
        entry.words.len() <= words.len() - i && entry.words.iter().zip(&words[i..]).all(|(e, w)| fits(e, w))
    };
    let mut excepted = vec![false; words.len()];
    for i in 0..words.len() {
        for entry in lexicon().iter().filter(|e| exceptions && e.exception && at(i, e)) {
            excepted[i..i + entry.words.len()].fill(true);
        }
    }
    let mut found = Vec::new();
    for i in 0..words.len() {
        for (k, entry) in lexicon().iter().enumerate().filter(|(_, e)| !e.exception && at(i, e)) {
            let end = i + entry.words.len();
            if !excepted[i..end].contains(&true) {
                found.push(Found { class: entry.class, span: [spans[i][0], spans[end - 1][1]], entry: k });
            }
        }
    }
    found
}

fn signs(word: &str) -> bool {
    matches!(word, "#" | "%" | "£" | "$" | "€")
}

fn fits(pattern: &str, word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    match pattern.split_once('*') {
        _ if pattern == "0" => word.starts_with(|c: char| c.is_ascii_digit()),
        Some((start, _)) => word.starts_with(start),
        None => match pattern.strip_prefix('_') {
            Some(end) => word.ends_with(end),
            None => pattern == word,
        },
    }
}

/// The claims of a text that nothing opens: neither their class nor the brief's own words, which make the same claim.
pub(crate) fn closed(text: &str, own: &[String], allowed: impl Fn(&str) -> bool) -> Vec<Found> {
    let said: Vec<usize> = own.iter().flat_map(|text| find(text, false)).map(|f| f.entry).collect();
    let opened =
        |word: &str| !word.is_empty() && own.iter().any(|text| tokens(text).iter().any(|t| t.apart && t.text == word));
    let mut all = find(text, true);
    all.retain(|f| !allowed(f.class) && !said.contains(&f.entry) && !opened(lexicon()[f.entry].opener));
    all
}
