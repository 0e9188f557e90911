//! Words and phrases as a tree of bytes, for automata to be in.

/// A tree of bytes. Node 0 is its root.
#[derive(Debug, Clone)]
pub struct Trie {
    nodes: Vec<Node>,
    /// Where each byte leads from the root, which has many edges and is asked most; 0 where nowhere.
    root: [u32; 256],
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Few: looked through from the first.
    edges: Vec<(u8, u32)>,
    marks: u8,
}

impl Node {
    fn edge(&self, byte: u8) -> Option<u32> {
        self.edges.iter().find(|(b, _)| *b == byte).map(|&(_, next)| next)
    }
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], root: [0; 256] }
    }
}

impl Trie {
    /// Adds a phrase; its last node gets these marks besides what it has. `fold`: letters stand for both of their cases,
    /// and the phrase also comes with hyphens for its spaces, and the other way round, but not before a sign of several bytes.
    pub fn add(&mut self, phrase: impl AsRef<[u8]>, marks: u8, fold: bool) {
        let phrase = phrase.as_ref();
        self.put(phrase, marks, fold);
        // The first one is the sign of a number, and no hyphen stands before a € or a °.
        let gap = |i: usize| i > 0 && matches!(phrase[i], b' ' | b'-') && phrase.get(i + 1).is_none_or(u8::is_ascii);
        if fold && (0..phrase.len()).any(gap) {
            let mut other = phrase.to_vec();
            for i in (0..phrase.len()).filter(|&i| gap(i)) {
                other[i] = b' ' + b'-' - other[i];
            }
            self.put(&other, marks, fold);
        }
    }

    fn put(&mut self, phrase: &[u8], marks: u8, fold: bool) {
        let mut at = 0u32;
        for &byte in phrase {
            let alike: &[u8] = if fold { &[byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] } else { &[byte] };
            let known = alike.iter().find_map(|&b| self.edge(at, b));
            let next = known.unwrap_or_else(|| {
                self.nodes.push(Node::default());
                (self.nodes.len() - 1) as u32
            });
            for &b in alike {
                let node = &mut self.nodes[at as usize];
                if node.edge(b).is_none() {
                    node.edges.push((b, next));
                }
                if at == 0 {
                    self.root[usize::from(b)] = next;
                }
            }
            at = next;
        }
        self.nodes[at as usize].marks |= marks;
    }

    fn edge(&self, node: u32, byte: u8) -> Option<u32> {
        match node {
            0 => Some(self.root[usize::from(byte)]).filter(|&next| next > 0),
            node => self.nodes[node as usize].edge(byte),
        }
    }

    /// Whether it has no phrase.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// The places after this byte, from these and, where a phrase may begin, from the root.
    #[must_use]
    pub fn step(&self, nodes: &[u32], begins: bool, byte: u8) -> Vec<u32> {
        let mut to: Vec<u32> = Vec::new();
        for &n in nodes {
            if let Some(next) = self.edge(n, byte) {
                join(&mut to, next);
            }
        }
        if begins && let Some(next) = self.edge(0, byte) {
            join(&mut to, next);
        }
        to
    }

    /// Whether this byte leads anywhere from these places, or from the root where a phrase may begin.
    #[must_use]
    pub fn leads(&self, nodes: &[u32], begins: bool, byte: u8) -> bool {
        begins && self.root[usize::from(byte)] > 0 || nodes.iter().any(|&n| self.edge(n, byte).is_some())
    }

    /// The marks of these places together.
    #[must_use]
    pub fn marks(&self, nodes: &[u32]) -> u8 {
        nodes.iter().fold(0, |all, &n| all | self.nodes[n as usize].marks)
    }

    /// Every byte that stands in it, with the one that it is the same as. `fold`: in whatever case.
    #[must_use]
    pub fn alphabet(&self, fold: bool) -> Vec<(u8, u8)> {
        let mut there = [false; 256];
        for (byte, _) in self.nodes.iter().flat_map(|n| &n.edges) {
            there[usize::from(*byte)] = true;
        }
        let letter = |b: u8| (b, if fold { b.to_ascii_lowercase() } else { b });
        (0..=255).filter(|&b| there[usize::from(b)]).map(letter).collect()
    }
}

/// Adds a place where it is missing.
pub fn join(places: &mut Vec<u32>, place: u32) {
    let at = places.iter().position(|&other| other >= place).unwrap_or(places.len());
    if places.get(at) != Some(&place) {
        places.insert(at, place);
    }
}

/// Bytes that are the same to automata of words.
#[must_use]
pub fn kind(byte: u8) -> u8 {
    u8::from(continues(byte)) * 2 + u8::from(boundary(byte))
}

/// Whether this byte goes on with a character that another has begun (UTF-8).
#[must_use]
pub fn continues(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Whether this byte, the first of a character, parts words: everything in ASCII but letters and digits, and what begins
/// with 0xC2 (£, ©, no-break spaces), 0xE2 (dashes, quotes, €) or lies beyond three bytes (emoji).
#[must_use]
pub fn boundary(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && (byte < 0x80 || byte == 0xc2 || byte == 0xe2 || byte >= 0xf0)
}
