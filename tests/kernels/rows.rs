//! Embedding, normalisations, last row.

use copywright::kernel::Rows;
use copywright::kernel::embed::{Embed, LastRow};
use copywright::kernel::norm::{LayerNorm, RmsNorm, Softmax};
use copywright::kernel::pool::Pool;
use copywright::record::Element;

use crate::EXACT;
use crate::cpu::compare::{Rng, assert_nmse};
use crate::cpu::ops;
use crate::support::{decode_state, down, encode_state, engine, poisoned, prefill_state, rounded, run, up, words};

#[test]
fn rms_norm() {
    let e = engine(false);
    for (rows, cols) in [(1, 4), (3, 20), (2, 252), (4, 256), (1, 260), (5, 1024)] {
        let mut rng = Rng::new(cols as u64);
        let (x, w) = (rng.normal((rows + 2) * cols), rng.normal(cols));
        let (tx, tw) = (up(&e, "x", cols, &x, Element::F32), up(&e, "w", cols, &w, Element::F32));
        for serial in [false, true] {
            let y = poisoned(&e, "y", rows + 2, cols, Element::F32);
            run(&e, &[&RmsNorm { x: &tx, w: &tw, y: &y, eps: 1e-5, rows: rows as u32, add: false, serial }]);
            let (name, got) = (format!("rms_norm {rows}×{cols} serial {serial}"), down(&e, &y));
            written(&name, &got, &ops::rms_norm(&x[..rows * cols], &w, 1e-5), EXACT);
        }
    }
}

/// The rows are right, and nothing was written behind them.
fn written(name: &str, got: &[f32], want: &[f32], bound: f64) {
    let (head, tail) = got.split_at(want.len());
    assert_nmse(name, head, want, bound);
    assert!(tail.iter().all(|v| v.is_nan()), "{name}: rows behind the last were written");
}

#[test]
fn rms_norm_added() {
    let e = engine(false);
    let (rows, cols) = (3, 260);
    let mut rng = Rng::new(11);
    let (x, w, before) = (rng.normal(rows * cols), rng.normal(cols), rng.normal(rows * cols));
    let (tx, tw) = (up(&e, "x", cols, &x, Element::F32), up(&e, "w", cols, &w, Element::F32));
    for serial in [false, true] {
        let y = up(&e, "y", cols, &before, Element::F32);
        run(&e, &[&RmsNorm { x: &tx, w: &tw, y: &y, eps: 1e-5, rows: rows as u32, add: true, serial }]);
        let want = ops::add(&before, &ops::rms_norm(&x, &w, 1e-5));
        assert_nmse(&format!("rms_norm added, serial {serial}"), &down(&e, &y), &want, EXACT);
    }
}

#[test]
fn layer_norm() {
    let e = engine(false);
    for (rows, cols) in [(1, 4), (3, 20), (2, 252), (4, 256), (1, 260), (5, 1024)] {
        let mut rng = Rng::new(cols as u64);
        // Far from zero: the mean has to go before the squares are summed.
        let x: Vec<f32> = rng.normal((rows + 2) * cols).iter().map(|v| v + 30.0).collect();
        let (w, b) = (rng.normal(cols), rng.normal(cols));
        let [tx, tw, tb] = [("x", &x), ("w", &w), ("b", &b)].map(|(n, v)| up(&e, n, cols, v, Element::F32));
        for serial in [false, true] {
            let y = poisoned(&e, "y", rows + 2, cols, Element::F32);
            run(&e, &[&LayerNorm { x: &tx, w: &tw, b: &tb, y: &y, eps: 1e-5, rows: rows as u32, serial }]);
            let want = ops::layer_norm(&x[..rows * cols], &w, &b, 1e-5);
            written(&format!("layer_norm {rows}×{cols} serial {serial}"), &down(&e, &y), &want, 1e-10);
        }
    }
}

