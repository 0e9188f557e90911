// Where each of up to 8 sequences stands. Written by the host per job and by `sample` per token, so that
// every decode step is the same list of commands.
struct State {
  shared_rows: u32, // rows of the cache that hold the prompt, common to all sequences
  tail_rows: u32,   // rows of the cache that each sequence has for its own tokens
  start: u32,       // prefill: position of row 0 of this slice
  rows: u32,        // prefill: rows of this slice
  // x: position of the newest token, y: tokens sampled, z: 1 when ended, w: steps taken (ended or not);
  // in an encoder x: first row of text b, y: the row behind its last
  sequences: array<vec4u, 8>,
}

// The row of the cache, and of the history, that holds position t of sequence b.
fn cache_row(b: u32, t: u32) -> u32 {
  return select(t + b * state.tail_rows, t, t < state.shared_rows);
}
