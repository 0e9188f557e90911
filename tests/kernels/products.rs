//! Matrix-vector and tiled products: every weight type, fused norm, residual and SwiGLU.

use copywright::kernel::linear::{MatMul, MatVec, Norm, Out};
use copywright::record::Element;

use crate::EXACT;
use crate::cpu::compare::{Rng, assert_nmse};
use crate::cpu::{ops, quant};
use crate::support::{down, engine, poisoned, prefill_state, rounded, run, up};

const ELEMENTS: [Element; 5] = [Element::F32, Element::F16, Element::Bf16, Element::Q8, Element::Q4];

/// The weights as the element type keeps them.
fn kept(w: &[f32], element: Element) -> Vec<f32> {
    match element {
        Element::Q8 => quant::q8(w),
        Element::Q4 => quant::q4(w),
        _ => rounded(w, element),
    }
}

/// Whether a matrix of so many columns can have this type.
fn fits(element: Element, cols: usize) -> bool {
    cols.is_multiple_of(64) || !matches!(element, Element::Q8 | Element::Q4)
}

const OUTS: [Out; 7] = [Out::Store, Out::Add, Out::SwiGlu, Out::GeGlu, Out::Gelu, Out::GeluErf, Out::Cap(1.5)];

/// What the product should be, given what y held before.
fn want(
    w: &[f32],
    x: &[f32],
    cols: usize,
    (gain, bias): (Option<&[f32]>, Option<&[f32]>),
    out: Out,
    before: &[f32],
) -> Vec<f32> {
    let product_and = |w: &[f32], bias: Option<&[f32]>| {
        let y = match gain {
            Some(gain) => ops::norm_matmul(w, x, gain, 1e-5),
            None => ops::matmul(w, x, cols),
        };
        match bias {
            Some(bias) => y.chunks_exact(bias.len()).flat_map(|row| ops::add(row, bias)).collect(),
            None => y,
        }
    };
    let product = |w: &[f32]| product_and(w, bias);
    let each = |f: &dyn Fn(f32) -> f32| product(w).into_iter().map(f).collect();
    let (gate, up) = w.split_at(w.len() / 2);
    let halves = bias.map(|b| b.split_at(b.len() / 2));
    let gate = || product_and(gate, halves.map(|h| h.0));
    let up = || product_and(up, halves.map(|h| h.1));
    match out {
        Out::Store => product(w),
        Out::Add => ops::add(before, &product(w)),
        Out::SwiGlu => ops::swiglu(&gate(), &up()),
        Out::GeGlu => gate().into_iter().zip(up()).map(|(g, u)| ops::gelu_tanh(g) * u).collect(),
        Out::Gelu => each(&ops::gelu_tanh),
        Out::GeluErf => each(&ops::gelu_erf),
        Out::Cap(c) => each(&|v| (f64::from(c) * (f64::from(v) / f64::from(c)).tanh()) as f32),
    }
}

/// What is left of gelu far below zero is the rounding of an exponent.
fn bound(out: Out) -> f64 {
    if matches!(out, Out::Gelu | Out::GeluErf | Out::GeGlu) { 1e-7 } else { EXACT }
}

/// Inputs whose products with normal weights are normal: far below zero gelu is all rounding.
fn small(rng: &mut Rng, count: usize, cols: usize) -> Vec<f32> {
    rng.normal(count).iter().map(|v| v / (cols as f32).sqrt()).collect()
}

