//! Packed weights: products on the GPU against the same numbers, unpacked and summed here.

use std::rc::Rc;

use super::{SelfCheckError, nmse, power, weights};
use crate::engine::{Allocations, Engine, EngineError};
use crate::kernel::linear::{MatMul, MatVec, Out};
use crate::model::decoder::STATE_WORDS;
use crate::model::dtype::Dtype;
use crate::model::error::ModelError;
use crate::record::{Element, Tensor};

/// Two of the largest blocks a row, and no whole number of workgroups.
const COLS: u32 = 512;
const OUTPUTS: u32 = 13;
/// More than the smallest batch.
const ROWS: u32 = 3;
/// Far above what f32 sums differ by.
const BOUND: f64 = 1e-8;

/// The type in files whose weights lie so on the GPU.
fn dtype(element: Element) -> Option<Dtype> {
    let all = [Dtype::Q4_1, Dtype::Q5_1, Dtype::Q4K, Dtype::Q5K, Dtype::Q6K];
    all.into_iter().find(|d| d.element() == element)
}

/// Blocks of any quants, with scales that are small numbers. Public for the tests.
#[must_use]
pub fn blocks(dtype: Dtype) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    let len = dtype.size(u64::from(COLS * OUTPUTS)) as u32;
    bytes.extend(weights(7, len, false).map(|w| (w * 4096.0) as i32 as u8));
    let halves: &[usize] = match dtype {
        Dtype::Q6K => &[208],
        _ => &[0, 2],
    };
    for block in bytes.chunks_exact_mut(dtype.block().1) {
        for &at in halves {
            // The upper byte makes it a number from 1/256 to 1/64.
            block[at + 1] = 0x1c | block[at + 1] & 7;
        }
    }
    bytes
}

/// Compares both products with weights of this type; types that the tiny models cover are not looked at.
pub(super) async fn check(engine: &Rc<Engine>, element: Element) -> Result<(), SelfCheckError> {
    let Some(dtype) = dtype(element) else { return Ok(()) };
    let made = Allocations::new(engine);
    let outcome = compare(engine, &made, dtype).await.map_err(ModelError::from)?;
    match outcome.into_iter().find(|e| e.is_nan() || *e > BOUND) {
        Some(error) => Err(SelfCheckError::Wrong {
            adapter: engine.gpu.info.name.clone(),
            what: format!("products of {element:?} weights differ by an NMSE of {}", power(error)),
        }),
        None => Ok(()),
    }
}

/// The errors of the product for few rows and of that for many.
async fn compare(engine: &Engine, made: &Allocations<'_>, dtype: Dtype) -> Result<[f64; 2], EngineError> {
    let bytes = blocks(dtype);
    let mut values = Vec::new();
    dtype.floats(&bytes, &mut values);
    let inputs: Vec<f32> = weights(8, ROWS * COLS, false).collect();
    let dot = |w: &[f32], x: &[f32]| w.iter().zip(x).map(|(w, x)| f64::from(*w) * f64::from(*x)).sum::<f64>() as f32;
    let rows = inputs.chunks_exact(COLS as usize);
    let want: Vec<f32> = rows.flat_map(|x| values.chunks_exact(COLS as usize).map(|w| dot(w, x))).collect();

    let w = &made.alloc("weights", OUTPUTS, COLS, dtype.element())?;
    let mut at = 0;
    for plane in dtype.planes(&bytes) {
        engine.write(w, at, &plane)?;
        at += plane.len() as u64;
    }
    let float = |name: &str, cols| made.alloc(name, ROWS, cols, Element::F32);
    let (x, one, many) = (&float("x", COLS)?, &float("y", OUTPUTS)?, &float("y", OUTPUTS)?);
    engine.write(x, 0, bytemuck::cast_slice(&inputs))?;
    let state = &made.alloc("state", 1, STATE_WORDS, Element::U32)?;
    engine.write(state, 0, bytemuck::cast_slice(&[0, 0, 0, ROWS]))?;

    let (f16, serial) = (engine.gpu.caps.f16, engine.gpu.caps.software);
    let (first, out, bias) = (0, Out::Store, None);
    let mut r = engine.recording();
    r.run(&MatVec { w, x, y: one, norm: None, bias, out, first, rows: ROWS, f16, serial });
    r.run(&MatMul { w, x, y: many, state, bias, out, first, rows: ROWS, f16, serial });
    let plan = engine.prepare(r).await?;
    engine.replay(&plan, &[])?;
    let mut errors = [0.0; 2];
    for (error, y) in errors.iter_mut().zip([one, many] as [&Tensor; 2]) {
        let got: Vec<f32> = bytemuck::pod_collect_to_vec(&engine.read(y).await?);
        *error = nmse(&got, &want);
    }
    engine.free_plan(plan);
    Ok(errors)
}
