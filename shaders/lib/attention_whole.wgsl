// One workgroup saw all keys: o: (T, H d).
@group(0) @binding(5) var<storage, read_write> o: array<f32>;

fn put(head_row: u32, split: u32, d: u32, m: f32, l: f32, sum: f32) {
  o[head_row * HEAD + d] = sum / l;
}
