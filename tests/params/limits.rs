//! The edges of what may be asked for, on a tiny model: no overflow, no work before a refusal.

use std::rc::Rc;

use copywright::error::Kind;
use copywright::generate::params::Sampling;
use copywright::generate::{Finish, GenerateError, Job, Output};
use copywright::text::{Scheme, Vocabulary};
use copywright::writer::{Options, WriteError, Writer};
use pollster::block_on;
use serde_json::{Value, json};

use crate::checkpoint::{load, load_with, tiny};
use crate::gpu;

/// Positions of the tiny model, and its tokens.
const CONTEXT: u32 = 32;
const VOCABULARY: u32 = 6;

fn writer() -> Writer {
    load(Rc::new(gpu::engine(false)), &tiny("F16"), 4096).unwrap_or_else(|e| panic!("{e}"))
}

fn job(temperature: f32, max_tokens: u32) -> Job {
    Job {
        prompt: vec![1, 5, 2],
        n: 1,
        seed: 3,
        max_tokens,
        sampling: Sampling { temperature, ..Sampling::default() },
        stop_tokens: Vec::new(),
        stop: Vec::new(),
        logprobs: false,
        trim_lines: false,
        rules: None,
        steps_per_readback: 0,
    }
}

fn generate(writer: &mut Writer, job: &Job) -> Result<Vec<Output>, GenerateError> {
    Ok(block_on(writer.session().generate(job, &mut |_| (), &|| false))?.0)
}

fn tokens(writer: &mut Writer, job: &Job) -> Vec<u32> {
    let mut outputs = generate(writer, job).unwrap();
    outputs.remove(0).tokens
}

#[test]
fn what_is_too_long_is_refused_and_not_wrapped() {
    let mut w = writer();
    tokens(&mut w, &job(0.0, 4));
    let before = w.counters();
    for n in [1, 8] {
        for max_tokens in [CONTEXT - 2, CONTEXT, 1 << 29, 1 << 31, u32::MAX - 3, u32::MAX - 2, u32::MAX] {
            let error = generate(&mut w, &Job { n, ..job(0.0, max_tokens) }).unwrap_err();
            let quota = CONTEXT.saturating_sub(max_tokens).into();
            assert_eq!(error.kind(), Kind::QuotaExceeded { requested: 3, quota }, "{max_tokens}: {error}");
        }
        for prompt in [CONTEXT + 1, 100_000] {
            let long = Job { prompt: vec![1; prompt as usize], n, ..job(0.0, 0) };
            let error = generate(&mut w, &long).unwrap_err();
            assert_eq!(error.kind(), Kind::QuotaExceeded { requested: prompt.into(), quota: CONTEXT.into() });
        }
    }
    assert_eq!(w.counters(), before, "nothing was done");
    // What just fits, fits.
    let full = Job { n: 8, ..job(1.0, CONTEXT - 3) };
    let outputs = generate(&mut w, &full).unwrap();
    assert!(outputs.iter().all(|o| o.tokens.len() as u32 == CONTEXT - 3 && o.finish == Finish::Length));
}

/// Contexts that are shorter than a slice, or end between two sizes of it: a prompt of every length goes through,
/// and the last token follows from all.
#[test]
fn short_contexts() {
    let engine = Rc::new(gpu::engine(false));
    let mut longest = None;
    for context in [300, 65, 64, 63, 33, 16, 9, 8, 7, 2, 1] {
        let mut model = tiny("F16");
        model.config["max_position_embeddings"] = json!(context);
        let mut w = load(engine.clone(), &model, 4096).unwrap_or_else(|e| panic!("context {context}: {e}"));
        let reference = longest.get_or_insert_with(Vec::new);
        for length in [1, 2, 7, 8, 9, 15, 16, 17, 33, 63, 64, 65, 299].into_iter().filter(|&l| l < context) {
            let prompt: Vec<u32> = (0..length).map(|i| i * i % VOCABULARY).collect();
            let logits = block_on(w.session().logits(&prompt)).unwrap_or_else(|e| panic!("{length} of {context}: {e}"));
            if context == 300 {
                reference.push((length, logits));
                continue;
            }
            let (_, want) = reference.iter().find(|(l, _)| *l == length).unwrap();
            let worst = logits.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-4, "{length} of {context}: {logits:?} instead of {want:?}");
        }
        let full = Job { prompt: vec![1], ..job(0.0, context - 1) };
        assert_eq!(tokens(&mut w, &full).len() as u32, context - 1);
        drop(w.close());
    }
}

