//! Names of people, where something announces them:
//!
//! - a title before them ("Mrs", "Frau", "M.", "Sra."),
//! - a salutation before them and a comma, an exclamation mark or the end of the line behind ("Dear", "Hallo", "Chère", "Hola"),
//! - somebody who says so ("my name is", "ich heiße", "je m'appelle", "me llamo"), or a label ("Name:", "Nombre:"),
//! - a closing formula before them and the end of the line behind ("Best regards", "Viele Grüße", "Cordialement", "Saludos"),
//! - an e-mail address in brackets behind them,
//!
//! and from then on wherever they, or one of their words, stand again. Not found: names that nothing announces ("I spoke with
//! Sarah"), in small letters, or in scripts without capitals. A noun in such a place is taken for a name unless it is one of
//! those that `names.txt` calls none.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::Kind;
use super::text::{Masked, pattern};

/// Words of the four languages, by what they say of the name beside them.
const WORDS_BESIDE: &str = include_str!("names.txt");

/// The entries of a section.
fn section(title: &str) -> impl Iterator<Item = &'static str> {
    let heading = format!("[{title}]");
    let lines = WORDS_BESIDE.lines().skip_while(move |line| *line != heading).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split(", ")).filter(|entry| !entry.is_empty())
}

/// A pattern for any entry of a section.
fn any(title: &str) -> String {
    format!("(?:{})", section(title).collect::<Vec<_>>().join("|"))
}

/// Words that stand where names do.
static NO_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| section("none").collect());
/// What may stand within a name in small letters.
static PARTICLES: LazyLock<HashSet<&str>> = LazyLock::new(|| section("particles").collect());
/// What follows a single name that is a person's.
static SPEAKS: LazyLock<HashSet<&str>> = LazyLock::new(|| section("speaks").collect());

/// Most words of a name, particles aside.
const WORDS: usize = 4;

/// Takes them.
pub fn find(masked: &mut Masked) {
    let places = announced(masked.text());
    let text = masked.text().to_owned();
    masked.take(Kind::Name, places.iter().copied());
    let words: HashSet<&str> = places.iter().flat_map(|&(start, end)| known(&text[start..end])).collect();
    if !words.is_empty() {
        let again = again(masked.text(), &words);
        masked.take(Kind::Name, again);
    }
}

/// What is asked of the text behind a name.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Anything,
    /// The same, but without a colon before it only a name of two words: for labels.
    Whole,
    /// A sign that ends a salutation.
    Comma,
    /// The end of a line, or of the text.
    Line,
    /// For words that introduce anything: two words of a name, or one and a word such as "from" or "speaking".
    Person,
}

fn announced(text: &str) -> Vec<(usize, usize)> {
    static CUES: LazyLock<[(Regex, After); 6]> = LazyLock::new(|| {
        let title = format!(r"\b(?:{}\b\.?|MM?\.)\s(?:(?:Dr|Prof)\.\s|Professor\s|Doktor\s)*", any("titles"));
        let hello = format!(r"\b{},?\s+", any("salutations"));
        let says = format!(r"(?i)\b{}\s*", any("introductions"));
        let may_be = format!(r"(?i)\b{}\s+", any("perhaps"));
        let label = format!(r"(?i)\b{}\.?(?:\s?:\s*|\s)", any("labels"));
        let from = r"(?:[ ,](?:[a-zäöü]+ )?(?:aus|from|de) [^\s,]+)?";
        let whose = r"(?:(?:ihre?|deine?|votre|su)\s+)?";
        let closing = format!(r"(?im)(?:^|[.!?]\s+){}\b{from}[ ,.!]*\s+{whose}", any("closings"));
        [
            (pattern(&title), After::Anything),
            (pattern(&hello), After::Comma),
            (pattern(&says), After::Anything),
            (pattern(&may_be), After::Person),
            (pattern(&label), After::Whole),
            (pattern(&closing), After::Line),
        ]
    });
    let mut places = Vec::new();
    for (cue, after) in CUES.iter() {
        for found in cue.find_iter(text) {
            let Some((end, words)) = name(&text[found.end()..]) else { continue };
            let (start, end) = (found.end(), found.end() + end);
            let bare = *after == After::Whole && !found.as_str().contains(':');
            if fits(*after, &text[end..], words) && !(bare && words < 2) {
                places.push((start, end));
            }
        }
    }
    places.extend(mailboxes(text));
    places.sort_unstable_by_key(|&(start, end)| (start, usize::MAX - end));
    places.dedup_by(|b, a| b.0 < a.1);
    places
}

