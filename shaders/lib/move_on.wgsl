// Slot a of sequence b after a token: an entry of its automaton, or in the last slot the cost so far.
fn move_on(b: u32, a: u32, token: u32) {
  let last = SLOTS - 1u;
  if (token >= params.vocabulary || a > last || (a >= rules[0] && a != last)) {
    return;
  }
  var entry = standing[b * SLOTS + a];
  for (var i = first_byte(token); i < spelling[token]; i++) {
    let byte = byte_at(i, params.vocabulary);
    if (a == last) {
      entry = cost_after(entry, byte);
    } else {
      entry = walk(a, entry, byte);
    }
  }
  standing[b * SLOTS + a] = entry;
}
