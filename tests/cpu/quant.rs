//! Weights in 8 and 4 bits, as the numbers that they stand for: what quantising does to a matrix, and no more.
//! Blocks of 32 neighbours share a scale, which is kept in f16.

use half::f16;

/// q = round(w / s), s = max |w| / 127.
pub fn q8(weights: &[f32]) -> Vec<f32> {
    blocks(weights, |block| {
        let most = block.iter().map(|w| w.abs()).fold(0.0, f32::max);
        (most / 127.0, -127.0, 127.0)
    })
}

/// q = round(w / s) within -8..=7, where s makes the weight of the largest magnitude -8.
pub fn q4(weights: &[f32]) -> Vec<f32> {
    blocks(weights, |block| {
        let mut most = 0.0f32;
        for &w in block {
            if w.abs() > most.abs() {
                most = w;
            }
        }
        (most / -8.0, -8.0, 7.0)
    })
}

/// `scale` gives the scale of a block, and the least and the largest quant.
fn blocks(weights: &[f32], scale: impl Fn(&[f32]) -> (f32, f32, f32)) -> Vec<f32> {
    let mut values = Vec::new();
    for block in weights.chunks(32) {
        let (s, least, most) = scale(block);
        let s = f16::from_f32(s).to_f32();
        for &w in block {
            let q = if s == 0.0 { 0.0 } else { (w * (1.0 / s)).round().clamp(least, most) };
            values.push(q * s);
        }
    }
    values
}
