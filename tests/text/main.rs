//! Tokens, bytes, text: the vocabulary against the `tokenizers` crate, the stream against whole-text decoding.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod damage;
mod frame;
mod stream;
mod vocabulary;

/// The tokenizer of the default model.
fn default_json() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default/tokenizer.json");
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"))
}
