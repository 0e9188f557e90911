// Log-probabilities of the token that `sample` has just chosen and of the TOP likeliest tokens, from the
// model's own distribution, before penalties and temperature.
// probabilities: (L, V), row min(b, L - 1) is sequence b's; out: (RING, B), as `sample` left it;
// report: (RING, B, 2 + 2 TOP): ln p(token), token, then (ln p, token) by falling p.
// One workgroup of 256 for a sequence.
struct Params {
  vocabulary: u32, // V
  sequences: u32,  // B
  rows: u32,       // L
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> probabilities: array<f32>;
@group(0) @binding(3) var<storage, read> out: array<u32>;
@group(0) @binding(4) var<storage, read_write> report: array<u32>;

var<workgroup> best_p: array<f32, 256>;
var<workgroup> best_token: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let b = group.x;
  let base = min(b, params.rows - 1u) * params.vocabulary;
  let slot = ((state.sequences[b].w - 1u) % RING) * params.sequences + b;
  let at = slot * (2u + 2u * TOP);
  if (i == 0u) {
    let token = out[slot];
    report[at] = bitcast<u32>(log(probabilities[base + min(token, params.vocabulary - 1u)]));
    report[at + 1u] = token;
  }
  var last_p = 2.0;
  var last_token = 0u;
  for (var n = 0u; n < TOP; n++) {
    // The likeliest of those that come after the last one found, by (p falling, token rising).
    var p = -1.0;
    var token = 0u;
    for (var v = i; v < params.vocabulary; v += 256u) {
      let q = probabilities[base + v];
      if (q > p && (q < last_p || (q == last_p && v > last_token))) {
        p = q;
        token = v;
      }
    }
    best_p[i] = p;
    best_token[i] = token;
    for (var span = 128u; span > 0u; span /= 2u) {
      workgroupBarrier();
      if (i < span) {
        let q = best_p[i + span];
        let t = best_token[i + span];
        if (q > best_p[i] || (q == best_p[i] && t < best_token[i])) {
          best_p[i] = q;
          best_token[i] = t;
        }
      }
    }
    workgroupBarrier();
    last_p = best_p[0];
    last_token = best_token[0];
    if (i == 0u) {
      report[at + 2u + 2u * n] = bitcast<u32>(log(last_p));
      report[at + 3u + 2u * n] = last_token;
    }
    workgroupBarrier();
  }
}
