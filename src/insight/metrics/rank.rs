//! How good a ranked list is, against what is relevant.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

/// Something relevant, and how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Graded {
    /// Its id.
    pub id: String,
    /// Above 0.
    pub gain: f64,
}

/// The first k of a ranking, each id once.
fn first<S: AsRef<str>>(ranked: &[S], k: usize) -> Vec<&str> {
    let mut seen = HashSet::new();
    ranked.iter().map(AsRef::as_ref).filter(|id| seen.insert(*id)).take(k).collect()
}

fn gain(relevant: &[Graded], id: &str) -> f64 {
    relevant.iter().find(|r| r.id == id).map_or(0.0, |r| r.gain.max(0.0))
}

/// Relevant ids among the first k, of all relevant ones; None when nothing is relevant.
#[must_use]
pub fn recall_at_k<S: AsRef<str>>(ranked: &[S], relevant: &[Graded], k: usize) -> Option<f64> {
    let all = relevant.iter().filter(|r| r.gain > 0.0).count();
    let hits = first(ranked, k).into_iter().filter(|id| gain(relevant, id) > 0.0).count();
    (all > 0).then(|| hits as f64 / all as f64)
}

/// Normalised discounted cumulative gain (Järvelin & Kekäläinen 2002): Σ gain / log2(rank + 1) of the first k, over that of
/// the best order; None when nothing is relevant.
#[must_use]
pub fn ndcg_at_k<S: AsRef<str>>(ranked: &[S], relevant: &[Graded], k: usize) -> Option<f64> {
    let sum = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.enumerate().map(|(i, gain)| gain / (i as f64 + 2.0).log2()).sum()
    };
    let mut best: Vec<f64> = relevant.iter().map(|r| r.gain.max(0.0)).collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal = sum(&mut best.into_iter().take(k));
    let own = sum(&mut first(ranked, k).into_iter().map(|id| gain(relevant, id)));
    (ideal > 0.0).then(|| own / ideal)
}

/// One over the place of the first relevant id; 0 when there is none among them.
#[must_use]
pub fn reciprocal_rank<S: AsRef<str>>(ranked: &[S], relevant: &[Graded]) -> f64 {
    let place = first(ranked, usize::MAX).into_iter().position(|id| gain(relevant, id) > 0.0);
    place.map_or(0.0, |i| 1.0 / (i as f64 + 1.0))
}

/// The mean of the values that are there.
pub fn mean(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, n) = values.into_iter().flatten().fold((0.0, 0), |(s, n), v| (s + v, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}
