// The rows of a thread of `product_serial`: all of a decode step.
fn rows_here() -> u32 {
  return min(ROWS, params.rows);
}
