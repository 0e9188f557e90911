//! What posts speak of: nouns, and pairs of words that come together more often than by chance.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::Totals;
use super::judge::{self, Shares};
use super::pieces::turns;
use super::sentiment::{Label, judges, of_tokens};
use super::tokens::{Sentence, Token};
use crate::insight::words::{is_function, stem};

/// What stands before a noun.
const DETERMINERS: &str =
    "the a an my your our its his her their this that these those some any no each every another of with";
/// What stands behind one.
const VERBS: &str = "is are was were isn't wasn't aren't weren't has had have looks look feels feel works worked lasts lasted \
    came arrived stopped broke seems seem smells tastes could should needs need makes made gets got takes took does doesn't";
/// No aspects: verbs, adverbs, times, and what is said of anything.
const STOP: &str = "thing things stuff lot lots bit way ways one ones two three first second last time times day days week weeks \
    month months year years today yesterday tomorrow hour hours minute minutes now then here there everything anything something \
    nothing everyone anyone someone people person guy guys man reason reasons fact case point part kind sort type number \
    amount couple rest whole side end start beginning use used using uses user users buy buys bought buying purchase purchased \
    purchasing get gets got getting make makes made making take takes took taking put puts go goes went going gone come comes \
    came coming give gives gave given say says said think thought know knew see saw seen seem seems look looks looked feel feels \
    felt find found keep keeps kept want wants wanted need needs needed try tried trying turn turned leave left let lets \
    bring brought send sent ask asked tell told call called show shows showed open opened wait waited waiting expect expected \
    wish wished hope hoped add added never ever always often usually again still just even also only already soon later before \
    after since until about above below over under through around between because while during more most less least much many few \
    several other others another same different new old big little long short high low next full own sure able back up down \
    out off away else instead please yes yeah ok okay oh hi hello thanks star stars review reviews product products item items \
    order ordered ordering amazon company brand i've i'd i'm i'll you've don't can't won't doesn't didn't isn't wasn't it's that's \
    there's what's let's how why when where what who which whose maybe perhaps probably actually basically definitely certainly \
    however although though despite unless whether either both all every each half once twice soon anyway \
    longer shorter bigger smaller larger higher lower wider lighter heavier cheaper faster slower easier thicker thinner quieter \
    louder darker brighter stronger softer warmer \
    work works worked working run runs running say arrive arrived arrives cost costs break come set goes stop stopped stops";

/// Bigrams with a log-likelihood ratio above this are no chance (χ² with one degree of freedom, p < 0.001).
const UNLIKELY: f64 = 10.83;
/// So many of its mentions must look like those of a noun.
const NOUN: f64 = 0.4;
/// As many aspects are kept.
const MOST: usize = 30;
/// As many examples of each sentiment.
const EXAMPLES: usize = 3;
/// Examples are cut behind so many characters.
const LONGEST: usize = 240;

/// A sentence that speaks of an aspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The post's id.
    pub post: String,
    /// The sentence.
    pub text: String,
    /// What the clause with the aspect says of it.
    pub label: Label,
}

/// Something that posts speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aspect {
    /// In the form that is used most.
    pub name: String,
    /// Posts that speak of it.
    pub posts: usize,
    /// Those posts by what they say of it.
    pub sentiment: Totals,
    /// Sentences, some of each kind.
    pub examples: Vec<Example>,
}

/// A word that may be an aspect, where it stands.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    stem: String,
    form: String,
    noun: bool,
    /// The mention right before it is part of the same phrase.
    joined: bool,
    /// Of its clause, by the rules.
    score: f64,
    /// Of its clause, by heads.
    pub said: Option<Shares>,
    /// Its sentence, and which of that sentence's tokens it is.
    pub place: (usize, usize),
    /// The sentence it is in.
    text: String,
}

