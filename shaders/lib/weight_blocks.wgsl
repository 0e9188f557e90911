// Four neighbouring weights, w = s · q + m, with s and m shared by neighbours. weights: the low 4 bits of all quants,
// then their high bits, then the scales. Units of UNIT · 32 weights have UNIT · QUANT words of quants and SCALE of scales.
@group(0) @binding(1) var<storage, read> weights: array<u32>;

// Where the plane begins before which a unit has so many words.
fn plane(words: u32) -> u32 {
  return arrayLength(&weights) / (UNIT * QUANT + SCALE) * words;
}

fn weight4(i: u32) -> vec4f {
  let a = affine(i);
  return a.x * vec4f(quants(i)) + a.y;
}

// Four neighbouring fields of 4 bits.
fn nibbles(i: u32) -> vec4u {
  let q = weights[i / 2u] >> ((i & 1u) * 16u);
  return vec4u(q, q >> 4u, q >> 8u, q >> 12u) & vec4u(15u);
}
