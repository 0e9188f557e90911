// A scale and a minimum (f16) for each 32 weights.
const UNIT: u32 = 1u;
const SCALE: u32 = 1u;

fn affine(i: u32) -> vec2f {
  return unpack2x16float(weights[plane(QUANT) + i / 8u]);
}
