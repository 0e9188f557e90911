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
    /// The next space is left out: it begins a line, and lines are to begin without.
    skip: bool,
    trim_lines: bool,
}

impl TextStream {
    /// A text that ends before the stop string that is complete first; of several that are complete at once,
    /// before the longest. So it does not matter where one token ends and the next begins. Empty strings stop
    /// nothing.
    #[must_use]
    pub fn new(stop: Vec<String>) -> Self {
        let stop = stop.into_iter().filter(|s| !s.is_empty()).collect();
        Self { stop, bytes: Vec::new(), held: String::new(), stopped: false, skip: false, trim_lines: false }
    }

    /// The same, without the space that a model of `brief-v2` puts before each line.
    #[must_use]
    pub fn trim_lines(mut self, trim: bool) -> Self {
        (self.trim_lines, self.skip) = (trim, trim);
        self
    }

    /// Takes bytes. Invalid UTF-8 becomes U+FFFD, as the web's TextDecoder does.
    pub fn push(&mut self, bytes: &[u8]) -> Delta {
        let mut all = std::mem::take(&mut self.bytes);
        all.extend_from_slice(bytes);
        let mut kept = 0;
        for chunk in all.utf8_chunks() {
            let (valid, bad) = (chunk.valid(), chunk.invalid());
            self.hold(valid);
            kept += valid.len();
            // A sequence that the end cut off may still become whole.
            if bad.is_empty() || (kept + bad.len() == all.len() && unfinished(bad)) {
                continue;
            }
            self.hold("\u{fffd}");
            kept += bad.len();
        }
        all.drain(..kept);
        self.bytes = all;
        self.release()
    }

    /// The rest, when no more bytes come.
    pub fn finish(&mut self) -> String {
        if !std::mem::take(&mut self.bytes).is_empty() {
            self.hold("\u{fffd}");
        }
        std::mem::take(&mut self.held)
    }

    /// Adds text up to the stop string that it completes, if it does.
    fn hold(&mut self, text: &str) {
        if self.stopped {
            return;
        }
        for c in text.chars() {
            if std::mem::replace(&mut self.skip, self.trim_lines && c == '\n') && c == ' ' {
                continue;
            }
            self.held.push(c);
            let ends = self.stop.iter().filter(|s| self.held.ends_with(s.as_str()));
            if let Some(length) = ends.map(String::len).max() {
                self.held.truncate(self.held.len() - length);
                self.stopped = true;
                return;
            }
        }
    }

    /// Lets go of what no stop string can reach any more.
    fn release(&mut self) -> Delta {
        let reach = |from: usize| self.stop.iter().any(|s| s.starts_with(&self.held[from..]));
        let mut begins = self.held.char_indices().map(|(i, _)| i);
        let hold = begins.find(|&i| !self.stopped && reach(i)).unwrap_or(self.held.len());
        let rest = self.held.split_off(hold);
        Delta { text: std::mem::replace(&mut self.held, rest), stopped: self.stopped }
    }
}

/// Whether these bytes, not valid UTF-8 as they stand, are the beginning of a character.
fn unfinished(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|e| e.error_len().is_none())
}
