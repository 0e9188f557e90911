// Eight rows of x that meet each weight, by name: an array would leave it to the driver whether they stay in
// registers. Rows past the last repeat it.
struct Xs {
  lo: Four,
  hi: Four,
}
struct Four {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}
struct Sums {
  lo: vec4f,
  hi: vec4f,
}

fn four(r: u32, k: u32) -> Four {
  return Four(row4(r, k), row4(r + 1u, k), row4(r + 2u, k), row4(r + 3u, k));
}

fn rows4(k: u32) -> Xs {
  return Xs(four(0u, k), four(4u, k));
}

fn dots(w: vec4f, x: Four, s: vec4f) -> vec4f {
  return vec4f(dot4(w, x.a, s.x), dot4(w, x.b, s.y), dot4(w, x.c, s.z), dot4(w, x.d, s.w));
}

fn products(w: vec4f, x: Xs, s: Sums) -> Sums {
  return Sums(dots(w, x.lo, s.lo), dots(w, x.hi, s.hi));
}

fn squares(x: Xs, s: Sums) -> Sums {
  return Sums(square(x.lo, s.lo), square(x.hi, s.hi));
}

fn square(x: Four, s: vec4f) -> vec4f {
  return vec4f(dot4(x.a, x.a, s.x), dot4(x.b, x.b, s.y), dot4(x.c, x.c, s.z), dot4(x.d, x.d, s.w));
}

// The sum of row r.
fn sum_of(s: Sums, r: u32) -> f32 {
  return select(s.hi[r & 3u], s.lo[r & 3u], r < 4u);
}
