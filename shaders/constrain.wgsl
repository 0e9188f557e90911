// Bars what the rules of a text do not let through: z = NEVER for each token that lib/barred names. For samplers that
// have to know of all tokens, whether they are barred; `sample` asks for those that may be chosen.
// z: (B, V); standing: (B, SLOTS); spelling: V ends, then bytes.
// groups: (V / 256, B), 256 tokens of one sequence each.
struct Params {
  vocabulary: u32, // V
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sampling: Sampling;
@group(0) @binding(2) var<storage, read> state: State;
@group(0) @binding(3) var<storage, read> rules: array<u32>;
@group(0) @binding(4) var<storage, read> standing: array<u32>;
@group(0) @binding(5) var<storage, read> spelling: array<u32>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let token = group.x * 256u + i;
  if (token >= params.vocabulary) {
    return;
  }
  let at = group.y * params.vocabulary + token;
  if (z[at] > NEVER && barred(group.y, token)) {
    z[at] = NEVER;
  }
}
