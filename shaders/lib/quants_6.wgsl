// Quants of 6 bits: the upper two lie in a plane of their own, a word for 16.
const QUANT: u32 = 6u;

fn quants(i: u32) -> vec4u {
  let high = weights[plane(UNIT * 4u) + i / 4u] >> ((i & 3u) * 8u);
  return nibbles(i) | (((vec4u(high) >> vec4u(0u, 2u, 4u, 6u)) & vec4u(3u)) << vec4u(4u));
}
