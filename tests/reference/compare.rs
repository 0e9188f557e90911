//! A comparison that nothing fails proves nothing: here is what it must reject.

use crate::cpu::compare::{Rng, assert_nmse, nmse};

const BOUND: f64 = 1e-9;

fn wanted() -> Vec<f32> {
    Rng::new(1).normal(4096)
}

#[test]
fn equal_and_rounded_results_pass() {
    let want = wanted();
    assert_eq!(nmse(&want, &want), 0.0);
    let rounded: Vec<f32> = want.iter().map(|v| v * (1.0 + f32::EPSILON)).collect();
    assert_ne!(rounded, want);
    assert_nmse("rounded", &rounded, &want, BOUND);
}

#[test]
fn nmse_by_hand() {
    // (1² + 2²) / (3² + 4²)
    assert_eq!(nmse(&[4.0, 2.0], &[3.0, 4.0]), 5.0 / 25.0);
    assert_eq!(nmse(&[0.0], &[0.0]), 0.0);
    assert_eq!(nmse(&[1e-30], &[0.0]), f64::INFINITY);
}

#[test]
fn wrong_results_are_rejected() {
    let want = wanted();
    type Fault = fn(&mut Vec<f32>);
    let faults: [(&str, Fault); 9] = [
        ("one value missing", |y| y[4095] = 0.0),
        ("one value poisoned", |y| y[64] = -12345.0),
        ("scaled by 1.0001", |y| y.iter_mut().for_each(|v| *v *= 1.0001)),
        ("sign", |y| y.iter_mut().for_each(|v| *v = -*v)),
        ("all zero", |y| y.fill(0.0)),
        ("shifted by one", |y| y.rotate_right(1)),
        ("neighbours swapped", |y| y.swap(100, 101)),
        ("rows swapped", |y| {
            let (a, b) = y.split_at_mut(2048);
            a.swap_with_slice(b);
        }),
        ("last workgroup not written", |y| y[4032..].fill(0.0)),
    ];
    for (name, fault) in faults {
        let mut got = want.clone();
        fault(&mut got);
        let error = nmse(&got, &want);
        println!("{name}: NMSE {error:.1e}, must exceed {BOUND:.0e}");
        assert!(error > BOUND, "{name} passed with {error:e}");
    }
}

#[test]
fn what_is_not_finite_is_rejected_on_either_side() {
    let want = wanted();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut got = want.clone();
        got[17] = bad;
        assert_eq!(nmse(&got, &want), f64::INFINITY, "got {bad}");
        assert_eq!(nmse(&want, &got), f64::INFINITY, "want {bad}");
        assert_eq!(nmse(&got, &got), f64::INFINITY, "both {bad}");
    }
}

#[test]
#[should_panic(expected = "worst at index 17: got NaN")]
fn the_message_names_the_worst_index() {
    let want = wanted();
    let mut got = want.clone();
    got[3] = 1000.0;
    got[17] = f32::NAN;
    assert_nmse("poisoned", &got, &want, BOUND);
}

#[test]
#[should_panic(expected = "worst at index 4000")]
fn the_message_names_the_largest_difference() {
    let want = wanted();
    let mut got = want.clone();
    got[4000] += 1.0;
    got[9] += 0.5;
    assert_nmse("two wrong", &got, &want, BOUND);
}

#[test]
#[should_panic(expected = "differ in length: 4095 and 4096")]
fn lengths_must_match() {
    let want = wanted();
    nmse(&want[1..], &want);
}

#[test]
#[should_panic(expected = "nothing to compare")]
fn nothing_is_not_a_comparison() {
    nmse(&[], &[]);
}

#[test]
fn random_numbers_are_the_published_ones() {
    // SplitMix64 from seed 1234567, as published test vectors have it.
    let mut rng = Rng::new(1_234_567);
    let want = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
    assert_eq!([(); 3].map(|()| rng.next_u64()), want);
}

#[test]
fn random_numbers_have_their_moments() {
    let n = 100_000;
    let moments = |x: &[f32]| {
        let mean = x.iter().map(|&v| f64::from(v)).sum::<f64>() / n as f64;
        let square = x.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>();
        (mean, square / n as f64)
    };
    let (mean, variance) = moments(&Rng::new(2).normal(n));
    assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "normal: {mean}, {variance}");

    let x = Rng::new(3).uniform(n, -2.0, 4.0);
    assert!(x.iter().all(|v| (-2.0..=4.0).contains(v)));
    let (mean, variance) = moments(&x);
    assert!((mean - 1.0).abs() < 0.02 && (variance - 3.0).abs() < 0.03, "uniform: {mean}, {variance}");

    let mut rng = Rng::new(4);
    let mut counts = [0u32; 7];
    (0..7000).for_each(|_| counts[rng.below(7) as usize] += 1);
    assert!(counts.iter().all(|c| (880..1120).contains(c)), "{counts:?}");
}
