//! What several integration tests share beside the CPU reference.
#![allow(dead_code, reason = "each integration test uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

pub mod agree;
pub mod fixture;
pub mod load;