#[test]
fn softmax() {
    let e = engine(false);
    for (rows, cols) in [(1, 1), (2, 255), (2, 256), (3, 257), (1, 4096)] {
        let x: Vec<f32> = Rng::new(cols as u64).normal(rows * cols).iter().map(|v| v * 10.0 + 50.0).collect();
        let y = poisoned(&e, "y", rows, cols, Element::F32);
        run(&e, &[&Softmax { x: &up(&e, "x", cols, &x, Element::F32), y: &y, rows: rows as u32 }]);
        assert_nmse(&format!("softmax {rows}×{cols}"), &down(&e, &y), &ops::softmax(&x, cols), 1e-10);
    }
}

#[test]
fn embed_decode_in_parts() {
    for half in [false, true] {
        let e = engine(half);
        for (element, cols) in [(Element::F32, 4), (Element::F16, 260), (Element::Bf16, 64)] {
            let vocabulary = 37;
            let table = Rng::new(7).normal(vocabulary * cols);
            // Eight sequences: a shared prompt of 3, tails of 5.
            let positions = [2, 3, 4, 5, 6, 7, 3, 2];
            let history: Vec<u32> = (0..64).map(|i| i * 11 % vocabulary as u32).collect();
            let ids: Vec<u32> =
                positions.iter().enumerate().map(|(b, &t)| history[crate::support::cache_row(3, 5, b, t)]).collect();
            let x = poisoned(&e, "x", 8, cols, Element::F32);
            let state = decode_state(&e, 3, 5, &positions);
            let history = words(&e, "history", 1, &history);
            let cut = 20;
            let low = up(&e, "low", cols, &table[..cut * cols], element);
            let high = up(&e, "high", cols, &table[cut * cols..], element);
            let embed = |table, first| Embed {
                table,
                first,
                state: &state,
                history: &history,
                x: &x,
                scale: 1.0,
                positions: None,
                rows: Rows::Decode(8),
                f16: half,
            };
            run(&e, &[&embed(&low, 0), &embed(&high, cut as u32)]);
            let want = ops::embed(&rounded(&table, element), cols, &ids);
            assert_nmse(&format!("embed {element:?} {cols}"), &down(&e, &x), &want, 0.0);
        }
    }
}

#[test]
fn embed_prefill_leaves_other_rows_alone() {
    let e = engine(false);
    let (cols, rows) = (8, 5);
    let table = Rng::new(3).normal(11 * cols);
    let history: Vec<u32> = (0..20).map(|i| i % 11).collect();
    let x = poisoned(&e, "x", 16, cols, Element::F32);
    run(
        &e,
        &[&Embed {
            table: &up(&e, "table", cols, &table, Element::F32),
            first: 0,
            state: &prefill_state(&e, 7, rows),
            history: &words(&e, "history", 1, &history),
            x: &x,
            scale: 1.0,
            positions: None,
            rows: Rows::Prefill(16),
            f16: false,
        }],
    );
    let got = down(&e, &x);
    let (head, tail) = got.split_at(rows as usize * cols);
    assert_nmse("embed prefill", head, &ops::embed(&table, cols, &history[7..12]), 0.0);
    assert!(tail.iter().all(|v| v.is_nan()), "rows past the slice were written");
}

#[test]
fn embed_with_positions() {
    let e = engine(false);
    let (cols, count) = (12, 9);
    let mut rng = Rng::new(4);
    let (table, positions) = (rng.normal(11 * cols), rng.normal((count + 1) * cols));
    let history: Vec<u32> = (0..20).map(|i| i * 7 % 11).collect();
    let x = poisoned(&e, "x", 5, cols, Element::F32);
    run(
        &e,
        &[&Embed {
            table: &up(&e, "table", cols, &table, Element::F32),
            first: 0,
            state: &prefill_state(&e, 4, 5),
            history: &words(&e, "history", 1, &history),
            x: &x,
            scale: 3.0,
            positions: Some(&up(&e, "positions", cols, &positions, Element::F32)),
            rows: Rows::Prefill(5),
            f16: false,
        }],
    );
    let tokens = ops::embed(&table, cols, &history[4..9]).iter().map(|v| v * 3.0).collect::<Vec<_>>();
    let both = ops::add(&tokens, &positions[4 * cols..9 * cols]);
    let last: Vec<f32> = positions[count * cols..].repeat(5);
    assert_nmse("embed with positions", &down(&e, &x), &ops::add(&both, &last), EXACT);
}

