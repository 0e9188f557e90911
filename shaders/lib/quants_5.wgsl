// Quants of 5 bits: the fifth ones lie in a plane of their own, a word for 32.
const QUANT: u32 = 5u;

fn quants(i: u32) -> vec4u {
  let high = weights[plane(UNIT * 4u) + i / 8u] >> ((i & 7u) * 4u);
  return nibbles(i) | (((vec4u(high) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(1u)) << vec4u(4u));
}
