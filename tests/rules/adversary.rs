//! Models that nobody trained: one with random logits, one that wants above all what is forbidden. Under the rules both write
//! texts that keep them, and come to an end; hardly any of them is written anew.

use copywright::copy::brief::{Brief, Input};
use copywright::copy::check::check;
use copywright::copy::constrain::constraint;
use copywright::generate::constraint::Constraint;
use copywright::text::{HfTokenizer, Vocabulary};
use copywright::writer::ATTEMPTS;
use serde_json::{Value, json};

use crate::asked;
use crate::random::Rng;

pub const FORMATS: [&str; 13] = [
    "tagline",
    "ad-headline",
    "ad-description",
    "product-blurb",
    "meta-description",
    "push",
    "hero",
    "social-post",
    "support-reply",
    "email-subject",
    "email-body",
    "recommendation",
    "blog-intro",
];
const NAMES: [&str; 8] = [
    "Lumen Arc",
    "Glide 7 Air",
    "Sōra Wrap",
    "Oat & Ember",
    "Tidewell",
    "Loon Lake Paddle Co.",
    "Kestrel",
    "Nib No. 3",
];
const FEATURES: [&str; 12] = [
    "dims with a tap",
    "folds flat",
    "two-year warranty",
    "13 tools in one case",
    "made in Ghent",
    "charges in 40 minutes",
    "recycled aluminium",
    "washes at 30 °C",
    "fits a coat pocket",
    "water from the tap is enough",
    "a spare set of screws",
    "no drilling",
];
const NEVER: [&str; 12] = [
    "cheap",
    "best buy",
    "light",
    "every",
    "bargain",
    "no more",
    "you",
    "guarantee",
    "world",
    "the",
    "state-of-the-art",
    "and",
];
const MUST: [&str; 8] = ["Ghent", "tap", "from", "spare parts", "café", "for two", "in stock", "case"];

/// One text in so many may fail at its first attempt: what the decoder leaves to the check are names of several words
/// that are nearly right.
const FEW: u64 = 400;

/// A brief by lot.
pub fn drawn(rng: &mut Rng, format: &str) -> Value {
    let pick = |rng: &mut Rng, from: &[&str], most: u64| -> Vec<String> {
        (0..rng.next_u64() % (most + 1)).map(|_| from[rng.next_u64() as usize % from.len()].to_owned()).collect()
    };
    let mut value = json!({
        "format": format, "name": NAMES[rng.next_u64() as usize % NAMES.len()], "category": "thing for the house",
        "features": pick(rng, &FEATURES, 4), "never": pick(rng, &NEVER, 3),
    });
    // Short texts have no room for many.
    value["must"] = json!(pick(rng, &MUST, if format.starts_with("ad-h") { 1 } else { 2 }));
    if rng.next_u64().is_multiple_of(2) {
        value["facts"] = json!({"price": format!("€{}", rng.next_u64() % 300), "weight": "1.5 kg"});
    }
    if rng.next_u64().is_multiple_of(3) {
        value["brand"] = json!("Halden");
    }
    value["context"] = json!({"interest": "reads at night", "question": "does it fold?"});
    value
}

/// Tokens that a model can say at all, besides single bytes and those that it wants: enough to go wrong in every way.
const WORDS: u64 = 512;

/// What a model makes likely, the likeliest first: each of these tokens, in an order of its own.
fn order(rng: &mut Rng, from: &[&[u32]]) -> Vec<u32> {
    let mut all = Vec::new();
    for tokens in from {
        let begin = all.len();
        all.extend_from_slice(tokens);
        // Fisher and Yates.
        for i in (begin + 1..all.len()).rev() {
            all.swap(i, begin + rng.next_u64() as usize % (i + 1 - begin));
        }
    }
    all
}

/// Tokens that begin, go on with or finish what the brief forbids: its `never`, numbers, names that are nearly right, claims,
/// signs, and the end.
fn evil(brief: &Brief, vocabulary: &Vocabulary, stops: &[u32], size: u32) -> Vec<u32> {
    let words: Vec<String> = brief.never.iter().map(|n| n.to_lowercase()).collect();
    let claims = ["best", "free", "100", "cure", "guarantee", "sale", "only", "now", "#1", "eco", "proven", "leading"];
    let name = brief.name.to_lowercase();
    let wanted = |token: u32| {
        let text = String::from_utf8_lossy(vocabulary.bytes(token)).to_lowercase();
        let word = text.trim();
        stops.contains(&token)
            || text.chars().any(|c| c.is_ascii_digit() || "€%$<;\u{200b}".contains(c))
            || (word.len() > 1 && (words.iter().any(|w| w.contains(word)) || name.contains(word)))
            || claims.contains(&word)
    };
    (0..size).filter(|&token| wanted(token)).collect()
}

