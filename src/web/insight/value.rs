//! What comes in.

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::exception::exception;
use crate::error::Kind;

/// A value of JavaScript as one of ours.
pub fn value<T: DeserializeOwned>(v: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(v).map_err(|e| exception(Kind::Type, &e))
}
