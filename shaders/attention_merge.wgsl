// o = Σₛ e^(mₛ - M) sumₛ / Σₛ e^(mₛ - M) lₛ,  M = max mₛ: the parts that the splits of attention left.
// parts: (T · H, splits, 2 + d); o: (T, H d).  One workgroup for a head of a row; groups: (H, T).
struct Params {
  heads: u32, // H
  split: u32, // keys of one part
  window: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> parts: array<f32>;
@group(0) @binding(3) var<storage, read_write> o: array<f32>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let r = group.y;
  let head_row = r * params.heads + group.x;
  let size = HEAD + 2u;
  let base = head_row * SPLITS * size;
  let all = row_end(r);
  let begin = (all - min(all, params.window)) / params.split;
  let live = (all - 1u) / params.split + 1u;
  var most = parts[base + begin * size];
  for (var s = begin + 1u; s < live; s++) {
    most = max(most, parts[base + s * size]);
  }
  var l = 0.0;
  for (var s = begin; s < live; s++) {
    l += exp(parts[base + s * size] - most) * parts[base + s * size + 1u];
  }
  for (var d = i; d < HEAD; d += WG) {
    var sum = 0.0;
    for (var s = begin; s < live; s++) {
      sum += exp(parts[base + s * size] - most) * parts[base + s * size + 2u + d];
    }
    o[head_row * HEAD + d] = sum / l;
  }
}
