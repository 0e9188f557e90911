// Neighbours turn together: as in the paper, and in llama.cpp's files.
fn pair(j: u32) -> vec2u {
  return vec2u(2u * j, 2u * j + 1u);
}
