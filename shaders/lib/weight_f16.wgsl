// Four neighbouring weights, stored as f16, read by the device's own f16.
@group(0) @binding(1) var<storage, read> weights: array<vec4<f16>>;

fn weight4(i: u32) -> vec4f {
  return vec4f(weights[i]);
}
