// Rows of activations in a decode step: row r is the newest token of sequence r.
fn row_position(r: u32) -> u32 {
  return state.sequences[r].x;
}
fn row_cache(r: u32, t: u32) -> u32 {
  return cache_row(r, t);
}
fn row_live(r: u32) -> bool {
  return true;
}
// Keys that row r may see: all before this position.
fn row_end(r: u32) -> u32 {
  return state.sequences[r].x + 1u;
}
