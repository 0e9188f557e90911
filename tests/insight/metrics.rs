//! The measures against sacrebleu, scikit-learn, ranx, choix, textstat and nltk; `train/fixtures/metrics.py` asked them.

use std::path::Path;

use copywright::copy::brief::{Brief, Input};
use copywright::insight::metrics::*;
use copywright::insight::words::words;
use serde_json::{Value, json};

fn fixture() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/metrics.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect()
}

fn close(ours: f64, theirs: &Value, within: f64, what: &str) {
    let theirs = number(theirs);
    assert!((ours - theirs).abs() <= within, "{what}: {ours} instead of {theirs}");
}

fn brief(features: &[&str]) -> Brief {
    let value =
        json!({"format": "product-blurb", "name": "Lumen Arc", "features": features, "facts": {"price": "€49"}});
    serde_json::from_value::<Input>(value).unwrap().brief().unwrap()
}

#[test]
fn likelihood_is_cross_entropy() {
    let all = fixture();
    let case = &all["likelihood"];
    let logs: Vec<f64> = case["logProbabilities"].as_array().unwrap().iter().map(number).collect();
    let bytes = case["bytes"].as_u64().unwrap() as usize;
    let found = likelihood(&logs, bytes).unwrap();
    close(found.cross_entropy, &case["crossEntropy"], 1e-10, "cross-entropy");
    assert!((found.perplexity - number(&case["crossEntropy"]).exp()).abs() < 1e-9);
    let bits = number(&case["crossEntropy"]) * logs.len() as f64 / 2_f64.ln() / bytes as f64;
    assert!((found.bits_per_byte - bits).abs() < 1e-10);
    assert_eq!(likelihood(&[-0.5, 0.0], 2).unwrap().log_probability, -0.5);
    assert_eq!(likelihood(&[], 3), Err(MetricError::Empty("the text")));
    for wrong in [f64::NAN, f64::NEG_INFINITY, 0.1] {
        let error = likelihood(&[-1.0, wrong], 3).unwrap_err().to_string();
        assert!(error.starts_with("log-probabilities[1]"), "{error}");
    }
}

#[test]
fn bleu_is_sacrebleus() {
    let all = fixture();
    let lines: Vec<Vec<String>> = texts(&all["texts"]).iter().map(|t| words(t)).collect();
    for (i, theirs) in all["bleu"].as_array().unwrap().iter().enumerate() {
        let others: Vec<&[String]> = lines.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, t)| &t[..]).collect();
        close(bleu(&lines[i], &others), theirs, 1e-10, &lines[i].join(" "));
    }
    close(self_bleu(&texts(&all["texts"])).unwrap(), &all["selfBleu"], 1e-10, "self-BLEU");
    close(self_bleu(&texts(&all["same"]["texts"])).unwrap(), &all["same"]["selfBleu"], 1e-10, "of the same text");
    assert_eq!(self_bleu(&["A lamp, folded.", "a lamp folded"]), Ok(1.0), "case and points do not count");
    assert!(self_bleu(&["one"]).is_err());
    // Its counts are shared between the texts; one by one they are the same.
    let odd = ["a b a b c", "a b", "", "a b a b c", "c b a", "b a b a b a d", "x", "a b c d e f"];
    let odd: Vec<Vec<String>> = odd.iter().map(|t| words(t)).collect();
    let each = (0..odd.len()).map(|i| {
        let others: Vec<&[String]> = odd.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, t)| &t[..]).collect();
        bleu(&odd[i], &others)
    });
    let mean = each.sum::<f64>() / odd.len() as f64;
    let joined: Vec<String> = odd.iter().map(|t| t.join(" ")).collect();
    close(self_bleu(&joined).unwrap(), &json!(mean), 1e-12, "of odd texts");
    assert_eq!(bleu(&[], &[&lines[0]]), 0.0);
}

