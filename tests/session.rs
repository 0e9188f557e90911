//! The decode loop: counts, determinism across K and batch place, stops, aborts, memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "support/gpu.rs"]
mod support;

use std::cell::Cell;
use std::rc::Rc;

use copywright::error::Kind;
use copywright::generate::{Finish, GenerateError, Job};
use copywright::kernel::Mad;
use copywright::writer::{Options, Writer};
use pollster::block_on;

const PROMPT: &str = "<|brief|>format: product-blurb\ntone: warm\nname: Lumen Arc\ncategory: desk lamp\nfeatures: dims with a tap; folds flat\n<|copy|>";

fn writer(half: bool) -> Writer {
    writer_with(half, Mad::Fused)
}

fn writer_with(half: bool, mad: Mad) -> Writer {
    let engine = Rc::new(support::engine_with(half, mad));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    block_on(Writer::open_on(engine, folder)).unwrap_or_else(|e| panic!("{e}"))
}

fn job(writer: &Writer, n: u32, seed: u32, max_tokens: u32) -> Job {
    Job {
        prompt: writer.encode(PROMPT).unwrap(),
        n,
        seed,
        max_tokens,
        sampling: Default::default(),
        stop_tokens: vec![0],
        stop: Vec::new(),
        logprobs: false,
        trim_lines: false,
        rules: None,
        steps_per_readback: 0,
    }
}

fn texts(writer: &mut Writer, job: &Job) -> Vec<String> {
    let (outputs, _) = block_on(writer.session().generate(job, &mut |_| (), &|| false)).unwrap();
    outputs.into_iter().map(|o| o.text).collect()
}

#[test]
fn a_decode_step_costs_what_the_design_says() {
    let mut w = writer(false);
    let layers = u64::from(w.session().decoder.config.num_hidden_layers);
    for n in [1, 8] {
        let mut j = job(&w, n, 3, 40);
        j.stop_tokens.clear(); // run to the end
        j.steps_per_readback = 8;
        texts(&mut w, &j); // the first call makes what it needs
        // The same job with one token less: the difference is one step.
        let mut measure = |max_tokens| {
            j.max_tokens = max_tokens;
            let before = w.counters();
            texts(&mut w, &j);
            let after = w.counters();
            assert_eq!(
                (before.buffers, before.bind_groups, before.pipelines),
                (after.buffers, after.bind_groups, after.pipelines),
                "something was created"
            );
            [
                after.submits - before.submits,
                after.passes - before.passes,
                after.dispatches - before.dispatches,
                after.readbacks - before.readbacks,
                after.uploaded_bytes - before.uploaded_bytes,
                after.downloaded_bytes - before.downloaded_bytes,
                after.weight_bytes - before.weight_bytes,
            ]
        };
        let (long, short) = (measure(33), measure(25));
        let step: Vec<f64> = long.iter().zip(short).map(|(l, s)| (l - s) as f64 / 8.0).collect();
        println!(
            "n = {n}: per token submits, passes, dispatches, readbacks, bytes up, bytes down, weight bytes: {step:?}"
        );
        assert_eq!(step[0], 1.0, "submits");
        assert_eq!(step[1], 1.0, "passes");
        assert!(step[2] <= (7 * layers + 4) as f64, "{} dispatches", step[2]);
        assert_eq!(step[3], 1.0 / 8.0, "readbacks");
        assert_eq!(step[4], 0.0, "bytes up");
        assert_eq!(step[5], 4.0 * f64::from(n), "bytes down");
        let packed = w.session().decoder.weights.packed_bytes() as f64;
        println!("weight bytes read ÷ packed: {}", step[6] / packed);
        assert!(step[6] / packed <= 1.02);
    }
}

