// y = v
fn put4(i: u32, v: vec4f) {
  y[i] = v;
}
