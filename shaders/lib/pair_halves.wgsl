// Element j of a head turns with element j + half: as in Hugging Face's checkpoints.
fn pair(j: u32) -> vec2u {
  return vec2u(j, j + params.turning);
}
