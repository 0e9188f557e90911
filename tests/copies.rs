//! Texts that are shown have passed: what fails is written anew, variants differ, and what is missing says why.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "support/gpu.rs"]
mod gpu;

use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::copy::check::check;
use copywright::copy::variants::{near, words};
use copywright::error::Kind;
use copywright::generate::Delta;
use copywright::writer::{ATTEMPTS, Copies, Options, STRIDE, WriteError, Writer};
use pollster::block_on;
use serde_json::{Value, json};

fn writer() -> Writer {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    block_on(Writer::open_on(Rc::new(gpu::engine(false)), folder)).unwrap()
}

fn write(writer: &mut Writer, brief: &Value, options: Value) -> Result<(Copies, Vec<Delta>), WriteError> {
    let input: Input = serde_json::from_value(brief.clone()).unwrap();
    let options: Options = serde_json::from_value(options).unwrap();
    let mut deltas = Vec::new();
    let copies = block_on(writer.write(&input, &options, &mut |d| deltas.push(d), &|| false))?;
    Ok((copies, deltas))
}

fn lamp(format: &str) -> Value {
    json!({
        "format": format, "name": "Lumen Arc", "category": "desk lamp", "tone": "warm",
        "features": ["dims with a tap", "folds flat", "two-year warranty"], "facts": {"price": "€49"},
    })
}

/// A stop string from the middle of a text cuts that text off, whatever the model, and no other.
#[test]
fn what_fails_is_written_anew_from_a_seed_that_is_told() {
    let mut writer = writer();
    let mut brief = lamp("ad-description");
    brief["tone"] = json!("formal"); // Texts of three seeds that are no near-copies.
    let parsed = serde_json::from_value::<Input>(brief.clone()).unwrap().brief().unwrap();
    let whole = write(&mut writer, &brief, json!({"seed": 5})).unwrap().0[0].clone();
    assert_eq!(whole.seed, 5);
    let stop = &whole.text[8..20];
    println!("{:?} is cut at {stop:?}", whole.text);
    let cut = |seed: u32, more: Value| {
        let mut options = json!({"seed": seed, "stop": stop});
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        options
    };
    let (copies, deltas) = write(&mut writer, &brief, cut(5, json!({}))).unwrap();
    let copy = &copies[0];
    println!("{:?}, {} attempts, seed {}", copy.text, copy.attempts, copy.seed);
    assert!((2..=ATTEMPTS).contains(&copy.attempts) && copies.missing.is_empty());
    assert_eq!(copy.seed, 5u32.wrapping_add(STRIDE.wrapping_mul(copy.attempts - 1)));
    assert!(check(&copy.text, &parsed).iter().all(|c| c.pass), "{:?}", copy.text);
    // Nothing of the text that failed was passed on.
    assert_eq!(deltas.iter().map(|d| d.text.as_str()).collect::<Vec<_>>(), [copy.text.as_str()]);
    // The same call gives the same text, and so does its seed alone, at once.
    assert_eq!(write(&mut writer, &brief, cut(5, json!({}))).unwrap().0[0].text, copy.text);
    let alone = &write(&mut writer, &brief, cut(copy.seed, json!({}))).unwrap().0[0];
    assert_eq!((&alone.text, alone.attempts), (&copy.text, 1));

    // Drafts come as they are written, and are forgotten by an empty piece; nothing else comes then.
    let (copies, deltas) = write(&mut writer, &brief, cut(5, json!({"drafts": true}))).unwrap();
    let begins: Vec<usize> = (0..deltas.len()).filter(|&i| deltas[i].text.is_empty()).collect();
    assert_eq!(begins.len() as u32, copies[0].attempts, "{deltas:?}");
    assert!(begins[0] == 0 && deltas.len() > 8 && deltas.iter().all(|d| d.index == 0));
    let last: String = deltas[begins[begins.len() - 1]..].iter().map(|d| d.text.as_str()).collect();
    assert_eq!(last, copy.text);

    // With one attempt it is an error that names seed and rule, and nothing is passed on.
    let input: Input = serde_json::from_value(brief.clone()).unwrap();
    let once: Options = serde_json::from_value(cut(5, json!({"attempts": 1}))).unwrap();
    let mut shown = 0;
    let error = block_on(writer.write(&input, &once, &mut |_| shown += 1, &|| false)).unwrap_err();
    println!("{error}");
    assert_eq!((error.kind(), error.kind().name(), shown), (Kind::Constraint, "ConstraintError", 0));
    assert!(error.to_string().contains("seed 5 breaks ending"), "{error}");

    // Of a batch only what failed is written anew, and counts its attempts.
    let (copies, _) = write(&mut writer, &brief, cut(4, json!({"n": 3}))).unwrap();
    let attempts: Vec<(u32, u32)> = copies.iter().map(|c| (c.seed, c.attempts)).collect();
    println!("{attempts:?}");
    assert!(attempts.contains(&(4, 1)) && !attempts.iter().any(|a| a.0 == 5), "{attempts:?}");
    assert!(attempts.iter().any(|a| a.1 > 1), "{attempts:?}");
    // A draft that begins anew keeps its number, though it is alone now.
    let (_, deltas) = write(&mut writer, &brief, cut(4, json!({"n": 3, "drafts": true}))).unwrap();
    let begins: Vec<u32> = deltas.iter().filter(|d| d.text.is_empty()).map(|d| d.index).collect();
    assert_eq!(begins[..4], [0, 1, 2, 1], "{begins:?}");
}

