// y = x / sqrt(mean(x²) + eps) · w, stored or added  (Zhang & Sennrich 2019).  x, y: (T, D); w: (D).  A workgroup has ROWS rows,
// each of them WG threads.
struct Params {
  cols4: u32,
  eps: f32,
  rows: u32, // T
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WG * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let r = group.x * ROWS + i / WG;
  let row = r * params.cols4;
  let begin = i % WG;
  var squares = 0.0;
  for (var k = begin; k < params.cols4; k += WG) {
    squares = dot4(x[row + k], x[row + k], squares);
  }
  let mean = workgroup_sum(i, squares) / f32(params.cols4 * 4u);
  let scale = inverseSqrt(mean + params.eps);
  for (var k = begin; r < params.rows && k < params.cols4; k += WG) {
    put4(row + k, x[row + k] * scale * w[k]);
  }
}
