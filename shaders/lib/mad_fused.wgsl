// a · b + c, rounded once. Compilers may contract a * b + c or not, and then the same row would differ between
// a batch of one and a batch of eight; fma leaves them no choice.
fn mad(a: f32, b: f32, c: f32) -> f32 {
  return fma(a, b, c);
}
