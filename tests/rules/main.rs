//! Rules that hold while a text is written: the automata, their tables on the GPU, and whole texts under them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod adversary;
mod attacks;
mod cases;
mod claims;
mod draws;
mod ends;
mod explain;
mod frames;
#[path = "../support/gpu.rs"]
mod gpu;
mod machine;
mod masks;
mod people;
#[path = "../support/random.rs"]
mod random;

use copywright::copy::brief::{Brief, Input};
use serde_json::Value;

/// What a variable asks for, or what is usual.
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |n| n.parse().unwrap())
}

fn brief(value: &Value) -> Brief {
    let input: Input = serde_json::from_value(value.clone()).unwrap();
    input.brief().unwrap_or_else(|e| panic!("{value}: {e}"))
}
