//! Rotary positions with the cache write, and attention over shared prompts and own tails.

use copywright::kernel::Rows;
use copywright::kernel::attention::{Attention, AttentionMerge};
use copywright::kernel::rope::{Cache, Heads, Rope, rope_table};
use copywright::model::config::Rotary;
use copywright::record::Element;

use crate::EXACT;
use crate::cpu::compare::{Rng, assert_nmse};
use crate::cpu::ops;
use crate::support::{cache_row, decode_state, down, encode_state, engine, poisoned, prefill_state, rounded, run, up};

const HEADS: [Heads; 5] = [
    Heads { query: 1, kv: 1, size: 4 },
    Heads { query: 3, kv: 1, size: 20 },
    Heads { query: 6, kv: 2, size: 32 },
    Heads { query: 5, kv: 5, size: 64 },
    Heads { query: 4, kv: 2, size: 132 },
];

fn scale(h: Heads) -> f32 {
    1.0 / (h.size as f32).sqrt()
}

fn element(half: bool) -> Element {
    if half { Element::F16 } else { Element::F32 }
}

#[test]
fn rope_turns_and_fills_the_cache() {
    for (half, serial) in [(false, false), (false, true), (true, false), (true, true)] {
        let e = engine(half);
        for h in HEADS {
            let (q, kv, d) = (h.query as usize, h.kv as usize, h.size as usize);
            let cols = h.qkv_cols() as usize;
            // Eight sequences, a prompt of 3, tails of 40.
            let positions = [3, 4, 5, 6, 7, 8, 30, 42];
            let qkv = Rng::new(d as u64).normal(8 * cols);
            let room = 3 + 8 * 40;
            let cache = Cache {
                keys: poisoned(&e, "keys", room, kv * d, element(half)),
                values: poisoned(&e, "values", room, kv * d, element(half)),
            };
            let tqkv = up(&e, "qkv", cols, &qkv, Element::F32);
            let table = up(&e, "table", d, &rope_table(64, &Rotary::new(1e4, h.size).inverse, 1.0), Element::F32);
            let state = decode_state(&e, 3, 40, &positions);
            run(
                &e,
                &[&Rope {
                    state: &state,
                    table: Some(&table),
                    interleaved: false,
                    norm: None,
                    qkv: &tqkv,
                    cache: &cache,
                    heads: h,
                    rows: Rows::Decode(8),
                    serial,
                }],
            );

            let part = |from: usize, to: usize| -> Vec<f32> {
                qkv.chunks_exact(cols).flat_map(|row| row[from * d..to * d].to_vec()).collect()
            };
            let want_q = ops::rope(&part(0, q), q, d, &positions, 1e4);
            let want_k = ops::rope(&part(q, q + kv), kv, d, &positions, 1e4);
            let got_q: Vec<f32> = down(&e, &tqkv).chunks_exact(cols).flat_map(|row| row[..q * d].to_vec()).collect();
            assert_nmse(&format!("rope q {h:?}"), &got_q, &want_q, 1e-10);
            let (keys, values) = (down(&e, &cache.keys), down(&e, &cache.values));
            let rows = |cache: &[f32]| -> Vec<f32> {
                let row = |(b, &t): (usize, &u32)| cache[cache_row(3, 40, b, t) * kv * d..][..kv * d].to_vec();
                positions.iter().enumerate().flat_map(row).collect()
            };
            let bound = if half { 1e-6 } else { 1e-10 };
            assert_nmse(&format!("rope k {h:?} f16 {half}"), &rows(&keys), &want_k, bound);
            assert_nmse(&format!("rope v {h:?} f16 {half}"), &rows(&values), &part(q + kv, q + 2 * kv), bound);
            let written = keys.iter().filter(|v| !v.is_nan()).count();
            assert_eq!(written, 8 * kv * d, "rows of the cache that are nobody's were written");
        }
    }
}

