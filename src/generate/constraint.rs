//! Rules that hold while a text is written: automata over the bytes of its tokens.
//!
//! Each rule is a deterministic automaton of its own; all of them walk side by side, so that their product is never built.
//! A token is barred when its bytes leave one of the languages, or when what would then still have to be written no longer
//! fits into what remains of the limit: each state knows the least cost of reaching an accepting one, and the costs of
//! independent rules add ([`Constraint::need`]). What ends the text is barred until every automaton accepts. The tables
//! are those that `shaders/lib/barred.wgsl` walks; [`Constraint::token`] is its twin.

mod automaton;
mod table;
mod trie;
mod why;

pub use automaton::{Automaton, Numbered, State};
pub use table::Table;
pub use trie::{Trie, boundary, continues, join, kind};
pub use why::Bar;

/// Most automata of a constraint: a brief may ask for 32 terms and a name.
pub const MOST_AUTOMATA: u32 = 47;
/// Words of one sequence: the entry of each automaton, then what the text has cost.
pub const SLOTS: u32 = MOST_AUTOMATA + 1;
/// Words that tables on the GPU may have (1 MB). Larger ones are walked on the CPU, one token a readback.
pub const GPU_WORDS: u32 = 1 << 18;
/// Words that tables may have at all (16 MB). A constraint that needs more is refused.
pub const MOST_WORDS: u32 = 1 << 22;
/// Distance of a state from which nothing is accepted.
pub const NEVER: u16 = 0x7fff;
/// Words before the table of costs.
const HEAD: usize = 9;
/// Words of the table of costs: one byte for each byte.
const COSTS: usize = 64;
/// Words that describe an automaton: where its classes and its entries are, entries of a row, where its cells are, or 0, and
/// what a term costs from within a word.
const DESCRIPTION: usize = 5;

/// What a byte costs of the limit, by its value.
pub type Costs = [u8; 256];

/// What a text may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// All of it.
    pub all: u32,
    /// Its first line, where others must follow.
    pub first: u32,
    /// What follows the first line.
    pub rest: u32,
}

/// The rules of one text.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// The first says how the text may end, and of its states whether it is behind a space. The second is about lines and
    /// says whether others must follow. Then come terms that must be there, which say whether one has begun; then the
    /// others, of which the first may finish words that a term has begun.
    automata: Vec<Automaton>,
    terms: u32,
    /// What a finished text needs at most behind a term.
    stop: u32,
    /// What a line wants behind a term at most, before it may break.
    lean: u32,
    /// What a text needs behind a word on which it may end: 1 where that is a full stop, else 0.
    sentence: u32,
    /// What each of the terms costs from within a word, where nothing of it is there.
    term_costs: Vec<u32>,
    /// 1 where what is needed is counted in characters of up to two bytes, 0 where it is counted in bytes.
    wide: u32,
    costs: Costs,
    limit: Limit,
}

/// Where a sequence stands: an entry for each automaton (state, and distance × 2^16), and what its text has cost.
pub type Standing = [u32; SLOTS as usize];

impl Constraint {
    /// The automata of the ending and of lines, of terms that must be there, and others; `sentence`: texts end with a full stop;
    /// `stop` and `lean`: what a finished text, and a finished line, costs behind a term at most. None where there are too many,
    /// or their tables too large.
    #[must_use]
    pub fn new(
        [ending, lines]: [Automaton; 2],
        terms: Vec<Automaton>,
        others: Vec<Automaton>,
        (sentence, stop, lean): (bool, u32, u32),
        costs: Costs,
        limit: Limit,
    ) -> Option<Self> {
        let sentence = u32::from(sentence);
        let count = terms.len() as u32;
        let automata: Vec<_> = [ending, lines].into_iter().chain(terms).chain(others).collect();
        // No term has this byte.
        let term_costs =
            automata[2..2 + count as usize].iter().map(|term| distance(term.step(term.start(), 1))).collect();
        let this = Self { automata, terms: count, stop, lean, sentence, term_costs, wide: 1, costs, limit };
        (this.automata.len() <= MOST_AUTOMATA as usize && this.words() <= MOST_WORDS as usize).then_some(this)
    }

    /// The rule of texts that one automaton describes whole. They have no other limit than that of their tokens.
    #[must_use]
    pub fn whole(automaton: Automaton) -> Self {
        let all = u32::from(u16::MAX);
        Self {
            automata: vec![automaton, Automaton::anything()],
            terms: 0,
            stop: 0,
            lean: 0,
            sentence: 0,
            term_costs: Vec::new(),
            wide: 0,
            costs: [0; 256],
            limit: Limit { all, first: all, rest: all },
        }
    }

