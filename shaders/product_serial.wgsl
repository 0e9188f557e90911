// y[r][first + n] = Σₖ W[n][k] · x[r][k] + bias[first + n], for up to 8 rows at once, where there is no GPU.
// W: (PARTS · N, K); x: (T, K); y: (T, stride).
//
// A thread makes 8 / PARTS outputs of its rows and asks nobody: software adapters run a workgroup without barriers as a
// plain loop, and pay for each barrier with a switch of every thread. Reading seems to cost them much more than
// multiplying, so what is read meets as much as there are registers for: each x eight weights, each weight all rows.
// groups: (N · PARTS / 64, T / 8).
struct Tile {
  a: Sums,
  b: Sums,
  c: Sums,
  d: Sums,
}

// Four columns of four rows of W.
fn tile(at: vec4u, scales: vec4f, g: vec4f, x: Xs, s: Tile) -> Tile {
  return Tile(
    products(scaled4(at.x, scales.x) * g, x, s.a), products(scaled4(at.y, scales.y) * g, x, s.b),
    products(scaled4(at.z, scales.z) * g, x, s.c), products(scaled4(at.w, scales.w) * g, x, s.d),
  );
}

// Output n of every row; u is of the second part, where there is one.
fn keep(s: Sums, u: Sums, norms: Sums, n: u32) {
  let out = params.first + n;
  for (var r = 0u; n < params.outputs && r < rows_here(); r++) {
    var scale = 1.0;
    if (NORMED) {
      scale = inverseSqrt(sum_of(norms, r) / f32(params.cols4 * 4u) + params.eps);
    }
    var v: array<f32, PARTS>;
    if (PARTS == 2u) {
      v[PARTS - 1u] = sum_of(u, r) * scale + bias_at(out + params.stride);
    }
    v[0] = sum_of(s, r) * scale + bias_at(out);
    emit((begin + r) * params.stride + out, v);
  }
}

fn keep4(s: Tile, u: Tile, norms: Sums, n: u32) {
  keep(s.a, u.a, norms, n);
  keep(s.b, u.b, norms, n + 1u);
  keep(s.c, u.c, norms, n + 2u);
  keep(s.d, u.d, norms, n + 3u);
}

// The first of this thread's rows.
var<private> begin: u32;

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x * (8u / PARTS);
  begin = id.y * 8u;
  if (n >= params.outputs || rows_here() == 0u) {
    return;
  }
  let row = n + vec4u(0u, 1u, 2u, 3u);
  let last = vec4u(params.outputs - 1u);
  let low = min(row, last) * params.cols4;
  var high = min(row + 4u, last) * params.cols4;
  if (PARTS == 2u) {
    high = low + params.outputs * params.cols4;
  }
  var s: Tile;
  var u: Tile;
  var norms: Sums;
  for (var block = 0u; block < params.cols4; block += SPAN) {
    let scales_low = scales4(low + block);
    let scales_high = scales4(high + block);
    for (var k = block; k < block + SPAN; k++) {
      let g = gain4(k);
      let xs = rows4(k);
      s = tile(low + k, scales_low, g, xs, s);
      u = tile(high + k, scales_high, g, xs, u);
      if (NORMED) {
        norms = squares(xs, norms);
      }
    }
  }
  keep4(s, u, norms, n);
  if (PARTS == 1u) {
    keep4(u, u, norms, n + 4u);
  }
}
