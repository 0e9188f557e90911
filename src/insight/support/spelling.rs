//! Misspelt words of a question put right, by the words that the entries have.

use std::collections::BTreeMap;

use crate::copy::check::name::distance;
use crate::insight::words::{is_function, words};

/// What a word counts that had to be put right.
pub const TRUST: f64 = 0.8;

/// The words of the entries and how often they come.
#[derive(Debug, Clone, Default)]
pub(super) struct Spelling(BTreeMap<Vec<char>, usize>);

impl Spelling {
    /// The words of the synonyms.
    pub fn new() -> Self {
        let mut all = Self::default();
        super::terms::synonyms().for_each(|word| all.count(&word));
        all
    }

    /// Reads a text of an entry.
    pub fn read(&mut self, text: &str) {
        words(text).iter().for_each(|word| self.count(word));
    }

    fn count(&mut self, word: &str) {
        if !is_function(word) {
            *self.0.entry(word.chars().collect()).or_insert(0) += 1;
        }
    }

    /// The nearest words: one letter inserted, deleted, replaced, or two neighbours swapped; two such in words of 8 letters
    /// and more; none in words of up to 3. Among words as near, those that come most.
    pub fn corrected(&self, word: &str) -> Vec<String> {
        let letters: Vec<char> = word.chars().collect();
        let most = match letters.len() {
            0..=3 => return Vec::new(),
            4..=7 => 1,
            _ => 2,
        };
        let near = self.0.iter().filter(|(known, _)| known.len() > 2 && known.len().abs_diff(letters.len()) <= most);
        let near = near.map(|(known, count)| (distance_with_swaps(&letters, known), *count, known));
        let near: Vec<_> = near.filter(|(d, ..)| *d <= most).collect();
        let Some(least) = near.iter().map(|n| n.0).min() else { return Vec::new() };
        let often = near.iter().filter(|n| n.0 == least).map(|n| n.1).max();
        let best = near.into_iter().filter(|n| n.0 == least && Some(n.1) == often);
        best.map(|n| n.2.iter().collect()).collect()
    }
}

/// Letters to insert, delete, replace or swap: where one swap of neighbours makes them nearer than Levenshtein's two steps,
/// it counts as one.
fn distance_with_swaps(a: &[char], b: &[char]) -> usize {
    let plain = distance(a, b);
    let swap = |i: usize| {
        let mut swapped = a.to_vec();
        swapped.swap(i, i + 1);
        1 + distance(&swapped, b)
    };
    (0..a.len().saturating_sub(1)).filter(|&i| a[i] != a[i + 1]).map(swap).fold(plain, usize::min)
}
