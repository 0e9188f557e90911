//! A post in the pieces that are judged by themselves where there are heads: the whole, its sentences, and of a sentence that
//! says two things ("Great battery life, terrible handle") each of them.

use std::ops::Range;

use super::sentiment::{Evidence, evidence, of_tokens};
use super::tokens::{Sentence, Token, sentences};
use crate::insight::words::{stem, words};

/// So many sentences of a post are judged one by one.
pub const SENTENCES: usize = 40;
/// Pieces are cut behind so many characters; encoders read some 256 tokens.
const LONGEST: usize = 1_000;

/// Something that is judged by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// What an encoder reads.
    pub text: String,
    /// What the rules find in it.
    pub evidence: Evidence,
    /// Its tokens.
    pub words: Vec<String>,
}

impl Piece {
    fn new(text: &str, sentences: &[Sentence]) -> Self {
        let words = sentences.iter().flat_map(|s| &s.tokens).map(|t| t.text.clone()).collect();
        Self { text: text.chars().take(LONGEST).collect(), evidence: evidence(sentences), words }
    }
}

/// A sentence with its clauses.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The sentence.
    pub whole: Piece,
    /// Its clauses, each with the tokens of the sentence that it consists of. None where it has only one: it is the sentence.
    pub clauses: Vec<(Range<usize>, Piece)>,
}

impl Part {
    /// The piece that a token of the sentence stands in.
    #[must_use]
    pub fn around(&self, token: usize) -> &Piece {
        self.clauses.iter().find(|(tokens, _)| tokens.contains(&token)).map_or(&self.whole, |(_, piece)| piece)
    }
}

/// A post in pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Pieces {
    /// All of it.
    pub whole: Piece,
    /// Its first sentences.
    pub parts: Vec<Part>,
}

/// Cuts a post.
#[must_use]
pub fn pieces(text: &str) -> Pieces {
    of_sentences(&sentences(text))
}

/// The piece that speaks of something; the whole where its words are not found side by side.
#[must_use]
pub fn about(text: &str, name: &str) -> Piece {
    let sought: Vec<String> = words(name).iter().map(|w| stem(w)).collect();
    let all = sentences(text);
    for sentence in all.iter().filter(|_| !sought.is_empty()) {
        let stems: Vec<String> = sentence.tokens.iter().map(|t| stem(&t.text)).collect();
        if let Some(at) = stems.windows(sought.len()).position(|w| w == sought) {
            return part(sentence).around(at).clone();
        }
    }
    of_sentences(&all).whole
}

pub(super) fn of_sentences(all: &[Sentence]) -> Pieces {
    let joined: Vec<&str> = all.iter().map(|s| s.text.as_str()).collect();
    Pieces { whole: Piece::new(&joined.join(" "), all), parts: all.iter().take(SENTENCES).map(part).collect() }
}

fn part(sentence: &Sentence) -> Part {
    let whole = Piece::new(&sentence.text, std::slice::from_ref(sentence));
    let ranges = clauses(&sentence.tokens);
    let clause = |range: Range<usize>| {
        let tokens = sentence.tokens[range.clone()].to_vec();
        let text = tokens.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
        let piece = Piece::new(&text, &[Sentence { text: String::new(), tokens }]);
        (range, piece)
    };
    let clauses = if ranges.len() > 1 { ranges.into_iter().map(clause).collect() } else { Vec::new() };
    Part { whole, clauses }
}

/// Words with which a clause begins that says something else.
pub(super) fn turns(token: &Token) -> bool {
    matches!(token.text.as_str(), "but" | "however" | "although" | "though" | "while" | "whereas")
}

/// The clauses of a sentence: ranges of its tokens. One begins at a word that turns, and behind a sign between two that have
/// two words or more and each praise or blame.
fn clauses(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    for (i, token) in tokens.iter().enumerate().skip(1) {
        if turns(token) || !tokens[i - 1].word && token.word {
            starts.push(i);
        }
    }
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
    let mut all: Vec<(Range<usize>, bool)> = Vec::new();
    for (from, to) in starts.iter().copied().zip(ends) {
        let segment = &tokens[from..to];
        let judges = of_tokens(segment) != 0.0;
        let apart = |(last, judged): &(Range<usize>, bool)| {
            let words = |tokens: &[Token]| tokens.iter().filter(|t| t.word).count() > 1;
            let both = words(&tokens[last.clone()]) && words(segment);
            both && (segment.first().is_some_and(turns) || *judged && judges)
        };
        match all.last_mut() {
            Some(last) if !apart(last) => {
                last.0.end = to;
                last.1 |= judges;
            }
            _ => all.push((from..to, judges)),
        }
    }
    all.into_iter().map(|(range, _)| range).collect()
}
