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
    let (Some(closest), false) = (closest, candidate.is_empty()) else { return 0.0 };
    let (mut logs, mut smooth, mut orders, mut any) = (0.0, 1.0, 0, false);
    for n in 1..=ORDER.min(candidate.len()) {
        let mut most: HashMap<&[String], usize> = HashMap::new();
        for reference in references {
            for (gram, count) in counts(reference, n) {
                let known = most.entry(gram).or_insert(0);
                *known = count.max(*known);
            }
        }
        let own = counts(candidate, n);
        let hits: usize = own.iter().map(|(gram, &count)| count.min(most.get(gram).copied().unwrap_or(0))).sum();
        let total = (candidate.len() + 1 - n) as f64;
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
    let (own, closest) = (candidate.len() as f64, closest as f64);
    let brevity = if own < closest { (1.0 - closest / own).exp() } else { 1.0 };
    brevity * (logs / f64::from(orders)).exp()
}

/// The mean BLEU of each text against all others, 0 to 1: the lower, the more they differ. Case and punctuation do not
/// count.
///
/// # Errors
/// Fewer than two texts.
pub fn self_bleu<S: AsRef<str>>(texts: &[S]) -> Result<f64, MetricError> {
    if texts.len() < 2 {
        return Err(MetricError::Empty("what a text could be compared with"));
    }
    let texts: Vec<Vec<String>> = texts.iter().map(|t| words(t.as_ref())).collect();
    let one = |i: usize| {
        let others: Vec<&[String]> = texts.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, t)| &t[..]).collect();
        bleu(&texts[i], &others)
    };
    Ok((0..texts.len()).map(one).sum::<f64>() / texts.len() as f64)
}
