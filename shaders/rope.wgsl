// Rotary positions (Su et al. 2021) on queries and keys; keys and values go to the cache. For pair j of a head at
// position t, with (c, s) = turn(t, j):  (a, b) → (a c - b s, b c + a s),  a and b being what `pair` says.
// Pairs beyond the turning ones stay as they are. Before that a head may be normalised.
// qkv: (T, (H + 2 G) d), queries turned in place; keys, values: (R, G d).
// The angles come from the host: WGSL's sin and cos are too coarse for large ones.
// One workgroup per head of a row; groups: (H + 2 G, T).
struct Params {
  heads: u32,    // H
  kv_heads: u32, // G
  size: u32,     // d
  turning: u32,  // pairs that turn
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(3) var<storage, read_write> keys: array<cache_t>;
@group(0) @binding(4) var<storage, read_write> values: array<cache_t>;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let r = group.y;
  let head = group.x;
  if (!row_live(r)) {
    return;
  }
  let at = (r * (params.heads + 2u * params.kv_heads) + head) * params.size;
  let position = row_position(r);
  let row = row_cache(r, position) * params.kv_heads;
  if (head >= params.heads + params.kv_heads) {
    let to = (row + head - params.heads - params.kv_heads) * params.size;
    for (var d = i; d < params.size; d += WG) {
      values[to + d] = cache_t(qkv[at + d]);
    }
    return;
  }
  let key = head >= params.heads;
  let to = (row + head - params.heads) * params.size;
  let scale = head_scale(i, at);
  for (var j = i; j < params.size / 2u; j += WG) {
    var p = vec2u(2u * j, 2u * j + 1u);
    var t = vec2f(1.0, 0.0);
    if (j < params.turning) {
      p = pair(j);
      t = turn(position, j);
    }
    let a = qkv[at + p.x] * scale * head_gain(key, p.x);
    let b = qkv[at + p.y] * scale * head_gain(key, p.y);
    let turned = vec2f(a * t.x - b * t.y, b * t.x + a * t.y);
    if (key) {
      keys[to + p.x] = cache_t(turned.x);
      keys[to + p.y] = cache_t(turned.y);
    } else {
      qkv[at + p.x] = turned.x;
      qkv[at + p.y] = turned.y;
    }
  }
}
