// Heads as they are.
fn head_scale(i: u32, at: u32) -> f32 {
  return 1.0;
}
fn head_gain(key: bool, d: u32) -> f32 {
  return 1.0;
}
