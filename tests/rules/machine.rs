//! The tables on the GPU do what the automata do on the CPU, and a text under rules keeps them whatever the model says.

use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::copy::check::check;
use copywright::copy::constrain::constraint;
use copywright::generate::constraint::Constraint;
use copywright::generate::params::Sampling;
use copywright::generate::{Job, Output};
use copywright::writer::{Copies, Options, WriteError, Writer};
use pollster::block_on;
use serde_json::{Value, json};

use crate::{brief, gpu};

pub fn writer() -> Writer {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    block_on(Writer::open_on(Rc::new(gpu::engine(false)), folder)).unwrap()
}

fn options(value: Value) -> Options {
    serde_json::from_value(value).unwrap()
}

/// A brief with everything that rules come from.
pub fn whole(format: &str) -> Value {
    json!({
        "format": format, "name": "Lumen Arc", "brand": "Halden", "category": "desk lamp", "never": ["cheap", "light"],
        "features": ["dims with a tap", "folds flat", "two-year warranty"], "facts": {"price": "€49", "weight": "1.5 kg"},
        "audience": "students in small flats", "tone": "warm", "must": ["Ghent"],
        "context": {"interest": "reads at night", "question": "does it fold?"},
    })
}

pub const FORMATS: [&str; 9] = [
    "tagline",
    "ad-headline",
    "ad-description",
    "product-blurb",
    "meta-description",
    "push",
    "hero",
    "social-post",
    "support-reply",
];

/// The same tokens through the twin: each of them is let through, and the text may end where it ends.
fn replay(writer: &mut Writer, rules: &Constraint, output: &Output, most: u32) {
    let vocabulary = &writer.session().vocabulary;
    let mut standing = rules.start();
    for (i, &token) in output.tokens.iter().enumerate() {
        let left = most - i as u32 - 1;
        standing = rules.token(&standing, vocabulary.bytes(token), left).unwrap_or_else(|| {
            panic!("{:?}: the twin bars token {i}, {:?}", output.text, String::from_utf8_lossy(vocabulary.bytes(token)))
        });
    }
    assert!(
        rules.accepts(&standing),
        "{:?} does not end ({:?}, {} tokens)",
        output.text,
        output.finish,
        output.tokens.len()
    );
}

#[test]
fn texts_keep_their_rules() {
    let mut writer = writer();
    let (mut wrong, mut free, mut all) = (0, 0, 0);
    for format in FORMATS {
        let value = whole(format);
        let (brief, input): (_, Input) = (brief(&value), serde_json::from_value(value).unwrap());
        // A few without the rules are enough to show what they bring.
        for unconstrained in if format.starts_with("ad-") { &[false, true][..] } else { &[false] } {
            // As they were written first: what is written anew would hide that a rule does not hold.
            let options =
                options(json!({"n": 8, "seed": 3, "temperature": 1.0, "unconstrained": unconstrained, "attempts": 1}));
            let copies = match block_on(writer.write(&input, &options, &mut |_| (), &|| false)) {
                Err(WriteError::Rules(failed)) => Copies { copies: Vec::new(), missing: Vec::new(), failed },
                copies => copies.unwrap(),
            };
            for failed in &copies.failed {
                println!("{format}: {}: {:?}", failed.reason, failed.text);
                wrong += usize::from(!["claim", "near-copy"].contains(&failed.reason.as_str()));
            }
            all += if *unconstrained { 0 } else { copies.len() + copies.failed.len() };
            for copy in copies {
                if *unconstrained {
                    free += usize::from(!check(&copy.text, &brief).iter().all(|c| c.pass));
                } else {
                    println!("{format}: {:?}", copy.text);
                }
            }
        }
    }
    println!("{wrong} rules broken in {all} texts; without rules {free} of 16 texts break one");
    assert!(free >= 8, "{free} of 16");
    assert_eq!(wrong, 0);
}

