// A thread's best token, of those that it looks at.
fn best_of(i: u32, b: u32, draw: Draw) -> Candidate {
  var best = Candidate(NEVER, NOTHING);
  for (var v = i; v < params.vocabulary; v += 256u) {
    let score = score_of(draw, v);
    if (score > best.score) {
      best = Candidate(score, v);
    }
  }
  return best;
}

fn chosen(i: u32, b: u32, token: u32) {}
