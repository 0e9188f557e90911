//! BLEU of a sentence (Papineni et al. 2002), and how alike texts are by it (Zhu et al. 2018, Texygen).

use std::collections::HashMap;

use super::MetricError;
use crate::insight::words::words;

/// Longest run of words that counts.
const ORDER: usize = 4;

fn counts(words: &[String], n: usize) -> HashMap<&[String], usize> {
    let mut all = HashMap::new();
    for gram in words.windows(n) {
        *all.entry(gram).or_insert(0) += 1;
    }
    all
}

/// BLEU-4 of words against any of the references, 0 to 1: clipped precisions, the closest reference's length, exponential
/// smoothing (Chen & Cherry 2014, method 3) and only the orders that the words have, as sacrebleu's `sentence_bleu`.
#[must_use]
pub fn bleu(candidate: &[String], references: &[&[String]]) -> f64 {
    let closest = references.iter().map(|r| r.len()).min_by_key(|&n| (n.abs_diff(candidate.len()), n));
    let Some(closest) = closest else { return 0.0 };
    score(candidate.len(), closest, |n| {
        let mut most: HashMap<&[String], usize> = HashMap::new();
        for reference in references {
            for (gram, count) in counts(reference, n) {
                let known = most.entry(gram).or_insert(0);
                *known = count.max(*known);
            }
        }
        let own = counts(candidate, n);
        own.iter().map(|(gram, &count)| count.min(most.get(gram).copied().unwrap_or(0))).sum()
    })
}

/// BLEU of so many words, the closest reference's length, and how many runs of n words are in a reference, too.
fn score(own: usize, closest: usize, hits: impl Fn(usize) -> usize) -> f64 {
    if own == 0 {
        return 0.0;
    }
    let (mut logs, mut smooth, mut orders, mut any) = (0.0, 1.0, 0, false);
    for n in 1..=ORDER.min(own) {
        let hits = hits(n);
        let total = (own + 1 - n) as f64;
        any |= hits > 0;
        orders += 1;
        logs += if hits > 0 {
            (hits as f64 / total).ln()
        } else {
            smooth *= 2.0;
            (1.0 / (smooth * total)).ln()
        };
    }
    if !any {
        return 0.0;
    }
    let (own, closest) = (own as f64, closest as f64);
    let brevity = if own < closest { (1.0 - closest / own).exp() } else { 1.0 };
    brevity * (logs / f64::from(orders)).exp()
}

/// How often a run comes in the text that has it most, how many texts have it as often, and in the next one.
#[derive(Default)]
struct Most {
    first: usize,
    ties: usize,
    second: usize,
}

impl Most {
    fn add(&mut self, count: usize) {
        if count > self.first {
            (self.second, self.first, self.ties) = (self.first, count, 1);
        } else if count == self.first {
            self.ties += 1;
        } else {
            self.second = self.second.max(count);
        }
    }

    /// Among all but one text that has it so often.
    fn without(&self, count: usize) -> usize {
        if count == self.first && self.ties == 1 { self.second } else { self.first }
    }
}

/// The mean BLEU of each text against all others, 0 to 1: the lower, the more they differ. Case and punctuation do not
/// count. The time grows with the texts, not with their square.
///
/// # Errors
/// Fewer than two texts.
pub fn self_bleu<S: AsRef<str>>(texts: &[S]) -> Result<f64, MetricError> {
    if texts.len() < 2 {
        return Err(MetricError::Empty("what a text could be compared with"));
    }
    let texts: Vec<Vec<String>> = texts.iter().map(|t| words(t.as_ref())).collect();
    let mut lengths: Vec<usize> = texts.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    let own: Vec<Vec<_>> = (1..=ORDER).map(|n| texts.iter().map(|t| counts(t, n)).collect()).collect();
    let mut most: Vec<HashMap<&[String], Most>> = own.iter().map(|_| HashMap::new()).collect();
    for (most, own) in most.iter_mut().zip(&own) {
        for (gram, &count) in own.iter().flatten() {
            most.entry(gram).or_default().add(count);
        }
    }
    let one = |i: usize| {
        let length = texts[i].len();
        // Of a sorted list without this text: its neighbours are the nearest.
        let at = lengths.partition_point(|&n| n < length);
        let near = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|j| lengths.get(j));
        let closest = near.copied().min_by_key(|&n| (n.abs_diff(length), n)).unwrap_or(length);
        score(length, closest, |n| {
            let left = |(gram, &count): (&&[String], &usize)| {
                count.min(most[n - 1].get(gram).map_or(0, |most| most.without(count)))
            };
            own[n - 1][i].iter().map(left).sum()
        })
    };
    Ok((0..texts.len()).map(one).sum::<f64>() / texts.len() as f64)
}
