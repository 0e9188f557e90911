// Scores that cannot grow beyond c. CAP has the bits of c.
fn score_of(s: f32) -> f32 {
  return soft_cap(s, bitcast<f32>(CAP));
}