/// What mentions of an aspect say of it together.
fn said(mentions: &[&Mention]) -> Label {
    let shares: Vec<Shares> = mentions.iter().filter_map(|m| m.said).collect();
    match shares.is_empty() {
        true => Label::of(mentions.iter().map(|m| m.score).sum::<f64>() / mentions.len() as f64),
        false => judge::label(&judge::mean(&shares)),
    }
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// Whether a word may name something.
pub(super) fn content(token: &Token) -> bool {
    let word = token.text.as_str();
    token.word
        && word.chars().count() > 2
        && word.chars().all(|c| c.is_alphabetic() || c == '-')
        && !word.ends_with("ly")
        && !is_function(word)
        && !judges(word)
        && !listed(STOP, word)
}

/// Every word that may be an aspect. A clause ends at a sign and at "but", so that each is judged by its own.
pub(super) fn mentions(sentences: &[Sentence]) -> Vec<Mention> {
    let mut all = Vec::new();
    for (place, sentence) in sentences.iter().enumerate() {
        let cut = |t: &Token| !t.word || turns(t);
        let whole = of_tokens(&sentence.tokens);
        let text: String = sentence.text.chars().take(LONGEST).collect();
        let mut from = 0;
        for clause in sentence.tokens.split(cut) {
            let first = from;
            from += clause.len() + 1;
            // "The handle: superb." says it elsewhere.
            let own = of_tokens(clause);
            let score = if own == 0.0 && clause.len() <= 3 { whole } else { own };
            let mut before: Option<usize> = None;
            for (i, token) in clause.iter().enumerate().filter(|(_, t)| content(t)) {
                let joined = before.is_some_and(|b| b + 1 == i);
                before = Some(i);
                let last = i.checked_sub(1).map(|j| clause[j].text.as_str());
                let next = clause.get(i + 1).map(|t| t.text.as_str());
                // "a longer cable", and no noun behind it.
                let ends = !clause.get(i + 1).is_some_and(content);
                let far = i.checked_sub(2).filter(|_| ends && !last.is_some_and(is_function));
                let far = far.is_some_and(|j| listed(DETERMINERS, &clause[j].text));
                let described = far || last.is_some_and(|w| listed(DETERMINERS, w) || judges(w));
                let inherited = joined && all.last().is_some_and(|m: &Mention| m.noun);
                let noun = described || inherited || next.is_some_and(|w| listed(VERBS, w));
                let (stem, form) = (stem(&token.text), token.text.clone());
                let place = (place, first + i);
                all.push(Mention { stem, form, noun, joined, score, said: None, place, text: text.clone() });
            }
        }
    }
    all
}

#[derive(Debug, Default)]
struct Count {
    hits: usize,
    posts: usize,
    nouns: usize,
    forms: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, form: &str, noun: bool) {
        self.hits += 1;
        self.nouns += usize::from(noun);
        *self.forms.entry(form.to_owned()).or_default() += 1;
    }

    /// The form that comes most; of two the shorter.
    fn name(&self) -> String {
        let best = self.forms.iter().max_by_key(|(form, n)| (**n, std::cmp::Reverse(form.len())));
        best.map(|(form, _)| form.clone()).unwrap_or_default()
    }
}

/// Words and pairs of all posts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    words: HashMap<String, Count>,
    pairs: HashMap<(String, String), Count>,
    /// Mentions in all.
    total: usize,
}

impl Counts {
    pub fn add(&mut self, mentions: &[Mention]) {
        let (mut words, mut pairs) = (BTreeSet::new(), BTreeSet::new());
        for (i, m) in mentions.iter().enumerate() {
            self.total += 1;
            self.words.entry(m.stem.clone()).or_default().add(&m.form, m.noun);
            words.insert(&m.stem);
            if let Some(before) = i.checked_sub(1).map(|j| &mentions[j]).filter(|_| m.joined) {
                let key = (before.stem.clone(), m.stem.clone());
                self.pairs.entry(key.clone()).or_default().add(&format!("{} {}", before.form, m.form), m.noun);
                pairs.insert(key);
            }
        }
        for word in words {
            self.words.entry(word.clone()).or_default().posts += 1;
        }
        for pair in pairs {
            self.pairs.entry(pair).or_default().posts += 1;
        }
    }

