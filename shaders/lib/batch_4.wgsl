// Four rows of x that meet each weight, by name: an array would leave it to the driver whether they stay in
// registers. Rows past the last repeat it.
struct Xs {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}
alias Sums = vec4f;
const AHEAD = Sums(0.0, 1.0, 2.0, 3.0);

fn rows4(k: u32) -> Xs {
  return Xs(row4(0u, k), row4(1u, k), row4(2u, k), row4(3u, k));
}

fn products(w: vec4f, x: Xs, s: Sums) -> Sums {
  return Sums(dot4(w, x.a, s.x), dot4(w, x.b, s.y), dot4(w, x.c, s.z), dot4(w, x.d, s.w));
}

fn squares(x: Xs, s: Sums) -> Sums {
  return Sums(dot4(x.a, x.a, s.x), dot4(x.b, x.b, s.y), dot4(x.c, x.c, s.z), dot4(x.d, x.d, s.w));
}

// The sum of row r.
fn sum_of(s: Sums, r: u32) -> f32 {
  return s[r];
}
