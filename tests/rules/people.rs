//! Copies that people wrote keep the rules of their briefs nearly always: rules that are too strict would cost fluency.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use copywright::copy::constrain::constraint;
use serde_json::{Value, json};

use crate::brief;

/// The gold corpus: a brief and a text, each.
pub fn copies() -> Vec<(Value, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("train/corpus/gold");
    let mut all = Vec::new();
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for file in files {
        for line in fs::read_to_string(file).unwrap().lines().filter(|l| !l.is_empty()) {
            let mut product: Value = serde_json::from_str(line).unwrap();
            let fields = product.as_object_mut().unwrap();
            fields.remove("style");
            let copies = fields.remove("copies").unwrap();
            for copy in copies.as_array().unwrap() {
                let mut brief = product.clone();
                for key in ["format", "tone", "context"] {
                    brief[key] = copy.get(key).cloned().unwrap_or(json!({}));
                }
                all.push((brief, copy["text"].as_str().unwrap().to_owned()));
            }
        }
    }
    all
}

#[test]
fn copies_of_people_hold() {
    let (mut held, mut all) = (0, 0);
    let mut why: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (value, text) in copies().iter().step_by(37) {
        let constraint = constraint(&brief(value), false).unwrap();
        all += 1;
        if constraint.holds(text) {
            held += 1;
            continue;
        }
        for (i, a) in constraint.automata().iter().enumerate() {
            let end =
                text.bytes().try_fold(a.start(), |e, b| Some(a.step(e, b)).filter(|e| e >> 16 & 0x7fff != 0x7fff));
            if end.is_none_or(|e| e >> 16 & 0x7fff != 0) {
                why.entry(i).or_default().push(format!("{}: {text:?}", value["format"]));
            }
        }
    }
    for (i, texts) in &why {
        println!(
            "automaton {i}: {} texts, such as\n{}",
            texts.len(),
            texts.iter().take(12).cloned().collect::<Vec<_>>().join("\n")
        );
    }
    println!("{held} of {all} copies hold");
    assert!(held * 100 >= all * 95, "{held} of {all}");
}