fn fits(after: After, rest: &str, words: usize) -> bool {
    let next = rest.trim_start_matches([' ', '\t']);
    let ends = next.is_empty() || next.starts_with(['\n', '\r']);
    match after {
        After::Anything | After::Whole => true,
        After::Comma => ends || next.starts_with([',', '!', ':', '.', ';', '-', '–', '—', '?', '\u{1}', '(']),
        After::Line => {
            let next = next.trim_start_matches(['.', ',', '!', ' ']);
            next.is_empty() || next.starts_with(['\n', '\r'])
        }
        After::Person => {
            let word = next.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            words >= 2 || SPEAKS.contains(word)
        }
    }
}

/// The name at the beginning of a text: where it ends, and its words.
fn name(text: &str) -> Option<(usize, usize)> {
    let (mut at, mut end, mut words, mut small) = (0, 0, 0, 0);
    while words < WORDS {
        let word = word(&text[at..]);
        let capital = word.starts_with(char::is_uppercase);
        if capital
            && !stands_for_none(word)
            && (word.chars().nth(1).is_some() || text[at + word.len()..].starts_with('.'))
        {
            at += word.len();
            // An initial.
            if word.chars().nth(1).is_none() {
                at += 1;
            }
            (end, words, small) = (at, words + 1, 0);
        } else if PARTICLES.contains(word) && small < 2 {
            at += word.len();
            small += 1;
        } else {
            break;
        }
        match text[at..].strip_prefix([' ', '\u{A0}']) {
            Some(_) => at += text[at..].chars().next().map_or(0, char::len_utf8),
            None => break,
        }
    }
    (words > 0).then_some((end, words))
}

/// Letters, with the signs that names have between them.
fn word(text: &str) -> &str {
    let mut end = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((i, c)) = letters.next() {
        let next = letters.peek().is_some_and(|(_, c)| c.is_alphabetic());
        if !(c.is_alphabetic() || matches!(c, '-' | '\'' | '’') && i > 0 && next) {
            break;
        }
        end = i + c.len_utf8();
    }
    &text[..end]
}

fn stands_for_none(word: &str) -> bool {
    let lower = word.to_lowercase();
    NO_NAMES.contains(lower.as_str())
        || ["service", "dienst", "team", "abteilung", "support"].iter().any(|end| lower.ends_with(end))
}

/// Names before an address in brackets, which [`super::number`] has blotted out.
fn mailboxes(text: &str) -> Vec<(usize, usize)> {
    static BRACKET: LazyLock<Regex> = LazyLock::new(|| pattern(r" [<(]\x01"));
    let before = |found: regex_lite::Match<'_>| {
        // Backwards word by word, as long as what is there is one name.
        let mut start = None;
        let mut at = found.start();
        for _ in 0..WORDS + 2 {
            at = text[..at].trim_end_matches(' ').rfind([' ', '\n', '\t', ':']).map_or(0, |i| i + 1);
            match name(&text[at..]) {
                Some((end, _)) if at + end == found.start() => start = Some(at),
                _ => break,
            }
            if at == 0 || !text[..at].ends_with(' ') {
                break;
            }
        }
        start.map(|start| (start, found.start()))
    };
    BRACKET.find_iter(text).filter_map(before).collect()
}

/// Words of a name by which it is known again.
fn known(name: &str) -> impl Iterator<Item = &str> {
    name.split([' ', '\u{A0}'])
        .filter(|w| w.chars().count() >= 3 && w.starts_with(char::is_uppercase) && !w.contains('.'))
}

/// Where these words stand, those beside each other as one.
fn again(text: &str, words: &HashSet<&str>) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(char::is_alphabetic) {
        let start = at + offset;
        let whole = word(&text[start..]);
        let inner = text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        at = start + whole.len().max(1);
        // "Anna's": the name without what hangs on it.
        let bare = ["'s", "’s"].iter().find_map(|s| whole.strip_suffix(s)).unwrap_or(whole);
        if inner || !words.contains(bare) {
            continue;
        }
        match places.last_mut() {
            Some(last) if &text[last.1..start] == " " => last.1 = start + bare.len(),
            _ => places.push((start, start + bare.len())),
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let mut masked = Masked::new(text);
        find(&mut masked);
        masked.found.sort_unstable_by_key(|f| f.0);
        masked.found.iter().map(|f| &text[f.0..f.1]).collect()
    }

    #[test]
    fn titles_particles_initials() {
        assert_eq!(names("Frau Dr. von der Heide kam."), ["von der Heide"]);
        assert_eq!(names("Dear Mr. J. R. Ewing, yes"), ["J. R. Ewing"]);
        assert_eq!(names("Monsieur de la Tour souhaite"), ["de la Tour"]);
    }

    #[test]
    fn again_by_one_of_its_words() {
        assert_eq!(
            names("My name is Anna Weiss. Ask for Anna; Anna's lamp. Hannah too."),
            ["Anna Weiss", "Anna", "Anna"]
        );
    }

    #[test]
    fn no_persons() {
        for text in [
            "Dear Team, hello",
            "Sehr geehrte Damen und Herren,",
            "Hi all, yes",
            "Thanks for the lamp",
            "I am Sorry now",
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }
}
