// y = W x + b. biases: (all outputs). Where no gain is bound before it.
@group(0) @binding(4) var<storage, read> biases: array<f32>;

fn bias_at(n: u32) -> f32 {
  return biases[n];
}
