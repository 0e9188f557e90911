// No normalisation before the product.
const NORMED = false;

fn gain4(k: u32) -> vec4f {
  return vec4f(1.0);
}
