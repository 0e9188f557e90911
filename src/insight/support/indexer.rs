//! Entries made ready to be asked, a few at a time.

use std::collections::{BTreeMap, HashSet};

use super::bm25::{Bm25, Concept};
use super::spelling::Spelling;
use super::{Entry, Index, SupportError, terms, usable};
use crate::insight::Progress;

/// Words of a question count twice as much as words of an answer.
const QUESTION: f64 = 2.0;

/// An index in the making, which may be left off between two steps.
pub struct Indexer {
    entries: Vec<Entry>,
    /// Terms of the entries that are read, and how much they count.
    documents: Vec<BTreeMap<String, f64>>,
    /// The terms of each entry's question, under all their names.
    questions: Vec<Vec<Concept>>,
    spelling: Spelling,
    width: usize,
}

impl Indexer {
    /// Takes the entries.
    ///
    /// # Errors
    /// As of [`Index::new`].
    pub fn new(entries: Vec<Entry>) -> Result<Self, SupportError> {
        let width = entries.first().ok_or(SupportError::NoEntries)?.vectors.first().map_or(0, Vec::len);
        let mut ids = HashSet::new();
        for (at, entry) in entries.iter().enumerate() {
            let wrong = |field, problem| Err(SupportError::Entry { at, field, problem });
            for (field, value) in [("id", &entry.id), ("question", &entry.question), ("answer", &entry.answer)] {
                if value.trim().is_empty() {
                    return wrong(field, "is empty");
                }
            }
            if !ids.insert(&entry.id) {
                return wrong("id", "comes twice");
            }
            if entry.vectors.iter().any(|v| v.len() != width) || entry.vectors.is_empty() != (width == 0) {
                return wrong("vectors", "are not as long as those of the first entry");
            }
            if entry.vectors.iter().any(|v| !usable(v)) {
                return wrong("vectors", "have something that is no number, or nothing but zeros");
            }
        }
        Ok(Self { entries, documents: Vec::new(), questions: Vec::new(), spelling: Spelling::new(), width })
    }

    /// How far it is: an entry is a step.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { done: self.documents.len(), total: self.entries.len() }
    }

    /// Reads so many entries, at least one.
    pub fn step(&mut self, entries: usize) -> Progress {
        for _ in 0..entries.max(1) {
            let Some(entry) = self.entries.get(self.documents.len()) else { break };
            let mut all: BTreeMap<String, f64> = BTreeMap::new();
            for (text, weight) in [(&entry.question, QUESTION), (&entry.answer, 1.0)] {
                for name in terms::terms(text).into_iter().flat_map(|term| term.names()) {
                    *all.entry(name).or_default() += weight;
                }
                self.spelling.read(text);
            }
            let concept = |term: terms::Term| {
                let names = term.names().into_iter().map(|name| (name, 1.0)).collect();
                Concept { said: term.said, names, weight: 1.0 }
            };
            self.questions.push(terms::asked(&entry.question).into_iter().map(concept).collect());
            self.documents.push(all);
        }
        self.progress()
    }

    /// The index; what was not read yet is read now.
    #[must_use]
    pub fn finish(mut self) -> Index {
        self.step(self.entries.len());
        let Self { entries, documents, questions, spelling, width } = self;
        Index { entries, words: Bm25::new(documents), questions, spelling, width }
    }
}
