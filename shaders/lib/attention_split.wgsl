// Each workgroup saw some keys: parts: (T · H, splits, 2 + d), each m, l and the weighted sum of values;
// attention_merge adds them up.
@group(0) @binding(5) var<storage, read_write> parts: array<f32>;

fn put(head_row: u32, split: u32, d: u32, m: f32, l: f32, sum: f32) {
  let at = (head_row * SPLITS + split) * (HEAD + 2u);
  if (d == 0u) {
    parts[at] = m;
    parts[at + 1u] = l;
  }
  parts[at + 2u + d] = sum;
}
