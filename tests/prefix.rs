//! The cache between calls: what a prompt shares with the last one is not computed again, and no bit of what follows
//! tells the difference.
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
use copywright::generate::{GenerateError, Job, Output};
use copywright::kernel::Mad;
use copywright::writer::Writer;
use pollster::block_on;

/// Rows of a slice on a software adapter, and on any other.
const SLICES: [u32; 2] = [64, 256];

fn writer(half: bool, mad: Mad, slice: u32) -> Writer {
    let engine = support::engine_with(half, mad);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    let mut writer = block_on(Writer::open_on(Rc::new(engine), folder)).unwrap_or_else(|e| panic!("{e}"));
    writer.session().decoder.slice = slice;
    writer
}

fn job(prompt: &[u32], n: u32, max_tokens: u32) -> Job {
    Job {
        prompt: prompt.to_vec(),
        n,
        seed: 5,
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

/// `length` tokens that `kind` decides; none of them ends a text.
fn tokens(kind: u32, length: usize) -> Vec<u32> {
    let mut state = kind.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        3 + state % 4000
    };
    (0..length).map(|_| next()).collect()
}

/// Runs a job; returns also the rows of its prompt that were computed.
fn run(w: &mut Writer, job: &Job) -> (Vec<Output>, u64) {
    let before = w.counters().prefilled_rows;
    let (outputs, _) = block_on(w.session().generate(job, &mut |_| (), &|| false)).unwrap();
    (outputs, w.counters().prefilled_rows - before)
}

/// The logits behind a prompt, bit by bit, and the rows that were computed.
fn bits(w: &mut Writer, prompt: &[u32]) -> (Vec<u32>, u64) {
    let before = w.counters().prefilled_rows;
    let logits = block_on(w.session().logits(prompt)).unwrap();
    (logits.into_iter().map(f32::to_bits).collect(), w.counters().prefilled_rows - before)
}

fn ids(outputs: &[Output]) -> Vec<&[u32]> {
    outputs.iter().map(|o| o.tokens.as_slice()).collect()
}

/// What must be computed of a prompt after another one.
fn missing(last: &[u32], prompt: &[u32]) -> u64 {
    let common = last.iter().zip(prompt).take_while(|(a, b)| a == b).count();
    (prompt.len() - common.min(prompt.len() - 1)) as u64
}

#[test]
fn no_bit_tells_what_was_there() {
    for (half, mad, slice, other) in [
        (false, Mad::Fused, SLICES[0], SLICES[1]),
        (true, Mad::Fused, SLICES[1], SLICES[0]),
        (false, Mad::Plain, 16, SLICES[0]),
        (true, Mad::Plain, SLICES[0], 16),
    ] {
        let mut w = writer(half, mad, slice);
        // Slices of another size, and nothing kept.
        let mut fresh = writer(half, mad, other);
        let trunk = tokens(1, 330);
        let mut last: Vec<u32> = Vec::new();
        let mut computed = 0;
        // How much of the trunk, what follows it, and how many sequences of how many tokens.
        let steps = [
            (200, 0, 1, 9),
            (200, 0, 3, 5),
            (200, 40, 1, 7),
            (63, 1, 1, 3),
            (64, 130, 8, 6),
            (65, 1, 1, 12),
            (330, 0, 2, 4),
            (17, 0, 1, 20),
            (0, 33, 1, 4),
            (16, 240, 1, 4),
        ];
        for (i, (shared, own, n, count)) in steps.into_iter().enumerate() {
            let prompt = [&trunk[..shared], &tokens(100 + i as u32, own)].concat();
            let job = job(&prompt, n, count);
            let (outputs, rows) = run(&mut w, &job);
            assert_eq!(rows, missing(&last, &prompt), "rows of step {i}");
            computed += rows;
            fresh.session().forget();
            let (expected, rows) = run(&mut fresh, &job);
            assert_eq!(rows, prompt.len() as u64);
            assert_eq!(ids(&outputs), ids(&expected), "tokens of step {i}");
            let ((a, rows), (b, _)) = (bits(&mut w, &prompt), bits(&mut fresh, &prompt));
            assert_eq!(rows, 1, "the same again");
            assert!(a == b, "logits of step {i}");
            last = prompt;
        }
        println!("half {half}, {mad:?}, slices of {slice}: {computed} rows computed");
    }
}

#[test]
fn a_conversation_computes_only_what_is_new() {
    let (mut w, mut fresh) = (writer(false, Mad::Fused, SLICES[0]), writer(false, Mad::Fused, SLICES[0]));
    let mut prompt = tokens(7, 90);
    let mut said = 0;
    for turn in 0..4 {
        // Straight after the last answer: it and what follows it, and nothing of the turns before.
        fresh.session().forget();
        let ((a, rows), (b, all)) = (bits(&mut w, &prompt), bits(&mut fresh, &prompt));
        assert!(a == b, "logits of turn {turn}");
        assert_eq!((rows, all), ((prompt.len() - said) as u64, prompt.len() as u64), "turn {turn}");
        let j = job(&prompt, 1, 24);
        let (outputs, again) = run(&mut w, &j);
        assert_eq!((ids(&outputs), again), (ids(&run(&mut fresh, &j).0), 1), "turn {turn}");
        let reply = &outputs[0].tokens;
        println!("turn {turn}: {} tokens, {rows} computed, {} written", prompt.len(), reply.len());
        said = prompt.len();
        prompt.extend(reply);
        prompt.extend(tokens(20 + turn, 6));
    }
}

/// Why the rows of generated tokens are computed again: a decode step rounds otherwise than prefill does.
#[test]
fn a_step_rounds_otherwise_than_a_prompt() {
    let mut w = writer(false, Mad::Fused, SLICES[0]);
    let mut differ = 0;
    for kind in 30..34 {
        let prompt = tokens(kind, 40);
        let mut j = job(&prompt, 1, 12);
        j.logprobs = true;
        j.stop_tokens.clear();
        let (outputs, _) = run(&mut w, &j);
        let mut text = prompt.clone();
        for l in &outputs[0].logprobs {
            // The same position as the end of a prompt: its logits through the same head.
            let as_prompt = Job { prompt: text.clone(), max_tokens: 1, ..j.clone() };
            let again = run(&mut w, &as_prompt).0.remove(0).logprobs.remove(0);
            let found = again.top.iter().find(|t| t.0 == l.top[0].0).expect("the likeliest token").1;
            assert!((found - l.top[0].1).abs() < 1e-3, "{found} and {}", l.top[0].1);
            differ += u32::from(found.to_bits() != l.top[0].1.to_bits());
            text.push(l.token);
        }
    }
    println!("{differ} of 48 log-probabilities differ in their bits");
    assert!(differ > 0, "if they never differ, generated rows could be kept");
}

#[test]
fn an_abort_keeps_what_was_computed() {
    let (mut w, mut fresh) = (writer(false, Mad::Fused, SLICES[0]), writer(false, Mad::Fused, SLICES[0]));
    let (long, other) = (tokens(40, 300), tokens(41, 10));
    let expected = run(&mut fresh, &job(&long, 2, 8)).0;
    // Looked at before each of five slices, then once a readback.
    for looks in 0..8u64 {
        run(&mut w, &job(&other, 1, 2));
        let left = Cell::new(looks);
        let cancelled = || left.replace(left.get().max(1) - 1) == 0;
        let before = w.counters().prefilled_rows;
        let outcome = block_on(w.session().generate(&job(&long, 2, 40), &mut |_| (), &cancelled));
        assert!(matches!(outcome, Err(GenerateError::Aborted)), "after {looks} looks");
        let computed = w.counters().prefilled_rows - before;
        let slices = looks.min(5);
        assert_eq!(computed, (slices * u64::from(SLICES[0])).min(300), "after {looks} looks");
        let (outputs, rows) = run(&mut w, &job(&long, 2, 8));
        assert_eq!(rows, (300 - computed).max(1), "after {looks} looks");
        assert_eq!(ids(&outputs), ids(&expected), "after {looks} looks");
    }
}

#[test]
fn a_cache_that_was_moved_holds_nothing() {
    let mut w = writer(false, Mad::Fused, SLICES[0]);
    let prompt = tokens(50, 120);
    let (expected, _) = run(&mut w, &job(&prompt, 1, 8));
    assert_eq!(run(&mut w, &job(&prompt, 1, 8)).1, 1);
    // Eight tails of 200 tokens need more rows than a context has.
    let mut eight = job(&prompt, 8, 200);
    eight.stop = vec![" ".into()];
    assert_eq!(run(&mut w, &eight).1, 120, "everything anew");
    let (outputs, rows) = run(&mut w, &job(&prompt, 1, 8));
    assert_eq!((ids(&outputs), rows), (ids(&expected), 1));
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut w = writer(false, Mad::Fused, SLICES[0]);
    let prompt = tokens(60, 80);
    let (expected, _) = run(&mut w, &job(&prompt, 1, 8));
    let context = w.session().decoder.context;
    let long = [prompt.clone(), tokens(61, 1000)].concat();
    let refused = [
        (job(&long, 1, 1), Kind::QuotaExceeded { requested: 1080, quota: u64::from(context) - 1 }),
        (job(&[prompt.clone(), vec![1 << 20]].concat(), 1, 1), Kind::Type),
        (job(&prompt[..40], 9, 1), Kind::Type),
    ];
    for (bad, kind) in refused {
        let error = block_on(w.session().generate(&bad, &mut |_| (), &|| false)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let (outputs, rows) = run(&mut w, &job(&prompt, 1, 8));
    assert_eq!((ids(&outputs), rows), (ids(&expected), 1));
    // To the last row of the context, and back.
    let full = [prompt.clone(), tokens(62, context as usize - 90)].concat();
    assert_eq!(run(&mut w, &job(&full, 1, 10)).1, full.len() as u64 - 80);
    let (outputs, rows) = run(&mut w, &job(&prompt, 1, 8));
    assert_eq!((ids(&outputs), rows), (ids(&expected), 1));
}
