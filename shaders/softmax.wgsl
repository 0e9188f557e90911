// y = exp(x - max x) / Σ exp(x - max x), over each row.  x, y: (T, N).  One workgroup per row.
struct Params {
  cols: u32, // N
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let row = group.x * params.cols;
  var most = -3.0e38;
  for (var k = i; k < params.cols; k += WG) {
    most = max(most, x[row + k]);
  }
  most = workgroup_max(i, most);
  var total = 0.0;
  for (var k = i; k < params.cols; k += WG) {
    total += exp(x[row + k] - most);
  }
  total = workgroup_sum(i, total);
  for (var k = i; k < params.cols; k += WG) {
    y[row + k] = exp(x[row + k] - most) / total;
  }
}
