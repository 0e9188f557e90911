// Scores as they are.
fn score_of(s: f32) -> f32 {
  return s;
}
