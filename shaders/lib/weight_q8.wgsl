// Four neighbouring weights in blocks of 32 with one scale each: w = scale · q, q = -127 .. 127.
// weights: n / 4 words of four quants each, then n / 64 words of two scales (f16) each; 17 words for 64 weights.
@group(0) @binding(1) var<storage, read> weights: array<u32>;

fn weight4(i: u32) -> vec4f {
  return scale_at(i) * quant4(i);
}

fn scale_at(i: u32) -> f32 {
  let scales = unpack2x16float(weights[arrayLength(&weights) / 17u * 16u + i / 16u]);
  return select(scales.x, scales.y, (i & 8u) != 0u);
}

fn quant4(i: u32) -> vec4f {
  let q = bitcast<i32>(weights[i]);
  return vec4f(vec4i((q << 24u) >> 24u, (q << 16u) >> 24u, (q << 8u) >> 24u, q >> 24u));
}

// What `scale_32` needs to know: quads in a word, half of what a quant can be, what makes it unsigned, and where each lies.
const WORD4: u32 = 1u;
const HALF: i32 = 128;
const FLIP: u32 = 0x80808080u;
fn units(k: u32) -> vec4i {
  return vec4i(1, 256, 65536, 16777216);
}
