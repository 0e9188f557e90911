// y = x / sqrt(mean(x²) + eps) · w, stored or added  (Zhang & Sennrich 2019).  x, y: (T, D); w: (D).  One workgroup per row.
struct Params {
  cols4: u32,
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let row = group.x * params.cols4;
  var squares = 0.0;
  for (var k = i; k < params.cols4; k += WG) {
    squares = dot4(x[row + k], x[row + k], squares);
  }
  let mean = workgroup_sum(i, squares) / f32(params.cols4 * 4u);
  let scale = inverseSqrt(mean + params.eps);
  for (var k = i; k < params.cols4; k += WG) {
    put4(row + k, x[row + k] * scale * w[k]);
  }
}