#[test]
fn a_seed_gives_one_text_whatever_k_and_place() {
    for (half, mad) in [(false, Mad::Fused), (true, Mad::Fused), (false, Mad::Plain)] {
        let mut w = writer_with(half, mad);
        let mut alone = Vec::new();
        for i in 0..8 {
            let j = job(&w, 1, 40 + i, 48);
            alone.extend(texts(&mut w, &j));
        }
        for k in [1, 2, 3, 16, 0] {
            let mut j = job(&w, 8, 40, 48);
            j.steps_per_readback = k;
            assert_eq!(texts(&mut w, &j), alone, "K {k}");
        }
        let j = job(&w, 3, 42, 48);
        assert_eq!(texts(&mut w, &j), alone[2..5], "another place in another batch");
        let distinct: std::collections::BTreeSet<&String> = alone.iter().collect();
        assert!(distinct.len() >= 6, "seeds must differ: {alone:?}");
    }
}

#[test]
fn what_is_streamed_is_the_text() {
    let mut w = writer(false);
    let j = job(&w, 4, 1, 60);
    let mut streamed = vec![String::new(); 4];
    let (outputs, timing) =
        block_on(w.session().generate(&j, &mut |d| streamed[d.index as usize].push_str(&d.text), &|| false)).unwrap();
    for (text, output) in streamed.iter().zip(&outputs) {
        assert_eq!(text, &output.text);
        assert!(!text.is_empty());
    }
    assert!(timing.first_token_ms > 0.0 && timing.tokens_per_second > 0.0);
}

#[test]
fn stop_strings_end_a_text() {
    let mut w = writer(false);
    let mut j = job(&w, 1, 1, 60);
    let whole = texts(&mut w, &j).remove(0);
    let word = whole.split_whitespace().nth(3).unwrap().to_string();
    j.stop = vec![word.clone()];
    let (outputs, _) = block_on(w.session().generate(&j, &mut |_| (), &|| false)).unwrap();
    assert_eq!(outputs[0].text, whole[..whole.find(&word).unwrap()]);
    assert_eq!(outputs[0].finish, Finish::Stop);
}

#[test]
fn an_abort_is_heard_and_forgotten() {
    let mut w = writer(false);
    let j = job(&w, 2, 1, 60);
    let whole = texts(&mut w, &j);
    for calls in [0, 1, 3] {
        let left = Cell::new(calls);
        let cancelled = || left.replace(left.get().max(1) - 1) == 0;
        let outcome = block_on(w.session().generate(&j, &mut |_| (), &cancelled));
        assert!(matches!(outcome, Err(GenerateError::Aborted)), "after {calls} looks");
        assert_eq!(texts(&mut w, &j), whole, "the writer is as before");
    }
}

#[test]
fn what_does_not_fit_is_refused_before_any_work() {
    let mut w = writer(false);
    let before = w.counters();
    let mut j = job(&w, 1, 1, 10);
    j.prompt = vec![5; 1020];
    let error = block_on(w.session().generate(&j, &mut |_| (), &|| false)).unwrap_err();
    assert_eq!(error.kind(), Kind::QuotaExceeded { requested: 1020, quota: 1014 }, "{error}");
    for n in [0, 9] {
        let j = job(&w, n, 1, 10);
        let error = block_on(w.session().generate(&j, &mut |_| (), &|| false)).unwrap_err();
        assert_eq!(error.kind(), Kind::Type, "{error}");
    }
    let mut empty = job(&w, 1, 1, 10);
    empty.prompt.clear();
    assert_eq!(block_on(w.session().generate(&empty, &mut |_| (), &|| false)).unwrap_err().kind(), Kind::Type);
    assert_eq!(w.counters(), before, "nothing was done");
}

#[test]
fn a_long_prompt_goes_through_in_slices() {
    let mut w = writer(false);
    let filler = "A quiet lamp for a quiet desk. ".repeat(40);
    let prompt = w.encode(&filler).unwrap();
    assert!(prompt.len() > 256, "{}", prompt.len());
    let mut j = job(&w, 2, 1, 20);
    j.prompt = prompt.clone();
    j.sampling.temperature = 0.0;
    let long = texts(&mut w, &j);
    assert_eq!(long[0], long[1], "greedy variants are one text");
    // The last logits do not depend on where the slices end.
    let whole = block_on(w.session().logits(&prompt)).unwrap();
    let mut best: Vec<usize> = (0..whole.len()).collect();
    best.sort_by(|&a, &b| whole[b].total_cmp(&whole[a]));
    let (outputs, _) = block_on(w.session().generate(&j, &mut |_| (), &|| false)).unwrap();
    assert_eq!(outputs[0].tokens[0] as usize, best[0]);
}