/// Eight sequences of different lengths, around the split of 128 and the block of 64.
#[test]
fn attention_decode() {
    const SPLIT: u32 = 128;
    for half in [false, true] {
        let e = engine(half);
        for h in HEADS {
            for (shared, positions) in
                [(1, vec![0]), (60, vec![62]), (60, vec![63, 64, 65, 126, 127, 128, 129, 300]), (1, vec![255, 256, 1])]
            {
                let (q, kv, d) = (h.query as usize, h.kv as usize, h.size as usize);
                let b = positions.len();
                let tail = 310u32;
                let room = shared as usize + 8 * tail as usize;
                let mut rng = Rng::new(d as u64 + b as u64);
                let (keys, values) = (rng.normal(room * kv * d), rng.normal(room * kv * d));
                let qkv = rng.normal(b * h.qkv_cols() as usize);
                let cache = Cache {
                    keys: up(&e, "keys", kv * d, &keys, element(half)),
                    values: up(&e, "values", kv * d, &values, element(half)),
                };
                let tqkv = up(&e, "qkv", h.qkv_cols() as usize, &qkv, Element::F32);
                let state = decode_state(&e, shared, tail, &positions);
                let rows_of: Vec<Vec<usize>> = positions
                    .iter()
                    .enumerate()
                    .map(|(s, &p)| (0..=p).map(|t| cache_row(shared, tail, s, t)).collect())
                    .collect();
                let queries: Vec<f32> =
                    qkv.chunks_exact(h.qkv_cols() as usize).flat_map(|row| row[..q * d].to_vec()).collect();
                let want = ops::attention(
                    &queries,
                    &rounded(&keys, element(half)),
                    &rounded(&values, element(half)),
                    &rows_of,
                    q,
                    kv,
                    d,
                );
                let rows = Rows::Decode(b as u32);
                let name = format!("attention {h:?} at {positions:?} f16 {half}");

                for serial in [false, true] {
                    let o = poisoned(&e, "o", b, q * d, Element::F32);
                    run(
                        &e,
                        &[&Attention {
                            state: &state,
                            qkv: &tqkv,
                            cache: &cache,
                            o: &o,
                            heads: h,
                            rows,
                            splits: 1,
                            split: 400,
                            scale: scale(h),
                            window: u32::MAX,
                            cap: 0.0,
                            serial,
                        }],
                    );
                    assert_nmse(&format!("{name} whole, serial {serial}"), &down(&e, &o), &want, EXACT);
                }

                let splits = 3;
                let parts = poisoned(&e, "parts", b * q, splits as usize * (d + 2), Element::F32);
                let o = poisoned(&e, "o", b, q * d, Element::F32);
                run(
                    &e,
                    &[
                        &Attention {
                            state: &state,
                            qkv: &tqkv,
                            cache: &cache,
                            o: &parts,
                            heads: h,
                            rows,
                            splits,
                            split: SPLIT,
                            scale: scale(h),
                            window: u32::MAX,
                            cap: 0.0,
                            serial: false,
                        },
                        &AttentionMerge {
                            state: &state,
                            parts: &parts,
                            o: &o,
                            heads: h,
                            rows,
                            splits,
                            split: SPLIT,
                            window: u32::MAX,
                        },
                    ],
                );
                assert_nmse(&format!("{name} split"), &down(&e, &o), &want, EXACT);
            }
        }
    }
}

