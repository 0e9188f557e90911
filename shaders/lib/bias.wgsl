// y = W x + b. biases: (all outputs). In a normalised product or a tiled one.
@group(0) @binding(5) var<storage, read> biases: array<f32>;

fn bias_at(n: u32) -> f32 {
  return biases[n];
}