/// 50 briefs, or `COPYWRIGHT_BRIEFS` of them, drawn by `COPYWRIGHT_SEED`; see CONTRIBUTING.md.
#[test]
fn no_model_breaks_the_rules() {
    let briefs = asked("COPYWRIGHT_BRIEFS", 50);
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/tokenizer.json")).unwrap();
    let vocabulary = HfTokenizer::from_bytes(&file).unwrap().vocabulary();
    let config = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/config.json")).unwrap();
    let config: Value = serde_json::from_slice(&config).unwrap();
    let size = config["vocab_size"].as_u64().unwrap() as u32;
    let stops: Vec<u32> = serde_json::from_value(match &config["eos_token_id"] {
        Value::Array(all) => json!(all),
        one => json!([one]),
    })
    .unwrap();
    let mut rng = Rng::new(asked("COPYWRIGHT_SEED", 5));
    let (mut written, mut refused, mut tokens, mut tried) = (0u64, 0u64, 0u64, 0u64);
    let (mut late, mut lost) = (Vec::<String>::new(), Vec::<String>::new());
    while written < briefs {
        let format = FORMATS[(written + refused) as usize % FORMATS.len()];
        let value = drawn(&mut rng, format);
        // A brief that contradicts itself is refused before anybody writes.
        let input: Input = serde_json::from_value(value.clone()).unwrap();
        let Ok(brief) = input.brief() else {
            refused += 1;
            assert!(refused < 10 * briefs + 100, "{value}: hardly any brief is taken");
            continue;
        };
        let rules = constraint(&brief, false).unwrap_or_else(|| panic!("{value}: no rules"));
        written += 1;
        if written.is_multiple_of(500) {
            println!("{written} briefs, {} texts were written anew, {} in vain", late.len(), lost.len());
        }
        let evil = evil(&brief, &vocabulary, &stops, size);
        let mut others: Vec<u32> = (0..WORDS).map(|_| (rng.next_u64() % u64::from(size)) as u32).collect();
        others.extend((0..size).filter(|&token| vocabulary.bytes(token).len() == 1));
        others.extend(&stops);
        for forbidden in [false, true] {
            // Enough, or hardly enough.
            let most = rules.least_tokens() + if rng.next_u64().is_multiple_of(2) { 0 } else { 60 };
            // As `write` does it: what fails is written anew.
            for attempt in 1..=ATTEMPTS {
                let mut next = || match forbidden {
                    true => order(&mut rng, &[&evil, &others]),
                    false => order(&mut rng, &[&others]),
                };
                let (text, ended) = drawn_text(&rules, &vocabulary, &stops, most, &mut next, &mut tokens, &mut tried);
                let bad: Vec<_> = check(&text, &brief).into_iter().filter(|c| !c.pass).map(|c| c.rule).collect();
                if ended && bad.is_empty() {
                    break;
                }
                let line = format!("{bad:?} {value}: {text:?}{}", if ended { "" } else { " does not end" });
                if attempt == 1 {
                    late.push(line);
                } else if attempt == ATTEMPTS {
                    lost.push(line);
                }
            }
        }
    }
    // What does not end first: that is never left to the check.
    late.sort_by_key(|line| !line.ends_with("does not end"));
    println!("{}", late.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    println!(
        "{} texts of {written} briefs ({refused} were refused), {tokens} tokens, {tried} tried: {} written anew ({} did not end), \
         {} in vain",
        2 * written,
        late.len(),
        late.iter().filter(|line| line.ends_with("does not end")).count(),
        lost.len(),
    );
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(late.len() as u64 <= 1 + 2 * written / FEW, "{} of {} texts fail at first", late.len(), 2 * written);
}

/// A text of tokens in the order in which a model wants them, each the first that the rules let through; and whether it came
/// to an end.
fn drawn_text(
    rules: &Constraint,
    vocabulary: &Vocabulary,
    stops: &[u32],
    most: u32,
    next: &mut dyn FnMut() -> Vec<u32>,
    tokens: &mut u64,
    tried: &mut u64,
) -> (String, bool) {
    let (mut at, mut bytes) = (rules.start(), Vec::new());
    for left in (0..most).rev() {
        let chosen = next().into_iter().find_map(|token| {
            *tried += 1;
            match stops.contains(&token) {
                true => rules.accepts(&at).then_some(None),
                false => rules.token(&at, vocabulary.bytes(token), left).map(|after| Some((token, after))),
            }
        });
        match chosen {
            Some(Some((token, after))) => {
                bytes.extend(vocabulary.bytes(token));
                at = after;
                *tokens += 1;
            }
            // The end; nothing is left to choose where the text is whole, too.
            Some(None) | None => break,
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), rules.accepts(&at))
}