/// Keys and values are filed by row, and each row sees all of its own text, before and behind it.
#[test]
fn attention_within_texts() {
    for half in [false, true] {
        let e = engine(half);
        for h in HEADS {
            let texts = [&[1u32][..], &[70, 1, 64, 2], &[3, 1, 4, 1, 5, 9, 2, 6]];
            for (lengths, serial) in texts.into_iter().flat_map(|t| [(t, false), (t, true)]) {
                let (q, kv, d) = (h.query as usize, h.kv as usize, h.size as usize);
                let (cols, rows) = (h.qkv_cols() as usize, lengths.iter().sum::<u32>() as usize);
                let qkv = Rng::new(d as u64).normal((rows + 2) * cols);
                let cache = Cache {
                    keys: poisoned(&e, "keys", rows + 2, kv * d, element(half)),
                    values: poisoned(&e, "values", rows + 2, kv * d, element(half)),
                };
                let (state, tqkv) = (encode_state(&e, lengths), up(&e, "qkv", cols, &qkv, Element::F32));
                let o = poisoned(&e, "o", rows + 2, q * d, Element::F32);
                let (state, qkv_tensor, cache_of) = (&state, &tqkv, &cache);
                let all = Rows::Encode(rows as u32 + 2);
                run(
                    &e,
                    &[
                        &Rope {
                            state,
                            table: None,
                            interleaved: false,
                            norm: None,
                            qkv: qkv_tensor,
                            cache: cache_of,
                            heads: h,
                            rows: all,
                            serial,
                        },
                        &Attention {
                            state,
                            qkv: qkv_tensor,
                            cache: cache_of,
                            o: &o,
                            heads: h,
                            rows: all,
                            splits: 1,
                            split: 256,
                            scale: scale(h),
                            window: u32::MAX,
                            cap: 0.0,
                            serial,
                        },
                    ],
                );
                let part = |from: usize, to: usize| -> Vec<f32> {
                    qkv.chunks_exact(cols).take(rows).flat_map(|row| row[from * d..to * d].to_vec()).collect()
                };
                let (keys, values) = (part(q, q + kv), part(q + kv, q + 2 * kv));
                let mut start = 0;
                let mut seen = Vec::new();
                for &length in lengths {
                    let end = start + length as usize;
                    seen.extend((start..end).map(|_| (start..end).collect::<Vec<_>>()));
                    start = end;
                }
                let (keys, values) = (rounded(&keys, element(half)), rounded(&values, element(half)));
                let want = ops::attention(&part(0, q), &keys, &values, &seen, q, kv, d);
                let got = down(&e, &o);
                let (head, tail) = got.split_at(rows * q * d);
                assert_nmse(
                    &format!("attention {h:?} within {lengths:?} f16 {half} serial {serial}"),
                    head,
                    &want,
                    EXACT,
                );
                assert!(tail.iter().all(|v| v.is_nan()), "rows behind all texts were written");
            }
        }
    }
}

#[test]
fn attention_prefill() {
    let e = engine(false);
    for h in HEADS {
        let slices = [(0u32, 1u32), (0, 17), (60, 9), (130, 3)];
        for ((start, rows), serial) in slices.into_iter().flat_map(|s| [(s, false), (s, true)]) {
            let (q, kv, d) = (h.query as usize, h.kv as usize, h.size as usize);
            let room = 140;
            let mut rng = Rng::new(d as u64);
            let (keys, values) = (rng.normal(room * kv * d), rng.normal(room * kv * d));
            let qkv = rng.normal(20 * h.qkv_cols() as usize);
            let cache = Cache {
                keys: up(&e, "keys", kv * d, &keys, Element::F32),
                values: up(&e, "values", kv * d, &values, Element::F32),
            };
            let o = poisoned(&e, "o", 20, q * d, Element::F32);
            run(
                &e,
                &[&Attention {
                    state: &prefill_state(&e, start, rows),
                    qkv: &up(&e, "qkv", h.qkv_cols() as usize, &qkv, Element::F32),
                    cache: &cache,
                    o: &o,
                    heads: h,
                    rows: Rows::Prefill(20),
                    splits: 1,
                    split: 140,
                    scale: scale(h),
                    window: u32::MAX,
                    cap: 0.0,
                    serial,
                }],
            );
            let queries: Vec<f32> = qkv
                .chunks_exact(h.qkv_cols() as usize)
                .take(rows as usize)
                .flat_map(|row| row[..q * d].to_vec())
                .collect();
            let want = ops::attention(&queries, &keys, &values, &ops::causal(start as usize, rows as usize), q, kv, d);
            let got = down(&e, &o);
            assert_nmse(
                &format!("attention prefill {h:?} {start}+{rows} serial {serial}"),
                &got[..want.len()],
                &want,
                EXACT,
            );
            assert!(got[want.len()..].iter().all(|v| v.is_nan()), "wrote past the slice");
        }
    }
}

