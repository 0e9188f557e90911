// y = gelu(gate) · up (Shazeer 2020); the weights lie as for SwiGLU.
const PARTS: u32 = 2u;

fn emit(i: u32, v: array<f32, PARTS>) {
  y[i] = gelu(v[0]) * v[1];
}
