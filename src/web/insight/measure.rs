//! Measures, all through one door.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::exception::exception;
use super::plain::plain;
use super::value::value;
use crate::insight::metrics::{self, Graded, Judgment};

/// A measure by its name, with what it measures.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Measure {
    Distinct { texts: Vec<String>, n: usize },
    Repetition { text: String, n: usize },
    Repeats { text: String, name: String },
    Openings { texts: Vec<String> },
    SelfBleu { texts: Vec<String> },
    Readability { text: String },
    Coverage { text: String, features: Vec<String> },
    Likelihood { log_probabilities: Vec<f64>, bytes: usize },
    Classification { truth: Vec<String>, predicted: Vec<String>, labels: Vec<String> },
    RecallAtK { ranked: Vec<String>, relevant: Vec<Graded>, k: usize },
    NdcgAtK { ranked: Vec<String>, relevant: Vec<Graded>, k: usize },
    ReciprocalRank { ranked: Vec<String>, relevant: Vec<Graded> },
    Preference { judgments: Vec<Judgment>, rounds: usize, seed: u64 },
}

/// The value of `{measure: {...}}`; `null` where there is none.
#[wasm_bindgen]
pub fn measure(what: JsValue) -> Result<JsValue, JsValue> {
    let wrong = |e: metrics::MetricError| exception(e.kind(), &e);
    match value(what)? {
        Measure::Distinct { texts, n } => plain(&metrics::distinct(&texts, n)),
        Measure::Repetition { text, n } => plain(&metrics::repetition(&text, n)),
        Measure::Repeats { text, name } => plain(&metrics::repeats(&text, &name)),
        Measure::Openings { texts } => plain(&metrics::openings(texts.iter().map(String::as_str))),
        Measure::SelfBleu { texts } => plain(&metrics::self_bleu(&texts).map_err(wrong)?),
        Measure::Readability { text } => plain(&metrics::readability(&text).map_err(wrong)?),
        Measure::Coverage { text, features } => plain(&metrics::covered(&text, &features)),
        Measure::Likelihood { log_probabilities, bytes } => {
            plain(&metrics::likelihood(&log_probabilities, bytes).map_err(wrong)?)
        }
        Measure::Classification { truth, predicted, labels } => {
            plain(&metrics::classification(&truth, &predicted, &labels).map_err(wrong)?)
        }
        Measure::RecallAtK { ranked, relevant, k } => plain(&metrics::recall_at_k(&ranked, &relevant, k)),
        Measure::NdcgAtK { ranked, relevant, k } => plain(&metrics::ndcg_at_k(&ranked, &relevant, k)),
        Measure::ReciprocalRank { ranked, relevant } => plain(&metrics::reciprocal_rank(&ranked, &relevant)),
        Measure::Preference { judgments, rounds, seed } => {
            plain(&metrics::preference(&judgments, rounds, seed).map_err(wrong)?)
        }
    }
}
