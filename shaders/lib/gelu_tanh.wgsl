// gelu(a) = a / 2 · (1 + tanh(u)) = a / (1 + exp(-2 u)), u = √(2/π) (a + 0.044715 a³)  (Hendrycks & Gimpel 2016).
fn gelu(a: f32) -> f32 {
  let u = 0.7978845608028654 * (a + 0.044715 * a * a * a);
  return a / (1.0 + exp(-2.0 * u));
}
