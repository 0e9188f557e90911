// Bars what the rules of a text do not let through: z = NEVER for a token whose bytes leave one of the automata, and
// where   cost so far + its cost + need > limit,   or the tokens left would not do for what is needed;
// for what ends a text, unless all automata accept.
//   need = Σ distances to acceptance of all automata but the first + spaces between terms that must come
//        + (the first's distance, or the cost of a stop where terms must come) + 1 where a line must follow
//        - what finishes a term that has begun and is counted twice.
// z: (B, V); standing: (B, SLOTS): an entry for each automaton, then the cost so far; spelling: V ends, then bytes.
// groups: (V / 256, B), 256 tokens of one sequence each.
struct Params {
  vocabulary: u32, // V
  slots: u32,      // SLOTS
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sampling: Sampling;
@group(0) @binding(2) var<storage, read> state: State;
@group(0) @binding(3) var<storage, read> rules: array<u32>;
@group(0) @binding(4) var<storage, read> standing: array<u32>;
@group(0) @binding(5) var<storage, read> spelling: array<u32>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

fn ends_text(token: u32) -> bool {
  for (var s = 0u; s < sampling.stops; s++) {
    if (sampling.stop_tokens[s / 4u][s % 4u] == token) {
      return true;
    }
  }
  return false;
}

fn barred(b: u32, token: u32) -> bool {
  let base = b * params.slots;
  let begin = first_byte(token);
  let end = spelling[token];
  let stops = ends_text(token);
  var used = standing[base + params.slots - 1u];
  for (var i = begin; i < end; i++) {
    used = cost_after(used, byte_at(i, params.vocabulary));
  }
  var sum = 0u;
  var pending = 0u;
  var ending = 0u;
  var more = 0u;
  var wanted = 0u;
  var others = 0u;
  var begun = 0u;
  for (var a = 0u; a < rules[0]; a++) {
    var entry = standing[base + a];
    for (var i = begin; i < end; i++) {
      entry = walk(a, entry, byte_at(i, params.vocabulary));
      if (distance_of(entry) == NONE) {
        return true;
      }
    }
    let distance = distance_of(entry);
    if (stops && distance > 0u) {
      return true;
    }
    if (a == 0u) {
      ending = entry;
      continue;
    }
    sum += distance;
    if (a == 1u) {
      wanted = distance;
      more = entry >> 31u;
    } else if (distance > 0u) {
      if (a < 2u + rules[1]) {
        pending++;
        begun += (entry >> 31u) * distance;
      } else {
        others += distance;
      }
    }
  }
  if (stops) {
    return false;
  }
  sum -= min(others, begun);
  // Behind a space, and whether the ending wants another word there.
  let behind = ending >> 31u;
  let letter = select(0u, behind, distance_of(ending) > rules[6]);
  var need = sum + more + distance_of(ending) - min(letter, wanted);
  if (pending > 0u) {
    // What a line wants behind a space is the first letter of a term.
    need = sum + more + rules[2] + behind * (pending - select(0u, 1u, others == 0u)) - min(behind, wanted);
  }
  let used_then = select(used, max(used, max(rules[5], 1u) - 1u), more > 0u);
  // The newest token is at position limit - 1 at most.
  let left = sampling.limit - min(state.sequences[b].x + 2u, sampling.limit);
  return begin == end || used_then + need > rules[3] || (more > 0u && used + distance_of(ending) + others + behind - letter > rules[4])
    || (need > 0u && (left >> rules[7]) < need);
}

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
