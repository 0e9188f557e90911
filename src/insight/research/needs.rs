//! What people wish for: sentences with "I wish", "please add", "there is no" and the like.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::aspects::{Aspect, content};
use super::tokens::Sentence;
use crate::insight::words::{stem, words};

/// How it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// "I wish it had", "would be nice".
    Wish,
    /// "Please add", "needs a".
    Request,
    /// "There is no", "lacks".
    Missing,
    /// "Looking for", "can anyone recommend".
    Search,
}

const PATTERNS: &[(Wish, &[&str])] = &[
    (
        Wish::Wish,
        &[
            "i wish",
            "wish it",
            "wish there",
            "wish they",
            "wish you",
            "wish the",
            "if only",
            "would love to see",
            "would love a",
            "would love an",
            "would love more",
            "would love if",
            "i'd love",
            "would be nice",
            "would be great",
            "would be good",
            "would be better",
            "would be perfect",
            "would like to see",
            "would have liked",
            "hope you",
            "hope they",
            "hoping for",
            "would prefer",
            "can't wait for a",
        ],
    ),
    (
        Wish::Request,
        &[
            "please add",
            "please make",
            "please bring",
            "please offer",
            "please include",
            "please fix",
            "please consider",
            "please sell",
            "please give",
            "can you add",
            "could you add",
            "can you make",
            "could you make",
            "could you please",
            "should have a",
            "should come with",
            "should offer",
            "should add",
            "should include",
            "should be able to",
            "any chance",
            "why is there no",
            "why no",
            "why can't i",
            "needs a",
            "needs an",
            "needs to be",
            "needs more",
            "need more",
            "could use a",
            "could use some",
            "bring back",
        ],
    ),
    (
        Wish::Missing,
        &[
            "is missing",
            "missing a",
            "lacks",
            "lack of",
            "no option",
            "there is no",
            "there's no",
            "doesn't have",
            "does not have",
            "don't have a",
            "don't offer",
            "doesn't offer",
            "no way to",
            "doesn't come with",
            "does not come with",
            "didn't come with",
            "comes without",
        ],
    ),
    (
        Wish::Search,
        &[
            "looking for",
            "searching for",
            "anyone know",
            "anybody know",
            "need something",
            "can anyone recommend",
            "can anybody recommend",
            "i want a",
            "i need a",
            "we need a",
            "where can i find",
            "where can i buy",
        ],
    ),
];

/// Complaints that are no wishes, though a pattern is in them.
const NOT: &[&str] = &[
    "there is no doubt",
    "there's no doubt",
    "there is no better",
    "doesn't have to",
    "doesn't have any problem",
    "there is no need",
    "hope you enjoy",
];

/// A sentence that wishes for something.
#[derive(Debug, Clone)]
pub(super) struct Found {
    wish: Wish,
    text: String,
    /// Stems and words of what may be wished for, in their order.
    about: Vec<(String, String)>,
}

/// Somebody's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The post's id.
    pub post: String,
    /// How it is said.
    pub wish: Wish,
    /// The sentence.
    pub text: String,
}

/// What several may wish for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The aspect, or the word that these wishes have in common.
    pub about: String,
    /// Posts that wish for it.
    pub posts: usize,
    /// Their sentences.
    pub quotes: Vec<Quote>,
}

/// Sentences are cut behind so many characters, and so many are kept of each need.
const LONGEST: usize = 240;
const QUOTES: usize = 5;
const MOST: usize = 30;

pub(super) fn find(sentence: &Sentence) -> Option<Found> {
    let joined = sentence.tokens.iter().filter(|t| t.word).map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
    let padded = format!(" {joined} ");
    if NOT.iter().any(|n| padded.contains(n)) {
        return None;
    }
    let pattern = PATTERNS.iter().find_map(|(wish, patterns)| {
        let at = patterns.iter().filter_map(|p| padded.find(&format!(" {p} ")).map(|at| at + p.len() + 1)).min()?;
        Some((*wish, at))
    });
    let (wish, at) = pattern?;
    let known: BTreeSet<&str> = sentence.tokens.iter().filter(|t| content(t)).map(|t| t.text.as_str()).collect();
    let behind = |text: &str| -> Vec<(String, String)> {
        text.split(' ').filter(|w| known.contains(w)).map(|w| (stem(w), w.to_owned())).collect()
    };
    let mut about = behind(&padded[at..]);
    if about.is_empty() {
        // "The lid is missing."
        about = behind(&padded[..at]);
    }
    Some(Found { wish, text: sentence.text.chars().take(LONGEST).collect(), about })
}

/// Wishes by what they are about: an aspect that they name, else the word that most of them have.
pub(super) fn group(found: &[(usize, Found)], ids: &[&str], aspects: &[Aspect]) -> Vec<Need> {
    let mut often: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, wish) in found {
        wish.about.iter().for_each(|(stem, _)| {
            often.entry(stem).or_default().insert(*at);
        });
    }
    let names: Vec<(Vec<String>, &str)> =
        aspects.iter().map(|a| (words(&a.name).iter().map(|w| stem(w)).collect(), a.name.as_str())).collect();
    let mut all: BTreeMap<String, (BTreeSet<usize>, Vec<Quote>)> = BTreeMap::new();
    for (at, wish) in found {
        let stems: Vec<&str> = wish.about.iter().map(|(s, _)| s.as_str()).collect();
        // The longest name that is in it.
        let names_it = |name: &&(Vec<String>, &str)| name.0.iter().all(|s| stems.contains(&s.as_str()));
        let aspect = names.iter().filter(names_it).max_by_key(|n| n.0.len()).map(|n| n.1.to_owned());
        let common = || {
            let best =
                wish.about.iter().rev().max_by_key(|(stem, _)| often.get(stem.as_str()).map_or(0, BTreeSet::len));
            best.map(|(_, word)| word.clone())
        };
        let about = aspect.or_else(common).unwrap_or_else(|| wish.text.clone());
        let (posts, quotes) = all.entry(about).or_default();
        posts.insert(*at);
        if quotes.len() < QUOTES {
            quotes.push(Quote { post: ids[*at].to_owned(), wish: wish.wish, text: wish.text.clone() });
        }
    }
    let need =
        |(about, (posts, quotes)): (String, (BTreeSet<usize>, Vec<Quote>))| Need { about, posts: posts.len(), quotes };
    let mut needs: Vec<Need> = all.into_iter().map(need).collect();
    needs.sort_by(|a, b| b.posts.cmp(&a.posts).then_with(|| a.about.cmp(&b.about)));
    needs.truncate(MOST);
    needs
}
