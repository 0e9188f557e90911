// For each 256 weights two factors (f16), then for each 32 of them a scale, then for each a minimum, a byte each:
// s = d · scale, m = -dmin · minimum.
const UNIT: u32 = 8u;
const SCALE: u32 = 5u;

fn affine(i: u32) -> vec2f {
  let at = plane(UNIT * QUANT) + i / 64u * 5u;
  let block = i / 8u & 7u;
  let d = unpack2x16float(weights[at]);
  let word = at + 1u + block / 4u;
  let shift = (block & 3u) * 8u;
  let fine = vec2f(vec2u(weights[word], weights[word + 2u]) >> vec2u(shift) & vec2u(255u));
  return vec2f(d.x * fine.x, -d.y * fine.y);
}
