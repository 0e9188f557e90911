// One row of x that meet each weight, by name: an array would leave it to the driver whether they stay in
// registers. Rows past the last repeat it.
alias Xs = vec4f;
alias Sums = f32;
const AHEAD: Sums = 0.0;

fn rows4(k: u32) -> Xs {
  return row4(0u, k);
}

fn products(w: vec4f, x: Xs, s: Sums) -> Sums {
  return dot4(w, x, s);
}

fn squares(x: Xs, s: Sums) -> Sums {
  return dot4(x, x, s);
}

// The sum of row r.
fn sum_of(s: Sums, r: u32) -> f32 {
  return s;
}