    /// Words of the tables.
    #[must_use]
    pub fn words(&self) -> usize {
        let tables = self.automata.iter().map(|a| DESCRIPTION + COSTS + a.entries().len() + a.cells().len());
        HEAD + COSTS + tables.sum::<usize>()
    }

    /// The automata.
    #[must_use]
    pub fn automata(&self) -> &[Automaton] {
        &self.automata
    }

    /// The tables as the shader reads them.
    #[must_use]
    pub fn tables(&self) -> Vec<u32> {
        let bytes = |table: &[u8; 256]| {
            table.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect::<Vec<_>>()
        };
        let Limit { all, first, rest } = self.limit;
        let mut words = vec![
            self.automata.len() as u32,
            self.terms,
            self.stop,
            all,
            first,
            all.saturating_sub(rest),
            self.sentence,
            self.wide,
            self.lean,
        ];
        words.reserve(self.words());
        words.extend(bytes(&self.costs));
        let mut at = HEAD + COSTS + DESCRIPTION * self.automata.len();
        for (i, a) in self.automata.iter().enumerate() {
            let cells = at + COSTS + a.entries().len();
            words.extend([
                at as u32,
                (at + COSTS) as u32,
                a.width(),
                if a.cells().is_empty() { 0 } else { cells as u32 },
                i.checked_sub(2).and_then(|term| self.term_costs.get(term)).copied().unwrap_or_default(),
            ]);
            at = cells + a.cells().len();
        }
        for a in &self.automata {
            words.extend(bytes(a.classes()));
            words.extend_from_slice(a.entries());
            words.extend_from_slice(a.cells());
        }
        words
    }

    /// Where a text stands before its first byte.
    #[must_use]
    pub fn start(&self) -> Standing {
        let mut standing = [0; SLOTS as usize];
        for (slot, a) in standing.iter_mut().zip(&self.automata) {
            *slot = a.start();
        }
        standing
    }

    /// Where a text stands after these bytes more; None where they are barred. `tokens` may still come after them.
    #[must_use]
    pub fn token(&self, standing: &Standing, bytes: &[u8], tokens: u32) -> Option<Standing> {
        let mut after = *standing;
        for &byte in bytes {
            for (slot, a) in after.iter_mut().zip(&self.automata) {
                *slot = a.step(*slot, byte);
                if distance(*slot) == u32::from(NEVER) {
                    return None;
                }
            }
            let used = &mut after[MOST_AUTOMATA as usize];
            *used += u32::from(self.costs[usize::from(byte)]);
            if byte == b'\n' {
                *used = (*used).max(self.limit.all.saturating_sub(self.limit.rest));
            }
        }
        (!bytes.is_empty() && self.fits(&after, tokens)).then_some(after)
    }

    /// What has at least to be written from here on. Distances add, but for this: words that must come end as the text has
    /// to end; where a word may begin, only the first of several terms does without a space before it, and none where
    /// another rule wants its word first, unless a term has begun with it; what finishes a term that has begun also finishes
    /// the words of others; of terms that have begun at once all but one begin anew, and all of them where another rule wants
    /// more; and a line break that has to come does for the space before a term, which is what the second line wants.
    fn need(&self, standing: &Standing) -> u32 {
        let [mut sum, mut pending, mut apart, mut begun, mut lost, mut most] = [0; 6];
        let mut nearest = u32::MAX;
        let mut fits = false;
        // No term is finished for which the line has no room.
        let more = says(standing[1]);
        let room = |cost: u32| !more || standing[MOST_AUTOMATA as usize] + cost + self.stop <= self.limit.first;
        for (&slot, cost) in standing[2..].iter().zip(&self.term_costs) {
            let left = distance(slot);
            if left == 0 {
                continue;
            }
            pending += 1;
            sum += left;
            nearest = left.min(nearest);
            if says(slot) {
                let there = cost.saturating_sub(left);
                begun = left.max(begun);
                lost += there;
                if room(left) {
                    most = there.max(most);
                    fits = true;
                }
            } else {
                apart += 1;
            }
        }
        let others = self.others(standing);
        let behind = u32::from(says(standing[0]));
        let free = u32::from(others == 0 && begun == 0);
        let spaces = behind * (apart - free.min(apart));
        // What is wanted by others is what finishes a term, unless it takes longer.
        let twice = if others <= begun { others } else { 0 };
        let keeps = others <= begun && fits;
        let kept = if keeps { most } else { 0 };
        // What a line wants behind a space is the first letter of a term, of the word that the ending wants, or of what is
        // to be finished ("two years").
        let first = if pending > 0 || others > 0 { behind } else { self.letter(standing) };
        let wanted = distance(standing[1]);
        let sum = wanted - first.min(wanted) + sum + others - twice + lost - kept + spaces;
        let line = self.line_end(standing, others);
        match (more, pending) {
            (false, 0) => sum + self.end(standing, others),
            (false, _) => sum + self.stop,
            // Behind the line break the text has not ended any more.
            (true, 0) => sum + 1 + line,
            // The only term is finished in the first line, and the second wants a letter and a stop of its own.
            (true, 1) if keeps => sum + 1 + self.lean,
            // The next term is the second line's first word.
            _ if keeps || behind * free > 0 && pending > 1 && room(nearest) => sum + self.stop + self.lean - 2,
            // Behind a space the line wants a letter, before it breaks.
            _ if behind > 0 && others == 0 => sum + self.stop,
            _ => sum + self.stop + line - 2,
        }
    }

