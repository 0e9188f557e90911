//! The draw: its hash, its distribution, its ties and its margin.

use crate::cpu::compare::Rng;
use crate::cpu::sample::{SampleParams, choose, gumbel, kept, logprobs, pcg3d, process};

const NEVER: f32 = f32::NEG_INFINITY;
const DRAWS: u32 = 100_000;
/// The 99.9 % point of chi-square with 15 degrees of freedom.
const CRITICAL: f64 = 37.70;

fn plain() -> SampleParams {
    SampleParams::default()
}

fn token(z: &[f32], params: &SampleParams, seed: u32, step: u32) -> u32 {
    choose(z, params, seed, step).unwrap().0
}

/// 16 logits from 3 down to -2: from 43 % to less than 1 %.
fn sixteen() -> Vec<f32> {
    (0..16).map(|i| 3.0 - i as f32 / 3.0).collect()
}

fn counts(draws: impl Iterator<Item = u32>, cells: usize) -> Vec<f64> {
    let mut counts = vec![0.0; cells];
    draws.for_each(|t| counts[t as usize] += 1.0);
    counts
}

/// Σ (observed - expected)² / expected.
fn chi_square(counts: &[f64], p: &[f64]) -> f64 {
    let n: f64 = counts.iter().sum();
    let cells = counts.iter().zip(p).filter(|(_, p)| **p > 0.0);
    cells.map(|(c, p)| (c - n * p).powi(2) / (n * p)).sum()
}

fn probabilities(z: &[f32]) -> Vec<f64> {
    logprobs(z).iter().map(|l| l.exp()).collect()
}

#[test]
fn the_hash_is_pcg3d() {
    // Worked out with Python's integers from the paper's code.
    assert_eq!(pcg3d([0, 0, 0]), [0x9baf_d7c6, 0xa8e8_8a6b, 0x3f15_482c]);
    assert_eq!(pcg3d([7, 0, 1]), [0x1a20_61bb, 0x640b_b80f, 0xfc55_5f9b]);
    assert_eq!(pcg3d([1, 2, 3]), [0xfa9f_79a6, 0x48f2_f44c, 0x596f_5ab1]);
    assert_eq!(pcg3d([u32::MAX; 3]), [0xa5f4_8f40, 0xa453_3e83, 0x515b_8a62]);
    // u of (7, 0, 1) = (0x1a2061bb >> 9, plus a half) / 2^23
    let u = (f64::from(0x000d_1030u32) + 0.5) / 8_388_608.0;
    assert_eq!(gumbel(7, 0, 1), -(-u.ln()).ln());
}

#[test]
fn draws_over_seeds_follow_the_softmax() {
    let (z, p) = (sixteen(), probabilities(&sixteen()));
    for step in [0, 1, 63] {
        let x = chi_square(&counts((0..DRAWS).map(|s| token(&z, &plain(), s, step)), 16), &p);
        println!("step {step}: chi-square {x:.1}, at most {CRITICAL}");
        assert!(x < CRITICAL, "step {step}: {x}");
    }
}

#[test]
fn draws_over_steps_follow_the_softmax() {
    let (z, p) = (sixteen(), probabilities(&sixteen()));
    for seed in [0, 1, 0xdead_beef] {
        let x = chi_square(&counts((0..DRAWS).map(|t| token(&z, &plain(), seed, t)), 16), &p);
        println!("seed {seed}: chi-square {x:.1}, at most {CRITICAL}");
        assert!(x < CRITICAL, "seed {seed}: {x}");
    }
}

#[test]
fn neighbouring_seeds_and_steps_are_independent() {
    // Pairs of draws among 4 tokens: 16 cells, whose probabilities are products.
    let z = &sixteen()[..4];
    let p = probabilities(z);
    let pairs: Vec<f64> = (0..16).map(|i| p[i / 4] * p[i % 4]).collect();
    let pair = |a: (u32, u32), b: (u32, u32)| token(z, &plain(), a.0, a.1) * 4 + token(z, &plain(), b.0, b.1);
    let seeds = counts((0..DRAWS).map(|s| pair((s, 5), (s + 1, 5))), 16);
    let steps = counts((0..DRAWS).map(|s| pair((s, 5), (s, 6))), 16);
    let mixed = counts((0..DRAWS).map(|s| pair((s, 6), (s + 1, 5))), 16);
    for (name, counts) in [("seeds", seeds), ("steps", steps), ("seed and step", mixed)] {
        let x = chi_square(&counts, &pairs);
        println!("{name}: chi-square {x:.1}, at most {CRITICAL}");
        assert!(x < CRITICAL, "{name}: {x}");
    }
}

