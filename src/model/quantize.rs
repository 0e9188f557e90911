//! Weights in fewer bits: blocks of 32 neighbours share a scale (f16), and each keeps 8 or 4 bits of its own.

use half::f16;

use crate::fields::{FromValue, Read, Value};
use crate::model::dtype::Dtype;
use crate::record::Element;

/// Weights that share a scale.
pub const BLOCK: usize = 32;
/// Weights that are packed at a time: two scales fill a word.
pub const UNIT: usize = 2 * BLOCK;

/// What becomes of a model's matrices on their way to the GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quantize {
    /// They stay as they are in the file.
    #[default]
    None,
    /// 8.5 bits a weight.
    Q8,
    /// 4.5 bits a weight.
    Q4,
}

impl FromValue for Quantize {
    fn from_value(value: Value) -> Read<Self> {
        value.among("quantize", &[Self::None, Self::Q8, Self::Q4], |q| match q {
            Self::None => "none",
            Self::Q8 => "q8",
            Self::Q4 => "q4",
        })
    }
}

impl Quantize {
    /// The element type of a matrix of `cols` columns: quantised where blocks do not reach across rows. What is quantised
    /// in the file stays as it is there.
    #[must_use]
    pub fn element(self, source: Dtype, cols: u32) -> Element {
        let kept = source.element();
        let target = match self {
            Self::Q8 if source.plain() => Element::Q8,
            Self::Q4 if source.plain() => Element::Q4,
            _ => kept,
        };
        match target {
            _ if u64::from(cols).is_multiple_of(target.unit()) => target,
            _ if source.plain() => kept,
            _ => Element::F32,
        }
    }
}

/// Packs [`UNIT`] weights: their quants, and the scales of both blocks.
#[must_use]
pub fn pack(element: Element, weights: &[f32; UNIT]) -> (Vec<u8>, [u8; 4]) {
    let (first, second) = weights.split_at(BLOCK);
    let mut quants = Vec::with_capacity(UNIT);
    let mut scale = |block: &[f32]| match element {
        Element::Q4 => pack_q4(block, &mut quants),
        _ => pack_q8(block, &mut quants),
    };
    let ([a, b], [c, d]) = (scale(first).to_le_bytes(), scale(second).to_le_bytes());
    (quants, [a, b, c, d])
}

/// The largest magnitude becomes 127.
fn pack_q8(block: &[f32], quants: &mut Vec<u8>) -> f16 {
    let most = block.iter().fold(0f32, |m, w| m.max(w.abs()));
    let scale = f16::from_f32(most / 127.0);
    let inverse = inverse(scale);
    quants.extend(block.iter().map(|w| (w * inverse).round().clamp(-127.0, 127.0) as i8 as u8));
    scale
}

/// The weight of the largest magnitude becomes -8, the end of the range that has a step more.
fn pack_q4(block: &[f32], quants: &mut Vec<u8>) -> f16 {
    let most = block.iter().fold(0f32, |m, &w| if w.abs() > m.abs() { w } else { m });
    let scale = f16::from_f32(most / -8.0);
    let inverse = inverse(scale);
    let quant = |w: f32| ((w * inverse).round() + 8.0).clamp(0.0, 15.0) as u8;
    quants.extend(block.as_chunks::<2>().0.iter().map(|&[low, high]| quant(low) | quant(high) << 4));
    scale
}

/// A block of zeros has the scale 0 and quants that stand for 0.
fn inverse(scale: f16) -> f32 {
    let scale = scale.to_f32();
    if scale == 0.0 { 0.0 } else { 1.0 / scale }
}
