//! GGUF: files that the tests write themselves, and, on request, real ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod config;
mod damaged;
mod families;
mod header;
mod hostile;
mod keys;
mod merges;
mod reference;
mod split;
#[path = "../support/gguf.rs"]
mod support;

use copywright::error::Kind;
use copywright::model::error::ModelError;
use copywright::model::gguf::Header;
use support::Gguf;

const FILE: &str = "model.gguf";

/// The header of a whole file.
fn parse(file: &Gguf) -> Header {
    let bytes = file.bytes();
    Header::parse(FILE, &bytes, bytes.len() as u64).unwrap().expect("the whole file")
}

/// Refused with this kind, in a message that names the file and these.
fn refused<T>(outcome: Result<T, ModelError>, kind: Kind, names: &[&str]) {
    let Err(error) = outcome else { panic!("{names:?}: accepted") };
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    assert!(message.starts_with(FILE) && message.len() < 800, "{message}");
    for name in names {
        assert!(message.contains(name), "{message} does not name {name}");
    }
    println!("{message}");
}