#[test]
fn last_row() {
    let e = engine(false);
    for (cols, rows) in [(4, 1), (252, 9), (260, 16)] {
        let x = Rng::new(1).normal(16 * cols);
        let y = poisoned(&e, "y", 1, cols, Element::F32);
        let (tx, state) = (up(&e, "x", cols, &x, Element::F32), prefill_state(&e, 0, rows));
        run(&e, &[&LastRow { state: &state, x: &tx, y: &y }]);
        let from = (rows as usize - 1) * cols;
        assert_nmse("last_row", &down(&e, &y), &x[from..from + cols], 0.0);
    }
}

#[test]
fn embed_several_texts() {
    let e = engine(false);
    let (cols, count, lengths) = (12, 9, [3, 1, 9, 2, 5, 1, 1, 4]);
    let mut rng = Rng::new(5);
    let (table, positions) = (rng.normal(11 * cols), rng.normal((count + 1) * cols));
    let tokens: Vec<u32> = (0..32).map(|i| i * 7 % 11).collect();
    let x = poisoned(&e, "x", 32, cols, Element::F32);
    run(
        &e,
        &[&Embed {
            table: &up(&e, "table", cols, &table, Element::F32),
            first: 0,
            state: &encode_state(&e, &lengths),
            history: &words(&e, "tokens", 1, &tokens),
            x: &x,
            scale: 1.0,
            positions: Some(&up(&e, "positions", cols, &positions, Element::F32)),
            rows: Rows::Encode(32),
            f16: false,
        }],
    );
    // Each text begins at position 0.
    let places: Vec<u32> = lengths.iter().flat_map(|&n| 0..n).collect();
    let both = ops::add(&ops::embed(&table, cols, &tokens[..26]), &ops::embed(&positions, cols, &places));
    let want = ops::add(&both, &positions[count * cols..].repeat(26));
    let got = down(&e, &x);
    let (head, tail) = got.split_at(26 * cols);
    assert_nmse("embed several texts", head, &want, EXACT);
    assert!(tail.iter().all(|v| v.is_nan()), "rows behind all texts were written");
}

#[test]
fn pool() {
    let e = engine(false);
    for cols in [4, 252, 256, 260, 384] {
        for lengths in [&[1][..], &[7, 1, 30, 2], &[1, 2, 3, 4, 5, 6, 7, 8]] {
            let rows: u32 = lengths.iter().sum();
            let x = Rng::new(cols as u64).normal((rows as usize + 3) * cols);
            let (tx, state) = (up(&e, "x", cols, &x, Element::F32), encode_state(&e, lengths));
            for unit in [false, true] {
                let y = poisoned(&e, "y", 8, cols, Element::F32);
                run(&e, &[&Pool { state: &state, x: &tx, y: &y, unit }]);
                let (got, mut rest) = (down(&e, &y), &x[..]);
                for (b, &length) in lengths.iter().enumerate() {
                    let (text, others) = rest.split_at(length as usize * cols);
                    let name = format!("pool {cols} columns, text {b} of {lengths:?}, unit {unit}");
                    assert_nmse(&name, &got[b * cols..(b + 1) * cols], &ops::pool(text, cols, unit), EXACT);
                    rest = others;
                }
                assert!(got[lengths.len() * cols..].iter().all(|v| v.is_nan()), "texts that are not there");
            }
        }
    }
}
