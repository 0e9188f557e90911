//! How much texts repeat themselves and one another.

use std::collections::HashSet;

use super::Share;
use crate::insight::words::{grams, words};

/// Distinct-n (Li et al. 2016): different runs of n words among all runs of n words of these texts.
#[must_use]
pub fn distinct<S: AsRef<str>>(texts: &[S], n: usize) -> Share {
    let mut seen = HashSet::new();
    let mut share = Share::default();
    for text in texts {
        grams(&words(text.as_ref()), n).for_each(|gram| share.count(seen.insert(gram)));
    }
    share
}

/// Rep-n (Welleck et al. 2020): runs of n words of a text that it has had before, among all.
#[must_use]
pub fn repetition(text: &str, n: usize) -> Share {
    let Share { hits, of } = distinct(&[text], n);
    Share { hits: of - hits, of }
}

/// Whether three words in a row come twice. The name may come as often as it likes.
#[must_use]
pub fn repeats(text: &str, name: &str) -> bool {
    let own: HashSet<String> = grams(&words(name), 3).collect();
    let mut seen = HashSet::new();
    grams(&words(text), 3).any(|g| !own.contains(&g) && !seen.insert(g))
}

/// How many different beginnings of two words these texts have.
pub fn openings<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(|t| words(t).into_iter().take(2).collect::<Vec<_>>()).collect::<HashSet<_>>().len()
}
