// o = softmax(q · Kᵀ / √d) V over the cache, causal or within a window, with grouped queries: head h reads kv head h · G / H.
// Streaming softmax (Milakov & Gimelshein 2018; Dao et al. 2022): keys pass by in blocks of WG, with the
// running maximum m, sum l and weighted sum of values kept in registers.
// qkv: (T, (H + 2 G) d); keys, values: (R, G d).
// groups: (splits, H, T): workgroup s takes keys [s · split, (s + 1) · split); those past the end return.
struct Params {
  heads: u32,    // H
  kv_heads: u32, // G
  split: u32,    // keys of one workgroup
  scale: f32,    // of the queries, usually 1 / √d
  window: u32,   // keys back from a query, itself among them
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read> keys: array<vec4<cache_t>>;
@group(0) @binding(4) var<storage, read> values: array<cache_t>;

const HEAD4: u32 = HEAD / 4u;
const MINE: u32 = (HEAD + WG - 1u) / WG; // elements of the head that a thread accumulates
const LOW: f32 = -3.0e38;
alias Sums = f32;

var<workgroup> q: array<vec4f, HEAD4>;
var<workgroup> p: array<f32, WG>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let r = group.z;
  let h = group.y;
  if (!row_live(r)) {
    return;
  }
  let all = row_end(r);
  let low = all - min(all, params.window);
  let first = max(group.x * params.split, low);
  let end = min(all, (group.x + 1u) * params.split);
  if (first >= end) {
    return;
  }
  let kv = h * params.kv_heads / params.heads;
  for (var j = i; j < HEAD4; j += WG) {
    q[j] = qkv[(r * (params.heads + 2u * params.kv_heads) + h) * HEAD4 + j] * params.scale;
  }
  workgroupBarrier();

  var m = LOW;
  var l = 0.0;
  var sums: array<f32, MINE>;
  for (var block = first; block < end; block += WG) {
    let t = block + i;
    var score = LOW;
    if (t < end) {
      let row = (row_cache(r, t) * params.kv_heads + kv) * HEAD4;
      score = 0.0;
      for (var j = 0u; j < HEAD4; j++) {
        score = dot4(q[j], vec4f(keys[row + j]), score);
      }
      score = score_of(score);
    }
    let most = max(m, workgroup_max(i, score));
    let weight = select(0.0, exp(score - most), t < end);
    p[i] = weight;
    let total = workgroup_sum(i, weight); // its barriers also publish p
    let fade = exp(m - most);
    l = l * fade + total;
    m = most;
    let count = min(WG, end - block);
    for (var j = 0u; j < MINE; j++) {
      let d = i + j * WG;
      if (d < HEAD) {
        var sum = sums[j] * fade;
        for (var u = 0u; u < count; u++) {
          let row = row_cache(r, block + u) * params.kv_heads + kv;
          sum = mad(p[u], f32(values[row * HEAD + d]), sum);
        }
        sums[j] = sum;
      }
    }
    workgroupBarrier(); // before p is written again
  }
  for (var j = 0u; j < MINE; j++) {
    let d = i + j * WG;
    if (d < HEAD) {
      put((r * params.heads + h), group.x, d, m, l, sums[j]);
    }
  }
}
