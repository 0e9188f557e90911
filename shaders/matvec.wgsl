// y[r][first + n] = Σₖ W[n][k] · x[r][k], for up to 8 rows at once.
// W: (PARTS · N, K); x: (B, K); y: (B, stride).  B ≤ ROWS.
//
// A decode step is bound by memory: each weight is read once whatever the batch, and every row of x meets
// it in registers. A workgroup makes 4 outputs; 16 lanes share an output and walk along k together, so
// that neighbouring threads read neighbouring weights. One barrier: the 16 partial sums are added in order.
const LANES: u32 = 16u;
const OUTPUTS: u32 = 4u;

struct Params {
  cols4: u32,   // K / 4
  outputs: u32, // N
  first: u32,   // column of y of output 0
  stride: u32,  // columns of y
  rows: u32,    // B
  width: u32,   // workgroups in x
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

var<workgroup> lane_sums: array<f32, OUTPUTS * ROWS * PARTS * LANES>;
var<workgroup> lane_squares: array<f32, ROWS * LANES>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let lane = i % LANES;
  let output = i / LANES;
  let first_n = (group.y * params.width + group.x) * OUTPUTS;
  // The last workgroup's spare lanes repeat the last output and write nothing.
  let n = min(first_n + output, params.outputs - 1u);

  var sums: array<f32, ROWS * PARTS>;
  var squares: array<f32, ROWS>;
  for (var k = lane; k < params.cols4; k += LANES) {
    let g = gain4(k);
    var w: array<vec4f, PARTS>;
    for (var p = 0u; p < PARTS; p++) {
      w[p] = weight4((n + p * params.outputs) * params.cols4 + k) * g;
    }
    for (var r = 0u; r < ROWS; r++) {
      let v = x[min(r, params.rows - 1u) * params.cols4 + k];
      for (var p = 0u; p < PARTS; p++) {
        sums[r * PARTS + p] = dot4(w[p], v, sums[r * PARTS + p]);
      }
      if (NORMED) {
        squares[r] = dot4(v, v, squares[r]);
      }
    }
  }
  for (var j = 0u; j < ROWS * PARTS; j++) {
    lane_sums[(output * ROWS * PARTS + j) * LANES + lane] = sums[j];
  }
  if (NORMED && output == 0u) {
    for (var r = 0u; r < ROWS; r++) {
      lane_squares[r * LANES + lane] = squares[r];
    }
  }
  workgroupBarrier();

  // One thread for each (output, row).
  let r = i % ROWS;
  let o = i / ROWS;
  if (o >= OUTPUTS || r >= params.rows || first_n + o >= params.outputs) {
    return;
  }
  var scale = 1.0;
  if (NORMED) {
    var total = 0.0;
    for (var l = 0u; l < LANES; l++) {
      total += lane_squares[r * LANES + l];
    }
    scale = inverseSqrt(total / f32(params.cols4 * 4u) + params.eps);
  }
  var v: array<f32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    var total = 0.0;
    for (var l = 0u; l < LANES; l++) {
      total += lane_sums[((o * ROWS + r) * PARTS + p) * LANES + l];
    }
    v[p] = total * scale;
  }
  emit(r * params.stride + params.first + first_n + o, v);
}
