// Puts the sums of a lane where the others' are, row by row.
fn keep(at: u32, s: Sums) {
  lanes[at] = s.x;
  lanes[at + LANES] = s.y;
}
