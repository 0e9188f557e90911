// Puts the sums of a lane where the others' are, row by row.
fn keep(at: u32, s: Sums) {
  lanes[at] = s.lo.x;
  lanes[at + LANES] = s.lo.y;
  lanes[at + 2u * LANES] = s.lo.z;
  lanes[at + 3u * LANES] = s.lo.w;
  lanes[at + 4u * LANES] = s.hi.x;
  lanes[at + 5u * LANES] = s.hi.y;
  lanes[at + 6u * LANES] = s.hi.z;
  lanes[at + 7u * LANES] = s.hi.w;
}
