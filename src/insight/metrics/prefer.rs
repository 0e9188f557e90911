//! Who writes better, from blind comparisons of two: Bradley and Terry's model (1952) with bootstrap intervals.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{MetricError, Share};

/// Which side won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Winner {
    /// The first.
    A,
    /// The second.
    B,
    /// Neither: half a win for each.
    Tie,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgment {
    /// Who wrote the first text.
    pub a: String,
    /// Who wrote the second.
    pub b: String,
    /// Which was liked better.
    pub winner: Winner,
    /// Of a trap, whose answer is known: what should have been chosen. It says something of the judge, and counts for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Winner>,
}

/// How strong one author is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strength {
    /// Who.
    pub name: String,
    /// Logarithm of the strength, over all authors 0 on average: between two, the odds of winning are e to the difference.
    pub strength: f64,
    /// Bounds of the 95 % interval.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// Wins, ties as half a win, of comparisons.
    pub wins: Share,
}

/// What judgments say together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preference {
    /// The strongest first.
    pub strengths: Vec<Strength>,
    /// Comparisons that counted.
    pub judgments: usize,
    /// Traps that were seen through, of all.
    pub traps: Share,
}

/// Wins that every author gets against every other one beforehand, so that who always won is not infinitely strong.
const PRIOR: f64 = 0.5;

/// Strengths of all authors, by maximum likelihood with half a win and half a loss of each against each as prior, and their
/// 95 % intervals: the middle of `rounds` resamples of the judgments (Efron's percentile bootstrap), drawn with `seed`.
///
/// # Errors
/// No judgment, or one of an author against itself.
pub fn preference(judgments: &[Judgment], rounds: usize, seed: u64) -> Result<Preference, MetricError> {
    if let Some(at) = judgments.iter().position(|j| j.a == j.b) {
        let value = judgments[at].a.clone();
        return Err(MetricError::Number { field: "judgments", at, value, expected: "two authors" });
    }
    let (traps, counted): (Vec<&Judgment>, Vec<_>) = judgments.iter().partition(|j| j.expected.is_some());
    let names: BTreeSet<&str> = counted.iter().flat_map(|j| [j.a.as_str(), j.b.as_str()]).collect();
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() {
        return Err(MetricError::Empty("judgments"));
    }
    let at = |name: &str| names.binary_search(&name).unwrap_or_default();
    let games: Vec<(usize, usize, f64)> = counted
        .iter()
        .map(|j| {
            (
                at(&j.a),
                at(&j.b),
                match j.winner {
                    Winner::A => 1.0,
                    Winner::B => 0.0,
                    Winner::Tie => 0.5,
                },
            )
        })
        .collect();
    let n = names.len();
    let point = fit(&table(n, games.iter()), n);
    let mut random = SplitMix(seed);
    let mut draws: Vec<Vec<f64>> = vec![Vec::with_capacity(rounds); n];
    for _ in 0..rounds {
        let sample: Vec<&(usize, usize, f64)> = games.iter().map(|_| &games[random.below(games.len())]).collect();
        for (draws, strength) in draws.iter_mut().zip(fit(&table(n, sample.into_iter()), n)) {
            draws.push(strength);
        }
    }
    let mut strengths: Vec<Strength> = (0..n)
        .map(|i| {
            draws[i].sort_by(f64::total_cmp);
            let mut wins = Share::default();
            games.iter().filter(|g| g.0 == i).for_each(|g| wins.add(g.2, 1.0));
            games.iter().filter(|g| g.1 == i).for_each(|g| wins.add(1.0 - g.2, 1.0));
            let bound = |q| quantile(&draws[i], q).unwrap_or(point[i]);
            Strength { name: names[i].to_owned(), strength: point[i], low: bound(0.025), high: bound(0.975), wins }
        })
        .collect();
    strengths.sort_by(|a, b| b.strength.total_cmp(&a.strength).then_with(|| a.name.cmp(&b.name)));
    let mut seen = Share::default();
    traps.iter().for_each(|j| seen.count(j.expected == Some(j.winner)));
    Ok(Preference { strengths, judgments: games.len(), traps: seen })
}

/// How often i won against j, at i · n + j.
fn table<'a>(n: usize, games: impl Iterator<Item = &'a (usize, usize, f64)>) -> Vec<f64> {
    let mut wins = vec![PRIOR; n * n];
    for &(a, b, won) in games {
        wins[a * n + b] += won;
        wins[b * n + a] += 1.0 - won;
    }
    wins
}

/// Hunter's (2004) minorise–maximise iteration; logarithms, their mean 0.
fn fit(wins: &[f64], n: usize) -> Vec<f64> {
    let mut p = vec![1.0_f64; n];
    for _ in 0..2000 {
        let mut next: Vec<f64> = (0..n)
            .map(|i| {
                let others = || (0..n).filter(|&j| j != i);
                let won: f64 = others().map(|j| wins[i * n + j]).sum();
                let met: f64 = others().map(|j| (wins[i * n + j] + wins[j * n + i]) / (p[i] + p[j])).sum();
                if met > 0.0 { won / met } else { 1.0 }
            })
            .collect();
        let scale = (next.iter().map(|v| v.ln()).sum::<f64>() / n as f64).exp();
        next.iter_mut().for_each(|v| *v /= scale);
        let moved = next.iter().zip(&p).map(|(a, b)| (a / b).ln().abs()).fold(0.0, f64::max);
        p = next;
        if moved < 1e-10 {
            break;
        }
    }
    p.into_iter().map(f64::ln).collect()
}

/// Of sorted numbers, between neighbours by linear interpolation (as numpy does).
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let at = q * (sorted.len().checked_sub(1)?) as f64;
    let (low, part) = (at.floor() as usize, at.fract());
    let high = sorted.get(low + 1).unwrap_or(&sorted[low]);
    Some(sorted[low] + part * (high - sorted[low]))
}

/// Steele et al. (2014): small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}
