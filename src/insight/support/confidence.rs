//! How likely the best entry answers the question: a logistic regression of what speaks for it (Platt 1999), fitted on
//! questions whose answers are known. The constants come from the calibration split of `tests/insight/support`, where a test
//! fits them again.

use serde::Serialize;

/// What speaks for the best entry.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evidence {
    /// BM25 over what no entry could exceed.
    pub words: f64,
    /// How much of what was asked for the entry has.
    pub covered: f64,
    /// How much of the entry's own question was asked for.
    pub asked: f64,
    /// By how much it leads before the second.
    pub lead: f64,
    /// Cosine of the vectors, when there are some.
    pub sense: Option<f64>,
    /// By how much that is above every other entry's; below 0 when another one is nearer.
    pub sense_lead: f64,
}

impl Evidence {
    /// As numbers, behind the constant 1.
    #[must_use]
    pub fn features(&self) -> [f64; 7] {
        let sense = self.sense.unwrap_or(0.0);
        [1.0, self.words, self.covered, self.asked, self.lead, sense, self.sense_lead]
    }
}

/// A question whose answer is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Example {
    /// What spoke for the best entry.
    pub evidence: Evidence,
    /// The best entry is the right one.
    pub right: bool,
    /// Some entry is.
    pub answerable: bool,
}

/// The constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// Of each of [`Evidence::features`].
    pub weights: [f64; 7],
    /// From this confidence on there is an answer.
    pub threshold: f64,
}

/// Without vectors.
pub const LEXICAL: Model = Model { weights: [-2.788, -4.219, 2.605, 2.797, 12.022, 0.0, 0.0], threshold: 0.388 };
/// With vectors of all-MiniLM-L6-v2. Other encoders have other cosines: fit them again.
pub const SEMANTIC: Model = Model { weights: [-1.893, -5.023, 3.299, 1.297, 14.946, 0.699, -2.233], threshold: 0.602 };

impl Model {
    /// The probability that the entry is right.
    #[must_use]
    pub fn confidence(&self, evidence: &Evidence) -> f64 {
        let sum: f64 = self.weights.iter().zip(evidence.features()).map(|(w, x)| w * x).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    /// Fits the weights by gradient descent on the mean log loss, with a small penalty on large weights; then takes the
    /// threshold at which most examples are treated rightly, among those that decline at least `declined` of the examples
    /// without an answer.
    #[must_use]
    pub fn fit(examples: &[Example], declined: f64) -> Self {
        const STEPS: usize = 20_000;
        const RATE: f64 = 1.0;
        const PENALTY: f64 = 1e-4;
        let mut model = Self { weights: [0.0; 7], threshold: 0.5 };
        let n = examples.len().max(1) as f64;
        for _ in 0..STEPS {
            let mut slope = [0.0; 7];
            for Example { evidence, right, .. } in examples {
                let miss = model.confidence(evidence) - f64::from(u8::from(*right));
                slope.iter_mut().zip(evidence.features()).for_each(|(s, x)| *s += miss * x / n);
            }
            for (i, (w, s)) in model.weights.iter_mut().zip(slope).enumerate() {
                *w -= RATE * (s + if i > 0 { PENALTY * *w } else { 0.0 });
            }
        }
        let found: Vec<(f64, &Example)> = examples.iter().map(|e| (model.confidence(&e.evidence), e)).collect();
        model.threshold = threshold(found.iter().map(|(c, e)| (*c, e.right, e.answerable)), declined);
        model
    }
}

/// The value at which most are treated rightly, of values with whether the best entry is the right one and whether there is
/// one; among values that decline at least `declined` of those that have none. It lies between two that occur.
#[must_use]
pub fn threshold(found: impl Iterator<Item = (f64, bool, bool)>, declined: f64) -> f64 {
    let found: Vec<(f64, bool, bool)> = found.collect();
    let mut cuts: Vec<f64> = found.iter().map(|f| f.0).collect();
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let middle = cuts.windows(2).map(|w| f64::midpoint(w[0], w[1]));
    let without = found.iter().filter(|f| !f.2).count() as f64;
    let mut best = (0, f64::INFINITY);
    for cut in middle {
        let refused = found.iter().filter(|f| !f.2 && f.0 < cut).count();
        let right = refused + found.iter().filter(|f| f.1 && f.0 >= cut).count();
        if refused as f64 >= declined * without && right > best.0 {
            best = (right, cut);
        }
    }
    best.1
}
