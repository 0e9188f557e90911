//! Each operation against numbers worked out by hand.

use crate::cpu::compare::{Rng, nmse};
use crate::cpu::ops::*;

/// Equal but for the last bits: the numbers below are written with f64 functions and rounded once.
fn assert_close(got: &[f32], want: &[f64]) {
    let want: Vec<f32> = want.iter().map(|&v| v as f32).collect();
    assert_eq!(got.len(), want.len());
    for (i, (g, w)) in got.iter().zip(&want).enumerate() {
        assert!((g - w).abs() <= 1e-6 * w.abs().max(1.0), "{i}: got {got:?}, want {want:?}");
    }
}

#[test]
fn embed_gathers_rows() {
    let table = [0.0, 1.0, 10.0, 11.0, 20.0, 21.0];
    assert_eq!(embed(&table, 2, &[2, 0, 2]), [20.0, 21.0, 0.0, 1.0, 20.0, 21.0]);
}

#[test]
fn pool_is_the_mean_and_its_direction() {
    // The mean of (1, 2), (5, 6) and (3, 4) is (3, 4), which is 5 long.
    let x = [1.0, 2.0, 5.0, 6.0, 3.0, 4.0];
    assert_close(&pool(&x, 2, false), &[3.0, 4.0]);
    assert_close(&pool(&x, 2, true), &[0.6, 0.8]);
    assert_eq!(pool(&[0.0; 4], 2, true), [0.0; 2]);
}

#[test]
fn rms_norm_divides_by_the_root_mean_square() {
    // mean(3², 4²) = 12.5
    let rms = 12.5f64.sqrt();
    let y = rms_norm(&[3.0, 4.0, -6.0, 8.0], &[1.0, 2.0], 0.0);
    assert_close(&y, &[3.0 / rms, 8.0 / rms, -3.0 / rms, 8.0 / rms]);
    // sqrt(1 + 3) = 2: eps is inside the root.
    assert_close(&rms_norm(&[1.0, -1.0], &[1.0, 3.0], 3.0), &[0.5, -1.5]);
}

#[test]
fn matmul_multiplies_by_the_transposed_weight() {
    let w = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // (3, 2)
    let x = [1.0, 0.0, 1.0, -1.0]; // (2, 2)
    assert_eq!(matmul(&w, &x, 2), [1.0, 3.0, 5.0, -1.0, -1.0, -1.0]);
}

#[test]
fn matmul_sums_in_f64() {
    // In f32, 1e8 + 1 is 1e8 and the sum comes out as 0.
    assert_eq!(matmul(&[1e8, 1.0, -1e8], &[1.0, 1.0, 1.0], 3), [1.0]);
}

#[test]
fn norm_matmul_is_both_in_turn() {
    // x / rms = (1, 1) · 5 / 5; times gain (1, 2); W = ((1, 1), (0, 3)).
    let y = norm_matmul(&[1.0, 1.0, 0.0, 3.0], &[5.0, 5.0], &[1.0, 2.0], 0.0);
    assert_close(&y, &[3.0, 6.0]);
}

#[test]
fn rope_turns_the_first_half_with_the_second() {
    // d = 4, theta = 100: pair 0 turns by p, pair 1 by p · 100^(-1/2) = p / 10. Two heads, positions 0 and 3.
    let head = [1.0, 0.0, 0.0, 1.0]; // pair 0 = (1, 0), pair 1 = (0, 1)
    let other = [0.0, 2.0, 0.0, 0.0]; // pair 1 = (2, 0)
    let row = [head, other].concat();
    let y = rope(&[row.clone(), row.clone()].concat(), 2, 4, &[0, 3], 100.0);
    assert_eq!(y[..8], row, "position 0 stays");
    let (s, c) = 3f64.sin_cos();
    let (s1, c1) = 0.3f64.sin_cos();
    assert_close(&y[8..], &[c, -s1, s, c1, 0.0, 2.0 * c1, 0.0, 2.0 * s1]);
}

#[test]
fn rope_makes_scores_depend_on_distance_only() {
    let mut rng = Rng::new(5);
    let (q, k) = (rng.normal(20), rng.normal(20));
    let score = |t: u32, s: u32| -> f64 {
        let (q, k) = (rope(&q, 1, 20, &[t], 1e4), rope(&k, 1, 20, &[s], 1e4));
        q.iter().zip(&k).map(|(a, b)| f64::from(a * b)).sum()
    };
    assert!((score(9, 2) - score(1007, 1000)).abs() < 1e-5);
    assert!((score(9, 2) - score(9, 3)).abs() > 1e-2);
}

