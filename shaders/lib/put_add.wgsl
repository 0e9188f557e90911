// y = y + v: the residual connection, where a norm stands before it.
fn put4(i: u32, v: vec4f) {
  y[i] += v;
}