#[test]
fn matvec() {
    for half in [false, true] {
        let e = engine(half);
        let mut seed = 0;
        for (outputs, cols) in [(1, 4), (3, 60), (4, 64), (5, 68), (67, 192)] {
            for rows in [1, 2, 3, 8] {
                for out in OUTS {
                    for element in ELEMENTS.into_iter().filter(|&e| fits(e, cols)) {
                        for normed in [false, true] {
                            seed += 1;
                            let mut rng = Rng::new(seed);
                            let w = rng.normal(outputs * out.parts() as usize * cols);
                            let (x, gain) = (small(&mut rng, rows * cols, cols), rng.normal(cols));
                            let before = rng.normal(rows * outputs);
                            let y = match out {
                                Out::Add => up(&e, "y", outputs, &before, Element::F32),
                                _ => poisoned(&e, "y", rows, outputs, Element::F32),
                            };
                            let tw = up(&e, "w", cols, &w, element);
                            let tx = up(&e, "x", cols, &x, Element::F32);
                            let tg = up(&e, "gain", cols, &gain, Element::F32);
                            let bias = rng.normal(outputs * out.parts() as usize);
                            let tb = up(&e, "bias", bias.len(), &bias, Element::F32);
                            let biased = rows != 2 && outputs > 1; // one output alone may cancel
                            let norm = normed.then_some(Norm { gain: &tg, eps: 1e-5 });
                            run(
                                &e,
                                &[&MatVec {
                                    w: &tw,
                                    x: &tx,
                                    y: &y,
                                    norm,
                                    bias: biased.then_some(&tb),
                                    out,
                                    first: 0,
                                    rows: rows as u32,
                                    f16: half,
                                    serial: half == (rows > 2),
                                }],
                            );
                            let gain = normed.then_some(&gain[..]);
                            let want =
                                want(&kept(&w, element), &x, cols, (gain, biased.then_some(&bias[..])), out, &before);
                            let name =
                                format!("matvec {rows}×{cols}→{outputs} {out:?} {element:?} norm {normed} f16 {half}");
                            assert_nmse(&name, &down(&e, &y), &want, bound(out));
                            [&tw, &tx, &tg, &tb, &y].into_iter().for_each(|t| e.free(t));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_batch() {
    let e = engine(false);
    let (outputs, cols) = (37, 192);
    let mut rng = Rng::new(5);
    let (w, x, gain) = (rng.normal(2 * outputs * cols), rng.normal(8 * cols), rng.normal(cols));
    let tw = up(&e, "w", cols, &w, Element::F16);
    let tg = up(&e, "gain", cols, &gain, Element::F32);
    let product = |x: &[f32], serial| {
        let rows = (x.len() / cols) as u32;
        let (tx, y) = (up(&e, "x", cols, x, Element::F32), poisoned(&e, "y", rows as usize, outputs, Element::F32));
        let norm = Some(Norm { gain: &tg, eps: 1e-5 });
        run(
            &e,
            &[&MatVec {
                w: &tw,
                x: &tx,
                y: &y,
                norm,
                bias: None,
                out: Out::SwiGlu,
                first: 0,
                rows,
                f16: false,
                serial,
            }],
        );
        down(&e, &y)
    };
    for serial in [false, true] {
        let whole = product(&x, serial);
        for b in 0..8 {
            let alone = product(&x[b * cols..(b + 1) * cols], serial);
            let bits = |v: &[f32]| v.iter().map(|f| f.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&alone), bits(&whole[b * outputs..(b + 1) * outputs]), "row {b}, serial {serial}");
        }
    }
}

#[test]
fn matmul() {
    for half in [false, true] {
        let e = engine(half);
        for (rows, outputs, cols) in [(1, 1, 4), (31, 33, 12), (32, 32, 16), (33, 31, 20), (33, 31, 64), (40, 70, 192)]
        {
            for out in OUTS {
                for element in ELEMENTS.into_iter().filter(|&e| fits(e, cols)) {
                    let mut rng = Rng::new(rows as u64);
                    let w = rng.normal(outputs * out.parts() as usize * cols);
                    let (x, before) = (small(&mut rng, rows * cols, cols), rng.normal(rows * outputs));
                    // Room for a larger slice: rows past the end must stay as they are.
                    let room = rows + 7;
                    let mut padded = before.clone();
                    padded.resize(room * outputs, f32::NAN);
                    let y = match out {
                        Out::Add => up(&e, "y", outputs, &padded, Element::F32),
                        _ => poisoned(&e, "y", room, outputs, Element::F32),
                    };
                    let mut stale = x.clone();
                    stale.resize(room * cols, f32::NAN);
                    let tw = up(&e, "w", cols, &w, element);
                    let tx = up(&e, "x", cols, &stale, Element::F32);
                    let state = prefill_state(&e, 0, rows as u32);
                    let bias = rng.normal(outputs * out.parts() as usize);
                    let tb = up(&e, "bias", bias.len(), &bias, Element::F32);
                    let biased = rows != 33 && outputs > 1;
                    run(
                        &e,
                        &[&MatMul {
                            w: &tw,
                            x: &tx,
                            y: &y,
                            state: &state,
                            bias: biased.then_some(&tb),
                            out,
                            first: 0,
                            rows: room as u32,
                            f16: half,
                            serial: half == (rows > 2),
                        }],
                    );
                    let want = want(&kept(&w, element), &x, cols, (None, biased.then_some(&bias[..])), out, &before);
                    let got = down(&e, &y);
                    let name = format!("matmul {rows}×{cols}→{outputs} {out:?} {element:?} f16 {half}");
                    assert_nmse(&name, &got[..rows * outputs], &want, bound(out));
                    assert!(got[rows * outputs..].iter().all(|v| v.is_nan()), "{name}: wrote past the slice");
                }
            }
        }
    }
}

#[test]
fn a_matrix_in_parts() {
    let e = engine(false);
    let (rows, outputs, cols, cut) = (3, 21, 64, 12);
    let mut rng = Rng::new(9);
    let (w, x) = (rng.normal(outputs * cols), rng.normal(rows * cols));
    let tx = up(&e, "x", cols, &x, Element::F32);
    let (low, high) =
        (up(&e, "low", cols, &w[..cut * cols], Element::F32), up(&e, "high", cols, &w[cut * cols..], Element::F32));
    let want = ops::matmul(&w, &x, cols);

    let y = poisoned(&e, "y", rows, outputs, Element::F32);
    let vec = |w, first| MatVec {
        w,
        x: &tx,
        y: &y,
        norm: None,
        bias: None,
        out: Out::Store,
        first,
        rows: rows as u32,
        f16: false,
        serial: false,
    };
    run(&e, &[&vec(&low, 0), &vec(&high, cut as u32)]);
    assert_nmse("matvec in parts", &down(&e, &y), &want, EXACT);

    let y = poisoned(&e, "y", rows, outputs, Element::F32);
    let state = prefill_state(&e, 0, rows as u32);
    let mul = |w, first| MatMul {
        w,
        x: &tx,
        y: &y,
        state: &state,
        bias: None,
        out: Out::Store,
        first,
        rows: rows as u32,
        f16: false,
        serial: false,
    };
    run(&e, &[&mul(&low, 0), &mul(&high, cut as u32)]);
    assert_nmse("matmul in parts", &down(&e, &y), &want, EXACT);
}
