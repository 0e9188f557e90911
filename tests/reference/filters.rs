//! Penalties, n-grams and the filters, by hand.

use crate::cpu::sample::{SampleParams, kept, process};

const NEVER: f32 = f32::NEG_INFINITY;

fn plain() -> SampleParams {
    SampleParams::default()
}

fn indices(keep: &[bool]) -> Vec<usize> {
    (0..keep.len()).filter(|&i| keep[i]).collect()
}

/// Logits whose softmax is p.
fn logits(p: &[f64]) -> Vec<f32> {
    p.iter().map(|p| p.ln() as f32).collect()
}

#[test]
fn the_defaults_change_nothing() {
    let l = [1.5, -2.0, 0.0];
    assert_eq!(process(&l, &[0, 1, 1], 2, &plain()), l);
    assert_eq!(kept(&l, &plain()), [true; 3]);
}

#[test]
fn steps_come_in_their_order() {
    let params = SampleParams {
        logit_bias: vec![(0, 3.0), (2, -1.0)],
        repetition_penalty: 2.0,
        presence_penalty: 0.5,
        frequency_penalty: 0.25,
        temperature: 0.5,
        ..plain()
    };
    // Prompt 0 1, text 1 1 2; token 3 is new.
    let z = process(&[-1.0, -1.0, 5.0, 4.0], &[0, 1, 1, 1, 2], 2, &params);
    let want = [
        (-1.0 + 3.0) / 2.0 / 0.5,               // bias makes it positive before it is divided
        (-2.0 - 0.5 - 2.0 * 0.25) / 0.5,        // doubled; twice in the text: the prompt does not count
        ((5.0 - 1.0) / 2.0 - 0.5 - 0.25) / 0.5, // presence after repetition
        4.0 / 0.5,
    ];
    assert_eq!(z, want);
}

#[test]
fn repetition_reaches_the_prompt_and_counts_once() {
    let params = SampleParams { repetition_penalty: 4.0, ..plain() };
    let z = process(&[8.0, 8.0, -8.0, 0.0], &[0, 0, 0, 2, 3], 5, &params);
    assert_eq!(z, [2.0, 8.0, -32.0, 0.0]);
}

#[test]
fn negative_penalties_reward() {
    let params = SampleParams { presence_penalty: -1.0, frequency_penalty: -0.5, ..plain() };
    assert_eq!(process(&[0.0, 0.0], &[1, 1], 0, &params), [0.0, 2.0]);
}

#[test]
fn temperature_0_does_not_scale() {
    let params = SampleParams { temperature: 0.0, ..plain() };
    assert_eq!(process(&[1.0, 2.0], &[], 0, &params), [1.0, 2.0]);
}

#[test]
fn n_grams_of_prompt_and_text_are_not_repeated() {
    const NONE: [u32; 0] = [];
    let barred = |history: &[u32], n: u32| {
        let params = SampleParams { no_repeat_ngram_size: n, ..plain() };
        let z = process(&[1.0; 5], history, history.len().min(1), &params);
        (0..5u32).filter(|&t| z[t as usize] == NEVER).collect::<Vec<_>>()
    };
    assert_eq!(barred(&[1, 2, 3, 1, 2], 0), NONE, "off");
    assert_eq!(barred(&[1, 2, 3, 1, 2], 1), [1, 2, 3], "any token again");
    assert_eq!(barred(&[1, 2, 3, 1, 2], 2), [3], "2 3");
    assert_eq!(barred(&[1, 2, 3, 1, 2], 3), [3], "1 2 3");
    assert_eq!(barred(&[1, 2, 3, 4, 2], 3), NONE, "4 2 is new");
    assert_eq!(barred(&[1, 2, 1, 3, 1], 2), [2, 3], "two continuations");
    assert_eq!(barred(&[4, 4], 2), [4], "overlapping");
    assert_eq!(barred(&[1, 2], 3), NONE, "just the context");
    assert_eq!(barred(&[1], 3), NONE, "shorter than the context");
    assert_eq!(barred(&[], 3), NONE);
    assert_eq!(barred(&[], 1), NONE);
}

#[test]
fn nothing_lifts_a_bar() {
    let params = SampleParams {
        no_repeat_ngram_size: 1,
        logit_bias: vec![(0, 100.0)],
        repetition_penalty: 1.3,
        temperature: 0.7,
        ..plain()
    };
    assert_eq!(process(&[1.0, 1.0], &[0], 0, &params)[0], NEVER);
}

#[test]
fn top_k_keeps_ties() {
    let z = [1.0, 3.0, 2.0, 3.0, 2.0, 0.0];
    let top = |top_k| indices(&kept(&z, &SampleParams { top_k, ..plain() }));
    assert_eq!(top(1), [1, 3]);
    assert_eq!(top(2), [1, 3]);
    assert_eq!(top(3), [1, 2, 3, 4]);
    assert_eq!(top(4), [1, 2, 3, 4]);
    assert_eq!(top(5), [0, 1, 2, 3, 4]);
    assert_eq!(top(6), [0, 1, 2, 3, 4, 5]);
    assert_eq!(top(7), [0, 1, 2, 3, 4, 5]);
    assert_eq!(top(0), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn top_p_keeps_the_nucleus() {
    let z = logits(&[0.1, 0.5, 0.1, 0.3]);
    let nucleus = |top_p| indices(&kept(&z, &SampleParams { top_p, ..plain() }));
    assert_eq!(nucleus(0.0), [1], "one always stays");
    assert_eq!(nucleus(0.3), [1]);
    assert_eq!(nucleus(0.49), [1]);
    assert_eq!(nucleus(0.51), [1, 3], "what crosses p is kept");
    assert_eq!(nucleus(0.79), [1, 3]);
    assert_eq!(nucleus(0.81), [0, 1, 2, 3], "ties come together");
    assert_eq!(nucleus(1.0), [0, 1, 2, 3]);
}

#[test]
fn top_p_is_of_what_top_k_leaves() {
    // Of 0.4 and 0.3 the first has 4/7 = 0.571.
    let z = logits(&[0.4, 0.3, 0.2, 0.1]);
    let keep = |top_k, top_p| indices(&kept(&z, &SampleParams { top_k, top_p, ..plain() }));
    assert_eq!(keep(0, 0.5), [0, 1]);
    assert_eq!(keep(2, 0.5), [0]);
    assert_eq!(keep(2, 0.58), [0, 1]);
    assert_eq!(keep(2, 0.99), [0, 1]);
}

#[test]
fn min_p_is_relative_to_the_likeliest() {
    let z = logits(&[0.5, 0.3, 0.15, 0.05]);
    let keep = |min_p| indices(&kept(&z, &SampleParams { min_p, ..plain() }));
    assert_eq!(keep(0.0), [0, 1, 2, 3]);
    assert_eq!(keep(0.29), [0, 1, 2]);
    assert_eq!(keep(0.31), [0, 1]);
    assert_eq!(keep(0.61), [0]);
    assert_eq!(keep(1.0), [0]);
}

#[test]
fn what_is_barred_is_never_kept() {
    let z = [NEVER, 1.0, NEVER];
    let params = SampleParams { top_k: 2, top_p: 0.9, min_p: 0.1, ..plain() };
    assert_eq!(indices(&kept(&z, &params)), [1]);
    assert_eq!(indices(&kept(&z, &plain())), [1]);
    assert!(indices(&kept(&[NEVER; 3], &params)).is_empty());
}