#[test]
fn the_test_rejects_another_distribution() {
    let z = sixteen();
    let warmer = process(&z, &[], 0, &SampleParams { temperature: 1.02, ..plain() });
    let p = probabilities(&z);
    let x = chi_square(&counts((0..DRAWS).map(|s| token(&warmer, &plain(), s, 0)), 16), &p);
    assert!(x > CRITICAL, "temperature 1.02 passed with {x}");
    let x = chi_square(&counts((0..DRAWS).map(|s| s % 16), 16), &p);
    assert!(x > CRITICAL, "a uniform draw passed with {x}");
}

#[test]
fn filtered_draws_follow_what_is_left() {
    let params = SampleParams { top_k: 12, top_p: 0.95, min_p: 0.02, ..plain() };
    let z = sixteen();
    let keep = kept(&z, &params);
    let total: f64 = (0..16).filter(|&i| keep[i]).map(|i| probabilities(&z)[i]).sum();
    let p: Vec<f64> = (0..16).map(|i| if keep[i] { probabilities(&z)[i] / total } else { 0.0 }).collect();
    let counts = counts((0..DRAWS).map(|s| token(&z, &params, s, 9)), 16);
    assert!((0..16).all(|i| keep[i] || counts[i] == 0.0), "{counts:?}");
    assert!(keep.iter().any(|k| !k));
    let x = chi_square(&counts, &p);
    assert!(x < CRITICAL, "{x}");
}

#[test]
fn greedy_takes_the_first_of_equals() {
    let greedy = SampleParams { temperature: 0.0, ..plain() };
    assert_eq!(choose(&[1.0, 4.0, 4.0, 2.0], &greedy, 1, 1), Some((1, 0.0)));
    assert_eq!(choose(&[4.0, 1.0, 1.5], &greedy, 1, 1), Some((0, 2.5)));
    assert_eq!(choose(&[0.0; 5], &greedy, 1, 1), Some((0, 0.0)));
    assert_eq!(choose(&[NEVER, -1.0, NEVER], &greedy, 1, 1), Some((1, f64::INFINITY)));
    assert_eq!(choose(&[NEVER; 3], &greedy, 1, 1), None);
    assert_eq!(choose(&[NEVER; 3], &plain(), 1, 1), None);
}

#[test]
fn the_margin_is_the_lead_of_the_choice() {
    let z = [0.5, 0.0, -0.5];
    for seed in 0..100 {
        let mut scores: Vec<f64> = (0..3).map(|t| f64::from(z[t as usize]) + gumbel(seed, 2, t)).collect();
        let (token, margin) = choose(&z, &plain(), seed, 2).unwrap();
        let first = scores.remove(token as usize);
        let second = scores.into_iter().fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(margin, first - second);
        assert!(margin > 0.0);
    }
}

#[test]
fn a_choice_at_the_edge_of_a_filter_is_not_safe() {
    // p = 0.6, 0.4: at top_p = 0.6 the second token hangs on the last bits of a sum.
    let z = [0.6f32.ln(), 0.4f32.ln()];
    let (edge, clear) = (0.6f64 as f32, 0.7);
    let mut drawn = [0, 0];
    for seed in 0..200 {
        let free = choose(&z, &SampleParams { top_p: clear, ..plain() }, seed, 0).unwrap();
        let (token, margin) = choose(&z, &SampleParams { top_p: edge, ..plain() }, seed, 0).unwrap();
        drawn[free.0 as usize] += 1;
        assert!(free.1 > 0.0);
        if free.0 == 1 {
            assert_eq!(margin, 0.0, "seed {seed}: token {token}");
        }
        let min_p = 2.0 / 3.0;
        let (_, margin) = choose(&z, &SampleParams { min_p, ..plain() }, seed, 0).unwrap();
        assert!(free.0 == 0 || margin == 0.0, "seed {seed}");
    }
    assert!(drawn[0] > 80 && drawn[1] > 40, "{drawn:?}");
}

#[test]
fn logprobs_are_those_of_the_raw_logits() {
    let got = logprobs(&[1000.0, 1000.0 + 3f32.ln()]);
    assert!((got[0] - 0.25f64.ln()).abs() < 1e-4, "{got:?}"); // 1000 + ln 3 is rounded to f32
    assert_eq!(logprobs(&[0.0; 4]), [0.25f64.ln(); 4]);
    let l = Rng::new(8).normal(1000);
    let sum: f64 = logprobs(&l).iter().map(|l| l.exp()).sum();
    assert!((sum - 1.0).abs() < 1e-12);
}
