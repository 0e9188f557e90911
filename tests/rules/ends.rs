//! No dead end: whatever is drawn of what is allowed, byte by byte, the text can be finished.

use copywright::copy::brief::Input;
use copywright::copy::check::{Check, check};
use copywright::copy::constrain::constraint;
use copywright::generate::constraint::Constraint;
use serde_json::{Value, json};

use crate::random::Rng;
use crate::{adversary, asked, brief};

/// Texts of each brief and way.
const TEXTS: u64 = 60;

/// Draws among the bytes that are allowed, of which those of `liked` are likelier, until nothing is.
fn drawn(rules: &Constraint, liked: &[u8], seed: u64) -> (String, bool) {
    goes_on(rules, "", liked, seed)
}

/// The same behind this beginning; one that is barred itself counts as good.
pub fn goes_on(rules: &Constraint, begun: &str, liked: &[u8], seed: u64) -> (String, bool) {
    let (mut rng, mut text) = (Rng::new(seed), begun.as_bytes().to_vec());
    let begin = |at, byte| rules.token(&at, &[byte], u32::MAX);
    let Some(mut at) = begun.bytes().try_fold(rules.start(), begin) else { return (begun.into(), true) };
    loop {
        let allowed: Vec<u8> = (0..=255u8).filter(|&b| rules.token(&at, &[b], u32::MAX).is_some()).collect();
        if allowed.is_empty() {
            return (String::from_utf8_lossy(&text).into_owned(), rules.accepts(&at));
        }
        let dear: Vec<u8> = allowed.iter().copied().filter(|b| liked.contains(b)).collect();
        let from = if dear.is_empty() || rng.next_u64().is_multiple_of(8) { &allowed } else { &dear };
        let byte = from[rng.next_u64() as usize % from.len()];
        at = rules.token(&at, &[byte], u32::MAX).unwrap();
        text.push(byte);
    }
}

#[test]
fn there_is_no_dead_end() {
    let base = json!({
        "format": "tagline", "name": "Lumen Arc", "features": ["folds flat", "13 tools"], "facts": {"price": "€49"},
    });
    let cases: Vec<(&str, Value)> = vec![
        ("a term that nothing ends on", json!({"must": ["from"], "never": ["every"], "maxChars": 33})),
        ("several of them", json!({"must": ["made for", "and", "with"]})),
        (
            "a name of two bytes a letter",
            json!({"name": "Sōra Wrap", "brand": "Ines Okafor", "never": ["more", "no more"]}),
        ),
        ("a name with a full stop", json!({"name": "Loon Lake Paddle Co.", "must": ["single"], "never": ["your"]})),
        ("a name with a sign", json!({"name": "Glare & Sons", "must": ["coating"], "never": ["made", "every"]})),
        ("a name with a number", json!({"name": "Glide 7 Air", "must": ["13 tools"]})),
        ("a name that begins like a term", json!({"name": "Fromage Frais", "must": ["from"]})),
        (
            "times and units",
            json!({"facts": {"hours": "8 a.m. to 6 p.m.", "warranty": "two years"}, "must": ["6 p.m."]}),
        ),
        ("numbers that must not come", json!({"facts": {"price": "€49", "time": "75 min"}, "never": ["euro", "min"]})),
        ("units that begin terms", json!({"features": ["five frames", "one week"], "must": ["day pass", "week"]})),
        ("a brand that ends claims", json!({"brand": "Trusted Money", "must": ["advanced", "popular"]})),
        (
            "two names that begin alike",
            json!({"name": "Marrow & Moss", "brand": "Marrow & Mossley", "must": ["& Moss"]}),
        ),
        (
            "a name that goes on with a number",
            json!({"name": "Halvard 38", "features": ["38 mm case", "42-hour reserve"]}),
        ),
        ("a name that begins like a number's word", json!({"name": "Weekling", "features": ["one week to a page"]})),
        ("a unit that has a sign", json!({"features": ["swivels through 180 degrees"], "facts": {"price": "£118"}})),
        ("a name that holds what is forbidden behind it", json!({"name": "Best", "never": ["best buy", "s"]})),
    ];
    let mut broken = Vec::new();
    for format in ["tagline", "product-blurb", "meta-description", "hero", "push", "ad-headline", "social-post"] {
        for (what, changes) in &cases {
            let mut value = base.clone();
            value["format"] = json!(format);
            for (field, change) in changes.as_object().unwrap() {
                value[field] = change.clone();
            }
            if format == "ad-headline" {
                value["maxChars"] = json!(30);
            }
            let brief = brief(&value);
            for spaced in [false, true] {
                let rules = constraint(&brief, spaced).unwrap();
                // Any byte; letters of the name and the terms; what ends words.
                let name = format!("{}{}", value["name"].as_str().unwrap(), value["must"]);
                for liked in [&b""[..], name.as_bytes(), b" .,ab"] {
                    let mut stuck: Vec<String> = (0..TEXTS)
                        .map(|seed| drawn(&rules, liked, seed))
                        .filter(|(_, good)| !good)
                        .map(|(text, _)| text)
                        .collect();
                    if let Some(text) = stuck.pop() {
                        broken.push(format!("{format}, {what}: {} of {TEXTS}: {text:?}", stuck.len() + 1));
                    }
                }
            }
        }
    }
    println!("{}", broken.join("\n"));
    assert!(broken.is_empty(), "{} ways lead into a dead end", broken.len());
}

