//! What `insight::recommend` keeps to, whatever it is given, and how good it is beside simpler ways in a generated shop.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod compare;
#[path = "../support/random.rs"]
mod random;
mod rules;
mod shop;