    /// Aspects are nouns and pairs in at least two posts and in one of two hundred.
    pub fn choose(&self, posts: usize) -> Chosen {
        let least = 2.max(posts / 200);
        let noun = |c: &Count| c.nouns as f64 >= NOUN * c.hits as f64;
        let mut chosen = Chosen { least, ..Chosen::default() };
        for (key, count) in self.pairs.iter().filter(|(_, c)| c.posts >= least && noun(c)) {
            let hits = |stem: &str| self.words.get(stem).map_or(0, |c| c.hits);
            if log_likelihood(count.hits, hits(&key.0), hits(&key.1), self.total) >= UNLIKELY {
                chosen.pairs.insert(key.clone(), chosen.found.len());
                chosen.found.push(Found::named(count.name()));
            }
        }
        for (stem, count) in self.words.iter().filter(|(_, c)| c.posts >= least && noun(c)) {
            chosen.words.insert(stem.clone(), chosen.found.len());
            chosen.found.push(Found::named(count.name()));
        }
        chosen
    }
}

/// Dunning's (1993) ratio for two words of which one comes a times and the other b times among n, and together both times.
fn log_likelihood(both: usize, a: usize, b: usize, n: usize) -> f64 {
    let (k, a, b, n) = (both as f64, a as f64, b as f64, n as f64);
    let cells = [(k, a * b), (a - k, a * (n - b)), (b - k, (n - a) * b), (n - a - b + k, (n - a) * (n - b))];
    let one =
        |(seen, product): (f64, f64)| if seen > 0.0 && product > 0.0 { seen * (seen * n / product).ln() } else { 0.0 };
    if k * n <= a * b { 0.0 } else { 2.0 * cells.into_iter().map(one).sum::<f64>() }
}

#[derive(Debug, Default)]
struct Found {
    name: String,
    posts: Vec<usize>,
    sentiment: Totals,
    examples: Vec<Example>,
}

impl Found {
    fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }
}

/// The aspects, while posts are looked through for them.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pairs: HashMap<(String, String), usize>,
    words: HashMap<String, usize>,
    found: Vec<Found>,
    least: usize,
}

impl Chosen {
    /// Counts the aspects of one post, each once: by the mean of what its clauses say.
    pub fn assign(&mut self, at: usize, id: &str, mentions: &[Mention]) {
        let mut said: BTreeMap<usize, Vec<&Mention>> = BTreeMap::new();
        let mut i = 0;
        while i < mentions.len() {
            let m = &mentions[i];
            let next = mentions.get(i + 1).filter(|n| n.joined);
            let pair = next.and_then(|n| self.pairs.get(&(m.stem.clone(), n.stem.clone())));
            let aspect = pair.or_else(|| self.words.get(&m.stem));
            if let Some(aspect) = aspect {
                said.entry(*aspect).or_default().push(m);
            }
            i += 1 + usize::from(pair.is_some());
        }
        for (aspect, mentions) in said {
            let found = &mut self.found[aspect];
            let label = self::said(&mentions);
            found.posts.push(at);
            found.sentiment.count(label);
            let such = found.examples.iter().filter(|e| e.label == label).count();
            if let Some(m) = mentions.first().filter(|_| such < EXAMPLES) {
                found.examples.push(Example { post: id.to_owned(), text: m.text.clone(), label });
            }
        }
    }

    /// The aspects that most posts have, and which posts those are.
    pub fn finish(self, posts: usize) -> (Vec<Aspect>, Vec<Vec<usize>>) {
        let mut found = self.found;
        // What every post has is the subject, and no aspect, unless there are few.
        found.retain(|f| f.posts.len() >= self.least && (posts < 10 || f.posts.len() < posts));
        found.sort_by(|a, b| b.posts.len().cmp(&a.posts.len()).then_with(|| a.name.cmp(&b.name)));
        found.truncate(MOST);
        let aspect = |f: Found| {
            let posts = f.posts.len();
            (Aspect { name: f.name, posts, sentiment: f.sentiment, examples: f.examples }, f.posts)
        };
        found.into_iter().map(aspect).unzip()
    }
}
