//! Answers to customers from what a shop has written down, and from nothing else: the entry that answers a question is found
//! by its words and, where vectors are handed in, by its sense; what no entry answers is declined.

pub mod bm25;
pub mod confidence;
mod follow;
mod indexer;
pub mod intent;
mod reply;
mod spelling;
pub mod terms;
mod types;

use bm25::{Bm25, Concept};
use confidence::{Evidence, LEXICAL, Model, SEMANTIC};
use spelling::Spelling;

pub use follow::standalone;
pub use indexer::Indexer;
pub use reply::ReplyError;
pub use types::{Answer, Context, Entry, Reason, Source, SupportError, Turn};

/// How much the sense counts beside the words, where there are vectors. Not tuned.
const SENSE: f64 = 0.6;
/// Who asks on hardly wants the same answer again: what the last answer's entry keeps of its score.
const AGAIN: f64 = 0.9;
/// How much the words of the question before count in one that follows it up.
const BEFORE: f64 = 0.5;
/// Questions are cut behind so many characters.
const LONGEST: usize = 4_000;
/// As many entries are named when none is good enough.
const NAMED: usize = 3;

/// The entries, ready to be asked.
#[derive(Debug, Clone)]
pub struct Index {
    entries: Vec<Entry>,
    words: Bm25,
    /// The terms of each entry's question, under all their names.
    questions: Vec<Vec<Concept>>,
    spelling: Spelling,
    /// Length of all vectors; 0 when there are none.
    width: usize,
}

/// An entry and what speaks for it.
struct Ranked {
    at: usize,
    score: f64,
    words: f64,
    similarity: Option<f64>,
}

impl Index {
    /// Reads the entries.
    ///
    /// # Errors
    /// None, an empty field, an id that comes twice, vectors of different lengths or with something that is no number, or
    /// vectors of some entries only.
    pub fn new(entries: Vec<Entry>) -> Result<Self, SupportError> {
        let mut indexer = Indexer::new(entries)?;
        indexer.step(usize::MAX);
        Ok(indexer.finish())
    }

    /// The entry of this id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.id == id)
    }

    /// Answers a question, or declines.
    ///
    /// # Errors
    /// A vector that does not fit the entries'.
    pub fn answer(&self, question: &str, context: &Context) -> Result<Answer, SupportError> {
        let (evidence, found) = self.weigh(question, context)?;
        let Some(evidence) = evidence else {
            return Ok(Answer::Declined { best: Vec::new(), reason: Reason::Empty, confidence: 0.0 });
        };
        let model = model(&evidence);
        let confidence = model.confidence(&evidence);
        let mut found = found.into_iter();
        match found.next() {
            Some(source) if confidence >= model.threshold => {
                let reply = self.entry(&source.id).map(|e| e.answer.clone()).unwrap_or_default();
                Ok(Answer::Reply { reply, source, confidence })
            }
            best => {
                let nothing = evidence.words == 0.0 && evidence.sense.is_none();
                let reason = if nothing { Reason::Unknown } else { Reason::Unsure };
                let best = if nothing { Vec::new() } else { best.into_iter().chain(found).take(NAMED).collect() };
                Ok(Answer::Declined { best, reason, confidence })
            }
        }
    }

    /// All entries, the most likely first.
    ///
    /// # Errors
    /// As of [`Self::answer`].
    pub fn search(&self, question: &str, context: &Context) -> Result<Vec<Source>, SupportError> {
        Ok(self.weigh(question, context)?.1)
    }

    /// What speaks for the best entry, and all of them in order. No evidence when the question has no words.
    ///
    /// # Errors
    /// As of [`Self::answer`].
    pub fn weigh(&self, question: &str, context: &Context) -> Result<(Option<Evidence>, Vec<Source>), SupportError> {
        let vector = match &context.vector {
            Some(v) if self.width == 0 => {
                return Err(SupportError::Vector(if v.is_empty() {
                    "is empty"
                } else {
                    "has nothing to be compared with"
                }));
            }
            Some(v) if v.len() != self.width => {
                return Err(SupportError::Vector("is not as long as the entries' vectors"));
            }
            Some(v) if !usable(v) => {
                return Err(SupportError::Vector("has something that is no number, or nothing but zeros"));
            }
            v => v.as_deref(),
        };
        let question = cut(question);
        let before = follow::before(question, &context.turns);
        let own = self.concepts(question, 1.0);
        let mut concepts = own.clone();
        concepts.extend(before.map(|turn| self.concepts(cut(&turn.question), BEFORE)).unwrap_or_default());
        if concepts.is_empty() {
            return Ok((None, Vec::new()));
        }
        let scores = self.words.scores(&concepts);
        let ideal = self.words.ideal(&concepts);
        let last = before.and_then(|turn| turn.entry.as_deref()).filter(|_| !own.is_empty());
        let mut ranked: Vec<Ranked> = self
            .entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let words = scores[at] / ideal;
                let near = |v: &[f32]| entry.vectors.iter().map(|e| cosine(e, v)).fold(-1.0, f64::max);
                let similarity = vector.map(near);
                let score = similarity.map_or(words, |s| (1.0 - SENSE) * words + SENSE * s.max(0.0));
                let score = if last == Some(entry.id.as_str()) { AGAIN * score } else { score };
                Ranked { at, score, words, similarity }
            })
            .collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        let evidence = ranked.split_first().map(|(best, others)| {
            let nearest = others.iter().filter_map(|r| r.similarity).fold(-1.0, f64::max);
            Evidence {
                words: best.words,
                covered: self.words.covered(best.at, &concepts),
                asked: self.words.shared(&self.questions[best.at], &concepts),
                lead: best.score - others.first().map_or(0.0, |second| second.score),
                sense: best.similarity,
                sense_lead: best.similarity.map_or(0.0, |s| s - nearest),
            }
        });
        let sources = ranked.iter().map(|r| self.source(r, &own)).collect();
        Ok((evidence, sources))
    }

    fn source(&self, ranked: &Ranked, concepts: &[Concept]) -> Source {
        let entry = &self.entries[ranked.at];
        let matched = concepts.iter().filter(|c| self.words.has(ranked.at, c)).map(|c| c.said.clone()).collect();
        let (similarity, score) = (ranked.similarity, ranked.score);
        let (id, question, url) = (entry.id.clone(), entry.question.clone(), entry.url.clone());
        Source { id, question, url, matched, similarity, score }
    }

    /// The terms of a text under all their names, misspelt words put right.
    fn concepts(&self, text: &str, weight: f64) -> Vec<Concept> {
        let mut all: Vec<Concept> = Vec::new();
        for term in terms::asked(text) {
            let mut concept = Concept { said: term.said.clone(), names: Vec::new(), weight };
            concept.names.push((term.stem.clone(), 1.0));
            if let Some(group) = &term.group {
                concept.names.push((group.clone(), terms::SYNONYM));
            } else if !self.words.knows(&term.stem) {
                for right in self.spelling.corrected(&term.said) {
                    for name in terms::terms(&right).into_iter().flat_map(|t| t.names()) {
                        concept.names.push((name, spelling::TRUST));
                    }
                }
            }
            if !all.iter().any(|c| c.names[0].0 == concept.names[0].0) {
                all.push(concept);
            }
        }
        all
    }
}

/// The constants for the evidence that there is.
fn model(evidence: &Evidence) -> &'static Model {
    if evidence.sense.is_some() { &SEMANTIC } else { &LEXICAL }
}

fn usable(vector: &[f32]) -> bool {
    vector.iter().all(|v| v.is_finite()) && vector.iter().any(|v| *v != 0.0)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at])
}
