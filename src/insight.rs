//! What a shop may know of its customers, computed where they are: nothing here asks a network or a clock.
//!
//! - [`privacy`]: takes out of a text what tells who wrote it, and puts it back into the reply.
//! - [`recommend`]: which goods to show to whom, and why.

pub mod privacy;
pub mod recommend;
