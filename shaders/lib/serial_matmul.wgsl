// The rows of a thread of `product_serial`: eight of the slice's, or what is left of them.
fn rows_here() -> u32 {
  return min(8u, max(state.rows, begin) - begin);
}
fn row4(r: u32, k: u32) -> vec4f {
  return x[min(begin + r, state.rows - 1u) * params.cols4 + k];
}
