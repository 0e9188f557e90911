// o = softmax(q · Kᵀ / √d) V as `attention`, where there is no GPU.  qkv: (T, (H + 2 G) d); keys, values: (R, G d).
// A thread takes a head of a row and asks nobody: keys pass by in blocks of eight, with the running maximum m, sum l and
// weighted sum of values kept by the thread. What is read of a query meets eight keys.
// groups: (H · T / 4).
struct Params {
  heads: u32,    // H
  kv_heads: u32, // G
  split: u32,    // T: no other field says it
  scale: f32,    // of the queries, usually 1 / √d
  window: u32,   // keys back from a query, itself among them
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(3) var<storage, read> keys: array<vec4<cache_t>>;
@group(0) @binding(4) var<storage, read> values: array<vec4<cache_t>>;

const HEAD4: u32 = HEAD / 4u;
const LOW: f32 = -3.0e38;
const NEXT = vec4u(0u, 1u, 2u, 3u);

// Where key t of this head begins; those past the last repeat it.
fn place(r: u32, h: u32, t: u32) -> u32 {
  return (row_cache(r, min(t, row_end(r) - 1u)) * params.kv_heads + h * params.kv_heads / params.heads) * HEAD4;
}
fn places(r: u32, h: u32, t: u32) -> vec4u {
  return vec4u(place(r, h, t), place(r, h, t + 1u), place(r, h, t + 2u), place(r, h, t + 3u));
}
fn scores(q: vec4f, at: vec4u, s: vec4f) -> vec4f {
  return vec4f(
    dot4(q, vec4f(keys[at.x]), s.x), dot4(q, vec4f(keys[at.y]), s.y),
    dot4(q, vec4f(keys[at.z]), s.z), dot4(q, vec4f(keys[at.w]), s.w),
  );
}
fn seen(s: vec4f, t: u32, all: u32) -> vec4f {
  return select(vec4f(LOW), vec4f(score_of(s.x), score_of(s.y), score_of(s.z), score_of(s.w)), t + NEXT < vec4u(all));
}
fn most_of(s: vec4f) -> f32 {
  return max(max(s.x, s.y), max(s.z, s.w));
}
fn weighted(p: vec4f, at: vec4u) -> vec4f {
  return p.x * vec4f(values[at.x]) + p.y * vec4f(values[at.y]) + p.z * vec4f(values[at.z]) + p.w * vec4f(values[at.w]);
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x / params.heads;
  let h = id.x % params.heads;
  if (r >= params.split || !row_live(r)) {
    return;
  }
  let all = row_end(r);
  let query = (r * (params.heads + 2u * params.kv_heads) + h) * HEAD4;
  var m = LOW;
  var l = 0.0;
  var sums: array<vec4f, HEAD4>;
  for (var t = all - min(all, params.window); t < all; t += 8u) {
    let low = places(r, h, t);
    let high = places(r, h, t + 4u);
    var a = vec4f();
    var b = vec4f();
    for (var j = 0u; j < HEAD4; j++) {
      let q = qkv[query + j] * params.scale;
      a = scores(q, low + j, a);
      b = scores(q, high + j, b);
    }
    a = seen(a, t, all);
    b = seen(b, t + 4u, all);
    let most = max(m, max(most_of(a), most_of(b)));
    let fade = exp(m - most);
    m = most;
    a = exp(a - most);
    b = exp(b - most);
    l = dot4(a + b, vec4f(1.0), l * fade);
    for (var j = 0u; j < HEAD4; j++) {
      sums[j] = sums[j] * fade + weighted(a, low + j) + weighted(b, high + j);
    }
  }
  for (var d = 0u; d < HEAD; d++) {
    put(r * params.heads + h, 0u, d, m, l, sums[d / 4u][d & 3u]);
  }
}
