// The next token of each sequence, chosen among those that top-k, top-p and min-p keep:
//   argmax z + g,  g = -ln(-ln u): the Gumbel-max trick draws from softmax(z) (Gumbel 1954).
// u comes from a hash of (seed, tokens sampled, token): no state, no order, so the same seed gives the
// same text whatever the batch. Then the sequence advances, all on the GPU.
// Under rules (lib/best_allowed) the argmax is over what they let through. Top-k, top-p and min-p count what is left of z:
// with them `constrain` has to come first.
// z: (B, V); history: (R); out: (RING, B).  One workgroup of 256 for a sequence.
struct Params {
  vocabulary: u32, // V
  sequences: u32,  // B
}
@group(0) @binding(0) var<uniform> params: Params;
// Not a uniform: lavapipe compiles a shader anew for each value of a uniform that a condition reads.
@group(0) @binding(1) var<storage, read> sampling: Sampling;
@group(0) @binding(2) var<storage, read> z: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: State;
@group(0) @binding(4) var<storage, read_write> history: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<u32>;

const NOTHING: u32 = 0xffffffffu;
const ONE: f32 = 1073741824.0; // probability 1 in fixed point: integer sums have no order

var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> chosen_bin: u32;
var<workgroup> rest: u32;
var<workgroup> best_score: array<f32, 256>;
var<workgroup> best_token: array<u32, 256>;

// An order-preserving map of floats to integers.
fn key_of(v: f32) -> u32 {
  let u = bitcast<u32>(v);
  return select(u | 0x80000000u, ~u, (u & 0x80000000u) != 0u);
}

// pcg3d (Jarzynski & Olano 2020, "Hash Functions for GPU Rendering"), first component.
fn hash(a: u32, b: u32, c: u32) -> u32 {
  var v = vec3u(a, b, c) * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3u(16u);
  v.x += v.y * v.z;
  return v.x;
}

// The largest key t such that the weights of all keys ≥ t reach `target`: a radix select, 8 bits at a
// time. weighted: a token counts with its probability, else as one. Only keys ≥ least count.
fn select_key(i: u32, base: u32, least: u32, goal: u32, weighted: bool, most: f32, scale: f32) -> u32 {
  var prefix = 0u;
  var mask = 0u;
  var missing = goal;
  for (var byte = 0u; byte < 4u; byte++) {
    let shift = 24u - byte * 8u;
    atomicStore(&bins[i], 0u);
    workgroupBarrier();
    for (var v = i; v < params.vocabulary; v += 256u) {
      let score = z[base + v];
      let key = key_of(score);
      if (key >= least && (key & mask) == prefix) {
        var weight = 1u;
        if (weighted) {
          weight = u32(exp(score - most) * scale);
        }
        atomicAdd(&bins[(key >> shift) & 255u], weight);
      }
    }
    workgroupBarrier();
    if (i == 0u) {
      var left = missing;
      var bin = 255u;
      // Falls through to bin 0 when rounding leaves less than the goal: then everything is kept.
      for (; bin > 0u; bin--) {
        let weight = atomicLoad(&bins[bin]);
        if (weight >= left) {
          break;
        }
        left -= weight;
      }
      chosen_bin = bin;
      rest = left;
    }
    prefix |= workgroupUniformLoad(&chosen_bin) << shift;
    missing = workgroupUniformLoad(&rest);
    mask |= 255u << shift;
  }
  return prefix;
}

struct Candidate {
  score: f32,
  token: u32, // NOTHING: none
}
// How a sequence draws.
struct Draw {
  base: u32,  // where its row of z begins
  least: u32, // keys of z below it are cut off
  greedy: bool,
  seed: u32,
  turn: u32, // tokens sampled
}

// z + g of a token; NEVER where it is cut off.
fn score_of(draw: Draw, v: u32) -> f32 {
  let s = z[draw.base + v];
  if (key_of(s) < draw.least || s <= NEVER) {
    return NEVER;
  }
  if (draw.greedy) {
    return s;
  }
  let u = (f32(hash(draw.seed, draw.turn, v) >> 9u) + 0.5) * 0x1p-23;
  return s - log(-log(u));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) i: u32) {
  let b = group.x;
  let base = b * params.vocabulary;
  let greedy = sampling.temperature == 0.0;

  var least = 0u;
  if (!greedy && (sampling.top_k > 0u || sampling.top_p < 1.0 || sampling.min_p > 0.0)) {
    var most = NEVER;
    for (var v = i; v < params.vocabulary; v += 256u) {
      most = max(most, z[base + v]);
    }
    most = workgroup_max(i, most);
    if (sampling.top_k > 0u && sampling.top_k < params.vocabulary) {
      least = select_key(i, base, 0u, sampling.top_k, false, most, 1.0);
    }
    if (sampling.top_p < 1.0) {
      var mass = 0.0;
      for (var v = i; v < params.vocabulary; v += 256u) {
        let score = z[base + v];
        mass += select(0.0, exp(score - most), key_of(score) >= least);
      }
      mass = workgroup_sum(i, mass);
      let goal = max(u32(sampling.top_p * ONE), 1u);
      least = max(least, select_key(i, base, least, goal, true, most, ONE / mass));
    }
    if (sampling.min_p > 0.0) {
      least = max(least, key_of(most + log(sampling.min_p)));
    }
  }

  let sequence = state.sequences[b];
  let ended = sequence.z != 0u;
  let seed = sampling.seeds[b / 4u][b % 4u];
  let best = best_of(i, b, Draw(base, least, greedy, seed, sequence.y));
  best_score[i] = best.score;
  best_token[i] = best.token;
  for (var span = 128u; span > 0u; span /= 2u) {
    workgroupBarrier();
    if (i < span) {
      let s = best_score[i + span];
      let t = best_token[i + span];
      // The lowest token wins a tie.
      if (s > best_score[i] || (s == best_score[i] && t < best_token[i])) {
        best_score[i] = s;
        best_token[i] = t;
      }
    }
  }
  workgroupBarrier();
  // Where everything is barred, the first stop token ends the text.
  let choice = select(best_token[0], sampling.stop_tokens[0].x, best_token[0] == NOTHING);
  chosen(i, b, select(choice, NOTHING, ended));
  if (i != 0u) {
    return;
  }
  out[(sequence.w % RING) * params.sequences + b] = select(choice, NOTHING, ended);
  var after = sequence + vec4u(0u, 0u, 0u, 1u);
  if (!ended) {
    history[cache_row(b, sequence.x + 1u)] = choice;
    after.x += 1u;
    after.y += 1u;
    for (var s = 0u; s < sampling.stops; s++) {
      if (sampling.stop_tokens[s / 4u][s % 4u] == choice) {
        after.z = 1u;
      }
    }
    if (after.x + 1u >= sampling.limit) {
      after.z = 1u;
    }
  }
  state.sequences[b] = after;
}
