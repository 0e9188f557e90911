// y[0] = x[state.rows - 1]: only the last position of a prompt reaches the head.  x: (T, D); y: (·, D).
struct Params {
  cols4: u32, // D / 4
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> state: State;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.cols4) {
    y[id.x] = x[(state.rows - 1u) * params.cols4 + id.x];
  }
}