#[test]
fn attention_weighs_by_scaled_scores() {
    // d = 4: score = 2 ln 3 · 1 / sqrt(4) = ln 3 against 0: weights 3/4 and 1/4.
    let q = [2.0, 0.0, 0.0, 0.0];
    let keys = [3f32.ln(), 0.0, 0.0, 0.0, 0.0, 7.0, 7.0, 7.0];
    let values = [4.0, 8.0, 0.0, 1.0, 0.0, 4.0, 4.0, 1.0];
    let y = attention(&q, &keys, &values, &[vec![0, 1]], 1, 1, 4);
    assert_close(&y, &[3.0, 7.0, 1.0, 1.0]);
}

#[test]
fn attention_reads_only_the_rows_it_is_given() {
    // Prompt in rows 0 and 1, then a tail of one row for each of two sequences; q = 0 takes the mean.
    // Row 4 belongs to nobody.
    let values = [1.0, 2.0, 6.0, 60.0, f32::NAN];
    let rows_of = [vec![0, 1, 2], vec![0, 1, 3], vec![1]];
    let y = attention(&[0.0; 3], &[1.0, 1.0, 1.0, 1.0, f32::NAN], &values, &rows_of, 1, 1, 1);
    assert_close(&y, &[3.0, 21.0, 2.0]);
}

#[test]
fn attention_groups_neighbouring_heads() {
    // 4 heads on 2 key-value heads of size 1, one row: heads 0, 1 see value 5, heads 2, 3 see 7.
    let y = attention(&[1.0; 4], &[1.0, 1.0], &[5.0, 7.0], &[vec![0]], 4, 2, 1);
    assert_close(&y, &[5.0, 5.0, 7.0, 7.0]);
    // The keys are grouped alike: ln 3 for heads 0, 1 in row 0, nothing for heads 2, 3.
    let keys = [3f32.ln(), 0.0, 0.0, 0.0];
    let values = [4.0, 4.0, 0.0, 0.0];
    let y = attention(&[1.0; 4], &keys, &values, &[vec![0, 1]], 4, 2, 1);
    assert_close(&y, &[3.0, 3.0, 2.0, 2.0]);
}

#[test]
fn causal_rows_end_with_the_query() {
    assert_eq!(causal(0, 2), [vec![0], vec![0, 1]]);
    assert_eq!(causal(2, 2), [vec![0, 1, 2], vec![0, 1, 2, 3]]);
}

#[test]
fn softmax_is_per_row_and_does_not_overflow() {
    let y = softmax(&[0.0, 3f32.ln(), 1000.0, 1000.0], 2);
    assert_close(&y, &[0.25, 0.75, 0.5, 0.5]);
    let y = softmax(&[f32::NEG_INFINITY, 1.0, -3.0e38, 1.0], 4);
    assert_close(&y, &[0.0, 0.5, 0.0, 0.5]);
}

#[test]
fn swiglu_gates() {
    // sigmoid(±ln 3) = 3/4, 1/4
    let ln3 = 3f64.ln();
    let gate = [0.0, ln3 as f32, -ln3 as f32, 200.0, -200.0];
    let y = swiglu(&gate, &[5.0, 2.0, 2.0, 1.0, 1.0]);
    assert_close(&y, &[0.0, 1.5 * ln3, -0.5 * ln3, 200.0, 0.0]);
}

#[test]
fn add_adds() {
    assert_eq!(add(&[1.0, 2.0], &[0.5, -2.0]), [1.5, 0.0]);
}

#[test]
fn the_comparison_tells_wrong_operations_apart() {
    let mut rng = Rng::new(6);
    let (x, w) = (rng.normal(2 * 8), rng.normal(8));
    let want = rms_norm(&x, &w, 1e-5);
    let layer_norm: Vec<f32> = x
        .chunks(8)
        .flat_map(|row| {
            let mean = row.iter().sum::<f32>() / 8.0;
            rms_norm(&row.iter().map(|v| v - mean).collect::<Vec<_>>(), &w, 1e-5)
        })
        .collect();
    assert!(nmse(&layer_norm, &want) > 1e-4);
    assert!(nmse(&rope(&x, 1, 8, &[1, 2], 1e4), &rope(&x, 1, 8, &[0, 1], 1e4)) > 1e-4);
    assert!(nmse(&rope(&x, 2, 4, &[1, 2], 1e4), &rope(&x, 1, 8, &[1, 2], 1e4)) > 1e-4);
}
