// Rules as automata over bytes (src/generate/constraint.rs). A table has 9 words (automata, terms that must be there, cost
// of a stop, limit, that of the first line, cost at which the second begins, cost of a full stop, 1 where a cost may be two
// bytes, what a line wants behind a term), 64 of costs by byte, 5 for each automaton (where its classes and its entries
// begin, entries of a row, where its cells begin, what a term costs whole), then classes, entries, cells.
// Without cells each state has a row of entries. Else the cells begin with a word for each state, its row + 2^8 times where
// its own cells begin, and each cell is a state and an entry: the row's entry is for classes whose cell is another state's.
// An entry is a state + 2^16 times its least cost of acceptance + 2^31 times what its rule says of it.
const NONE: u32 = 0x7fffu;

fn distance_of(entry: u32) -> u32 {
  return (entry >> 16u) & NONE;
}

// The byte that lies at place i of packed words that begin at word `at`.
fn packed(at: u32, i: u32) -> u32 {
  return (rules[at + i / 4u] >> (8u * (i % 4u))) & 255u;
}

// What a text has cost after one byte more: a line break is a step to where the second line begins.
fn cost_after(used: u32, byte: u32) -> u32 {
  let cost = used + packed(9u, byte);
  return select(cost, max(cost, rules[5]), byte == 10u);
}

// Where automaton a stands one byte after `entry`.
fn walk(a: u32, entry: u32, byte: u32) -> u32 {
  let about = 73u + 5u * a;
  let class_of = packed(rules[about], byte);
  let cells = rules[about + 3u];
  var row = entry & 0xffffu;
  if (cells > 0u) {
    let place = rules[cells + row];
    let cell = cells + (place >> 8u) + 2u * class_of;
    if (rules[cell] == row) {
      return rules[cell + 1u];
    }
    row = place & 0xffu;
  }
  return rules[rules[about + 1u] + row * rules[about + 2u] + class_of];
}

// What the term of automaton a costs from within a word, where nothing of it is there.
fn term_cost(a: u32) -> u32 {
  return rules[73u + 5u * a + 4u];
}

// Bytes of token v: spelling holds the ends of all tokens, then their bytes, packed.
fn first_byte(v: u32) -> u32 {
  return select(spelling[max(v, 1u) - 1u], 0u, v == 0u);
}
fn byte_at(i: u32, vocabulary: u32) -> u32 {
  return (spelling[vocabulary + i / 4u] >> (8u * (i % 4u))) & 255u;
}
