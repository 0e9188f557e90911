//! Variants of one text: whether two of them are the same in other words, and how much of its brief one speaks of.

use crate::copy::brief::Brief;
use crate::copy::check::words::tokens;

/// Letters of a word that count: inflections are the same word.
const STEM: usize = 4;

/// The words of a text in their order, without case, accents and signs.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens(text) {
        if token.word {
            all.push(token.text);
        }
    }
    all
}

/// Whether two texts, as words, are near-copies: they begin with the same two words, or more than half of all pairs of
/// neighbouring words that one of them has are in both (the Jaccard index of bigrams, above 0.5).
#[must_use]
pub fn near(a: &[String], b: &[String]) -> bool {
    let (mine, others) = (pairs(a), pairs(b));
    let both = mine.iter().filter(|pair| others.contains(pair)).count();
    a.get(..2).unwrap_or(a) == b.get(..2).unwrap_or(b) || 2 * both > mine.len() + others.len() - both
}

/// Neighbouring words, each pair once.
fn pairs(words: &[String]) -> Vec<&[String]> {
    let mut all = Vec::new();
    for pair in words.windows(2) {
        if !all.contains(&pair) {
            all.push(pair);
        }
    }
    all
}

/// The share, 0 to 1, of the words of the brief's features that a text has: of words of four letters and more, by their first
/// four; each feature counts the same. 0 for briefs without features.
#[must_use]
pub fn coverage(text: &[String], brief: &Brief) -> f64 {
    let (mut sum, mut features) = (0.0, 0);
    for feature in &brief.features {
        let (mut said, mut all) = (0, 0);
        for word in words(feature) {
            let stem: String = word.chars().take(STEM).collect();
            if stem.chars().count() == STEM {
                all += 1;
                said += i32::from(text.iter().any(|word| word.starts_with(&stem)));
            }
        }
        if all > 0 {
            sum += f64::from(said) / f64::from(all);
            features += 1;
        }
    }
    if features > 0 { sum / f64::from(features) } else { 0.0 }
}
