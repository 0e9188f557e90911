// RMSNorm fused into the product: W (x / rms(x) · g) = (W · g) x / rms(x). gain: (K).
const NORMED = true;
@group(0) @binding(4) var<storage, read> gain: array<vec4f>;

fn gain4(k: u32) -> vec4f {
  return gain[k];
}
