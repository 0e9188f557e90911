//! False alarms: how often the checks strike copies that people wrote for their briefs, and whether they still strike
//! when such a copy is spoilt.

use std::collections::BTreeMap;
use std::path::Path;

use copywright::copy::brief::Brief;
use copywright::copy::check::check;
use serde_json::Value;

/// Copies of every so-manieth product with their briefs.
fn sample(every: usize) -> Vec<(Brief, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("train/corpus/gold");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let products: Vec<Value> = files
        .iter()
        .flat_map(|file| std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect();
    let mut all = Vec::new();
    for product in products.iter().step_by(every) {
        for copy in product["copies"].as_array().unwrap() {
            let mut brief = product.clone();
            let fields = brief.as_object_mut().unwrap();
            ["copies", "style"].iter().for_each(|f| drop(fields.remove(*f)));
            for field in ["format", "tone", "context"] {
                brief[field] = copy[field].clone();
            }
            let brief: Brief = serde_json::from_value(brief).unwrap();
            brief.validate().unwrap_or_else(|e| panic!("{}: {e}", brief.name));
            all.push((brief, copy["text"].as_str().unwrap().to_owned()));
        }
    }
    all
}

fn failures(text: &str, brief: &Brief) -> Vec<String> {
    let failed = check(text, brief).into_iter().filter(|c| !c.pass);
    failed
        .map(|c| if c.rule == "claim" { c.detail.split(':').next().unwrap().to_owned() } else { c.rule.into() })
        .collect()
}

#[test]
fn false_alarms_are_rare() {
    let sample = sample(8);
    let mut rates: BTreeMap<String, usize> = BTreeMap::new();
    for (brief, text) in &sample {
        for rule in failures(text, brief) {
            *rates.entry(rule).or_default() += 1;
        }
    }
    println!("{} copies: {rates:?}", sample.len());
    assert!(sample.len() > 2000);
    for (rule, count) in rates {
        // Per 1,000 copies; none of the others.
        let most = match rule.as_str() {
            "number" => 12,
            "ending" => 10,
            "length" | "parts" | "name" | "markup" => 0,
            _ => 6, // a class of claims
        };
        assert!(count * 1000 <= most * sample.len(), "{rule} strikes {count} of {}", sample.len());
    }
}

#[test]
fn what_is_spoilt_is_found() {
    let mut seen: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (brief, text) in sample(24) {
        if !failures(&text, &brief).is_empty() {
            continue;
        }
        let mut spoil = |rule: &'static str, spoilt: String| {
            if spoilt != text {
                let found = failures(&spoilt, &brief).iter().any(|failed| failed == rule);
                let count = seen.entry(rule).or_default();
                count[usize::from(found)] += 1;
            }
        };
        let digit = |c: char| char::from_digit((c.to_digit(10).unwrap() + 7) % 10, 10).unwrap();
        let bare = text.replace(&brief.name, "");
        if !bare.contains(|c: char| c.is_ascii_digit()) {
            spoil("number", text.replacen(' ', " 487 ", 1));
        } else if !brief.name.contains(|c: char| c.is_ascii_digit()) {
            spoil("number", text.chars().map(|c| if c.is_ascii_digit() { digit(c) } else { c }).collect());
        }
        spoil("ending", format!("{} and", text.trim_end_matches('.')));
        spoil("saving", format!("Save money. {text}"));
        spoil("markup", text.replacen(' ', " <i>", 1));
        if brief.name.len() > 7 && brief.name.is_ascii() {
            // Two letters in the middle change places.
            let mut letters: Vec<char> = brief.name.chars().collect();
            let at = letters.len() / 2;
            if letters[at - 1].is_lowercase() && letters[at].is_lowercase() && letters[at - 1] != letters[at] {
                letters.swap(at - 1, at);
                spoil("name", text.replace(&brief.name, &letters.into_iter().collect::<String>()));
            }
        }
    }
    println!("missed, found: {seen:?}");
    assert_eq!(seen.len(), 5, "{seen:?}");
    for (rule, [missed, found]) in seen {
        assert!(found > 100 && missed * 100 <= found, "{rule}: {missed} missed, {found} found");
    }
}
