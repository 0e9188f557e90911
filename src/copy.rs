//! The domain: what is to be written, how long it may be, how it is asked for, and whether it came out right.

pub mod brief;
pub mod check;
pub mod constrain;
pub mod contradiction;
pub mod count;
pub mod fold;
pub mod format;
pub mod instruct;
pub mod prompt;
pub mod rules;
pub mod unicode;
pub mod variants;
