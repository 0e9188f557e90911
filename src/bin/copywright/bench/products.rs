//! Products with weights, and the norms between them.

use copywright::kernel::linear::{MatMul, MatVec, Norm, Out};
use copywright::kernel::norm::RmsNorm;
use copywright::record::Element;

use super::kernels::{Bench, Case};
use crate::failure::Result;

/// (outputs N, inputs K): a small model's down projection and head, a large model's square and head.
const MATVECS: [(u32, u32); 4] = [(192, 512), (4096, 192), (2048, 2048), (32_000, 1024)];
const MATMULS: [(u32, u32); 3] = [(192, 512), (1024, 192), (2048, 2048)];
/// Rows of a prefill slice.
const SLICE: u32 = 256;

/// How weights lie, and whether the kernel may use 16-bit arithmetic to read them.
fn types(bench: &Bench) -> Vec<(&'static str, Element, bool)> {
    let mut types = vec![("f32", Element::F32, false), ("f16 packed", Element::F16, false)];
    if bench.engine.gpu.caps.f16 {
        types.push(("f16", Element::F16, true));
    }
    types.extend([("q8", Element::Q8, false), ("q4", Element::Q4, false)]);
    types
}

pub fn run(bench: &Bench) -> Result<()> {
    if bench.wants("matvec") {
        for (n, k) in MATVECS {
            for kind in types(bench) {
                for rows in [1, 4, 8] {
                    matvec(bench, (n, k), rows, kind, Out::Store, false)?;
                }
            }
        }
        for kind in types(bench) {
            for rows in [1, 8] {
                matvec(bench, (4096, 192), rows, kind, Out::Store, true)?;
                matvec(bench, (512, 192), rows, kind, Out::SwiGlu, true)?;
            }
        }
    }
    if bench.wants("matmul") {
        for (n, k) in MATMULS {
            for kind in types(bench) {
                matmul(bench, (n, k), kind)?;
            }
        }
    }
    if bench.wants("rms_norm") {
        for cols in [192, 2048] {
            rms_norm(bench, cols)?;
        }
    }
    Ok(())
}

fn matvec(
    bench: &Bench,
    (n, k): (u32, u32),
    rows: u32,
    (kind, element, f16): (&'static str, Element, bool),
    out: Out,
    normed: bool,
) -> Result<()> {
    let w = bench.weights(n * out.parts(), k, element)?;
    let x = bench.random("x", rows, k, Element::F32)?;
    let y = bench.zeros("y", rows, n, Element::F32)?;
    let gain = bench.random("gain", 1, k, Element::F32)?;
    let norm = normed.then_some(Norm { gain: &gain, eps: 1e-5 });
    let fused = match (normed, out) {
        (true, Out::SwiGlu) => ", norm, SwiGLU",
        (true, _) => ", norm",
        _ => "",
    };
    let case = Case {
        kernel: "matvec",
        shape: format!("{n} x {k}{fused}"),
        rows,
        kind,
        bytes: w[0].bytes() + x.bytes() + y.bytes(),
        flops: 2 * u64::from(rows) * u64::from(n * out.parts()) * u64::from(k),
    };
    bench.case(&case, |r, i| {
        r.run(&MatVec {
            w: &w[i % w.len()],
            x: &x,
            y: &y,
            norm,
            bias: None,
            out,
            first: 0,
            rows,
            f16,
            serial: bench.engine.gpu.caps.software,
        });
    })
}

fn matmul(bench: &Bench, (n, k): (u32, u32), (kind, element, f16): (&'static str, Element, bool)) -> Result<()> {
    let w = bench.weights(n, k, element)?;
    let x = bench.random("x", SLICE, k, Element::F32)?;
    let y = bench.zeros("y", SLICE, n, Element::F32)?;
    let state = bench.state(SLICE, 0, 0, (0, SLICE))?;
    let case = Case {
        kernel: "matmul",
        shape: format!("{n} x {k}"),
        rows: SLICE,
        kind,
        bytes: w[0].bytes() + x.bytes() + y.bytes(),
        flops: 2 * u64::from(SLICE) * u64::from(n) * u64::from(k),
    };
    bench.case(&case, |r, i| {
        let w = &w[i % w.len()];
        r.run(&MatMul {
            w,
            x: &x,
            y: &y,
            state: &state,
            bias: None,
            out: Out::Store,
            first: 0,
            rows: SLICE,
            f16,
            serial: bench.engine.gpu.caps.software,
        });
    })
}

fn rms_norm(bench: &Bench, cols: u32) -> Result<()> {
    let x = bench.random("x", SLICE, cols, Element::F32)?;
    let w = bench.random("gain", 1, cols, Element::F32)?;
    let y = bench.zeros("y", SLICE, cols, Element::F32)?;
    let case = Case {
        kernel: "rms_norm",
        shape: format!("{cols} columns"),
        rows: SLICE,
        kind: "f32",
        bytes: x.bytes() + w.bytes() + y.bytes(),
        flops: 4 * u64::from(SLICE) * u64::from(cols),
    };
    let serial = bench.engine.gpu.caps.software;
    bench.case(&case, |r, _| r.run(&RmsNorm { x: &x, w: &w, y: &y, eps: 1e-5, rows: SLICE, add: false, serial }))
}