/// A space ends every text at its first word: no seed helps.
#[test]
fn what_never_passes_is_an_error_with_all_its_seeds() {
    let mut writer = writer();
    let error = write(&mut writer, &lamp("product-blurb"), json!({"seed": 9, "n": 2, "stop": " ", "attempts": 2}));
    let Err(WriteError::Rules(failed)) = error else { panic!("{error:?}") };
    let seeds: Vec<u32> = failed.iter().map(|f| f.seed).collect();
    assert_eq!(seeds, [9, 10, 9 + STRIDE, 10 + STRIDE]);
    assert!(failed.iter().all(|f| f.reason.contains("name")), "{failed:?}");
}

#[test]
fn variants_differ_and_the_best_comes_first() {
    let mut writer = writer();
    let mut left_out = 0;
    for format in ["tagline", "ad-description", "hero"] {
        let options = json!({"seed": 5, "n": 8, "temperature": 1.0});
        let (copies, deltas) = write(&mut writer, &lamp(format), options.clone()).unwrap();
        let said: Vec<_> = copies.iter().map(|c| words(&c.text)).collect();
        for (i, copy) in copies.iter().enumerate() {
            println!("{format} {:?} {} {:?}", copy.score, copy.attempts, copy.text);
            assert!(copy.checks.iter().all(|c| c.pass));
            assert!(said[..i].iter().all(|other| !near(&said[i], other)));
            // Under its place among the copies, not under that of its seed.
            assert_eq!((deltas[i].index, &deltas[i].text), (i as u32, &copy.text));
        }
        let scores: Vec<f64> = copies.iter().map(|c| c.score.unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
        assert_eq!(copies.len() + copies.missing.len(), 8);
        assert!(copies.missing.iter().all(|m| !m.reason.is_empty()));
        println!("{:?}", copies.missing);
        left_out += copies.missing.len();
        let seeds = |copies: &Copies| copies.iter().map(|c| c.seed).collect::<Vec<_>>();
        assert_eq!(seeds(&write(&mut writer, &lamp(format), options).unwrap().0), seeds(&copies));
    }
    // Greedy texts are all the same one: it is there once, and the others are missing for that reason.
    let greedy = json!({"seed": 1, "n": 3, "temperature": 0});
    let (copies, _) = write(&mut writer, &lamp("tagline"), greedy).unwrap();
    assert_eq!((copies.len(), copies.missing.len()), (1, 2));
    assert!(copies.missing.iter().all(|m| m.reason == "near-copy"), "{:?}", copies.missing);
    println!("{left_out} of 24 left out");
}

#[test]
fn without_rules_texts_come_once_as_they_are_written() {
    let mut writer = writer();
    let options = json!({"seed": 40, "n": 3, "unconstrained": true, "maxTokens": 8});
    let (copies, deltas) = write(&mut writer, &lamp("product-blurb"), options).unwrap();
    assert_eq!(
        copies.iter().map(|c| (c.seed, c.attempts, c.score)).collect::<Vec<_>>(),
        [(40, 1, None), (41, 1, None), (42, 1, None)]
    );
    assert!(deltas.len() > 6, "{deltas:?}");
    for (i, copy) in (0..).zip(copies.iter()) {
        let pieces: String = deltas.iter().filter(|d| d.index == i).map(|d| d.text.as_str()).collect();
        assert_eq!(pieces, copy.text);
        assert!(copy.checks.iter().any(|c| !c.pass), "cut off, and given back all the same: {:?}", copy.text);
    }
}

#[test]
fn too_few_and_too_many_variants_are_refused() {
    let mut writer = writer();
    for n in [0, 9, 4_000_000_000_u32] {
        let error = write(&mut writer, &lamp("tagline"), json!({"n": n})).unwrap_err();
        assert_eq!(error.kind(), Kind::Type, "{error}");
    }
}
