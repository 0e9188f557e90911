// c · tanh(v / c), tanh by exp of what is not above zero: some drivers' own tanh overflows.
fn soft_cap(v: Capped, c: f32) -> Capped {
  let e = exp(-2.0 * abs(v / c));
  return sign(v) * c * (1.0 - e) / (1.0 + e);
}
