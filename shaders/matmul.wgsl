// y[t][first + n] = Σₖ x[t][k] · W[n][k] + bias[first + n], for the rows of a prefill slice.
// x: (T, K); W: (PARTS · N, K); y: (T, stride).
//
// A workgroup of 8 × 8 threads makes a tile of 32 × 32 outputs, 4 × 4 a thread, from tiles of x and W
// that pass through workgroup memory 16 columns at a time. Weights are unpacked on the way in.
// groups: (N / 32, T / 32); tiles past the slice's rows return at once.
const TILE: u32 = 32u;
const STEP4: u32 = 4u;

var<workgroup> xs: array<vec4f, TILE * STEP4>;
var<workgroup> ws: array<vec4f, PARTS * TILE * STEP4>;

// Four weight vectors, or the 4 × 4 sums of a thread, row by row: by name, so that they stay in registers.
struct Four {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

// The weights of a thread's columns: tx, tx + 8, tx + 16, tx + 24 of part p.
fn columns(p: u32, tx: u32, k: u32) -> Four {
  let at = (p * TILE + tx) * STEP4 + k;
  return Four(ws[at], ws[at + 8u * STEP4], ws[at + 16u * STEP4], ws[at + 24u * STEP4]);
}

fn grow(x: vec4f, w: Four, s: vec4f) -> vec4f {
  return vec4f(dot4(x, w.a, s.x), dot4(x, w.b, s.y), dot4(x, w.c, s.z), dot4(x, w.d, s.w));
}

fn rows(x: Four, w: Four, s: Four) -> Four {
  return Four(grow(x.a, w, s.a), grow(x.b, w, s.b), grow(x.c, w, s.c), grow(x.d, w, s.d));
}

fn put(t: u32, n: u32, sum: f32, other: f32) {
  if (t < state.rows && n < params.outputs) {
    var v: array<f32, PARTS>;
    if (PARTS == 2u) {
      v[PARTS - 1u] = other + bias_at(params.first + n + params.stride);
    }
    v[0] = sum + bias_at(params.first + n); // the only one where there is one part
    emit(t * params.stride + params.first + n, v);
  }
}

fn put_row(t: u32, n: u32, sums: vec4f, other: vec4f) {
  put(t, n, sums.x, other.x);
  put(t, n + 8u, sums.y, other.y);
  put(t, n + 16u, sums.z, other.z);
  put(t, n + 24u, sums.w, other.w);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let n0 = group.x * TILE;
  let t0 = group.y * TILE;
  if (t0 >= state.rows) {
    return;
  }
  let tx = i % 8u;
  let ty = i / 8u;
  var sums: Four;
  var other: Four; // of the second part, where there is one
  for (var k0 = 0u; k0 < params.cols4; k0 += STEP4) {
    for (var j = i; j < TILE * STEP4; j += 64u) {
      let t = t0 + j / STEP4;
      let n = n0 + j / STEP4;
      let k = k0 + j % STEP4;
      var v = vec4f(0.0);
      if (t < state.rows && k < params.cols4) {
        v = x[t * params.cols4 + k];
      }
      xs[j] = v;
      for (var p = 0u; p < PARTS; p++) {
        var w = vec4f(0.0);
        if (n < params.outputs && k < params.cols4) {
          w = weight4((n + p * params.outputs) * params.cols4 + k);
        }
        ws[p * TILE * STEP4 + j] = w;
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < STEP4; k++) {
      let at = ty * 4u * STEP4 + k;
      let v = Four(xs[at], xs[at + STEP4], xs[at + 2u * STEP4], xs[at + 3u * STEP4]);
      sums = rows(v, columns(0u, tx, k), sums);
      if (PARTS == 2u) {
        other = rows(v, columns(1u, tx, k), other);
      }
    }
    workgroupBarrier();
  }
  let t = t0 + ty * 4u;
  let n = n0 + tx;
  put_row(t, n, sums.a, other.a);
  put_row(t + 1u, n, sums.b, other.b);
  put_row(t + 2u, n, sums.c, other.c);
  put_row(t + 3u, n, sums.d, other.d);
}
