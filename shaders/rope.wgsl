// Rotary positions (Su et al. 2021, "rotate half" pairing) on queries and keys; keys and values go to the
// cache.  For pair j of a head at position t, with (c, s) = table[t][j]:
//   (a, b) → (a c - b s, b c + a s),  a = v[j], b = v[j + d/2].
// qkv: (T, (H + 2 G) d), queries rotated in place; table: (positions, d/2); keys, values: (R, G d).
// The table comes from the host: WGSL's sin and cos are too coarse for large angles.
// One thread per pair; groups: ((H + 2 G) d / 2 / 64, T).
struct Params {
  heads: u32,    // H
  kv_heads: u32, // G
  half: u32,     // d / 2
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> table: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(4) var<storage, read_write> keys: array<cache_t>;
@group(0) @binding(5) var<storage, read_write> values: array<cache_t>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.y;
  let heads = params.heads + 2u * params.kv_heads;
  if (id.x >= heads * params.half || !row_live(r)) {
    return;
  }
  let head = id.x / params.half;
  let j = id.x % params.half;
  let at = (r * heads + head) * 2u * params.half + j;
  let a = qkv[at];
  let b = qkv[at + params.half];
  let position = row_position(r);
  let turn = table[position * params.half + j];
  let rotated = vec2f(a * turn.x - b * turn.y, b * turn.x + a * turn.y);
  if (head < params.heads) {
    qkv[at] = rotated.x;
    qkv[at + params.half] = rotated.y;
    return;
  }
  let row = row_cache(r, position) * params.kv_heads;
  if (head < params.heads + params.kv_heads) {
    let to = (row + head - params.heads) * 2u * params.half + j;
    keys[to] = cache_t(rotated.x);
    keys[to + params.half] = cache_t(rotated.y);
  } else {
    let to = (row + head - params.heads - params.kv_heads) * 2u * params.half + j;
    values[to] = cache_t(a);
    values[to + params.half] = cache_t(b);
  }
}
