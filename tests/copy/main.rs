//! The domain: briefs and their errors, formats and their limits, counting, prompts, checks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod brief;
mod check;
mod contradiction;
mod count;
mod format;
mod prompt;
mod variants;

use copywright::copy::brief::{Brief, Input};
use serde_json::{Value, json};

/// A brief with every field.
fn full() -> Value {
    json!({
        "format": "product-blurb", "name": "Lumen Arc", "brand": "Halden", "category": "desk lamp",
        "features": ["dims with a tap", "folds flat"], "facts": {"price": "€49", "weight in kg": 1.5, "year": 2026},
        "audience": "students in small flats", "tone": "warm", "language": "en",
        "context": {"interest": "reads at night", "question": "does it fold?"},
        "must": ["Ghent"], "never": ["cheapest"],
        "allow": [{"class": "guarantee", "evidence": "two years, see terms"}], "maxChars": 200,
    })
}

/// The brief that a page's value becomes.
fn brief(value: &Value) -> Brief {
    read(value).unwrap_or_else(|e| panic!("{value}: {e}"))
}

/// Reads and checks, as a writer does.
fn read(value: &Value) -> Result<Brief, String> {
    let input: Input = serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
    input.brief().map_err(|e| e.to_string())
}

fn with(field: &str, value: Value) -> Value {
    let mut brief = full();
    brief[field] = value;
    brief
}
