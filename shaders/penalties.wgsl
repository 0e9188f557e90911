// z = what sampling sees of the logits l: bias, then
//   repetition r:  l > 0 ? l / r : l · r, for tokens of prompt or text   (Keskar et al. 2019)
//   presence, frequency:  l - presence · [c > 0] - frequency · c,  c = count in the text so far
//   no-repeat n-gram:  never, for a token that would complete an n-gram that is already there
//   temperature T:  l / T, for T > 0.
// logits: (L, V), row min(b, L - 1) is sequence b's; bias: (V); history: (R); z: (B, V).
// Each workgroup takes 256 tokens of one sequence and finds their counts by reading the history, so that
// no counters need to be kept or reset.  groups: (V / 256, B).
struct Params {
  vocabulary: u32, // V
  logit_rows: u32, // L
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> sampling: Sampling;
@group(0) @binding(2) var<uniform> state: State;
@group(0) @binding(3) var<storage, read> history: array<u32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> logits: array<f32>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

var<workgroup> seen: array<atomic<u32>, 256>;    // in prompt or text
var<workgroup> written: array<atomic<u32>, 256>; // times in the text
var<workgroup> barred: array<atomic<u32>, 256>;  // completes an n-gram

// Whether the ngram - 1 tokens before position t are those before the position that comes next.
fn same_context(b: u32, t: u32, next: u32) -> bool {
  for (var j = 1u; j < sampling.ngram; j++) {
    if (history[cache_row(b, t - j)] != history[cache_row(b, next - j)]) {
      return false;
    }
  }
  return true;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let b = group.y;
  let first = group.x * 256u;
  let token = first + i;
  let penalised = sampling.repetition != 1.0 || sampling.presence != 0.0 || sampling.frequency != 0.0;
  if (penalised || sampling.ngram > 0u) {
    atomicStore(&seen[i], 0u);
    atomicStore(&written[i], 0u);
    atomicStore(&barred[i], 0u);
    workgroupBarrier();
    let next = state.sequences[b].x + 1u;
    for (var t = i; t < next; t += 256u) {
      let k = history[cache_row(b, t)] - first;
      if (k < 256u) {
        atomicStore(&seen[k], 1u);
        if (t >= state.shared_rows) {
          atomicAdd(&written[k], 1u);
        }
        if (sampling.ngram > 0u && t + 1u >= sampling.ngram && same_context(b, t, next)) {
          atomicStore(&barred[k], 1u);
        }
      }
    }
    workgroupBarrier();
  }
  if (token >= params.vocabulary) {
    return;
  }
  var l = logits[min(b, params.logit_rows - 1u) * params.vocabulary + token] + bias[token];
  if (penalised) {
    if (atomicLoad(&seen[i]) > 0u) {
      l = select(l * sampling.repetition, l / sampling.repetition, l > 0.0);
    }
    let count = f32(atomicLoad(&written[i]));
    l -= sampling.presence * min(count, 1.0) + sampling.frequency * count;
  }
  if (sampling.temperature > 0.0) {
    l /= sampling.temperature;
  }
  if (sampling.ngram > 0u && atomicLoad(&barred[i]) > 0u) {
    l = NEVER;
  }
  z[b * params.vocabulary + token] = max(l, NEVER);
}
