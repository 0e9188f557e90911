//! What goes out through every border.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::exception::exception;
use crate::error::Kind;

/// A value as plain data; maps as objects, as JSON would have them.
pub fn plain<T: Serialize>(v: &T) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    v.serialize(&serializer).map_err(|e| exception(Kind::Operation, &e))
}
