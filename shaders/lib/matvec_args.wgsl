// What `matvec` and `product_serial` are bound to. x: (B, K); y: (B, stride).
struct Params {
  cols4: u32,   // K / 4
  outputs: u32, // N
  first: u32,   // column of y of output 0
  stride: u32,  // columns of y
  rows: u32,    // B
  width: u32,   // workgroups in x
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn row4(r: u32, k: u32) -> vec4f {
  return x[min(r, params.rows - 1u) * params.cols4 + k];
}
