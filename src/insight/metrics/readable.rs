//! How easily a text reads: Flesch's reading ease (1948), the grade of Kincaid et al. (1975), and the automated readability
//! index (Smith & Senter 1967), which needs no syllables. All three were made for English.

use serde::Serialize;

use super::MetricError;
use crate::copy::unicode::lower;

/// The counts and what follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Readability {
    /// Sentences: what `.`, `!`, `?`, `…` or a line break ends, if a word is in it. A point within a number ends nothing.
    pub sentences: usize,
    /// Words: what stands between spaces and has a letter or digit.
    pub words: usize,
    /// Syllables, estimated from the letters.
    pub syllables: usize,
    /// Letters, digits and signs: all that is no space.
    pub characters: usize,
    /// 206.835 − 1.015 words per sentence − 84.6 syllables per word: 90 and more is very easy, below 30 very hard.
    pub flesch_reading_ease: f64,
    /// 0.39 words per sentence + 11.8 syllables per word − 15.59: years of school in the USA.
    pub flesch_kincaid_grade: f64,
    /// 4.71 characters per word + 0.5 words per sentence − 21.43: years of school, too.
    pub automated_readability_index: f64,
}

/// Counts and indices of a text.
///
/// # Errors
/// A text without words.
pub fn readability(text: &str) -> Result<Readability, MetricError> {
    let (mut sentences, mut words, mut count, mut characters, mut open) = (0, 0, 0, 0, false);
    for line in text.lines() {
        for piece in line.split_whitespace() {
            characters += piece.chars().count();
            if piece.chars().any(char::is_alphanumeric) {
                words += 1;
                count += syllables(piece);
                open = true;
            }
            let bare = piece.trim_end_matches(['"', '”', '’', '\'', ')', ']']);
            if open && bare.ends_with(['.', '!', '?', '…']) {
                sentences += 1;
                open = false;
            }
        }
        sentences += usize::from(open);
        open = false;
    }
    if words == 0 {
        return Err(MetricError::Empty("the text"));
    }
    let (length, beats) = (words as f64 / sentences as f64, count as f64 / words as f64);
    Ok(Readability {
        sentences,
        words,
        syllables: count,
        characters,
        flesch_reading_ease: 206.835 - 1.015 * length - 84.6 * beats,
        flesch_kincaid_grade: 0.39 * length + 11.8 * beats - 15.59,
        automated_readability_index: 4.71 * characters as f64 / words as f64 + 0.5 * length - 21.43,
    })
}

/// Endings whose e is silent, or not: what they add to the count of vowel groups.
const ENDINGS: &[(&str, i32)] = &[
    ("eless", -1),
    ("eness", -1),
    ("ement", -1),
    ("eful", -1),
    ("ely", -1),
    ("ied", 0),
    ("ted", 0),
    ("ded", 0),
    ("ses", 0),
    ("zes", 0),
    ("ces", 0),
    ("ges", 0),
    ("ches", 0),
    ("shes", 0),
    ("xes", 0),
    ("led", -1),
    ("les", 0),
    ("ed", -1),
    ("es", -1),
];

/// Vowels that are spoken apart: li-on, vide-o, du-et, go-ing, cli-ent, cre-ate.
const APART: &str = "ia eo iu uou io oing uing eing iet ier ien eum crea idea area eatr ereal";
/// And where they are not, after all.
const TOGETHER: &str = "tion sion shion llion cial tial cian gion geo peo cious tious gious tien cien frien";

/// Syllables of an English word, by its letters: groups of vowels, without a silent e, with a vowel more where two meet that
/// are spoken apart. Digits and what is no English count one.
#[must_use]
pub fn syllables(word: &str) -> usize {
    let word: String = lower(word).chars().filter(|c| c.is_alphabetic()).collect();
    let letters: Vec<char> = word.chars().collect();
    let vowel = |c: char| "aeiouyáàâäéèêëíîïóôöúûü".contains(c);
    let mut groups = 0_i32;
    for (i, &c) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|j| letters[j]);
        // A y between vowels is a consonant: play-er.
        let after_y = before == Some('y') && i > 1 && vowel(letters[i - 2]);
        groups += i32::from(vowel(c) && (after_y || !before.is_some_and(vowel)));
    }
    for (pairs, more) in [(APART, 1), (TOGETHER, -1)] {
        groups += more * pairs.split(' ').map(|pair| word.matches(pair).count() as i32).sum::<i32>();
    }
    let n = letters.len();
    let consonant = |i: usize| n > i && !vowel(letters[n - 1 - i]);
    if let Some((ending, more)) = ENDINGS.iter().find(|(e, _)| word.len() > e.len() + 1 && word.ends_with(e)) {
        let stem_open = ending.len() == 2 && n > 3 && vowel(letters[n - 3]);
        groups += if stem_open { 0 } else { *more };
    } else if n > 2 && letters[n - 1] == 'e' && consonant(1) && !(letters[n - 2] == 'l' && consonant(2)) {
        groups -= 1;
    }
    groups.max(1) as usize
}
