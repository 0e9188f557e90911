// What `matmul` and `product_serial` are bound to. x: (T, K); y: (T, stride).
struct Params {
  cols4: u32,   // K / 4
  outputs: u32, // N
  first: u32,   // column of y of output 0
  stride: u32,  // columns of y
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> state: State;
