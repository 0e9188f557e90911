// o = softmax(q · Kᵀ / √d) V as `attention`, where there is no GPU.  qkv: (T, (H + 2 G) d); keys, values: (R, G d).
// A thread takes a head of ROWS rows, which see the same keys up to their own ends, and asks nobody: keys pass by in blocks
// of eight, with the running maximum m, sum l and weighted sum of values kept by the thread. What is read of a query meets
// eight keys, what is read of a key all rows.
// groups: (H · T / ROWS / 4).
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

// The first of this thread's rows, and its head.
var<private> begin: u32;
var<private> h: u32;

// Of four keys, for each row.
struct Four {
  a: Sums,
  b: Sums,
  c: Sums,
  d: Sums,
}

fn row4(r: u32, k: u32) -> vec4f {
  return qkv[(min(begin + r, params.split - 1u) * (params.heads + 2u * params.kv_heads) + h) * HEAD4 + k] * params.scale;
}
// Where key t begins; those past the last repeat it.
fn place(t: u32, all: u32) -> u32 {
  return (row_cache(begin, min(t, all - 1u)) * params.kv_heads + h * params.kv_heads / params.heads) * HEAD4;
}
fn places(t: u32, all: u32) -> vec4u {
  return vec4u(place(t, all), place(t + 1u, all), place(t + 2u, all), place(t + 3u, all));
}
fn key(i: u32, q: Xs, s: Sums) -> Sums {
  return products(vec4f(keys[i]), q, s);
}
fn scores(at: vec4u, q: Xs, s: Four) -> Four {
  return Four(key(at.x, q, s.a), key(at.y, q, s.b), key(at.z, q, s.c), key(at.w, q, s.d));
}
// The score of key t, where a row sees it.
fn seen(s: Sums, t: u32, ends: Sums) -> Sums {
  let from_end = ends - f32(t);
  return select(Sums(LOW), score_of(s), (from_end > Sums()) & (from_end <= Sums(f32(params.window))));
}
fn seen4(s: Four, t: u32, ends: Sums) -> Four {
  return Four(seen(s.a, t, ends), seen(s.b, t + 1u, ends), seen(s.c, t + 2u, ends), seen(s.d, t + 3u, ends));
}
fn most_of(s: Four) -> Sums {
  return max(max(s.a, s.b), max(s.c, s.d));
}
fn exp4(s: Four, m: Sums) -> Four {
  return Four(exp(s.a - m), exp(s.b - m), exp(s.c - m), exp(s.d - m));
}
// Four columns of four values.
fn columns(at: vec4u) -> mat4x4f {
  return transpose(mat4x4f(vec4f(values[at.x]), vec4f(values[at.y]), vec4f(values[at.z]), vec4f(values[at.w])));
}
fn weighted(p: Four, v: vec4f) -> Sums {
  return p.a * v.x + p.b * v.y + p.c * v.z + p.d * v.w;
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  begin = id.x / params.heads * ROWS;
  h = id.x % params.heads;
  if (begin >= params.split || !row_live(begin)) {
    return;
  }
  let first = row_end(begin);
  let all = first + ROWS - 1u;
  let ends = f32(first) + AHEAD;
  var m = Sums(LOW);
  var l = Sums();
  var sums: array<Sums, HEAD>;
  for (var t = first - min(first, params.window); t < all; t += 8u) {
    let low = places(t, all);
    let high = places(t + 4u, all);
    var a = Four();
    var b = Four();
    for (var j = 0u; j < HEAD4; j++) {
      let q = rows4(j);
      a = scores(low + j, q, a);
      b = scores(high + j, q, b);
    }
    a = seen4(a, t, ends);
    b = seen4(b, t + 4u, ends);
    let most = max(m, max(most_of(a), most_of(b)));
    let fade = exp(m - most);
    m = most;
    a = exp4(a, m);
    b = exp4(b, m);
    l = l * fade + weighted(a, vec4f(1.0)) + weighted(b, vec4f(1.0));
    for (var j = 0u; j < HEAD4; j++) {
      let v = columns(low + j);
      let w = columns(high + j);
      let d = j * 4u;
      sums[d] = sums[d] * fade + weighted(a, v[0]) + weighted(b, w[0]);
      sums[d + 1u] = sums[d + 1u] * fade + weighted(a, v[1]) + weighted(b, w[1]);
      sums[d + 2u] = sums[d + 2u] * fade + weighted(a, v[2]) + weighted(b, w[2]);
      sums[d + 3u] = sums[d + 3u] * fade + weighted(a, v[3]) + weighted(b, w[3]);
    }
  }
  for (var r = 0u; r < ROWS && begin + r < params.split && row_live(begin + r); r++) {
    for (var d = 0u; d < HEAD; d++) {
      put((begin + r) * params.heads + h, 0u, d, sum_of(m, r), sum_of(l, r), sum_of(sums[d], r));
    }
  }
}
