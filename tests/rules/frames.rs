//! Sentences with gaps, which a small model learns to write, say nothing that the rules bar: what they had taught, a
//! decoder would have to break off in the middle of a word.

use std::path::Path;

use copywright::copy::check::check;
use copywright::copy::constrain::constraint;
use serde_json::{Value, json};

use crate::brief;

/// What goes into a gap; what has an article, with it.
fn filled(frame: &str) -> String {
    let mut text = frame.to_owned();
    for (gap, value) in [
        ("{n}", "Ola"),
        ("{a}", "a lamp"),
        ("{A}", "A lamp"),
        ("{for}", "readers"),
        ("{vps}", "folds flat"),
        ("{adjs}", "matt"),
        ("{nps}", "rubber feet"),
        ("{withs}", "rubber feet"),
        ("{Withs}", "Rubber feet"),
        ("{preds}", "folds flat and is matt"),
        ("{cat}", "lamp"),
        ("{Clause}", "The frame folds"),
        ("{fact}", "It is oak."),
        ("{c}", "readers"),
        ("{r}", "It folds flat."),
    ] {
        text = text.replace(gap, value);
    }
    assert!(!text.contains('{'), "{frame} has a gap that this test does not know");
    text
}

#[test]
fn every_sentence_with_gaps_keeps_the_rules() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("train/corpus/frames.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (mut sentences, mut wrong) = (0, Vec::new());
    for (place, tones) in all.as_object().unwrap() {
        let (format, context) = match place.as_str() {
            "lines" => ("tagline", json!({})),
            "ads" | "greetings" => ("ad-description", json!({})),
            "recommendations" => ("recommendation", json!({"interest": "readers"})),
            "answers" | "unknown" => ("support-reply", json!({"question": "Does it fold?"})),
            _ => ("blog-intro", json!({})),
        };
        for (tone, frames) in tones.as_object().unwrap() {
            for frame in frames.as_array().unwrap() {
                let text = filled(frame.as_str().unwrap());
                // Greetings and leads go on.
                let text = match place.as_str() {
                    "greetings" => text.replace(',', "."),
                    "leads" => text + "\n– 18 colours\n– 0.4 mm tips\n– rubber feet\nIt is oak.",
                    _ => text,
                };
                let brief = brief(&json!({
                    "format": format, "name": "Ola", "category": "lamp", "audience": "readers", "facts": {"frame": "oak"},
                    "features": ["folds flat", "matt", "rubber feet", "18 colours", "0.4 mm tips"], "must": [], "context": context,
                }));
                sentences += 1;
                let barred =
                    check(&text, &brief).into_iter().filter(|c| !c.pass && c.rule != "name" && c.rule != "length");
                wrong.extend(barred.map(|c| format!("{place}, {tone}: {text:?}: {}", c.detail)));
                if text.contains("Ola") || format != "recommendation" {
                    let constraint = constraint(&brief, false).unwrap();
                    if !constraint.holds(&text) {
                        wrong.push(format!("{place}, {tone}: {text:?} is barred by the decoder"));
                    }
                }
            }
        }
    }
    println!("{sentences} sentences");
    assert!(sentences > 500 && wrong.is_empty(), "{} of {sentences}:\n{}", wrong.len(), wrong.join("\n"));
}
