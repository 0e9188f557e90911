// Weights of `product_serial` that share a scale by 32: it is read once for them. Quants stay where they are in their word,
// 1, 16, 256, ... times too large, which `fit4` makes good, exactly.
const SPAN: u32 = 8u;

fn begins(rows: vec4u) -> vec4u {
  return rows * (params.cols4 / WORD4);
}
fn scaled4(at: u32, k: u32, scale: f32) -> vec4f {
  let unit = units(k);
  return scale * vec4f((bitcast<vec4i>(vec4u(weights[at + k / WORD4] ^ FLIP)) & ((2 * HALF - 1) * unit)) - HALF * unit);
}
fn scales4(at: vec4u, k: u32) -> vec4f {
  let i = at * WORD4 + k;
  return vec4f(scale_at(i.x), scale_at(i.y), scale_at(i.z), scale_at(i.w));
}
fn fit4(k: u32) -> vec4f {
  return 1.0 / vec4f(units(k));
}