#[test]
fn variety_is_counted_as_nltk_does() {
    let all = fixture();
    let lines = texts(&all["texts"]);
    for (n, theirs) in all["distinct"].as_object().unwrap() {
        close(distinct(&lines, n.parse().unwrap()).value().unwrap(), theirs, 1e-12, "distinct");
    }
    for (n, theirs) in all["repetition"].as_object().unwrap() {
        for (text, theirs) in lines.iter().zip(theirs.as_array().unwrap()) {
            close(repetition(text, n.parse().unwrap()).value().unwrap(), theirs, 1e-12, text);
        }
    }
    assert_eq!(distinct::<&str>(&[], 2).value(), None);
    assert_eq!(repetition("short", 3).value(), None);
    assert_eq!(openings(["A lamp folds", "a LAMP dims", "A table", "A"]), 3);
    assert!(!repeats("Knead to Know is bread. Knead to Know!", "Knead to Know"));
    assert!(repeats("Knead to Know is bread. Knead to know!", "Bread"));
    assert!(repeats("It folds flat. It folds flat.", "Lamp"));
    assert!(!repeats("It folds flat. It folds well.", "Lamp"));
}

#[test]
fn readability_is_textstats() {
    let all = fixture();
    for case in all["readability"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let found = readability(text).unwrap();
        assert_eq!(found.sentences as u64, case["sentences"].as_u64().unwrap(), "sentences of {text}");
        assert_eq!(found.words as u64, case["words"].as_u64().unwrap(), "words of {text}");
        close(found.automated_readability_index, &case["automatedReadabilityIndex"], 1e-9, text);
        // The indices from their count of syllables; ours is an estimate, which may be a few per cent off.
        let (w, s, n) = (found.words as f64, found.sentences as f64, number(&case["syllables"]));
        close(206.835 - 1.015 * w / s - 84.6 * n / w, &case["fleschReadingEase"], 1e-9, text);
        println!(
            "{} syllables, {n} by dictionary: {} and {}",
            found.syllables, found.flesch_reading_ease, case["fleschReadingEase"]
        );
        assert!((found.syllables as f64 - n).abs() <= 0.04 * n + 1.0, "{} of {n} syllables: {text}", found.syllables);
        close(found.flesch_reading_ease, &case["fleschReadingEase"], 6.0, text);
        close(found.flesch_kincaid_grade, &case["fleschKincaidGrade"], 0.9, text);
    }
    let one = readability("It weighs 1.5 kg and costs €49.50").unwrap();
    assert_eq!((one.sentences, one.words), (1, 7), "a point within a number ends nothing");
    assert_eq!(readability("A headline\nA text below it.").unwrap().sentences, 2);
    assert!(readability(" … \n").is_err());
}

#[test]
fn syllables_are_mostly_those_of_a_dictionary() {
    let all = fixture();
    let words = all["syllables"].as_object().unwrap();
    let wrong: Vec<_> = words.iter().filter(|(w, n)| syllables(w) as u64 != n.as_u64().unwrap()).collect();
    for (word, n) in &wrong {
        println!("{word}: {} instead of {n}", syllables(word));
    }
    println!("{} of {} words are right", words.len() - wrong.len(), words.len());
    assert!(wrong.len() * 10 <= words.len(), "{} of {} words", wrong.len(), words.len());
}

#[test]
fn classification_is_scikit_learns() {
    let all = fixture();
    let case = &all["classification"];
    let (truth, predicted) = (texts(&case["truth"]), texts(&case["predicted"]));
    for expected in case["expected"].as_array().unwrap() {
        let found = classification(&truth, &predicted, &texts(&expected["labels"])).unwrap();
        close(found.accuracy, &expected["accuracy"], 1e-12, "accuracy");
        for (average, name) in [(found.macro_average, "macro"), (found.micro_average, "micro")] {
            close(average.precision, &expected[name]["precision"], 1e-11, name);
            close(average.recall, &expected[name]["recall"], 1e-11, name);
            close(average.f1, &expected[name]["f1"], 1e-11, name);
        }
        let classes = expected["classes"].as_array().unwrap();
        assert_eq!(found.classes.len(), classes.len());
        for (ours, theirs) in found.classes.iter().zip(classes) {
            assert_eq!(
                (ours.label.as_str(), ours.support as u64),
                (theirs["label"].as_str().unwrap(), theirs["support"].as_u64().unwrap())
            );
            close(ours.precision, &theirs["precision"], 1e-11, &ours.label);
            close(ours.recall, &theirs["recall"], 1e-11, &ours.label);
            close(ours.f1, &theirs["f1"], 1e-11, &ours.label);
        }
    }
    let json = serde_json::to_value(classification(&["a"], &["a"], &[]).unwrap()).unwrap();
    assert_eq!(json["macro"]["f1"], 1.0);
    assert!(matches!(classification(&["a"], &[], &[]), Err(MetricError::Lengths(_, _, 1, 0))));
    assert!(classification::<&str>(&[], &[], &[]).is_err());
}

