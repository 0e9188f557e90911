// Scores that cannot grow beyond c. CAP has the bits of c.
alias Capped = Sums;
fn score_of(s: Sums) -> Sums {
  return soft_cap(s, bitcast<f32>(CAP));
}