    /// 1 where the ending wants another word behind a space or a line break, not only a full stop.
    fn letter(&self, standing: &Standing) -> u32 {
        u32::from(says(standing[0]) && distance(standing[0]) > self.sentence)
    }

    /// What ends the text behind what finishes the words of others: a text may end on these words, but not on a dash of which
    /// a byte is to come.
    fn end(&self, standing: &Standing, others: u32) -> u32 {
        let wanted = distance(standing[0]);
        if others > 0 { wanted.saturating_sub(others).max(self.sentence) } else { wanted }
    }

    /// What a line wants to end, which needs no full stop: but behind a word that leans on another ("at") or on which nothing
    /// ends, where a letter would make another word of a term.
    fn line_end(&self, standing: &Standing, others: u32) -> u32 {
        let wanted = distance(standing[0]);
        if others > 0 {
            return self.end(standing, others);
        }
        if says(standing[0]) {
            return wanted.saturating_sub(self.sentence);
        }
        let broken = distance(self.automata[0].step(standing[0], b'\n'));
        if broken == u32::from(NEVER) { wanted } else { 0 }
    }

    /// What finishes the words of rules that ask for none: the same letters do for all of them.
    fn others(&self, standing: &Standing) -> u32 {
        let others = standing[2 + self.terms as usize..self.automata.len()].iter();
        others.map(|&slot| distance(slot)).max().unwrap_or_default()
    }

    /// What has at least to be written before a line may end.
    fn line(&self, standing: &Standing) -> u32 {
        let others = self.others(standing);
        let behind = if others > 0 { 0 } else { u32::from(says(standing[0])) - self.letter(standing) };
        self.line_end(standing, others) + others + behind
    }

    fn fits(&self, standing: &Standing, tokens: u32) -> bool {
        let (need, used, limit) = (self.need(standing), standing[MOST_AUTOMATA as usize], self.limit);
        let more = says(standing[1]);
        // The line break that has to come is a step to what the rest may cost.
        let used_then = if more { used.max(limit.all.saturating_sub(limit.rest + 1)) } else { used };
        // Each token has a byte at least, and no character of a cost of one has more than two, but for signs that no rule
        // of a brief asks for.
        used_then + need <= limit.all
            && (!more || used + self.line(standing) <= limit.first)
            && (need == 0 || tokens >> self.wide >= need)
    }

    /// Tokens in which a text that keeps the rules can surely be written.
    #[must_use]
    pub fn least_tokens(&self) -> u32 {
        // The token that ends the text is one, too.
        (self.need(&self.start()) + 1) << self.wide
    }

    /// Whether there is a text that keeps the rules, by what is needed at least.
    #[must_use]
    pub fn possible(&self) -> bool {
        self.fits(&self.start(), u32::MAX)
    }

    /// Whether a text may end here.
    #[must_use]
    pub fn accepts(&self, standing: &Standing) -> bool {
        self.ends(standing, &[])
    }

    /// Whether a token that ends texts may come here. As a rule it has no bytes.
    #[must_use]
    pub fn ends(&self, standing: &Standing, bytes: &[u8]) -> bool {
        let end = |(slot, a): (&u32, &Automaton)| bytes.iter().fold(*slot, |entry, &byte| a.step(entry, byte));
        standing.iter().zip(&self.automata).all(|pair| distance(end(pair)) == 0)
    }

    /// Whether this text keeps the rules, whatever its tokens.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let end = text.bytes().try_fold(self.start(), |s, byte| self.token(&s, &[byte], u32::MAX));
        end.is_some_and(|s| self.accepts(&s))
    }
}

/// The least cost of acceptance of an entry.
#[must_use]
pub fn distance(entry: u32) -> u32 {
    entry >> 16 & 0x7fff
}

/// What its rule says of an entry.
fn says(entry: u32) -> bool {
    entry >> 31 == 1
}
