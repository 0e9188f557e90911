// Rows of activations in a prefill slice: row r is position `start + r` of the prompt that all share.
fn row_position(r: u32) -> u32 {
  return state.start + r;
}
fn row_cache(r: u32, t: u32) -> u32 {
  return t;
}
fn row_live(r: u32) -> bool {
  return r < state.rows;
}
// Keys that row r may see: all before this position.
fn row_end(r: u32) -> u32 {
  return state.start + r + 1u;
}