/// Tokens that are forbidden or that end a text, pulled up: digits, names that are nearly right, what never comes, signs.
fn evil(writer: &mut Writer, by: f32) -> Vec<(u32, f32)> {
    let vocabulary = writer.session().vocabulary.clone();
    let config = &writer.session().decoder.config;
    let evil = |token: &u32| {
        let text = String::from_utf8_lossy(vocabulary.bytes(*token)).to_lowercase();
        text.chars().any(|c| c.is_ascii_digit() || ".,;€%<".contains(c))
            || ["lum", "ch", "eap", "li", "ght", "ar", "and", "the", "two"].iter().any(|w| text.trim() == *w)
            || config.eos_token_ids.contains(token)
    };
    let bias: Vec<(u32, f32)> = (0..config.vocab_size).filter(evil).map(|t| (t, by)).collect();
    assert!(bias.len() > 40, "{}", bias.len());
    bias
}

/// Eight texts of at most 160 tokens.
fn job(writer: &mut Writer, value: &Value, rules: &Rc<Constraint>, seed: u32, sampling: Sampling) -> Job {
    Job {
        prompt: writer.prompt(&brief(value)).unwrap(),
        n: 8,
        seed,
        max_tokens: 160,
        sampling,
        stop_tokens: writer.session().decoder.config.eos_token_ids.clone(),
        stop: Vec::new(),
        trim_lines: false,
        rules: Some(rules.clone()),
        logprobs: false,
        steps_per_readback: 0,
    }
}

/// What the GPU chooses the twin lets through, whatever pulls at it: tokens that are forbidden are made likely.
#[test]
fn nothing_pulls_it_off() {
    let mut writer = writer();
    let bias = evil(&mut writer, 9.0);
    let mut done = 0;
    // One of each kind: a phrase, sentences with a name, two lines.
    for (i, format) in ["ad-headline", "product-blurb", "push", "hero"].iter().enumerate() {
        let value = whole(format);
        let rules = Rc::new(constraint(&brief(&value), false).unwrap());
        for (pull, temperature) in [(&bias[..], 1.0), (&[][..], 2.0)] {
            let sampling = Sampling { temperature, logit_bias: pull.to_vec(), ..Sampling::default() };
            let job = job(&mut writer, &value, &rules, 40 + i as u32, sampling);
            let (outputs, _) = block_on(writer.session().generate(&job, &mut |_| (), &|| false)).unwrap();
            for output in &outputs {
                println!("{format}: {:?}", output.text);
                replay(&mut writer, &rules, output, job.max_tokens);
                done += 1;
            }
        }
    }
    println!("{done} texts, token by token as the twin has it, each with its end");
}

/// The sampler asks for what it would choose, or all that is barred is taken out before it: the same tokens.
#[test]
fn asked_or_barred_before_it_is_the_same() {
    let mut writer = writer();
    let bias = evil(&mut writer, 6.0);
    let mut texts = std::collections::HashSet::new();
    for (i, format) in ["ad-headline", "ad-description", "push"].iter().enumerate() {
        let value = whole(format);
        let rules = Rc::new(constraint(&brief(&value), false).unwrap());
        for (temperature, pull) in [(0.0, &[][..]), (1.0, &[][..]), (1.5, &bias[..])] {
            let both = [0.0, 1e-30].map(|min_p| {
                // A bound that cuts nothing off makes the sampler count what is left.
                let sampling = Sampling { temperature, min_p, logit_bias: pull.to_vec(), ..Sampling::default() };
                let job = job(&mut writer, &value, &rules, 7 + i as u32, sampling);
                block_on(writer.session().generate(&job, &mut |_| (), &|| false)).unwrap().0
            });
            for (asked, barred) in both[0].iter().zip(&both[1]) {
                assert_eq!(asked.text, barred.text, "{format} at {temperature}");
                assert_eq!(asked.tokens, barred.tokens);
                texts.insert(asked.text.clone());
            }
        }
    }
    println!("{} different texts, the same either way", texts.len());
    assert!(texts.len() > 36, "{}", texts.len());
}
