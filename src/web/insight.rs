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

/// The best items of a catalogue, each with its reason.
#[wasm_bindgen]
pub fn recommend(catalogue: JsValue, history: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let catalogue: Vec<Item> = value(catalogue)?;
    let options: Options = value(options)?;
    // Without consent not even what is wrong with a history is anybody's business.
    let history: Vec<Event> = if options.consent { value(history)? } else { Vec::new() };
    plain(&recommend::recommend(&catalogue, &history, &options).map_err(|e| exception(e.kind(), &e))?)
}