#[test]
fn logprobs_are_the_models_own() {
    let mut w = writer(false);
    let mut j = job(&w, 2, 9, 8);
    j.logprobs = true;
    j.sampling.temperature = 1.5;
    j.sampling.top_k = 20;
    let (outputs, _) = block_on(w.session().generate(&j, &mut |_| (), &|| false)).unwrap();
    for o in &outputs {
        assert_eq!(o.logprobs.len(), o.tokens.len());
        let mut text = j.prompt.clone();
        for (l, &token) in o.logprobs.iter().zip(&o.tokens) {
            let logits = block_on(w.session().logits(&text)).unwrap();
            let most = logits.iter().copied().fold(f32::MIN, f32::max);
            let sum: f64 = logits.iter().map(|&v| f64::from(v - most).exp()).sum();
            let p = |t: u32| f64::from(logits[t as usize] - most) - sum.ln();
            assert_eq!(l.token, token);
            assert!((f64::from(l.logprob) - p(token)).abs() < 1e-3, "{} against {}", l.logprob, p(token));
            assert_eq!(l.top.len(), 5);
            assert!(l.top.iter().all(|&(t, q)| (f64::from(q) - p(t)).abs() < 1e-3));
            assert!(l.top.windows(2).all(|w| w[0].1 >= w[1].1));
            text.push(token);
        }
    }
}

#[test]
fn memory_stays_where_it_was() {
    let mut w = writer(false);
    for n in [1, 8] {
        let j = job(&w, n, 1, 12);
        texts(&mut w, &j);
    }
    let held = w.counters();
    for i in 0..200 {
        let j = job(&w, if i % 10 == 0 { 8 } else { 1 }, i, 4);
        texts(&mut w, &j);
    }
    let after = w.counters();
    assert_eq!((after.gpu_bytes, after.buffers, after.bind_groups), (held.gpu_bytes, held.buffers, held.bind_groups));

    let mut engine = w.close();
    let empty = engine.counters().gpu_bytes;
    for _ in 0..3 {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
        let w = block_on(Writer::open_on(engine, folder)).unwrap();
        engine = w.close();
        assert_eq!(engine.counters().gpu_bytes, empty, "a closed model leaves nothing");
    }
}

#[test]
fn a_brief_becomes_checked_copy() {
    let mut w = writer(true);
    let brief = serde_json::from_value(serde_json::json!({
        "format": "tagline", "tone": "plain", "name": "Lumen Arc", "category": "desk lamp",
        "features": ["dims with a tap", "USB-C charging", "folds flat"],
        "facts": {"price": "€49"}, "audience": "students in small flats",
    }))
    .unwrap();
    let mut options = Options { n: Some(3), ..Options::default() };
    options.sampling.seed = Some(7);
    let copies = block_on(w.write(&brief, &options, &mut |_| (), &|| false)).unwrap();
    assert_eq!(copies.len() + copies.missing.len(), 3);
    for c in copies.iter() {
        println!("{:?} {:?} {:?}", c.text, c.finish_reason, c.checks);
        assert!(!c.text.is_empty() && !c.checks.is_empty() && c.checks.iter().all(|check| check.pass));
        assert!(c.model.starts_with("copywright-default@"));
        assert_eq!(c.brief_hash, copies[0].brief_hash);
        let mut one = Options::default();
        one.sampling.seed = Some(c.seed);
        let again = block_on(w.write(&brief, &one, &mut |_| (), &|| false)).unwrap();
        assert_eq!(again[0].text, c.text, "seed {}", c.seed);
    }
    assert!(w.measure(&brief).unwrap() < w.input_quota());
}
