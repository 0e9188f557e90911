// y[r][first + n] = Σₖ W[n][k] · x[r][k] + bias[first + n], for up to 8 rows at once.
// W: (PARTS · N, K); x: (B, K); y: (B, stride).  B ≤ ROWS.
//
// A decode step is bound by memory: each weight is read once whatever the batch, and every row of x meets
// it in registers. A workgroup makes 4 outputs; 16 lanes share an output and walk along k together, so
// that neighbouring threads read neighbouring weights. One barrier: the 16 partial sums are added in order.
const LANES: u32 = 16u;
const OUTPUTS: u32 = 4u;

// The sums of each lane: (OUTPUTS, PARTS, ROWS, LANES), and behind them those of the squares: (ROWS, LANES).
const SQUARES: u32 = OUTPUTS * PARTS * ROWS * LANES;
var<workgroup> lanes: array<f32, SQUARES + ROWS * LANES>;

fn total(at: u32) -> f32 {
  var sum = 0.0;
  for (var l = 0u; l < LANES; l++) {
    sum += lanes[at + l];
  }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let lane = i % LANES;
  let output = i / LANES;
  let first_n = (group.y * params.width + group.x) * OUTPUTS;
  // The last workgroup's spare lanes repeat the last output and write nothing.
  let n = min(first_n + output, params.outputs - 1u);
  let row = n * params.cols4;
  let second = (n + params.outputs) * params.cols4;

  var sums: Sums;
  var other: Sums; // of the second part, where there is one
  var norms: Sums;
  for (var k = lane; k < params.cols4; k += LANES) {
    let g = gain4(k);
    let xs = rows4(k);
    sums = products(weight4(row + k) * g, xs, sums);
    if (PARTS == 2u) {
      other = products(weight4(second + k) * g, xs, other);
    }
    if (NORMED && output == 0u) {
      norms = squares(xs, norms);
    }
  }
  keep(output * PARTS * ROWS * LANES + lane, sums);
  if (PARTS == 2u) {
    keep((output * PARTS + 1u) * ROWS * LANES + lane, other);
  }
  if (NORMED && output == 0u) {
    keep(SQUARES + lane, norms);
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
    scale = inverseSqrt(total(SQUARES + r * LANES) / f32(params.cols4 * 4u) + params.eps);
  }
  var v: array<f32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    v[p] = total(((o * PARTS + p) * ROWS + r) * LANES) * scale + bias_at(params.first + first_n + o + p * params.stride);
  }
  emit(r * params.stride + params.first + first_n + o, v);
}
