//! Accuracy, precision, recall and F1 of predicted classes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::MetricError;

/// One class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassScore {
    /// Its label.
    pub label: String,
    /// Of those predicted so, how many are; 0 when none was.
    pub precision: f64,
    /// Of those that are, how many were predicted so; 0 when none is.
    pub recall: f64,
    /// The harmonic mean of both; 0 when both are.
    pub f1: f64,
    /// How many there are.
    pub support: usize,
}

/// Over all classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Average {
    /// Precision.
    pub precision: f64,
    /// Recall.
    pub recall: f64,
    /// F1.
    pub f1: f64,
}

/// What is said of a list of predictions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Classification {
    /// Predictions that are right, of all.
    pub accuracy: f64,
    /// The mean over classes: each counts the same.
    #[serde(rename = "macro")]
    pub macro_average: Average,
    /// Of the sums over classes: each prediction counts the same.
    #[serde(rename = "micro")]
    pub micro_average: Average,
    /// By class, in the order of their labels.
    pub classes: Vec<ClassScore>,
}

/// Compares predictions with the truth. `labels` names the classes to average over, as where one of them stands for "none of
/// these"; empty: all that occur.
///
/// # Errors
/// No predictions, or lists of other lengths.
pub fn classification<S: AsRef<str>>(
    truth: &[S],
    predicted: &[S],
    labels: &[S],
) -> Result<Classification, MetricError> {
    if truth.len() != predicted.len() {
        return Err(MetricError::Lengths("truth", "predicted", truth.len(), predicted.len()));
    }
    if truth.is_empty() {
        return Err(MetricError::Empty("truth"));
    }
    // Hits, predicted, true.
    let mut table: BTreeMap<&str, [usize; 3]> = labels.iter().map(|l| (l.as_ref(), [0; 3])).collect();
    let mut right = 0;
    for (t, p) in truth.iter().zip(predicted).map(|(t, p)| (t.as_ref(), p.as_ref())) {
        right += usize::from(t == p);
        for (label, at) in [(p, 1), (t, 2)] {
            if labels.is_empty() {
                table.entry(label).or_default();
            }
            if let Some(row) = table.get_mut(label) {
                row[at] += 1;
                row[0] += usize::from(at == 1 && t == p);
            }
        }
    }
    let classes: Vec<ClassScore> = table
        .iter()
        .map(|(label, &row)| {
            let Average { precision, recall, f1 } = average(row);
            ClassScore { label: (*label).to_owned(), precision, recall, f1, support: row[2] }
        })
        .collect();
    let mean = |of: fn(&ClassScore) -> f64| classes.iter().map(of).sum::<f64>() / classes.len().max(1) as f64;
    let sums = table.values().fold([0; 3], |s, r| [s[0] + r[0], s[1] + r[1], s[2] + r[2]]);
    Ok(Classification {
        accuracy: right as f64 / truth.len() as f64,
        macro_average: Average { precision: mean(|c| c.precision), recall: mean(|c| c.recall), f1: mean(|c| c.f1) },
        micro_average: average(sums),
        classes,
    })
}

fn average([hits, predicted, truth]: [usize; 3]) -> Average {
    let part = |of: usize| if of == 0 { 0.0 } else { hits as f64 / of as f64 };
    let both = predicted + truth;
    let f1 = if both == 0 { 0.0 } else { 2.0 * hits as f64 / both as f64 };
    Average { precision: part(predicted), recall: part(truth), f1 }
}
