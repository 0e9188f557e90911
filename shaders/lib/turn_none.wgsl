// Nothing turns.
fn turn(position: u32, j: u32) -> vec2f {
  return vec2f(1.0, 0.0);
}
