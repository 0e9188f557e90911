// z = NEVER for the tokens that are barred.  z: (B, V); barred: (B, V / 32), a bit for each token.
// groups: (V / 256, B), 256 tokens of one sequence each.
struct Params {
  vocabulary: u32, // V
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> barred: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let token = group.x * 256u + i;
  if (token >= params.vocabulary) {
    return;
  }
  let words = (params.vocabulary + 31u) / 32u;
  if (((barred[group.y * words + token / 32u] >> (token % 32u)) & 1u) == 1u) {
    z[group.y * params.vocabulary + token] = NEVER;
  }
}
