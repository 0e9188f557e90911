// x[r] = table[token of row r] · scale + position.  table: (V, D), of which rows [first, first + count) are bound;
// history: (R); x: (T, D).  One thread for 4 columns; groups: (D / 4 / 64, T).
struct Params {
  cols4: u32,
  first: u32,
  count: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<uniform> state: State;
@group(0) @binding(3) var<storage, read> history: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y;
  if (id.x >= params.cols4 || !row_live(r)) {
    return;
  }
  let token = history[row_cache(r, row_position(r))];
  // A table over the binding limit is bound in parts; each part writes its own tokens' rows.
  if (token - params.first < params.count) {
    let v = weight4((token - params.first) * params.cols4 + id.x) * params.scale;
    x[r * params.cols4 + id.x] = v + position4(row_position(r), id.x);
  }
}