/// Neighbours or halves, all of a head or a part of it, with and without gains.
#[test]
fn rope_in_every_way() {
    let e = engine(false);
    for h in HEADS {
        let (q, kv, d) = (h.query as usize, h.kv as usize, h.size as usize);
        let cols = h.qkv_cols() as usize;
        let positions: Vec<u32> = (20..26).collect();
        let mut rng = Rng::new(d as u64);
        let (qkv, gains) = (rng.normal(positions.len() * cols), rng.normal(2 * d));
        let tgains = up(&e, "gains", d, &gains, Element::F32);
        let ways = [
            (d, true, false),
            (d, false, true),
            (d, true, true),
            (d / 4 * 2, false, false),
            (d / 4 * 2, true, true),
            (0, false, false),
        ];
        for ((dims, interleaved, normed), serial) in ways.into_iter().flat_map(|w| [(w, false), (w, true)]) {
            let cache = Cache {
                keys: poisoned(&e, "keys", 40, kv * d, Element::F32),
                values: poisoned(&e, "values", 40, kv * d, Element::F32),
            };
            let tqkv = up(&e, "qkv", cols, &qkv, Element::F32);
            let rotary = Rotary::new(1e3, dims as u32);
            let table = (dims > 0).then(|| up(&e, "table", dims, &rope_table(64, &rotary.inverse, 1.0), Element::F32));
            run(
                &e,
                &[&Rope {
                    state: &prefill_state(&e, 20, 6),
                    table: table.as_ref(),
                    interleaved,
                    norm: normed.then_some((&tgains, 1e-5)),
                    qkv: &tqkv,
                    cache: &cache,
                    heads: h,
                    rows: Rows::Prefill(8),
                    serial,
                }],
            );
            let part = |from: usize, to: usize| -> Vec<f32> {
                qkv.chunks_exact(cols).flat_map(|row| row[from * d..to * d].to_vec()).collect()
            };
            let turned = |x: &[f32], heads, gains: &[f32]| {
                let x = if normed { ops::rms_norm(x, gains, 1e-5) } else { x.to_vec() };
                if dims == 0 { x } else { ops::rope_part(&x, heads, d, &positions, 1e3, dims, interleaved) }
            };
            let name = format!("{h:?} {dims} turning, interleaved {interleaved}, normed {normed}, serial {serial}");
            let got: Vec<f32> = down(&e, &tqkv).chunks_exact(cols).flat_map(|row| row[..q * d].to_vec()).collect();
            assert_nmse(&format!("q {name}"), &got, &turned(&part(0, q), q, &gains[..d]), 1e-10);
            let keys = down(&e, &cache.keys)[20 * kv * d..26 * kv * d].to_vec();
            assert_nmse(&format!("k {name}"), &keys, &turned(&part(q, q + kv), kv, &gains[d..]), 1e-10);
            let values = down(&e, &cache.values)[20 * kv * d..26 * kv * d].to_vec();
            assert_nmse(&format!("v {name}"), &values, &part(q + kv, q + 2 * kv), 0.0);
        }
    }
}

