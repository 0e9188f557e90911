// y = (x - mean(x)) / sqrt(var(x) + eps) · w + b  (Ba et al. 2016).  x, y: (T, D); w, b: (D).  A workgroup
// has ROWS rows, each of them WG threads.
struct Params {
  cols4: u32,
  eps: f32,
  rows: u32, // T
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WG * ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let r = group.x * ROWS + i / WG;
  let row = r * params.cols4;
  let begin = i % WG;
  let count = f32(params.cols4 * 4u);
  var sum = 0.0;
  for (var k = begin; k < params.cols4; k += WG) {
    sum = dot4(x[row + k], vec4f(1.0), sum);
  }
  let mean = workgroup_sum(i, sum) / count;
  var squares = 0.0;
  for (var k = begin; k < params.cols4; k += WG) {
    let v = x[row + k] - mean;
    squares = dot4(v, v, squares);
  }
  let scale = inverseSqrt(workgroup_sum(i, squares) / count + params.eps);
  for (var k = begin; r < params.rows && k < params.cols4; k += WG) {
    y[row + k] = (x[row + k] - mean) * scale * w[k] + b[k];
  }
}
