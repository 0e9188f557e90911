//! The border of the module that reads what customers write, and measures texts: by itself, so that a page which only
//! recommends need not fetch it. Values in, values out.

#[path = "exception.rs"]
mod exception;
#[path = "insight/measure.rs"]
mod measure;
#[path = "plain.rs"]
mod plain;
#[path = "insight/research.rs"]
mod research;
#[path = "insight/support.rs"]
mod support;
#[path = "insight/value.rs"]
mod value;
