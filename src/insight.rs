//! Knowing the customer: what people say, what they ask, and how good an answer is. Numbers over texts, without a GPU; all
//! of it is plain data in and out, and none of it is in the engine's own module for pages.

pub mod metrics;
pub mod research;
pub mod support;
pub mod words;
