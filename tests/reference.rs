//! Proves the CPU reference of tests/cpu itself: by hand, by independent numbers, and by PyTorch's. The tests
//! live apart from it so that they run once, not in every test program that uses the reference.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it compared"
)]

mod cpu;
mod support;

mod reference {
    mod compare;
    mod filters;
    mod model;
    mod ops;
    mod sample;
}
