//! The border of the module that judges texts which others have written. It knows no GPU and no model.

#[path = "exception.rs"]
mod exception;
#[path = "plain.rs"]
mod plain;

use wasm_bindgen::prelude::*;

use crate::copy::brief::{Brief, Input};
use crate::copy::{check, instruct};
use crate::error::Kind;
use crate::fields::FromValue;
use crate::json::page;
use exception::exception;
use plain::plain;

/// Every rule of the brief, and whether this text keeps it: as a result of the engine carries them.
#[wasm_bindgen]
pub fn check(text: &str, brief: JsValue) -> Result<JsValue, JsValue> {
    plain(&check::check(text, &read(brief)?))
}

/// What a model that follows instructions is to be told: `{system, user}`.
#[wasm_bindgen]
pub fn instruct(brief: JsValue) -> Result<JsValue, JsValue> {
    plain(&instruct::instruct(&read(brief)?))
}

/// The hash of the brief as it was understood.
#[wasm_bindgen]
pub fn hash(brief: JsValue) -> Result<String, JsValue> {
    Ok(read(brief)?.hash())
}

fn read(brief: JsValue) -> Result<Brief, JsValue> {
    let input = Input::from_value(page::value(&brief)).map_err(|e| exception(Kind::Type, &e))?;
    input.brief().map_err(|e| exception(e.kind(), &e))
}
