//! Okapi BM25 (Robertson & Zaragoza 2009) over entries whose terms may have weights and several names.

use std::collections::{BTreeMap, HashMap};

/// How soon more of the same term stops to count: the usual value.
pub const K1: f64 = 1.2;
/// How much long entries are held back: the usual value.
pub const B: f64 = 0.75;

/// Something that was asked for, under all its names, each with what it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Concept {
    /// As it stands in the question.
    pub said: String,
    /// Terms; the best of them counts.
    pub names: Vec<(String, f64)>,
    /// Of the whole concept.
    pub weight: f64,
}

impl Concept {
    /// A term by one name.
    #[must_use]
    pub fn term(term: &str) -> Self {
        Self { said: term.to_owned(), names: vec![(term.to_owned(), 1.0)], weight: 1.0 }
    }
}

/// The entries' terms, counted.
#[derive(Debug, Clone)]
pub struct Bm25 {
    documents: Vec<BTreeMap<String, f64>>,
    lengths: Vec<f64>,
    mean: f64,
    /// In how many entries a term is.
    spread: HashMap<String, usize>,
}

impl Bm25 {
    /// Counts entries: of each its terms, and how often they come (or how much they count).
    #[must_use]
    pub fn new(documents: Vec<BTreeMap<String, f64>>) -> Self {
        let lengths: Vec<f64> = documents.iter().map(|d| d.values().sum()).collect();
        let mean = lengths.iter().sum::<f64>() / documents.len().max(1) as f64;
        let mut spread = HashMap::new();
        for term in documents.iter().flat_map(BTreeMap::keys) {
            *spread.entry(term.clone()).or_insert(0) += 1;
        }
        Self { documents, lengths, mean, spread }
    }

    /// Whether any entry has this term.
    #[must_use]
    pub fn knows(&self, term: &str) -> bool {
        self.spread.contains_key(term)
    }

    /// ln(1 + (N − n + ½) / (n + ½)), which is never below 0; the rarest for a term that no entry has.
    fn idf(&self, term: &str) -> f64 {
        let n = self.spread.get(term).map_or(0.0, |&n| n as f64);
        ((self.documents.len() as f64 - n + 0.5) / (n + 0.5)).ln_1p()
    }

    /// Of the names that any entry has the rarest.
    fn concept_idf(&self, concept: &Concept) -> f64 {
        let known = concept.names.iter().filter(|(name, _)| self.knows(name)).map(|(name, _)| self.idf(name));
        known.reduce(f64::max).unwrap_or_else(|| self.idf(""))
    }

    fn gain(&self, at: usize, concept: &Concept) -> f64 {
        let one = |(name, weight): &(String, f64)| {
            let tf = self.documents[at].get(name).copied().unwrap_or(0.0);
            let long = 1.0 - B + B * self.lengths[at] / self.mean;
            weight * self.idf(name) * tf * (K1 + 1.0) / (tf + K1 * long)
        };
        concept.weight * concept.names.iter().map(one).fold(0.0, f64::max)
    }

    /// Whether an entry has a concept by any name.
    #[must_use]
    pub fn has(&self, at: usize, concept: &Concept) -> bool {
        concept.names.iter().any(|(name, _)| self.documents[at].contains_key(name))
    }

    /// The score of every entry.
    #[must_use]
    pub fn scores(&self, concepts: &[Concept]) -> Vec<f64> {
        let score = |at| concepts.iter().map(|c| self.gain(at, c)).sum();
        (0..self.documents.len()).map(score).collect()
    }

    /// The score that no entry can exceed.
    #[must_use]
    pub fn ideal(&self, concepts: &[Concept]) -> f64 {
        let sum: f64 = concepts.iter().map(|c| c.weight * self.concept_idf(c) * (K1 + 1.0)).sum();
        sum.max(f64::MIN_POSITIVE)
    }

    /// How much of what was asked for an entry has, by the concepts' rarity, 0 to 1.
    #[must_use]
    pub fn covered(&self, at: usize, concepts: &[Concept]) -> f64 {
        let (mut has, mut all) = (0.0, 0.0);
        for concept in concepts {
            let idf = concept.weight * self.concept_idf(concept);
            let name =
                |(name, weight): &(String, f64)| if self.documents[at].contains_key(name) { *weight } else { 0.0 };
            has += idf * concept.names.iter().map(name).fold(0.0, f64::max);
            all += idf;
        }
        if all > 0.0 { has / all } else { 0.0 }
    }

    /// How much of some concepts others share by any name, by their rarity, 0 to 1.
    #[must_use]
    pub fn shared(&self, concepts: &[Concept], others: &[Concept]) -> f64 {
        let named = |name: &str| others.iter().any(|o| o.names.iter().any(|(other, _)| other == name));
        let (mut has, mut all) = (0.0, 0.0);
        for concept in concepts {
            let idf = self.concept_idf(concept);
            has += if concept.names.iter().any(|(name, _)| named(name)) { idf } else { 0.0 };
            all += idf;
        }
        if all > 0.0 { has / all } else { 0.0 }
    }
}