#[test]
fn tokens_that_the_model_does_not_have() {
    let mut w = writer();
    let before = w.counters();
    for token in [VOCABULARY, 4096, u32::MAX] {
        let error = generate(&mut w, &Job { prompt: vec![1, token, 2], ..job(0.0, 4) }).unwrap_err();
        assert_eq!(error.kind(), Kind::Type, "{error}");
        assert!(error.to_string().starts_with(&format!("prompt: the token {token} lies outside")), "{error}");
        let error = block_on(w.session().logits(&[token])).unwrap_err();
        assert_eq!(error.kind(), Kind::Type, "{error}");
    }
    assert_eq!(w.counters(), before, "nothing was done");
    // Where they only stop or are only pushed, they are no harm or refused by name.
    let whole = tokens(&mut w, &job(0.0, 8));
    assert_eq!(tokens(&mut w, &Job { stop_tokens: vec![VOCABULARY, u32::MAX], ..job(0.0, 8) }), whole);
    let mut biased = job(0.0, 8);
    biased.sampling.logit_bias = vec![(VOCABULARY, 1.0)];
    assert!(generate(&mut w, &biased).unwrap_err().to_string().starts_with("logitBias: "));
}

#[test]
fn no_tokens_are_a_text_too() {
    let mut w = writer();
    let mut told = 0;
    let nothing = Job { n: 3, logprobs: true, ..job(1.0, 0) };
    let (outputs, timing) = block_on(w.session().generate(&nothing, &mut |_| told += 1, &|| false)).unwrap();
    assert_eq!((outputs.len(), told), (3, 0));
    for o in outputs {
        assert_eq!((o.text.as_str(), o.tokens.len(), o.logprobs.len(), o.finish), ("", 0, 0, Finish::Length));
    }
    assert!(timing.first_token_ms >= 0.0 && timing.tokens_per_second == 0.0);
    assert_eq!(tokens(&mut w, &job(0.0, 5)).len(), 5, "and after it the writer writes");
}

/// The GPU knows the first eight stop tokens; the host knows all.
#[test]
fn many_stop_tokens() {
    let mut w = writer();
    let sampled = job(1.5, 24);
    let whole = tokens(&mut w, &sampled);
    let fillers: Vec<u32> = (100..112).collect();
    for stop in 0..VOCABULARY {
        let cut: Vec<u32> = whole.iter().copied().take_while(|&t| t != stop).collect();
        for before in [0, 7, 8, 12] {
            let stop_tokens = [&fillers[..before], &[stop]].concat();
            for n in [1, 3] {
                let outputs =
                    generate(&mut w, &Job { stop_tokens: stop_tokens.clone(), n, ..sampled.clone() }).unwrap();
                assert_eq!(outputs[0].tokens, cut, "stop {stop} after {before} others");
                let reason = if cut.len() < whole.len() { Finish::Stop } else { Finish::Length };
                assert_eq!(outputs[0].finish, reason);
            }
        }
    }
}

#[test]
fn long_and_many_stop_strings() {
    let mut w = writer();
    let whole = generate(&mut w, &job(1.0, 20)).unwrap().remove(0).text;
    // One that is longer than any text, and whose beginning is the text itself.
    let long = format!("{whole}{}", "x".repeat(1 << 20));
    // A thousand of which only the last occurs.
    let many: Vec<String> = (0..1000).map(|i| format!("<never {i}>")).chain([whole[6..9].to_owned()]).collect();
    for (stop, want, finish) in [
        (vec![long], whole.as_str(), Finish::Length),
        (many, &whole[..whole.find(&whole[6..9]).unwrap()], Finish::Stop),
        (vec![String::new()], &whole, Finish::Length),
    ] {
        let mut streamed = String::new();
        let j = Job { stop, ..job(1.0, 20) };
        let (outputs, _) = block_on(w.session().generate(&j, &mut |d| streamed.push_str(&d.text), &|| false)).unwrap();
        assert_eq!((outputs[0].text.as_str(), outputs[0].finish), (want, finish));
        assert_eq!(streamed, want);
    }
}

#[test]
fn seeds_wrap() {
    let mut w = writer();
    let outputs = generate(&mut w, &Job { n: 3, seed: u32::MAX, ..job(1.5, 20) }).unwrap();
    let texts: Vec<&str> = outputs.iter().map(|o| o.text.as_str()).collect();
    let alone = |w: &mut Writer, seed| generate(w, &Job { seed, ..job(1.5, 20) }).unwrap().remove(0).text;
    assert_eq!(texts, [alone(&mut w, u32::MAX), alone(&mut w, 0), alone(&mut w, 1)]);
}

