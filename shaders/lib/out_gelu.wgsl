// y = gelu(v)
const PARTS: u32 = 1u;

fn emit(i: u32, v: array<f32, PARTS>) {
  y[i] = gelu(v[0]);
}
