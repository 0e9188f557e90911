// Four neighbouring weights, stored as f16, for devices without shader-f16: exact all the same.
@group(0) @binding(1) var<storage, read> weights: array<vec2u>;

fn weight4(i: u32) -> vec4f {
  let w = weights[i];
  return vec4f(unpack2x16float(w.x), unpack2x16float(w.y));
}
