//! The border of the module that reads GGUF. It knows no GPU: heads of files in, a description out.

#[path = "exception.rs"]
mod exception;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::model::error::ModelError;
use crate::model::gguf::{Header, describe};
use exception::exception;

/// The files of one model.
#[wasm_bindgen]
#[derive(Default)]
pub struct Gguf(Vec<Header>);

#[wasm_bindgen]
impl Gguf {
    /// No file yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the first bytes of the next file; false: it takes more of them to hold its header.
    pub fn head(&mut self, file: &str, head: &[u8], size: f64) -> Result<bool, JsValue> {
        let header = Header::parse(file, head, size as u64).map_err(thrown)?;
        let whole = header.is_some();
        self.0.extend(header);
        Ok(whole)
    }

    /// The model of these files: see `model::gguf::Description`. What is not there is `undefined`.
    pub fn describe(&self) -> Result<Object, JsValue> {
        let model = describe(&self.0).map_err(thrown)?;
        let language = model.language;
        let object = Object::new();
        for (name, text) in [
            ("config", Some(model.config)),
            ("lists", Some(model.lists)),
            ("tokenizer", Some(language.tokenizer)),
            ("template", language.template),
            ("bos_token", language.bos_token),
            ("eos_token", language.eos_token),
        ] {
            if let Some(text) = text {
                Reflect::set(&object, &name.into(), &text.into())?;
            }
        }
        Ok(object)
    }
}

fn thrown(e: ModelError) -> JsValue {
    exception(e.kind(), &e)
}
