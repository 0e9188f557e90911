// a · b + c, rounded twice. For software adapters: they compute fma in dozens of steps, and contract nothing.
fn mad(a: f32, b: f32, c: f32) -> f32 {
  return a * b + c;
}
