// y[t][first + n] = Σₖ x[t][k] · W[n][k] + bias[first + n], for the rows of a prefill slice, where there is no GPU.
// x: (T, K); W: (PARTS · N, K); y: (T, stride).
//
// A thread makes one output of eight rows and asks nobody: see `matvec_serial`.
// groups: (N / 64, T / 8); groups past the slice's rows return at once.
// The first of this workgroup's rows.
var<private> begin: u32;

fn row4(r: u32, k: u32) -> vec4f {
  return x[min(begin + r, state.rows - 1u) * params.cols4 + k];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  begin = id.y * 8u;
  if (n >= params.outputs || begin >= state.rows) {
    return;
  }
  let row = n * params.cols4;
  let second = (n + params.outputs) * params.cols4;
  var sums: Sums;
  var other: Sums; // of the second part, where there is one
  for (var k = 0u; k < params.cols4; k++) {
    let xs = rows4(k);
    sums = products(weight4(row + k), xs, sums);
    if (PARTS == 2u) {
      other = products(weight4(second + k), xs, other);
    }
  }
  let out = params.first + n;
  for (var r = 0u; r < min(8u, state.rows - begin); r++) {
    var v: array<f32, PARTS>;
    if (PARTS == 2u) {
      v[PARTS - 1u] = sum_of(other, r) + bias_at(out + params.stride);
    }
    v[0] = sum_of(sums, r) + bias_at(out);
    emit((begin + r) * params.stride + out, v);
  }
}
