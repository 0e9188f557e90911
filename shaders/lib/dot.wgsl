// a · b + c in a fixed order, by `mad` (linked beside this).
fn dot4(a: vec4f, b: vec4f, c: f32) -> f32 {
  return mad(a.x, b.x, mad(a.y, b.y, mad(a.z, b.z, mad(a.w, b.w, c))));
}
