// a · b + c with every rounding written down: compilers may contract a*b+c or not, and then the same row
// would differ between a batch of one and a batch of eight. fma leaves them no choice.
fn dot4(a: vec4f, b: vec4f, c: f32) -> f32 {
  return fma(a.x, b.x, fma(a.y, b.y, fma(a.z, b.z, fma(a.w, b.w, c))));
}
