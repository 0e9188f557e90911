// Two rows of x that meet each weight, by name: an array would leave it to the driver whether they stay in
// registers. Rows past the last repeat it.
struct Xs {
  a: vec4f,
  b: vec4f,
}
alias Sums = vec2f;

fn rows4(k: u32) -> Xs {
  return Xs(row4(0u, k), row4(1u, k));
}

fn products(w: vec4f, x: Xs, s: Sums) -> Sums {
  return Sums(dot4(w, x.a, s.x), dot4(w, x.b, s.y));
}

fn squares(x: Xs, s: Sums) -> Sums {
  return Sums(dot4(x.a, x.a, s.x), dot4(x.b, x.b, s.y));
}

// The sum of row r.
fn sum_of(s: Sums, r: u32) -> f32 {
  return s[r];
}
