// Weights of `product_serial` whose scale, if there is one, is read with each.
const SPAN: u32 = 1u;

fn scaled4(i: u32, scale: f32) -> vec4f {
  return weight4(i);
}
fn scales4(at: vec4u) -> vec4f {
  return vec4f();
}
