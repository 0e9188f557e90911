// y = silu(gate) · up, silu(a) = a / (1 + exp(-a)) (Shazeer 2020). Row n of the weights gives gate n, row
// N + n gives up n.
const PARTS: u32 = 2u;

fn emit(i: u32, v: array<f32, PARTS>) {
  y[i] = v[0] / (1.0 + exp(-v[0])) * v[1];
}