#[test]
fn rankings_are_judged_as_by_ranx() {
    for case in fixture()["rankings"].as_array().unwrap() {
        let ranked = texts(&case["ranked"]);
        let relevant: Vec<Graded> = serde_json::from_value(case["relevant"].clone()).unwrap();
        for (name, theirs) in case["expected"].as_object().unwrap() {
            let ours = match name.split_once('@').map(|(n, k)| (n, k.parse().unwrap())) {
                Some(("recall", k)) => recall_at_k(&ranked, &relevant, k).unwrap(),
                Some((_, k)) => ndcg_at_k(&ranked, &relevant, k).unwrap(),
                None => reciprocal_rank(&ranked, &relevant),
            };
            close(ours, theirs, 1e-9, &format!("{name} of {ranked:?}"));
        }
    }
    let relevant = [Graded { id: "a".to_owned(), gain: 1.0 }];
    assert_eq!((recall_at_k(&["a"], &[], 3), ndcg_at_k(&["a"], &[], 3)), (None, None));
    assert_eq!(ndcg_at_k(&["b", "b", "a"], &relevant, 2), Some(1.0 / 3_f64.log2()), "twice the same counts once");
    assert_eq!(mean([Some(1.0), None, Some(0.0)]), Some(0.5));
}

#[test]
fn strengths_are_choixs() {
    let all = fixture();
    let judgments: Vec<Judgment> = serde_json::from_value(all["preference"]["judgments"].clone()).unwrap();
    let found = preference(&judgments, 1000, 1).unwrap();
    assert_eq!(found.judgments, judgments.len());
    for s in &found.strengths {
        let theirs = &all["preference"]["expected"][&s.name];
        close(s.strength, &theirs["strength"], 1e-7, &s.name);
        // Two samples of 1000 resamples differ a little at their ends.
        close(s.low, &theirs["low"], 0.08, &s.name);
        close(s.high, &theirs["high"], 0.08, &s.name);
    }
    assert!(found.strengths.windows(2).all(|w| w[0].strength >= w[1].strength));
    assert_eq!(found, preference(&judgments, 1000, 1).unwrap(), "the same seed gives the same bounds");
}

#[test]
fn traps_judge_the_judge() {
    let one = |winner, expected| Judgment { a: "x".to_owned(), b: "y".to_owned(), winner, expected };
    let all =
        [one(Winner::A, None), one(Winner::A, None), one(Winner::B, Some(Winner::A)), one(Winner::A, Some(Winner::A))];
    let found = preference(&all, 50, 9).unwrap();
    assert_eq!((found.judgments, found.traps), (2, Share { hits: 1.0, of: 2.0 }));
    let x = &found.strengths[0];
    assert_eq!((x.name.as_str(), x.wins), ("x", Share { hits: 2.0, of: 2.0 }));
    assert!((x.strength - 5_f64.ln() / 2.0).abs() < 1e-9, "two wins and half a one, against half a one");
    assert!(preference(&[], 9, 1).is_err());
    let own = Judgment { a: "x".to_owned(), b: "x".to_owned(), winner: Winner::Tie, expected: None };
    assert!(preference(&[own], 9, 1).is_err());
}

#[test]
fn texts_are_faithful_to_their_brief() {
    let lamp = brief(&["dims with a tap", "USB-C charging", "folds flat"]);
    let good = "Lumen Arc folds flat and dims with a tap, for €49.";
    assert_eq!(coverage(good, &lamp).share, Share { hits: 2.0, of: 3.0 });
    assert_eq!(coverage(good, &lamp).missing, ["USB-C charging"]);
    assert_eq!(coverage("A fold.", &lamp).share.hits, 0.0, "one word of two is not more than half");
    let fine = faithfulness(good, &lamp);
    assert_eq!((fine.faithful, fine.numbers), (true, Share { hits: 1.0, of: 1.0 }));
    let poor = faithfulness("Lumen Ark weighs 2 kg and costs €49.", &lamp);
    assert_eq!((poor.faithful, poor.numbers), (false, Share { hits: 1.0, of: 2.0 }));
    assert_eq!((poor.foreign_numbers, poor.misspelt_names), (vec!["2 kg".to_owned()], vec!["Lumen Ark".to_owned()]));
    assert_eq!(faithfulness("It folds.", &lamp).numbers.value(), None);
}
