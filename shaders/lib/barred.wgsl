// Whether the rules of a text bar a token: where its bytes leave one of the automata, and where
//   cost so far + its cost + need > limit,   or the tokens left would not do for what is needed;
// for what ends a text, unless all automata accept.
//   need = what finishes a line and a text from here on, each term that must be there, and the spaces between them;
// Constraint::need says what of it counts once.
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
      begun = max(begun, (entry >> 31u) * distance);
      let there = (entry >> 31u) * (max(term_cost(a), distance) - distance);
      lost += there;
      // No term is finished for which the line has no room.
      if (entry >> 31u > 0u && (more == 0u || used + distance + rules[2] <= rules[4])) {
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
  // A line needs no full stop, but behind a word that leans on another or on which nothing ends.
  let hangs = select(0u, last, distance_of(walk(0u, ending, 10u)) == NONE);
  let line = select(select(hangs, last - min(last, rules[6]), behind > 0u), rest, finishes);
  var need = sum + more + select(rest, line, more > 0u) - min(select(letter, behind, finishes), wanted);
  if (pending > 0u) {
    let free = !finishes && begun == 0u;
    need = sum + rules[2] + behind * (apart - select(0u, min(apart, 1u), free)) - min(behind, wanted);
    if (more > 0u) {
      let next = behind > 0u && free && pending > 1u && used + nearest + rules[2] <= rules[4];
      if (keeps && pending == 1u) {
        // The only term is finished in the first line, and the second wants a letter and a stop of its own.
        need = need - rules[2] + 1u + rules[8];
      } else if (keeps || next) {
        // The next term is the second line's first word.
        need = need + rules[8] - 2u;
      } else if (behind == 0u || finishes) {
        // So it is here. Behind a space the line wants a letter, before it breaks.
        need = need + line - 2u;
      }
    }
  }
  let used_then = select(used, max(used, max(rules[5], 1u) - 1u), more > 0u);
  // The newest token is at position limit - 1 at most.
  let left = sampling.limit - min(state.sequences[b].x + 2u, sampling.limit);
  return begin == end || used_then + need > rules[3] || (more > 0u && used + line + others + select(behind - letter, 0u, finishes) > rules[4])
    || (need > 0u && (left >> rules[7]) < need);
}
