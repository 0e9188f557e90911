// For each 256 weights a factor (f16), then for each 16 of them a signed scale of a byte: w = d · scale · (q - 32).
const UNIT: u32 = 8u;
const SCALE: u32 = 5u;

fn affine(i: u32) -> vec2f {
  let at = plane(UNIT * QUANT) + i / 64u * 5u;
  let block = i / 4u & 15u;
  let fine = bitcast<i32>(weights[at + 1u + block / 4u] << ((3u - (block & 3u)) * 8u)) >> 24u;
  let s = unpack2x16float(weights[at]).x * f32(fine);
  return vec2f(s, -32.0 * s);
}
