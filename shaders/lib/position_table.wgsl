// A row for each position is added to the embedding, and the last row to every token. positions: (P + 1, D).
@group(0) @binding(5) var<storage, read> positions: array<vec4f>;

fn position4(at: u32, k: u32) -> vec4f {
  return positions[at * params.cols4 + k] + positions[arrayLength(&positions) - params.cols4 + k];
}
