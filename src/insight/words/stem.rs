//! Snowball's stemmer of English, known as Porter 2 (Porter 2001, <https://snowballstem.org/algorithms/english/stemmer.html>),
//! for pages: the `rust-stemmers` crate, which a test compares it with, brings every language's tables with it.

/// Words with a stem of their own.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("skis", "ski"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("idly", "idl"),
    ("gently", "gentl"),
    ("ugly", "ugli"),
    ("early", "earli"),
    ("only", "onli"),
    ("singly", "singl"),
];
const INVARIANT: &[&str] = &["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"];
/// What stays as it is once the plural is gone.
const LATER: &[&str] = &["inning", "outing", "canning", "herring", "earring", "proceed", "exceed", "succeed"];

/// Suffixes and what takes their place, longest first where one ends another.
type Rules = &'static [(&'static str, &'static str)];

const STEP_2: Rules = &[
    ("ational", "ate"),
    ("ization", "ize"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("iveness", "ive"),
    ("tional", "tion"),
    ("biliti", "ble"),
    ("lessli", "less"),
    ("entli", "ent"),
    ("ation", "ate"),
    ("alism", "al"),
    ("aliti", "al"),
    ("ousli", "ous"),
    ("iviti", "ive"),
    ("fulli", "ful"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("abli", "able"),
    ("izer", "ize"),
    ("ator", "ate"),
    ("alli", "al"),
    ("bli", "ble"),
    ("ogi", "og"),
    ("li", ""),
];
const STEP_3: Rules = &[
    ("ational", "ate"),
    ("tional", "tion"),
    ("alize", "al"),
    ("icate", "ic"),
    ("iciti", "ic"),
    ("ative", ""),
    ("ical", "ic"),
    ("ness", ""),
    ("ful", ""),
];
const STEP_4: &[&str] = &[
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion",
    "al", "er", "ic",
];

/// The stem of a word in lower case. Words with other letters than a to z are their own stems.
#[must_use]
pub fn stem(word: &str) -> String {
    if word.len() <= 2 || !word.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'' || b.is_ascii_digit()) {
        return word.to_owned();
    }
    if let Some((_, stem)) = EXCEPTIONS.iter().find(|(w, _)| *w == word) {
        return (*stem).to_owned();
    }
    if INVARIANT.contains(&word) {
        return word.to_owned();
    }
    let mut w = Word::of(word);
    w.possessive();
    w.plural();
    if LATER.contains(&w.text.as_str()) {
        return w.text;
    }
    w.past();
    w.final_y();
    w.replace(STEP_2);
    w.replace(STEP_3);
    w.step_4();
    w.step_5();
    w.text.replace('Y', "y")
}

/// A word on its way, with where its regions R1 and R2 begin. A `Y` is a consonant.
struct Word {
    text: String,
    r1: usize,
    r2: usize,
}

fn vowel(b: u8) -> bool {
    matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// After the first non-vowel that follows a vowel, from `at` on.
fn region(bytes: &[u8], at: usize) -> usize {
    (at + 1..bytes.len()).find(|&i| vowel(bytes[i - 1]) && !vowel(bytes[i])).map_or(bytes.len(), |i| i + 1)
}

impl Word {
    fn of(word: &str) -> Self {
        let mut bytes = word.strip_prefix('\'').unwrap_or(word).as_bytes().to_vec();
        for i in 0..bytes.len() {
            if bytes[i] == b'y' && (i == 0 || vowel(bytes[i - 1])) {
                bytes[i] = b'Y';
            }
        }
        let special = ["gener", "commun", "arsen"].iter().find(|p| bytes.starts_with(p.as_bytes()));
        let r1 = special.map_or_else(|| region(&bytes, 0), |p| p.len());
        let r2 = region(&bytes, r1);
        Self { text: bytes.iter().map(|&b| char::from(b)).collect(), r1, r2 }
    }

    fn ends(&self, suffix: &str) -> bool {
        self.text.ends_with(suffix)
    }

    /// What stands before the last `n` letters.
    fn before(&self, n: usize) -> &[u8] {
        &self.text.as_bytes()[..self.text.len() - n]
    }

    fn cut(&mut self, n: usize) {
        self.text.truncate(self.text.len() - n);
    }

    fn in_r1(&self, suffix: usize) -> bool {
        self.text.len() - suffix >= self.r1
    }

    fn in_r2(&self, suffix: usize) -> bool {
        self.text.len() - suffix >= self.r2
    }

    /// Step 0.
    fn possessive(&mut self) {
        if let Some(suffix) = ["'s'", "'s", "'"].into_iter().find(|s| self.ends(s)) {
            self.cut(suffix.len());
        }
    }

    /// Step 1a.
    fn plural(&mut self) {
        if self.ends("sses") {
            self.cut(2);
        } else if self.ends("ied") || self.ends("ies") {
            self.cut(if self.text.len() > 4 { 2 } else { 1 });
        } else if self.ends("s") && !self.ends("us") && !self.ends("ss") {
            let stem = self.before(1);
            if stem[..stem.len().saturating_sub(1)].iter().any(|&b| vowel(b)) {
                self.cut(1);
            }
        }
    }

    /// Step 1b.
    fn past(&mut self) {
        let Some(suffix) = ["eedly", "ingly", "edly", "eed", "ing", "ed"].into_iter().find(|s| self.ends(s)) else {
            return;
        };
        let n = suffix.len();
        if suffix.starts_with("eed") {
            if self.in_r1(n) {
                self.cut(n - 2);
            }
            return;
        }
        if !self.before(n).iter().any(|&b| vowel(b)) {
            return;
        }
        self.cut(n);
        let double = ["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"];
        if ["at", "bl", "iz"].iter().any(|s| self.ends(s)) {
            self.text.push('e');
        } else if double.iter().any(|s| self.ends(s)) {
            self.cut(1);
        } else if self.r1 >= self.text.len() && short_syllable(self.text.as_bytes()) {
            self.text.push('e');
        }
    }

    /// Step 1c.
    fn final_y(&mut self) {
        let n = self.text.len();
        if n > 2 && matches!(self.text.as_bytes()[n - 1], b'y' | b'Y') && !vowel(self.text.as_bytes()[n - 2]) {
            self.cut(1);
            self.text.push('i');
        }
    }

    /// Steps 2 and 3.
    fn replace(&mut self, rules: Rules) {
        let Some((suffix, by)) = rules.iter().find(|(s, _)| self.ends(s)) else { return };
        let n = suffix.len();
        let last = self.before(n).last().copied().unwrap_or_default();
        let fine = match *suffix {
            "ogi" => last == b'l',
            "li" => b"cdeghkmnrt".contains(&last),
            "ative" => self.in_r2(n),
            _ => true,
        };
        if fine && self.in_r1(n) {
            self.cut(n);
            self.text.push_str(by);
        }
    }

    fn step_4(&mut self) {
        let Some(suffix) = STEP_4.iter().find(|s| self.ends(s)) else { return };
        let n = suffix.len();
        let fine = *suffix != "ion" || matches!(self.before(n).last(), Some(b's' | b't'));
        if fine && self.in_r2(n) {
            self.cut(n);
        }
    }

    fn step_5(&mut self) {
        let r2 = self.in_r2(1);
        let go = match self.text.as_bytes() {
            [stem @ .., b'e'] => r2 || self.in_r1(1) && !short_syllable(stem),
            [.., b'l', b'l'] => r2,
            _ => false,
        };
        if go {
            self.cut(1);
        }
    }
}

/// Whether a word ends in a short syllable.
fn short_syllable(word: &[u8]) -> bool {
    match word {
        [a, b] => vowel(*a) && !vowel(*b),
        [.., a, b, c] => !vowel(*a) && vowel(*b) && !vowel(*c) && !matches!(c, b'w' | b'x' | b'Y'),
        _ => false,
    }
}
