// Weights of `product_serial` that share a scale by 32: it is read once for them.
const SPAN: u32 = 8u;

fn scaled4(i: u32, scale: f32) -> vec4f {
  return scale * quant4(i);
}
fn scales4(at: vec4u) -> vec4f {
  return vec4f(scale_at(at.x), scale_at(at.y), scale_at(at.z), scale_at(at.w));
}
