//! Every kernel against its CPU twin, on awkward shapes, in f32 and f16, on the adapter at hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod attention;
#[path = "../cpu/mod.rs"]
mod cpu;
mod engine;
mod harness;
mod products;
mod reflection;
mod rows;
mod sampling;
#[path = "../support/gpu.rs"]
mod support;

/// Bound on NMSE for f32 arithmetic against f64 sums.
const EXACT: f64 = 1e-10;
