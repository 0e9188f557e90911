//! Knowing the customer, where the customer is: nothing here asks a network or a clock. Plain data in and out, without a GPU,
//! and none of it is in the engine's own module for pages.
//!
//! - [`heads`]: classifiers on the vectors of an encoder.
//! - [`metrics`]: numbers over texts, rankings, classes and blind comparisons.
//! - [`privacy`]: takes out of a text what tells who wrote it, and puts it back into the reply.
//! - [`recommend`]: which goods to show to whom, and why.
//! - [`research`]: what people say about a product, counted.
//! - [`support`]: answers to customers from a shop's own entries.

pub mod heads;
pub mod metrics;
pub mod privacy;
pub mod recommend;
pub mod research;
pub mod support;
pub mod words;
