//! What `insight::privacy` finds, measured on lines that were written for it, and that it can be undone.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod generated;
mod measure;
#[path = "../support/random.rs"]
mod random;
mod undo;