/// A temperature just above 0 is greedy, down to the smallest float: nothing overflows.
#[test]
fn nearly_greedy() {
    let mut w = writer();
    let greedy = tokens(&mut w, &job(0.0, 20));
    for temperature in [f32::from_bits(1), 1e-40, f32::MIN_POSITIVE, 1e-30, 1e-10, 1e-6] {
        for top_p in [1.0, 0.5] {
            let mut j = job(temperature, 20);
            j.sampling.top_p = top_p;
            assert_eq!(tokens(&mut w, &j), greedy, "temperature {temperature}, top p {top_p}");
        }
    }
}

fn complete(w: &mut Writer, request: Value) -> Result<Value, WriteError> {
    let request = serde_json::from_value(request).unwrap();
    Ok(json!(block_on(w.complete(&request, &mut |_| (), &|| false))?))
}

#[test]
fn completions() {
    // Tokens that are parts of a character; the prompt's bytes are its tokens.
    let parts = ["<0xE2>", "<0x82>", "<0xAC>", "a", "éb", "<s>"].map(str::to_owned);
    let vocabulary = Vocabulary::new(parts.into_iter(), Scheme::SentencePiece, &[5]);
    let mut w = load_with(Rc::new(gpu::engine(false)), &tiny("F16"), 4096, vocabulary).unwrap();
    for (field, value, says) in [
        ("top_p", json!(2), "top_p: 2"),
        ("min_p", json!(-1), "min_p: -1"),
        ("repetition_penalty", json!(0), "repetition_penalty: 0"),
        ("no_repeat_ngram_size", json!(65), "no_repeat_ngram_size: 65"),
        ("logit_bias", json!({"6": 1}), "logit_bias: 6"),
        ("temperature", json!(3), "temperature: 3"),
        ("logprobs", json!(6), "logprobs is more than 5"),
        ("n", json!(9), "n: 9"),
        ("n", json!(0), "n: 0"),
        ("prompt", json!(""), "prompt: it has no tokens"),
        ("prompt", json!("a"), "prompt: the token 97"),
        ("prompt", json!([]), "prompt: it has no tokens"),
        ("prompt", json!([1, 97]), "prompt: the token 97"),
        ("stop_token_ids", json!([5, 6]), "stop_token_ids has a token"),
    ] {
        let mut request = json!({"prompt": "\u{1}\u{2}"});
        request[field] = value;
        let error = complete(&mut w, request).unwrap_err();
        assert_eq!(error.kind(), Kind::Type, "{error}");
        assert!(error.to_string().starts_with(says), "{error:?} should say {says:?}");
    }
    let error = complete(&mut w, json!({"prompt": [1, 2], "echo": true})).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Type, "echo needs a prompt that is a text"));
    let error = complete(&mut w, json!({"prompt": "\u{1}\u{2}", "max_tokens": 4294967295u32})).unwrap_err();
    assert_eq!(error.kind(), Kind::QuotaExceeded { requested: 2, quota: 0 }, "{error}");

    for echo in [false, true] {
        let answer = complete(
            &mut w,
            json!({
                "prompt": "\u{1}\u{2}", "max_tokens": 24, "temperature": 2, "seed": 1, "logprobs": 5, "echo": echo,
                "logit_bias": {"0": -100},
            }),
        );
        let answer = answer.unwrap();
        let choice = &answer["choices"][0];
        let (text, logprobs) = (choice["text"].as_str().unwrap(), &choice["logprobs"]);
        assert_eq!(text.starts_with("\u{1}\u{2}"), echo);
        let names: Vec<&str> = logprobs["tokens"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        println!("{text:?} {names:?}");
        assert_eq!(answer["usage"]["completion_tokens"], json!(names.len()));
        let known = ["bytes:\\x82", "bytes:\\xac", "a", "éb", "token:5"];
        assert!(names.iter().all(|n| known.contains(n)), "{names:?}");
        let mut at = if echo { 2 } else { 0 };
        for (name, offset) in names.iter().zip(logprobs["text_offset"].as_array().unwrap()) {
            assert_eq!(offset, &json!(at), "{name}");
            at += match *name {
                "a" => 1,
                "éb" => 2,
                _ => 0, // these go on with a character
            };
        }
        for top in logprobs["top_logprobs"].as_array().unwrap() {
            assert_eq!(top.as_object().unwrap().len(), 5, "no two tokens share a name: {top}");
        }
    }
}

