//! Explanations: what a text's tokens were chosen from, and which rule struck out what.

use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::copy::constrain::constraint;
use copywright::copy::variants::{coverage, words};
use copywright::writer::Options;
use copywright::writer::explain::Reasons;
use pollster::block_on;
use serde_json::{Value, json};

use crate::brief;
use crate::machine::{whole, writer};

fn reasons(format: &str, changes: &[(&str, Value)]) -> Reasons {
    let mut value = whole(format);
    for (field, change) in changes {
        value[field] = change.clone();
    }
    let brief = brief(&value);
    let rules = Rc::new(constraint(&brief, false).unwrap());
    Reasons::new(&brief, rules)
}

/// What strikes out the last of these pieces, each of which is a token; an empty one is the end.
fn struck(reasons: &Reasons, pieces: &[&str], left: u32) -> Vec<&'static str> {
    let brief = pieces.split_last().unwrap();
    let mut standing = reasons.start();
    for piece in brief.1 {
        let bars = reasons.token(&standing, piece.as_bytes(), 1000);
        assert!(bars.is_empty(), "{piece:?} of {pieces:?}: {bars:?}");
        standing = reasons.after(&standing, piece.as_bytes(), 1000).unwrap();
    }
    if brief.0.is_empty() { reasons.end(&standing) } else { reasons.token(&standing, brief.0.as_bytes(), left) }
}

#[test]
fn each_rule_has_its_name() {
    let tagline = reasons("tagline", &[]);
    for (pieces, rule) in [
        (&["It costs €", "7"][..], "number"),
        (&["It has t", "wo ", "feet"], "number"),
        (&["Not che", "ap", " "], "never"),
        (&["From Lume", "x"], "name"),
        (&["It <"], "markup"),
        (&["It \u{200b}"], "markup"),
        (&["It is", "  "], "parts"),
        (&["It is\n"], "parts"),
        (&["From Ghent and", ""], "ending"),
        (&["From Ghent.", "."], "ending"),
        (&["It dims", ""], "must"),
    ] {
        assert_eq!(struck(&tagline, pieces, 100), [rule], "{pieces:?}");
    }
    let blurb = reasons("product-blurb", &[]);
    assert_eq!(struck(&blurb, &["From Ghent it came.", ""], 100), ["name"]);
    assert_eq!(struck(&blurb, &["The Lumen Arc.", ""], 100), ["must"]);
    assert_eq!(struck(&blurb, &["The Lumen Arc of Ghent", ""], 100), ["ending"]);
    assert_eq!(struck(&blurb, &["It", ""], 100), ["ending", "name", "must"]);
    assert!(struck(&blurb, &["The Lumen Arc of Ghent.", ""], 100).is_empty());
    // Seven characters more would leave no room for " Ghent"; nor would so few tokens.
    let short = reasons("tagline", &[("maxChars", json!(12))]);
    assert_eq!(struck(&short, &["It was"], 100), Vec::<&str>::new());
    assert_eq!(struck(&short, &["It was to"], 100), ["length"]);
    assert_eq!(struck(&short, &["It was"], 5), ["length"]);
    let forms = reasons("hero", &[]);
    assert_eq!(struck(&forms, &["It dims.", ""], 100), ["parts", "name", "must"]);
}

#[test]
fn a_text_explains_itself() {
    let mut writer = writer();
    let value = whole("hero");
    let input: Input = serde_json::from_value(value.clone()).unwrap();
    let options: Options =
        serde_json::from_value(json!({"n": 3, "seed": 2, "temperature": 1.0, "explain": true})).unwrap();
    let copies = block_on(writer.write(&input, &options, &mut |_| (), &|| false)).unwrap();
    let (mut struck, mut free) = (0, 0);
    for copy in copies.iter() {
        let steps = copy.explanation.as_ref().unwrap();
        let text: String = steps.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(text, copy.text);
        assert_eq!(steps.len() as u32, copy.usage.completion_tokens + 1, "the end is explained, too");
        // The same probabilities as those of the finished text, read as a prompt.
        let tokens: Vec<u32> = steps.iter().map(|s| s.token).collect();
        let prompt = writer.prompt(&brief(&value)).unwrap();
        let read = block_on(writer.session().logprobs_of(&prompt, &tokens)).unwrap();
        for (step, read) in steps.iter().zip(&read) {
            assert!((step.probability.ln() - read).abs() < 1e-2 + 1e-3 * read.abs(), "{step:?}: {read}");
        }
        let (_, written) = steps.split_last().unwrap();
        let mean = written.iter().map(|s| s.probability.ln()).sum::<f64>() / written.len() as f64;
        let own = copy.score.unwrap() - coverage(&words(&copy.text), &brief(&value));
        assert!((mean - own).abs() < 1e-3, "{mean} and {own}");
        for step in steps {
            assert_eq!(step.alternatives.len(), 5);
            assert!(step.alternatives.is_sorted_by(|a, b| a.probability >= b.probability));
            assert!(step.alternatives.iter().all(|a| (0.0..=1.0).contains(&a.probability)));
            if let Some(chosen) = step.alternatives.iter().find(|a| a.token == step.token) {
                assert!(chosen.struck.is_empty(), "{step:?}");
                assert!((chosen.probability - step.probability).abs() < 1e-12);
            }
            let bars = step.alternatives.iter().filter(|a| !a.struck.is_empty());
            struck += bars.clone().count();
            free += step.alternatives.len() - bars.clone().count();
            for bar in bars.take(1) {
                println!("{:?}: {:?} ({:.3}) was struck out by {:?}", step.text, bar.text, bar.probability, bar.struck);
            }
        }
    }
    println!("{struck} alternatives were struck out, {free} were free");
    assert!(struck > 0 && free > struck);
    let json = serde_json::to_value(&copies[0]).unwrap();
    assert!(json["explanation"][0]["alternatives"][0]["struck"].is_array(), "{json}");

    // Without rules there is nothing that strikes.
    let free: Options = serde_json::from_value(
        json!({"seed": 2, "temperature": 1.0, "explain": true, "unconstrained": true, "maxTokens": 12}),
    )
    .unwrap();
    let copies = block_on(writer.write(&input, &free, &mut |_| (), &|| false)).unwrap();
    let steps = copies[0].explanation.as_ref().unwrap();
    assert!(steps.len() <= 13 && steps.iter().flat_map(|s| &s.alternatives).all(|a| a.struck.is_empty()));
}
