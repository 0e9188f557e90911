// Four neighbouring weights in blocks of 32 with one scale each: w = scale · (q - 8), q = 0 .. 15.
// weights: n / 8 words of eight quants each, then n / 64 words of two scales (f16) each; 9 words for 64 weights.
@group(0) @binding(1) var<storage, read> weights: array<u32>;

fn weight4(i: u32) -> vec4f {
  return scale_at(i) * quant4(i);
}

fn scale_at(i: u32) -> f32 {
  let scales = unpack2x16float(weights[arrayLength(&weights) / 9u * 8u + i / 16u]);
  return select(scales.x, scales.y, (i & 8u) != 0u);
}

// Signed integers become floats in one step on a processor, unsigned ones do not.
fn quant4(i: u32) -> vec4f {
  let q = weights[i / 2u] >> ((i & 1u) * 16u);
  return vec4f(vec4i(vec4u(q, q >> 4u, q >> 8u, q >> 12u) & vec4u(15u)) - 8);
}

// What `scale_32` needs to know: quads in a word, half of what a quant can be, and where in its word each lies.
const WORD4: u32 = 2u;
const HALF: i32 = 8;
const FLIP: u32 = 0u;
fn units(k: u32) -> vec4i {
  return select(vec4i(1, 16, 256, 4096), vec4i(65536, 1048576, 16777216, 268435456), (k & 1u) != 0u);
}
