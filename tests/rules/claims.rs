//! Claims that nothing opens cannot be written, and what claims nothing can.

use std::collections::BTreeSet;

use copywright::copy::check::check;
use copywright::copy::constrain::constraint;
use copywright::generate::constraint::{Automaton, Constraint, NEVER, distance};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::brief;
use crate::ends::goes_on;

const CLASSES: [&str; 9] =
    ["superlative", "guarantee", "health", "green", "scarcity", "comparison", "saving", "testimonial", "surveillance"];

/// The class and the words of each line's entries, without exceptions.
fn patterns() -> Vec<(&'static str, &'static str)> {
    let (mut all, mut class) = (Vec::new(), "");
    for line in include_str!("../../src/copy/claims.txt").lines() {
        if !line.contains(' ') {
            class = line;
            continue;
        }
        let entries = line.split(", ").filter(|entry| !entry.starts_with('!'));
        all.extend(entries.map(|entry| (class, entry.split_once('>').map_or(entry, |(_, entry)| entry))));
    }
    all
}

/// Words that a pattern stands for.
fn said(pattern: &str) -> String {
    let words = pattern.split(' ').map(|word| match word {
        "0" => "3".into(),
        "_" => "lamp".into(),
        "_%" => "20%".into(),
        "_x" => "5x".into(),
        "_est" => "oldest".into(),
        word => word.replace('*', "s"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a pattern has a word of any kind behind its first: those are left to the check.
fn left(pattern: &str) -> bool {
    pattern.contains(" _")
}

fn lamp(open: &[&str]) -> Value {
    let allow: Vec<Value> = open.iter().map(|class| json!({"class": class, "evidence": "a paper"})).collect();
    json!({"format": "email-body", "name": "Lumen Arc", "allow": allow})
}

/// The automaton of claims: the last one that has cells.
fn claims(rules: &Constraint) -> &Automaton {
    rules.automata().iter().rev().find(|a| !a.cells().is_empty()).unwrap()
}

/// Whether nothing keeps this text, and its last word, from being written.
fn free(automaton: &Automaton, text: &str) -> bool {
    let end = text.bytes().fold(automaton.start(), |entry, byte| automaton.step(entry, byte));
    distance(end) == 0
}

/// Whether the check finds no claim.
fn fine(text: &str, value: &Value) -> bool {
    check(text, &brief(value)).iter().filter(|c| c.rule == "claim").all(|c| c.pass)
}

/// A brief that opens these classes, and its automaton.
fn opened(open: &[&str]) -> (Value, Constraint) {
    let value = lamp(open);
    let rules = constraint(&brief(&value), false).unwrap();
    (value, rules)
}

/// In many shapes, each pattern is kept out where its class is closed, and let through where all classes are open.
#[test]
fn each_pattern_is_kept_out() {
    let (_, all) = opened(&CLASSES);
    let mut counts = (0, 0);
    for class in CLASSES {
        let others: Vec<&str> = CLASSES.into_iter().filter(|c| *c != class).collect();
        let (value, rules) = opened(&others);
        let (_, alone) = opened(&[class]);
        for (_, pattern) in patterns().into_iter().filter(|(c, _)| *c == class) {
            let said = said(pattern);
            let capital = said[..1].to_uppercase() + &said[1..];
            // A hyphen would belong to the sign before it.
            let plain = said.chars().all(|c| c.is_alphanumeric() || c == ' ');
            let joined = if plain { said.replace(' ', "-") } else { said.clone() };
            for said in [&said, &said.to_uppercase(), &capital, &joined, &said.replace(' ', "\n")] {
                for text in
                    [said.clone(), format!("So {said} it is"), format!("It is {said}."), format!("Oh, {said}, yes")]
                {
                    assert!(!fine(&text, &value), "the check lets {text:?} through");
                    assert_eq!(free(claims(&rules), &text), left(pattern), "{class}: {text:?}");
                    assert!(free(claims(&all), &text), "{class}: {text:?} is barred though open");
                    counts.0 += 1;
                }
            }
            // Only what another class has in it may bar it then.
            let text = format!("So {said} it is");
            if fine(&text, &lamp(&[class])) {
                assert!(free(claims(&alone), &text), "{class}: {text:?} is barred though its class is open");
                counts.1 += 1;
            }
        }
    }
    println!("{} texts with {} patterns; {} are free with their class alone", counts.0, patterns().len(), counts.1);
}

/// It is barred while it is written: no byte of what follows is let through.
#[test]
fn the_claim_never_ends() {
    let (_, rules) = opened(&[]);
    let automaton = claims(&rules);
    for (class, pattern) in patterns().into_iter().filter(|(_, pattern)| !left(pattern)) {
        let text = format!("So {}", said(pattern));
        let end = text.bytes().fold(automaton.start(), |entry, byte| automaton.step(entry, byte));
        for byte in [b' ', b'.', b'\n', b'-', b',', 0xe2] {
            assert_eq!(distance(automaton.step(end, byte)), u32::from(NEVER), "{class}: {text:?} goes on with {byte}");
        }
    }
}

#[test]
fn apostrophes_and_exceptions() {
    let (value, rules) = opened(&[]);
    let free = |text: &str| free(claims(&rules), text);
    for text in
        ["Don't miss it", "Don’t miss it", "We've noticed you", "Before it’s gone now", "No. 1 it is", "Save £5"]
    {
        assert!(!free(text), "{text:?}");
        assert!(!fine(text, &value), "{text:?}");
    }
    for text in [
        "At its best now",
        "Do your best now",
        "We can't promise it",
        "We can’t promise it",
        "The bestseller",
        "An economy",
        "Planetary",
        "Not cheap at all",
        "A dealer",
        "Most of it",
        "Save for it",
    ] {
        assert!(free(text), "{text:?}");
        assert!(fine(text, &value), "{text:?}");
    }
    // Stricter than the check: what excuses them comes too late.
    for text in ["Best before May", "A path leading to it"] {
        assert!(!free(text), "{text:?}");
        assert!(fine(text, &value), "{text:?}");
    }
}

/// What a brief says it may say again; what it must say is not barred by what stands before it.
#[test]
fn own_words_are_open() {
    let with = |feature: &str| {
        let mut value = lamp(&[]);
        value["features"] = json!([feature]);
        constraint(&brief(&value), false).unwrap()
    };
    assert!(free(claims(&with("two-year guarantee")), "A guarantee too"));
    assert!(!free(claims(&with("two-year guarantee")), "A warranty too"));
    assert!(free(claims(&with("free")), "It is free of charge"));
    assert!(!free(claims(&with("carefree")), "It is free of charge"));
    assert!(free(claims(&with("recycled card")), "Recycled too"));
    assert!(!free(claims(&with("recycled card")), "Recyclable too"));
}

/// Wherever a claim ends in what has to come, it can come.
#[test]
fn terms_that_end_claims_come() {
    let mut stuck = Vec::new();
    let mut texts = 0;
    for (_, pattern) in patterns() {
        let said = said(pattern);
        let Some((head, term)) = said.split_once(' ').filter(|(_, term)| term.is_ascii()) else { continue };
        let value = json!({
            "format": "tagline", "name": "Lumen Arc", "must": [term], "features": [term],
            "maxChars": (head.len() + term.len() + 6).min(60),
        });
        let Ok(input) = serde_json::from_value::<copywright::copy::brief::Input>(value) else { continue };
        let Ok(brief) = input.brief() else { continue };
        let rules = constraint(&brief, false).unwrap();
        for (seed, begun) in (0..).zip([format!("So {head}"), format!("{head} "), head.to_owned(), format!("A {head}")])
        {
            let (text, good) = goes_on(&rules, &begun, term.as_bytes(), seed);
            texts += 1;
            if !good {
                stuck.push(text);
            }
        }
    }
    println!("{texts} texts");
    assert!(texts > 300 && stuck.is_empty(), "{stuck:?}");
}

fn vocabulary() -> Vec<String> {
    let plain = ["so", "it", "is", "lamp", "one", "of", "a", "and", "at", "to"].map(String::from);
    let words = patterns().into_iter().flat_map(|(_, p)| p.split(' ').map(said).collect::<Vec<_>>());
    words.chain(plain).collect::<BTreeSet<_>>().into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Whatever comes through has no claim but those that are left to the check.
    #[test]
    fn what_comes_through_claims_nothing(
        picks in proptest::collection::vec((any::<prop::sample::Index>(), 0..12usize), 2..9), classes in 0..512usize,
    ) {
        let words = vocabulary();
        let mut text = String::from("So");
        for (pick, sign) in picks {
            text += [" ", " ", " ", " ", " ", " ", " ", "-", ", ", ". ", "\n", " - "][sign];
            text += &words[pick.index(words.len())];
        }
        let open: Vec<&str> = (0..9).filter(|i| classes >> i & 1 == 1).map(|i| CLASSES[i]).collect();
        let (value, rules) = opened(&open);
        if free(claims(&rules), &text) && !fine(&text, &value) {
            let brief = brief(&value);
            for found in check(&text, &brief).iter().filter(|c| c.rule == "claim").flat_map(|c| &c.spans) {
                let claim = text[found[0]..found[1]].to_lowercase().replace(['-', '\n'], " ");
                let any = patterns().iter().any(|(_, p)| left(p) && p.split(' ').count() == claim.split_whitespace().count()
                    && claim.starts_with(p.split(' ').next().unwrap_or_default()));
                prop_assert!(any, "{:?} has {:?}", text, claim);
            }
        }
    }
}
