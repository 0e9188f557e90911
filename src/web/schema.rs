//! The border of the module that turns JSON schemas and regular expressions into automata. It knows no GPU and no model.

#[path = "exception.rs"]
mod exception;

use wasm_bindgen::prelude::*;

use crate::error::Kind;
use crate::schema;
use exception::exception;

/// What `response_format` or `structured_outputs` of a request ask for, the request being a JSON text; `undefined` where they
/// ask for nothing. As [`crate::generate::constraint::Table::words`].
#[wasm_bindgen]
pub fn compile(request: &str) -> Result<Option<Vec<u32>>, JsValue> {
    let table = schema::compile(request).map_err(|e| exception(Kind::Type, &e))?;
    Ok(table.map(|table| table.words()))
}
