// Quants of 4 bits.
const QUANT: u32 = 4u;

fn quants(i: u32) -> vec4u {
  return nibbles(i);
}
