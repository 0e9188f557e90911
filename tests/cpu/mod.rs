//! What the shaders must compute, written to be read and not to be fast: textbook loops over row-major
//! slices, every sum in f64, each result rounded to f32 once. Nothing here knows the GPU.
//! The numbers that show this reference right itself are in tests/reference.rs.
#![allow(dead_code, reason = "each integration test uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it compared"
)]

pub mod compare;
pub mod model;
pub mod ops;
pub mod quant;
pub mod sample;
