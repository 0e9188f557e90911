// y[b] = mean of the rows of text b, made one long where asked for (Reimers & Gurevych 2019).  x: (T, D); y: (8, D).
// Text b has the rows from sequences[b].x to before sequences[b].y. One workgroup per text; groups: (8).
struct Params {
  cols4: u32, // D / 4
  unit: u32,  // 1: length one
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let text = state.sequences[group.x].xy;
  if (text.x >= text.y) {
    return;
  }
  let to = group.x * params.cols4;
  var squares = 0.0;
  for (var k = i; k < params.cols4; k += WG) {
    var sum = vec4f(0.0);
    for (var r = text.x; r < text.y; r++) {
      sum += x[r * params.cols4 + k];
    }
    let mean = sum / f32(text.y - text.x);
    squares = dot4(mean, mean, squares);
    y[to + k] = mean;
  }
  let length = sqrt(workgroup_sum(i, squares));
  if (params.unit == 1u) {
    for (var k = i; k < params.cols4; k += WG) {
      y[to + k] /= max(length, 1e-12);
    }
  }
}
