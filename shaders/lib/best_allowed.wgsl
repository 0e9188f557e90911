// A thread's best token that the rules let through: the same as if all that they bar were taken out first, but what cannot
// win is not looked at. A token is asked after where it is the thread's best and no worse than what any thread has found;
// most are let through, so a few dozen are asked for instead of V.
// rules, standing, spelling: see lib/barred.
@group(0) @binding(6) var<storage, read> rules: array<u32>;
@group(0) @binding(7) var<storage, read> spelling: array<u32>;
@group(0) @binding(8) var<storage, read_write> standing: array<u32>;

// So often a thread looks for its next best; then it goes through the rest in order.
const TRIES: u32 = 3u;

// Key of the best score that has been found to be allowed.
var<workgroup> reached: atomic<u32>;

fn best_of(i: u32, b: u32, draw: Draw) -> Candidate {
  if (i == 0u) {
    atomicStore(&reached, 0u);
  }
  workgroupBarrier();
  var tried = Candidate(0.0, NOTHING);
  for (var turn = 0u; turn < TRIES; turn++) {
    var next = Candidate(NEVER, NOTHING);
    for (var v = i; v < params.vocabulary; v += 256u) {
      let score = score_of(draw, v);
      if (score > next.score && comes_after(tried, score, v)) {
        next = Candidate(score, v);
      }
    }
    if (next.token == NOTHING || key_of(next.score) < atomicLoad(&reached)) {
      return Candidate(NEVER, NOTHING);
    }
    if (!barred(b, next.token)) {
      atomicMax(&reached, key_of(next.score));
      return next;
    }
    tried = next;
  }
  var best = Candidate(NEVER, NOTHING);
  for (var v = i; v < params.vocabulary; v += 256u) {
    let score = score_of(draw, v);
    if (score > best.score && comes_after(tried, score, v) && key_of(score) >= atomicLoad(&reached) && !barred(b, v)) {
      atomicMax(&reached, key_of(score));
      best = Candidate(score, v);
    }
  }
  return best;
}

// Whether a token has its turn after one that was tried: a lower score, or a higher number where they tie.
fn comes_after(tried: Candidate, score: f32, v: u32) -> bool {
  return tried.token == NOTHING || score < tried.score || (score == tried.score && v > tried.token);
}

fn chosen(i: u32, b: u32, token: u32) {
  move_on(b, i, token);
}
