// y[t][first + n] = Σₖ x[t][k] · W[n][k], for the rows of a prefill slice.
// x: (T, K); W: (PARTS · N, K); y: (T, stride).
//
// A workgroup of 8 × 8 threads makes a tile of 32 × 32 outputs, 4 × 4 a thread, from tiles of x and W
// that pass through workgroup memory 16 columns at a time. Weights are unpacked on the way in.
// groups: (N / 32, T / 32); tiles past the slice's rows return at once.
const TILE: u32 = 32u;
const STEP4: u32 = 4u;

struct Params {
  cols4: u32,   // K / 4
  outputs: u32, // N
  first: u32,   // column of y of output 0
  stride: u32,  // columns of y
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> state: State;

var<workgroup> xs: array<vec4f, TILE * STEP4>;
var<workgroup> ws: array<vec4f, PARTS * TILE * STEP4>;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let n0 = group.x * TILE;
  let t0 = group.y * TILE;
  if (t0 >= state.rows) {
    return;
  }
  let tx = i % 8u;
  let ty = i / 8u;
  var sums: array<f32, 16u * PARTS>;
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
      for (var a = 0u; a < 4u; a++) {
        let v = xs[(ty * 4u + a) * STEP4 + k];
        for (var p = 0u; p < PARTS; p++) {
          for (var b = 0u; b < 4u; b++) {
            let j = (p * 4u + a) * 4u + b;
            sums[j] = dot4(v, ws[(p * TILE + tx + b * 8u) * STEP4 + k], sums[j]);
          }
        }
      }
    }
    workgroupBarrier();
  }
  for (var a = 0u; a < 4u; a++) {
    for (var b = 0u; b < 4u; b++) {
      let t = t0 + ty * 4u + a;
      let n = n0 + tx + b * 8u;
      if (t < state.rows && n < params.outputs) {
        var v: array<f32, PARTS>;
        for (var p = 0u; p < PARTS; p++) {
          v[p] = sums[(p * 4u + a) * 4u + b];
        }
        emit(t * params.stride + params.first + n, v);
      }
    }
  }
}