/// Windows that end within a block, at a split, and before any key is left out; scores with and without a cap.
#[test]
fn attention_within_a_window() {
    const SPLIT: u32 = 128;
    let e = engine(false);
    let h = Heads { query: 6, kv: 2, size: 20 };
    let (q, kv, d) = (6, 2, 20);
    let positions = vec![0, 5, 63, 64, 127, 128, 255, 300];
    let mut rng = Rng::new(1);
    let room = 60 + 8 * 310;
    let (keys, values) = (rng.normal(room * kv * d), rng.normal(room * kv * d));
    let qkv = rng.normal(8 * h.qkv_cols() as usize);
    let cache = Cache {
        keys: up(&e, "keys", kv * d, &keys, Element::F32),
        values: up(&e, "values", kv * d, &values, Element::F32),
    };
    let tqkv = up(&e, "qkv", h.qkv_cols() as usize, &qkv, Element::F32);
    let state = decode_state(&e, 60, 310, &positions);
    let queries: Vec<f32> = qkv.chunks_exact(h.qkv_cols() as usize).flat_map(|row| row[..q * d].to_vec()).collect();
    for (window, cap) in [(1, 0.0), (5, 2.0), (64, 0.0), (65, 0.5), (173, 0.0), (301, 0.0), (u32::MAX, 1.0)] {
        let seen = |(s, &p): (usize, &u32)| -> Vec<usize> {
            ((p + 1).saturating_sub(window)..=p).map(|t| cache_row(60, 310, s, t)).collect()
        };
        let rows_of: Vec<_> = positions.iter().enumerate().map(seen).collect();
        let want = ops::attention_scores(&queries, &keys, &values, &rows_of, (q, kv, d), 0.3, f64::from(cap));
        let rows = Rows::Decode(8);
        for (splits, serial) in [(1, false), (1, true), (3, false)] {
            let o = poisoned(&e, "o", 8, q * d, Element::F32);
            let parts = poisoned(&e, "parts", 8 * q, 3 * (d + 2), Element::F32);
            let (to, split) = if splits == 1 { (&o, 400) } else { (&parts, SPLIT) };
            let attention = Attention {
                state: &state,
                qkv: &tqkv,
                cache: &cache,
                o: to,
                heads: h,
                rows,
                splits,
                split,
                scale: 0.3,
                window,
                cap,
                serial,
            };
            let merge = AttentionMerge { state: &state, parts: &parts, o: &o, heads: h, rows, splits, split, window };
            match splits {
                1 => run(&e, &[&attention]),
                _ => run(&e, &[&attention, &merge]),
            }
            assert_nmse(
                &format!("window {window} cap {cap} splits {splits} serial {serial}"),
                &down(&e, &o),
                &want,
                EXACT,
            );
        }
    }
}

/// Rows of a slice that share their keys, and whose windows begin at different keys.
#[test]
fn attention_prefill_within_a_window() {
    let e = engine(false);
    let h = Heads { query: 6, kv: 2, size: 20 };
    let (q, kv, d) = (6, 2, 20);
    let (start, rows, room) = (60, 9, 80);
    let mut rng = Rng::new(2);
    let (keys, values) = (rng.normal(room * kv * d), rng.normal(room * kv * d));
    let qkv = rng.normal(12 * h.qkv_cols() as usize);
    let cache = Cache {
        keys: up(&e, "keys", kv * d, &keys, Element::F32),
        values: up(&e, "values", kv * d, &values, Element::F32),
    };
    let tqkv = up(&e, "qkv", h.qkv_cols() as usize, &qkv, Element::F32);
    let row = |row: &[f32]| row[..q * d].to_vec();
    let queries: Vec<f32> = qkv.chunks_exact(h.qkv_cols() as usize).take(rows).flat_map(row).collect();
    for (window, cap) in [(1, 0.0), (3, 2.0), (8, 0.0), (62, 0.5), (u32::MAX, 1.0)] {
        let seen = |r: usize| ((start + r + 1).saturating_sub(window as usize)..=start + r).collect::<Vec<_>>();
        let rows_of: Vec<_> = (0..rows).map(seen).collect();
        let want = ops::attention_scores(&queries, &keys, &values, &rows_of, (q, kv, d), 0.3, f64::from(cap));
        for serial in [false, true] {
            let o = poisoned(&e, "o", 12, q * d, Element::F32);
            run(
                &e,
                &[&Attention {
                    state: &prefill_state(&e, start as u32, rows as u32),
                    qkv: &tqkv,
                    cache: &cache,
                    o: &o,
                    heads: h,
                    rows: Rows::Prefill(12),
                    splits: 1,
                    split: 80,
                    scale: 0.3,
                    window,
                    cap,
                    serial,
                }],
            );
            let got = down(&e, &o);
            let (head, tail) = got.split_at(want.len());
            assert_nmse(&format!("window {window} cap {cap} serial {serial}"), head, &want, EXACT);
            assert!(tail.iter().all(|v| v.is_nan()), "wrote past the slice");
        }
    }
}
