//! Knowing the customer, where the customer is: nothing here asks a network or a clock. Plain data in and out, without a GPU,
//! and none of it is in the engine's own module for pages.
//!
//! - [`heads`]: classifiers on the vectors of an encoder.
//! - [`metrics`]: numbers over texts, rankings, classes and blind comparisons.
//! - [`privacy`]: takes out of a text what tells who wrote it, and puts it back into the reply.
//! - [`recommend`]: which goods to show to whom, and why.
//! - [`research`]: what people say about a product, counted.
//! - [`support`]: answers to customers from a shop's own entries.

use serde::Serialize;

pub mod heads;
pub mod metrics;
pub mod privacy;
pub mod recommend;
pub mod research;
pub mod support;
pub mod words;

/// How far a task is that is done in steps, so that whoever asked may think better of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
}
