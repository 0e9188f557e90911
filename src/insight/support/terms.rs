//! The terms of a question or an answer: stems of words, and of what customers call the same thing.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::insight::words::{is_function, stem, words};

/// What another word for the same thing counts.
pub const SYNONYM: f64 = 0.7;

/// On each line words and phrases that customers of shops use for much the same thing. Of our own writing; general to
/// commerce, with no word of a single product.
const SYNONYMS: &str = include_str!("synonyms.txt");

/// Said in questions without asking for anything.
const CHAT: &str = "hi hello hey please pls plz thanks thank want like get got need would know tell just also still really there \
    am any some one thing something anything somebody someone possible help able im i'm i'd i've let make go going how when \
    where why whats what's";

/// A term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As it was written.
    pub said: String,
    /// Its stem.
    pub stem: String,
    /// The group of words for the same thing that it is of.
    pub group: Option<String>,
}

impl Term {
    /// The stem and the group.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        [Some(&self.stem), self.group.as_ref()].into_iter().flatten().cloned().collect()
    }
}

/// Stems of a phrase, and the number of its line.
type Groups = HashMap<String, Vec<(Vec<String>, String)>>;

/// By the first stem.
fn groups() -> &'static Groups {
    static GROUPS: OnceLock<Groups> = OnceLock::new();
    GROUPS.get_or_init(|| {
        let mut all = Groups::new();
        for (i, line) in SYNONYMS.lines().enumerate() {
            for phrase in line.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                let stems: Vec<String> = words(phrase).iter().map(|w| stem(w)).collect();
                if let Some(first) = stems.first().cloned() {
                    all.entry(first).or_default().push((stems, format!("#{i}")));
                }
            }
        }
        // The longest phrase first.
        all.values_mut().for_each(|list| list.sort_by_key(|(stems, _)| std::cmp::Reverse(stems.len())));
        all
    })
}

/// Every word of the synonyms, for the spelling.
pub(super) fn synonyms() -> impl Iterator<Item = String> {
    SYNONYMS.lines().flat_map(words)
}

/// The terms of a text that mean something.
#[must_use]
pub fn terms(text: &str) -> Vec<Term> {
    let words = words(text);
    let stems: Vec<String> = words.iter().map(|w| stem(w)).collect();
    let (mut all, mut i) = (Vec::new(), 0);
    while i < words.len() {
        let known = groups().get(&stems[i]).and_then(|list| list.iter().find(|(p, _)| stems[i..].starts_with(p)));
        let length = known.map_or(1, |(phrase, _)| phrase.len());
        if known.is_some() || !is_function(&words[i]) {
            let (said, stem) = (words[i..i + length].join(" "), stems[i..i + length].join(" "));
            all.push(Term { said, stem, group: known.map(|(_, group)| group.clone()) });
        }
        i += length;
    }
    all
}

/// The terms of a question, without what is only said to be polite.
#[must_use]
pub fn asked(text: &str) -> Vec<Term> {
    let mut all = terms(text);
    all.retain(|t| t.group.is_some() || !CHAT.split_whitespace().any(|w| w == t.said));
    all
}
