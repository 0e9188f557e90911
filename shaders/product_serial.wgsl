// y[r][first + n] = Σₖ W[n][k] · x[r][k] + bias[first + n], for up to 8 rows at once, where there is no GPU.
// W: (PARTS · N, K); x: (T, K); y: (T, stride).
//
// A thread makes 16 / PARTS outputs of its rows and asks nobody: software adapters run a workgroup without barriers as a
// plain loop, and pay for each barrier with a switch of every thread. Reading seems to cost them much more than
// multiplying, so what is read meets much: each x sixteen weights, each weight all rows. Shifts and divisions of integers
// cost them a step for each thread, so where a row of W begins is found once.
// groups: (N · PARTS / 64, T / 8).
struct Tile {
  a: Sums,
  b: Sums,
  c: Sums,
  d: Sums,
}

// Columns 4 k to 4 k + 3 of four rows of W.
fn tile(at: vec4u, k: u32, scales: vec4f, g: vec4f, x: Xs, s: Tile) -> Tile {
  return Tile(
    products(scaled4(at.x, k, scales.x) * g, x, s.a), products(scaled4(at.y, k, scales.y) * g, x, s.b),
    products(scaled4(at.z, k, scales.z) * g, x, s.c), products(scaled4(at.w, k, scales.w) * g, x, s.d),
  );
}

// Output n of every row; u is of the second part, where there is one.
fn keep(s: Sums, u: Sums, norms: Sums, n: u32) {
  let out = params.first + n;
  for (var r = 0u; r < rows_here(); r++) {
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

// The first of this thread's rows.
var<private> begin: u32;

// Where rows n to n + 3 of a part of W begin; those behind the last repeat it.
fn rows_of(n: u32, part: u32) -> vec4u {
  return begins(min(n + vec4u(0u, 1u, 2u, 3u), vec4u(params.outputs - 1u)) + part * params.outputs);
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  const OWN = 16u / PARTS;
  let n = id.x * OWN;
  begin = id.y * 8u;
  if (n >= params.outputs || rows_here() == 0u) {
    return;
  }
  let at = array(rows_of(n, 0u), rows_of(n + 4u, 0u), rows_of(n + 8u % OWN, PARTS - 1u), rows_of(n + 8u % OWN + 4u, PARTS - 1u));
  var s: Tile;
  var t: Tile;
  var u: Tile;
  var v: Tile;
  var norms: Sums;
  for (var block = 0u; block < params.cols4; block += SPAN) {
    let scale = array(scales4(at[0], block), scales4(at[1], block), scales4(at[2], block), scales4(at[3], block));
    for (var k = block; k < block + SPAN; k++) {
      let g = gain4(k) * fit4(k);
      let xs = rows4(k);
      s = tile(at[0], k, scale[0], g, xs, s);
      t = tile(at[1], k, scale[1], g, xs, t);
      u = tile(at[2], k, scale[2], g, xs, u);
      v = tile(at[3], k, scale[3], g, xs, v);
      if (NORMED) {
        norms = squares(xs, norms);
      }
    }
  }
  var all = array(s.a, s.b, s.c, s.d, t.a, t.b, t.c, t.d, u.a, u.b, u.c, u.d, v.a, v.b, v.c, v.d);
  for (var i = 0u; i < OWN && n + i < params.outputs; i++) {
    keep(all[i], all[(i + OWN) % 16u], norms, n + i);
  }
}
