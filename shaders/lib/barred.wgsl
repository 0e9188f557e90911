// Whether the rules of a text bar a token: where its bytes leave one of the automata, and where
//   cost so far + its cost + need > limit,   or the tokens left would not do for what is needed;
// for what ends a text, unless all automata accept.
//   need = Σ distances to acceptance of the lines and of terms + the most of what comes behind them
//        + spaces between terms that must come + (the first's distance, or the cost of a stop where terms must come)
//        + 1 where a line must follow - what finishes a term that has begun and is counted twice
//        + what is there of terms that have begun, but for one: the others begin anew
//        + what the text wants to end, where terms and lines must come
//        - the first letter that a line wants: it is one of the word that comes anyway.
// standing: (B, SLOTS): an entry for each automaton, then the cost so far; spelling: V ends, then bytes.
fn ends_text(token: u32) -> bool {
  for (var s = 0u; s < sampling.stops; s++) {
    if (sampling.stop_tokens[s / 4u][s % 4u] == token) {
      return true;
    }
  }
  return false;
}

fn barred(b: u32, token: u32) -> bool {
  let base = b * SLOTS;
  let begin = first_byte(token);
  let end = spelling[token];
  let stops = ends_text(token);
  var used = standing[base + SLOTS - 1u];
  for (var i = begin; i < end; i++) {
    used = cost_after(used, byte_at(i, params.vocabulary));
  }
  var sum = 0u;
  var pending = 0u;
  var apart = 0u;
  var ending = 0u;
  var more = 0u;
  var wanted = 0u;
  var others = 0u;
  var begun = 0u;
  var lost = 0u;
  var most = 0u;
  var fits = false;
  var nearest = NONE;
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
    if (a >= 2u + rules[1]) {
      others = max(others, distance);
      continue;
    }
    sum += distance;
    if (a == 1u) {
      wanted = distance;
      more = entry >> 31u;
    } else if (distance > 0u) {
      pending++;
      apart += 1u - (entry >> 31u);
      nearest = min(nearest, distance);
      begun += (entry >> 31u) * distance;
      let there = (entry >> 31u) * (max(term_cost(a), distance) - distance);
      lost += there;
      // No term is finished for which the line has no room.
      if (entry >> 31u > 0u && (more == 0u || used + distance <= rules[4])) {
        most = max(most, there);
        fits = true;
      }
    }
  }
  if (stops) {
    return false;
  }
  // What others want is what finishes a term, unless it takes longer.
  let keeps = others <= begun && fits;
  sum += lost - select(0u, most, keeps) + select(others, 0u, others <= begun);
  // Behind a space, and whether the ending wants another word there.
  let behind = ending >> 31u;
  let letter = select(0u, behind, distance_of(ending) > rules[6]);
  // What a line wants there is the first letter of that word, of what is to be finished, or of a term.
  let finishes = others > 0u;
  // A text may end on what is finished.
  let last = distance_of(ending);
  let rest = select(last, max(rules[6], last - min(last, others)), finishes);
  var need = sum + more + rest - min(select(letter, behind, finishes), wanted);
  if (pending > 0u) {
    // Where no term is being finished the line may have to be ended without.
    let broken = select(last - min(last, rules[6]), 0u, keeps);
    need = sum + more * (1u + broken) + rules[2] + behind * (apart - select(0u, min(apart, 1u), !finishes && begun == 0u));
    need -= select(0u, min(behind, wanted), more == 0u || used + nearest <= rules[4]);
  }
  let used_then = select(used, max(used, max(rules[5], 1u) - 1u), more > 0u);
  // The newest token is at position limit - 1 at most.
  let left = sampling.limit - min(state.sequences[b].x + 2u, sampling.limit);
  return begin == end || used_then + need > rules[3] || (more > 0u && used + rest + others + select(behind - letter, 0u, finishes) > rules[4])
    || (need > 0u && (left >> rules[7]) < need);
}
