//! The border of the module that knows customers and goods. It knows no GPU and no model: values in, values out.

#[path = "exception.rs"]
mod exception;
#[path = "plain.rs"]
mod plain;
#[path = "insight/value.rs"]
mod value;

use wasm_bindgen::prelude::*;

use crate::insight::privacy::{self, Anonymised, Span};
use crate::insight::recommend::{self, Event, Item, Options};
use exception::exception;
use plain::plain;
use value::value;

/// `{text, spans}`; places are in UTF-16 units.
#[wasm_bindgen]
pub fn anonymise(text: &str) -> Result<JsValue, JsValue> {
    let Anonymised { text: made, spans } = privacy::anonymise(text);
    plain(&Anonymised { text: made, spans: privacy::utf16(text, spans) })
}

/// The text with the spans' values in place of their placeholders.
#[wasm_bindgen]
pub fn restore(text: &str, spans: JsValue) -> Result<String, JsValue> {
    Ok(privacy::restore(text, &value::<Vec<Span>>(spans)?))
}

/// A ranking in steps, between which the worker may leave off.
#[wasm_bindgen]
pub struct Ranking {
    options: Options,
    catalogue: Vec<Item>,
    begun: Option<recommend::Ranking>,
}

#[wasm_bindgen]
impl Ranking {
    /// Without items yet.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Ranking, JsValue> {
        Ok(Self { options: value(options)?, catalogue: Vec::new(), begun: None })
    }

    /// Takes some items of the catalogue.
    pub fn add(&mut self, items: JsValue) -> Result<(), JsValue> {
        self.catalogue.extend(value::<Vec<Item>>(items)?);
        Ok(())
    }

    /// Sums up the catalogue and a history.
    pub fn begin(&mut self, history: JsValue) -> Result<(), JsValue> {
        // Without consent not even what is wrong with a history is anybody's business.
        let history: Vec<Event> = if self.options.consent { value(history)? } else { Vec::new() };
        let catalogue = std::mem::take(&mut self.catalogue);
        let begun = recommend::Ranking::new(catalogue, &history, self.options.clone());
        self.begun = Some(begun.map_err(|e| exception(e.kind(), &e))?);
        Ok(())
    }

    /// Does so many steps: `{done, total}`.
    pub fn step(&mut self, steps: usize) -> Result<JsValue, JsValue> {
        self.begun.as_mut().map_or(Ok(JsValue::UNDEFINED), |begun| plain(&begun.step(steps)))
    }

    /// The best items, each with its reason.
    pub fn finish(self) -> Result<JsValue, JsValue> {
        plain(&self.begun.map(recommend::Ranking::finish).unwrap_or_default())
    }
}
