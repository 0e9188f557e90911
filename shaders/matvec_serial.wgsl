// y[r][first + n] = Σₖ W[n][k] · x[r][k] + bias[first + n], for up to 8 rows at once, where there is no GPU.
// W: (PARTS · N, K); x: (B, K); y: (B, stride).  B ≤ ROWS.
//
// A thread makes one output of every row and asks nobody: software adapters run a workgroup without barriers as a plain loop,
// and pay for each barrier with a switch of every thread. Each weight is read once, as in `matvec`.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let n = (group.y * params.width + group.x) * 64u + i;
  if (n >= params.outputs) {
    return;
  }
  let row = n * params.cols4;
  let second = (n + params.outputs) * params.cols4;
  var sums: Sums;
  var other: Sums; // of the second part, where there is one
  var norms: Sums;
  for (var k = 0u; k < params.cols4; k++) {
    let g = gain4(k);
    let xs = rows4(k);
    sums = products(weight4(row + k) * g, xs, sums);
    if (PARTS == 2u) {
      other = products(weight4(second + k) * g, xs, other);
    }
    if (NORMED) {
      norms = squares(xs, norms);
    }
  }
  let out = params.first + n;
  for (var r = 0u; r < min(ROWS, params.rows); r++) {
    var scale = 1.0;
    if (NORMED) {
      scale = inverseSqrt(sum_of(norms, r) / f32(params.cols4 * 4u) + params.eps);
    }
    var v: array<f32, PARTS>;
    if (PARTS == 2u) {
      v[PARTS - 1u] = sum_of(other, r) * scale + bias_at(out + params.stride);
    }
    v[0] = sum_of(sums, r) * scale + bias_at(out);
    emit(r * params.stride + out, v);
  }
}
