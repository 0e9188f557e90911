//! Support from a shop's own entries.

use wasm_bindgen::prelude::*;

use super::exception::exception;
use super::plain::plain;
use super::value::value;
use crate::error::Kind;
use crate::insight::heads::{Heads, HeadsError};
use crate::insight::support::{self, Context, Entry, Turn, intent};

/// Entries that are read in steps, between which the worker may leave off.
#[wasm_bindgen]
#[derive(Default)]
pub struct Indexer {
    entries: Vec<Entry>,
    begun: Option<support::Indexer>,
}

#[wasm_bindgen]
impl Indexer {
    /// Without entries yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Indexer {
        Self::default()
    }

    /// Takes some more.
    pub fn add(&mut self, entries: JsValue) -> Result<(), JsValue> {
        self.entries.extend(value::<Vec<Entry>>(entries)?);
        Ok(())
    }

    /// Reads so many of them: `{done, total}`. Those that are added later are not in it.
    pub fn step(&mut self, entries: usize) -> Result<JsValue, JsValue> {
        if self.begun.is_none() {
            let all = std::mem::take(&mut self.entries);
            self.begun = Some(support::Indexer::new(all).map_err(|e| exception(e.kind(), &e))?);
        }
        self.begun.as_mut().map_or(Ok(JsValue::UNDEFINED), |begun| plain(&begun.step(entries)))
    }

    /// The index.
    pub fn finish(self) -> Result<Index, JsValue> {
        let begun = self.begun.ok_or_else(|| exception(Kind::InvalidState, &"no step was made"))?;
        Ok(Index(begun.finish()))
    }
}

/// Entries, ready to be asked.
#[wasm_bindgen]
pub struct Index(support::Index);

#[wasm_bindgen]
impl Index {
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

/// What an encoder is to be asked for, for [`intent`].
#[wasm_bindgen]
#[must_use]
pub fn readable(text: &str) -> String {
    intent::readable(text)
}

/// `{intent, probability, shares}`.
#[wasm_bindgen]
pub fn intent(heads: &[u8], text: &str, vector: &[f32]) -> Result<JsValue, JsValue> {
    let wrong = |e: HeadsError| exception(e.kind(), &e);
    plain(&intent::wanted(&Heads::read(heads).map_err(wrong)?, text, vector).map_err(wrong)?)
}
