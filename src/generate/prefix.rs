//! What the cache still holds of the last prompt, so that a prompt that begins alike is not computed again.
//!
//! Only rows that prefill has computed count. A decode step adds the same products up in another order than
//! prefill does, so the keys and values of a generated token differ in their last bits from those that the same
//! token gets as a part of a prompt; were they kept, a text would depend on what was written before it. A row of
//! prefill depends on its own position and on the rows before it, never on where slices end: each output is one
//! sum in a fixed order. So a prompt gives the same bits whichever of its first rows were there already.
//!
//! All else that is ever written lies behind the prompt: the tails of the sequences begin at its last row's
//! successor, those steps included that run on after the end.

/// The tokens at rows 0, 1, ... of the cache whose keys and values are prefill's.
#[derive(Debug, Default)]
pub(super) struct Prefix(Vec<u32>);

impl Prefix {
    /// Begins a prompt: keeps what it has in common with the record, and returns where prefill must begin. Its
    /// last row is always computed, since the first token is chosen from what comes out there.
    pub fn begin(&mut self, prompt: &[u32]) -> u32 {
        let most = prompt.len().saturating_sub(1);
        let common = self.0.iter().zip(&prompt[..most]).take_while(|(a, b)| a == b).count();
        self.0.truncate(common);
        common as u32
    }

    /// These tokens' rows are computed, or submitted and sure to be computed before whatever is submitted next.
    pub fn extend(&mut self, tokens: &[u32]) {
        self.0.extend_from_slice(tokens);
    }

    /// The cache was moved, or something failed and nobody knows what it holds.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}
