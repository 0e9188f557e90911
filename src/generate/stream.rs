//! From the bytes of tokens to text that can be shown: whole characters only, and nothing that may yet turn
//! out to be the beginning of a stop string.

/// New text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// What is certain now.
    pub text: String,
    /// A stop string has come; nothing more will.
    pub stopped: bool,
}

/// One text on its way.
#[derive(Debug, Clone)]
pub struct TextStream {
    stop: Vec<String>,
    /// Bytes that do not make a whole character yet: at most 3.
    bytes: Vec<u8>,
    /// Text held back, since a stop string may begin in it.
    held: String,
    stopped: bool,
}

impl TextStream {
    /// A text that ends before the first of these strings. Empty strings stop nothing.
    #[must_use]
    pub fn new(stop: Vec<String>) -> Self {
        let stop = stop.into_iter().filter(|s| !s.is_empty()).collect();
        Self { stop, bytes: Vec::new(), held: String::new(), stopped: false }
    }

    /// Takes bytes. Invalid UTF-8 becomes U+FFFD, as the web's TextDecoder does.
    pub fn push(&mut self, bytes: &[u8]) -> Delta {
        if self.stopped {
            return Delta { text: String::new(), stopped: true };
        }
        self.bytes.extend_from_slice(bytes);
        let mut kept = 0;
        for chunk in self.bytes.utf8_chunks() {
            self.held.push_str(chunk.valid());
            kept += chunk.valid().len();
            let bad = chunk.invalid();
            if bad.is_empty() {
                continue;
            }
            // A sequence that the end cut off may still become whole.
            if kept + bad.len() == self.bytes.len() && unfinished(bad) {
                break;
            }
            self.held.push(char::REPLACEMENT_CHARACTER);
            kept += bad.len();
        }
        self.bytes.drain(..kept);
        self.release()
    }

    /// The rest, when no more bytes come.
    pub fn finish(&mut self) -> String {
        if self.stopped {
            return String::new();
        }
        let rest = std::mem::take(&mut self.bytes);
        self.held.push_str(&String::from_utf8_lossy(&rest));
        let mut text = self.release().text;
        if !self.stopped {
            text.push_str(&std::mem::take(&mut self.held));
        }
        text
    }

    /// Lets go of what no stop string can reach any more.
    fn release(&mut self) -> Delta {
        if let Some(at) = self.stop.iter().filter_map(|s| self.held.find(s.as_str())).min() {
            self.stopped = true;
            self.held.truncate(at);
            return Delta { text: std::mem::take(&mut self.held), stopped: true };
        }
        let reach = |from: usize| self.stop.iter().any(|s| s.starts_with(&self.held[from..]));
        let hold = self.held.char_indices().map(|(i, _)| i).find(|&i| reach(i)).unwrap_or(self.held.len());
        let rest = self.held.split_off(hold);
        Delta { text: std::mem::replace(&mut self.held, rest), stopped: false }
    }
}

/// Whether these bytes, not valid UTF-8 as they stand, are the beginning of a character.
fn unfinished(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none())
}
