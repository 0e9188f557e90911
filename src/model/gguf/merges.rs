//! SentencePiece's BPE keeps no list of merges: it joins whatever two neighbours make the token with the best score,
//! the leftmost of equals. Here that becomes a list, as other tokenizers want it.
//!
//! One merge a token is enough. As long as no merge crosses a token's borders, what happens between them is what
//! happens to its text alone; so a token comes about only by the last merge of its own text, or never. Where scores
//! are equal, a list cannot say "the leftmost": such tokens get every merge that makes them, long left parts first.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::vocab::{NORMAL, Tokens, USER_DEFINED};
use crate::model::order::order;

/// Longer tokens than this many characters come about by no merge: SentencePiece makes none of more than 16 unless
/// told to.
const LONGEST: usize = 128;

/// More merges than any vocabulary has tokens.
const MOST: usize = 1 << 20;

/// A merge.
#[derive(Clone, Copy)]
pub(super) struct Merge {
    /// The token that it makes.
    pub id: u32,
    /// The byte at which that divides in two.
    pub at: u32,
    /// Characters of both parts.
    lengths: (u8, u8),
}

/// The merges of these tokens, the first ones first; `None`: more than there can be.
pub(super) fn merges(tokens: &Tokens, scores: &[f32]) -> Option<Vec<Merge>> {
    let used = |kind| kind == NORMAL || kind == USER_DEFINED;
    let ids: HashMap<&str, u32> = tokens.iter().filter(|t| used(t.2)).map(|t| (t.1, t.0)).collect();
    let by_score = |a: u32, b: u32| scores[b as usize].total_cmp(&scores[a as usize]);
    let mut tied = vec![false; scores.len()];
    let mut by_rank = order(tokens.texts.len(), &|a, b| by_score(a as u32, b as u32));
    by_rank.retain(|&id| used(tokens.kinds[id as usize]));
    for two in by_rank.windows(2).filter(|two| by_score(two[0], two[1]) == Ordering::Equal) {
        tied[two[0] as usize] = true;
        tied[two[1] as usize] = true;
    }
    let made = |text: &str| ids.get(text).map(|&id| (scores[id as usize], tied[id as usize]));
    let mut merges: Vec<Merge> = Vec::new();
    let mut ends = Vec::new();
    for (id, text, kind) in tokens.iter() {
        // Spaces are written as U+2581, so a token with one is never found in a text.
        if kind != NORMAL || text.contains(' ') || ids.get(text) != Some(&id) {
            continue;
        }
        let Some((at, equal)) = last(text, &mut ends, made) else { continue };
        let count = text.chars().count() as u8;
        let places = text.char_indices().zip(0u8..).skip(1).map(|((at, _), left)| (at, left));
        // A list can only join what is a token itself.
        let known = |place: usize| ids.contains_key(&text[..place]) && ids.contains_key(&text[place..]);
        let kept = places.filter(|&(place, _)| (equal || place == at) && known(place));
        merges.extend(kept.map(|(at, left)| Merge { id, at: at as u32, lengths: (left, count - left) }));
        if merges.len() > MOST {
            return None;
        }
    }
    let sorted = order(merges.len(), &|a, b| {
        let (a, b) = (&merges[a], &merges[b]);
        by_score(a.id, b.id).then(b.lengths.cmp(&a.lengths))
    });
    Some(sorted.iter().map(|&i| merges[i as usize]).collect())
}

/// Where the last merge joins, when all of a text becomes one token, and whether scores were equal on the way.
fn last(text: &str, ends: &mut Vec<usize>, made: impl Fn(&str) -> Option<(f32, bool)>) -> Option<(usize, bool)> {
    // Pieces, by where they end.
    ends.clear();
    ends.extend(text.char_indices().skip(1).map(|(i, _)| i).take(LONGEST));
    ends.push(text.len());
    if ends.len() > LONGEST {
        return None;
    }
    let start = |ends: &[usize], i: usize| if i == 0 { 0 } else { ends[i - 1] };
    // What the pieces i and i + 1 make.
    let mut pairs: Vec<Option<(f32, bool)>> =
        (1..ends.len()).map(|i| made(&text[start(ends, i - 1)..ends[i]])).collect();
    let (mut at, mut equal) = (None, false);
    while ends.len() > 1 {
        let mut best: Option<(usize, f32, bool)> = None;
        for (i, pair) in pairs.iter().enumerate() {
            if let Some((score, tied)) = *pair
                && best.is_none_or(|b| score > b.1)
            {
                best = Some((i, score, tied));
            }
        }
        let (i, _, tied) = best?;
        equal |= tied;
        at = Some(ends.remove(i));
        pairs.remove(i);
        if i > 0 {
            pairs[i - 1] = made(&text[start(ends, i - 1)..ends[i]]);
        }
        if i < pairs.len() {
            pairs[i] = made(&text[start(ends, i)..ends[i + 1]]);
        }
    }
    at.map(|at| (at, equal))
}
