//! Measures, support and research: against other libraries' numbers, and on data that was written for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod heads;
mod metrics;
mod research;
mod stem;
mod support;
