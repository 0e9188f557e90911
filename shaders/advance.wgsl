// Where each sequence stands in the rules after the token that `sample` has just chosen for it.
// out: (RING, B); standing: (B, SLOTS); spelling: V ends, then bytes.  One workgroup of 64, a thread for each slot, a
// workgroup for each sequence.
struct Params {
  vocabulary: u32, // V
  sequences: u32,  // B
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> rules: array<u32>;
@group(0) @binding(3) var<storage, read> spelling: array<u32>;
@group(0) @binding(4) var<storage, read> out: array<u32>;
@group(0) @binding(5) var<storage, read_write> standing: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) a: u32) {
  let b = group.x;
  // Past the end of a text there is no token, and nobody moves.
  move_on(b, a, out[((state.sequences[b].w - 1u) % RING) * params.sequences + b]);
}
