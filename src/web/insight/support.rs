//! Support from a shop's own entries.

use wasm_bindgen::prelude::*;

use super::exception::exception;
use super::plain::plain;
use super::value::value;
use crate::insight::support::{self, Context, Entry, Turn};

/// Entries, ready to be asked.
#[wasm_bindgen]
pub struct Index(support::Index);

#[wasm_bindgen]
impl Index {
    /// Reads the entries.
    #[wasm_bindgen(constructor)]
    pub fn new(entries: JsValue) -> Result<Index, JsValue> {
        Ok(Self(support::Index::new(value::<Vec<Entry>>(entries)?).map_err(|e| exception(e.kind(), &e))?))
    }

    /// `{kind: "reply", ...}` or `{kind: "declined", ...}`.
    pub fn answer(&self, question: &str, context: JsValue) -> Result<JsValue, JsValue> {
        plain(&self.0.answer(question, &value::<Context>(context)?).map_err(|e| exception(e.kind(), &e))?)
    }

    /// A brief for a reply from this entry alone. Whoever writes it checks it.
    pub fn brief(&self, id: &str, name: &str, question: &str) -> Result<JsValue, JsValue> {
        plain(&self.0.draft(id, name, question).map_err(|e| exception(e.kind(), &e))?)
    }
}

/// What an encoder is to be asked for a question.
#[wasm_bindgen]
pub fn standalone(question: &str, turns: JsValue) -> Result<String, JsValue> {
    Ok(support::standalone(question, &value::<Vec<Turn>>(turns)?))
}
