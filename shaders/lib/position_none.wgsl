// No position is added to the embedding.
fn position4(at: u32, k: u32) -> vec4f {
  return vec4f(0.0);
}