/// A prompt of tokens is as good as its text, and a token that is asked for ends it like one of the model's own.
#[test]
fn tokens_as_a_prompt() {
    let vocabulary = Vocabulary::new((0..6).map(|i| format!("<{i}>")), Scheme::Plain, &[]);
    let mut w = load_with(Rc::new(gpu::engine(false)), &tiny("F16"), 4096, vocabulary).unwrap();
    let settings = json!({"max_tokens": 20, "temperature": 2, "seed": 3, "logit_bias": {"0": -100}});
    let mut ask = |prompt: Value, stops: Value| {
        let mut request = settings.clone();
        request["prompt"] = prompt;
        request["stop_token_ids"] = stops;
        let answer = complete(&mut w, request).unwrap();
        assert_eq!(answer["usage"]["prompt_tokens"], json!(3));
        let choice = &answer["choices"][0];
        (choice["text"].as_str().unwrap().to_owned(), choice["finish_reason"].clone())
    };
    let (text, finish) = ask(json!("\u{1}\u{2}\u{3}"), Value::Null);
    assert_eq!((ask(json!([1, 2, 3]), json!([])), &finish), ((text.clone(), json!("length")), &json!("length")));
    // The fifth token, whatever it is, stops the text where it comes first.
    let stop = &text[12..15];
    let before = &text[..text.find(stop).unwrap()];
    println!("{text:?} stopped by {stop:?}");
    let id: u32 = stop[1..2].parse().unwrap();
    assert_eq!(ask(json!([1, 2, 3]), json!([id])), (before.to_owned(), json!("stop")));
}

/// A brief that leaves no room for an answer is refused as a page is told: by the quota.
#[test]
fn a_brief_over_the_quota() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    let mut w = block_on(Writer::open_on(Rc::new(gpu::engine(false)), folder)).unwrap();
    let features: Vec<String> =
        (0..32).map(|i| format!("feature {i} of very many that nobody will ever read to the end")).collect();
    let input = |features: &[String]| {
        serde_json::from_value(json!({"format": "tagline", "name": "Lumen Arc", "features": features})).unwrap()
    };
    let quota = w.input_quota();
    let longest = (0..=32).rev().find(|&n| w.measure(&input(&features[..n])).unwrap() <= quota).unwrap();
    let long: Vec<String> = features.iter().map(|f| f.repeat(3)).collect();
    let requested = w.measure(&input(&long)).unwrap();
    assert!(requested > quota && longest > 0, "{requested} tokens, {quota} are allowed");
    let mut write = |features: &[String], max_tokens| {
        let sampling = Sampling { seed: Some(1), ..Sampling::default() };
        let options = Options { max_tokens, sampling, ..Options::default() };
        block_on(w.write(&input(features), &options, &mut |_| (), &|| false))
    };
    let error = write(&long, None).unwrap_err();
    assert_eq!(error.kind(), Kind::QuotaExceeded { requested: requested.into(), quota: quota.into() }, "{error}");
    for max_tokens in [0, 1] {
        let error = write(&long, Some(max_tokens)).unwrap_err();
        assert!(matches!(error.kind(), Kind::QuotaExceeded { .. }), "{error}");
    }
    let copies = write(&features[..longest], Some(12)).unwrap();
    assert!(copies[0].usage.prompt_tokens <= quota && copies[0].usage.completion_tokens <= 12);
    // What the rules ask for may not fit into so few tokens, and nothing is begun that cannot be finished.
    let none = write(&features[..2], Some(1)).unwrap_err();
    println!("{none}");
    let WriteError::Generate(GenerateError::Short { max_tokens: 1, least }) = none else { panic!("{none}") };
    assert!(write(&features[..2], Some(least)).unwrap()[0].checks.iter().all(|check| check.pass));
    assert!(write(&features[..2], Some(least - 1)).is_err());
    // Nor where all that must be there leaves no room for a full stop.
    let tight = json!({
        "format": "email-body", "name": "Glide 7 Air", "must": ["tap", "spare parts"], "maxChars": 27,
    });
    let tight = serde_json::from_value(tight).unwrap();
    let error = block_on(w.write(&tight, &Options::default(), &mut |_| (), &|| false)).unwrap_err();
    assert_eq!(error.kind(), Kind::Type);
    assert!(error.to_string().contains("maxChars leaves no room"), "{error}");
}
