// Four neighbouring weights, stored as f32.
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;

fn weight4(i: u32) -> vec4f {
  return weights[i];
}
