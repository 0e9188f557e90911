//! Words, phrases and faces with their values, from −4 to 4.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::tokens::Token;
use crate::copy::check::name::distance;
use crate::insight::words::{is_function, stem};

const LEXICON: &str = include_str!("lexicon.txt");
const PHRASES: &str = include_str!("phrases.txt");

const EMOJI: &[(&str, f64)] = &[
    ("😍🥰😻🤩💯🏆", 3.0),
    ("❤♥💕💖💗💙💚💛💜🧡🖤😊😀😃😄😁😎🙂👍👏🎉🙌😋⭐🌟✨💪👌🤗☺😇🥳🔥", 2.0),
    ("😂🤣😅😉", 1.0),
    ("🙁☹😕😐😒🙄😬🤨😑", -2.0),
    ("👎😞😔😢😭😠😡🤬😤💔😩😫🤮🤢💩😖😣🗑", -3.0),
];
const FACES: &[(&str, f64)] = &[
    (":)", 2.0),
    (":-)", 2.0),
    (":d", 2.0),
    (":-d", 2.0),
    ("=)", 2.0),
    (";)", 1.0),
    (";-)", 1.0),
    ("<3", 2.0),
    (":(", -2.0),
    (":-(", -2.0),
    (":/", -1.0),
    (":-/", -1.0),
    (":'(", -3.0),
    ("d:", -2.0),
];

/// Words from this length on may have a typing error.
const TYPED: usize = 6;

/// Words and phrases with their values.
pub(super) struct Lexicon {
    /// As they are listed.
    pub words: HashMap<&'static str, f64>,
    /// By their stem.
    stems: HashMap<String, Vec<(&'static str, f64)>>,
    /// By their first word, the longest first.
    phrases: HashMap<&'static str, Vec<(Vec<&'static str>, f64)>>,
}

fn value_of(line: &'static str) -> Option<(f64, &'static str)> {
    let (value, rest) = line.split_once(' ')?;
    Some((value.parse().ok()?, rest))
}

/// The lexicon, read once.
pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON_READ: OnceLock<Lexicon> = OnceLock::new();
    LEXICON_READ.get_or_init(|| {
        let mut all = Lexicon { words: HashMap::new(), stems: HashMap::new(), phrases: HashMap::new() };
        for (value, words) in LEXICON.lines().filter_map(value_of) {
            for word in words.split(' ') {
                all.words.insert(word, value);
                all.stems.entry(stem(word)).or_default().push((word, value));
            }
        }
        for (value, phrase) in PHRASES.lines().filter_map(value_of) {
            let words: Vec<&str> = phrase.split(' ').collect();
            all.phrases.entry(words[0]).or_default().push((words, value));
        }
        all.phrases.values_mut().for_each(|list| list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
        all
    })
}

impl Lexicon {
    /// The value of a word, of a form of it, or of what it was meant to be.
    pub fn word(&self, word: &str) -> Option<f64> {
        if let Some(value) = self.words.get(word) {
            return Some(*value);
        }
        if is_function(word) || word.len() < 3 {
            return None;
        }
        // An inflection adds letters: "breaking" is one of "break", "use" none of "useful".
        let known = self.stems.get(&stem(word)).into_iter().flatten().find(|(known, _)| known.len() <= word.len());
        if let Some((_, value)) = known {
            return Some(*value);
        }
        for most in [2, 1] {
            let short = shortened(word, most);
            if let Some(value) = self.words.get(short.as_str()).filter(|_| short != word) {
                return Some(*value);
            }
        }
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < TYPED || !word.is_ascii() {
            return None;
        }
        // Of several the first by the alphabet: the order of a map is another in each run.
        let meant = self.words.iter().filter(|(known, _)| mistyped(&letters, known)).min_by_key(|(known, _)| **known);
        meant.map(|(_, value)| *value)
    }

    /// How many of these words are a phrase, and its value.
    pub fn phrase(&self, tokens: &[Token]) -> Option<(usize, f64)> {
        let list = self.phrases.get(tokens.first()?.text.as_str())?;
        let fits = |words: &[&str]| words.len() <= tokens.len() && words.iter().zip(tokens).all(|(w, t)| *w == t.text);
        list.iter().find(|(words, _)| fits(words)).map(|(words, value)| (words.len(), *value))
    }
}

/// One letter more, less or other, or two neighbours swapped, behind the same first letter.
fn mistyped(letters: &[char], known: &str) -> bool {
    if known.len() < TYPED
        || known.len().abs_diff(letters.len()) > 1
        || known.chars().next() != letters.first().copied()
    {
        return false;
    }
    let known: Vec<char> = known.chars().collect();
    let swapped = || {
        let wrong: Vec<usize> = (0..known.len()).filter(|&i| known[i] != letters[i]).collect();
        matches!(wrong[..], [i, j] if j == i + 1 && known[i] == letters[j] && known[j] == letters[i])
    };
    // One letter for another makes a short word too easily another word.
    let same = known.len() == letters.len();
    (!same || known.len() > TYPED) && distance(letters, &known) <= 1 || same && swapped()
}

/// Runs of three and more of the same letter made as short as `most`.
pub(super) fn shortened(word: &str, most: usize) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::new();
    for run in letters.chunk_by(|a, b| a == b) {
        out.extend(&run[..if run.len() > 2 { most } else { run.len() }]);
    }
    out
}

/// The value of an emoji, or of a face of signs; 0 for other signs.
pub(super) fn face(sign: &str) -> f64 {
    let emoji = || {
        let c = sign.chars().next()?;
        EMOJI.iter().find(|(all, _)| all.contains(c)).map(|e| e.1)
    };
    FACES.iter().find(|(f, _)| *f == sign).map(|f| f.1).or_else(emoji).unwrap_or(0.0)
}
