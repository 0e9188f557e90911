// Four neighbouring weights, stored as bfloat16: the upper half of an f32, so that a shift is exact.
@group(0) @binding(1) var<storage, read> weights: array<vec2u>;

fn weight4(i: u32) -> vec4f {
  let w = weights[i];
  return vec4f(
    bitcast<f32>(w.x << 16u), bitcast<f32>(w.x & 0xffff0000u),
    bitcast<f32>(w.y << 16u), bitcast<f32>(w.y & 0xffff0000u),
  );
}
