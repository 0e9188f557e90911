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

// Of eight keys, for each row.
struct Eight {
  a: Sums,
  b: Sums,
  c: Sums,
  d: Sums,
  e: Sums,
  f: Sums,
  g: Sums,
  h: Sums,
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
fn scores(at: vec4u, to: vec4u, q: Xs, s: Eight) -> Eight {
  return Eight(
    key(at.x, q, s.a), key(at.y, q, s.b), key(at.z, q, s.c), key(at.w, q, s.d),
    key(to.x, q, s.e), key(to.y, q, s.f), key(to.z, q, s.g), key(to.w, q, s.h),
  );
}
// The score of key t, where a row sees it.
fn seen(s: Sums, t: u32, ends: Sums) -> Sums {
  let from_end = ends - f32(t);
  return select(Sums(LOW), score_of(s), (from_end > Sums()) & (from_end <= Sums(f32(params.window))));
}
fn value4(at: vec4u) -> mat4x4f {
  return transpose(mat4x4f(vec4f(values[at.x]), vec4f(values[at.y]), vec4f(values[at.z]), vec4f(values[at.w])));
}
fn weighted(p: Eight, v: vec4f, w: vec4f) -> Sums {
  return p.a * v.x + p.b * v.y + p.c * v.z + p.d * v.w + p.e * w.x + p.f * w.y + p.g * w.z + p.h * w.w;
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
    var s = Eight();
    for (var j = 0u; j < HEAD4; j++) {
      s = scores(low + j, high + j, rows4(j), s);
    }
    s = Eight(
      seen(s.a, t, ends), seen(s.b, t + 1u, ends), seen(s.c, t + 2u, ends), seen(s.d, t + 3u, ends),
      seen(s.e, t + 4u, ends), seen(s.f, t + 5u, ends), seen(s.g, t + 6u, ends), seen(s.h, t + 7u, ends),
    );
    let most = max(m, max(max(max(s.a, s.b), max(s.c, s.d)), max(max(s.e, s.f), max(s.g, s.h))));
    let fade = exp(m - most);
    m = most;
    let p = Eight(
      exp(s.a - m), exp(s.b - m), exp(s.c - m), exp(s.d - m), exp(s.e - m), exp(s.f - m), exp(s.g - m), exp(s.h - m),
    );
    l = l * fade + weighted(p, vec4f(1.0), vec4f(1.0));
    for (var j = 0u; j < HEAD4; j++) {
      let v = value4(low + j);
      let w = value4(high + j);
      let d = j * 4u;
      sums[d] = sums[d] * fade + weighted(p, v[0], w[0]);
      sums[d + 1u] = sums[d + 1u] * fade + weighted(p, v[1], w[1]);
      sums[d + 2u] = sums[d + 2u] * fade + weighted(p, v[2], w[2]);
      sums[d + 3u] = sums[d + 3u] * fade + weighted(p, v[3], w[3]);
    }
  }
  for (var r = 0u; r < ROWS && begin + r < params.split && row_live(begin + r); r++) {
    for (var d = 0u; d < HEAD; d++) {
      put((begin + r) * params.heads + h, 0u, d, sum_of(m, r), sum_of(l, r), sum_of(sums[d], r));
    }
  }
}
