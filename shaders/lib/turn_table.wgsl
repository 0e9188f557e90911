// cos and sin for each position and pair. table: (positions, turning pairs).
@group(0) @binding(5) var<storage, read> table: array<vec2f>;

fn turn(position: u32, j: u32) -> vec2f {
  return table[position * params.turning + j];
}