/// Whatever is drawn, under briefs by lot whose limits hardly leave room for what must be there. 300 briefs, or
/// `COPYWRIGHT_BRIEFS` of them, drawn by `COPYWRIGHT_SEED`; see CONTRIBUTING.md.
#[test]
fn little_room_is_enough() {
    let briefs = asked("COPYWRIGHT_BRIEFS", 300);
    let mut rng = Rng::new(asked("COPYWRIGHT_SEED", 1));
    let (mut drawn, mut texts, mut impossible, mut lost) = (0, 0, 0, Vec::new());
    for format in adversary::FORMATS.iter().cycle() {
        if drawn == briefs {
            break;
        }
        let mut value = adversary::drawn(&mut rng, format);
        value["maxChars"] = json!(22 + rng.next_u64() % 70);
        let input: Input = serde_json::from_value(value.clone()).unwrap();
        let spaced = rng.next_u64().is_multiple_of(2);
        // One that contradicts itself is refused before anybody writes; so is one without room.
        let Ok(brief) = input.brief() else { continue };
        let rules = constraint(&brief, spaced).unwrap();
        if !rules.possible() {
            impossible += 1;
            continue;
        }
        drawn += 1;
        // Any byte; letters of what must be there; what ends words and lines; numbers and what they are of.
        let name = format!("{}{}", value["name"].as_str().unwrap(), value["must"]);
        let numbers = format!("{}{} 0123", value["features"], value["facts"]);
        for liked in [&b""[..], name.as_bytes(), b" .,atin\n", b" \natfrominto", numbers.as_bytes()] {
            for _ in 0..6 {
                texts += 1;
                let (text, good) = goes_on(&rules, "", liked, rng.next_u64());
                // As it is shown: without the spaces with which lines begin.
                let shown = text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
                let fits = |check: &Check| !["length", "parts"].contains(&check.rule) || check.pass;
                if !good || !check(&shown, &brief).iter().all(fits) {
                    lost.push(format!("spaced {spaced} {text:?}: {value}"));
                }
            }
        }
    }
    println!("{texts} texts of {drawn} briefs, {impossible} have no room at all, {} end nowhere", lost.len());
    assert!(impossible * 20 < briefs, "{impossible}");
    assert!(lost.is_empty(), "{}", lost[..lost.len().min(8)].join("\n"));
}

/// Whatever is drawn, with as many tokens as a text needs at least, each of one byte, and up to so many more.
#[test]
fn few_tokens_are_enough() {
    let briefs = [
        json!({"format": "hero", "name": "Glide 7 Air", "brand": "Halden", "must": ["café", "case"], "facts": {"weight": "1.5 kg"}}),
        json!({"format": "hero", "name": "Glide 7 Air", "must": ["from"], "features": ["charges in 40 minutes"]}),
        json!({"format": "push", "name": "Oat & Ember", "must": ["in stock", "into"], "facts": {"opens": "8 a.m."}}),
        json!({"format": "tagline", "name": "Sōra Wrap", "must": ["tap", "taps", "case"]}),
        json!({"format": "email-body", "name": "Kestrel", "must": ["from", "two years"], "features": ["two-year warranty"]}),
        json!({"format": "product-blurb", "name": "Nib No. 3", "must": ["spare parts"], "maxChars": 80}),
    ];
    let (mut texts, mut lost) = (0, Vec::new());
    for value in briefs {
        let rules = constraint(&brief(&value), false).unwrap();
        for seed in 0..4 * TEXTS {
            let mut rng = Rng::new(seed);
            let (mut at, mut text) = (rules.start(), Vec::new());
            let most = rules.least_tokens() + (rng.next_u64() % 80) as u32;
            for left in (0..most).rev() {
                let allowed: Vec<u8> = (0..=255u8).filter(|&b| rules.token(&at, &[b], left).is_some()).collect();
                let liked: Vec<u8> = allowed.iter().copied().filter(|b| b" \n.catfromit7".contains(b)).collect();
                let from = if liked.is_empty() || rng.next_u64().is_multiple_of(4) { &allowed } else { &liked };
                if from.is_empty() {
                    break;
                }
                let byte = from[rng.next_u64() as usize % from.len()];
                at = rules.token(&at, &[byte], left).unwrap();
                text.push(byte);
            }
            texts += 1;
            if !rules.accepts(&at) {
                lost.push(format!("{:?} of {most} tokens: {value}", String::from_utf8_lossy(&text)));
            }
        }
    }
    assert!(lost.is_empty(), "{} of {texts} end nowhere, such as {}", lost.len(), lost[..lost.len().min(8)].join("\n"));
}
