// Rows of activations in an encoder: texts lie one behind the other, and every row sees all of its own text.
// Text b has the rows from sequences[b].x to before sequences[b].y; those that are not there begin behind all rows.
fn text_of(r: u32) -> vec2u {
  var text = state.sequences[0].xy;
  for (var b = 1u; b < 8u; b++) {
    text = select(text, state.sequences[b].xy, r >= state.sequences[b].x);
  }
  return text;
}
fn row_position(r: u32) -> u32 {
  return r - text_of(r).x;
}
fn row_cache(r: u32, t: u32) -> u32 {
  return text_of(r).x + t;
}
fn row_live(r: u32) -> bool {
  return r < state.rows;
}
// Keys that row r may see: all before this position.
fn row_end(r: u32) -> u32 {
  let text = text_of(r);
  return text.y - text.x;
}
