// Weights of `product_serial` whose scale, if there is one, is read with each.
const SPAN: u32 = 1u;

fn begins(rows: vec4u) -> vec4u {
  return rows * params.cols4;
}
fn scaled4(at: u32, k: u32, scale: f32) -> vec4f {
  return weight4(at + k);
}
fn scales4(at: vec4u, k: u32) -> vec4f {
  return vec4f();
}
fn fit4(k: u32) -> vec4f {
  return vec4f(1.0);
}
