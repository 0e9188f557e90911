//! Market research, step by step.

use wasm_bindgen::prelude::*;

use super::exception::exception;
use super::plain::plain;
use super::value::value;
use crate::insight::research::{self, Options, Post};

/// An analysis that the worker may leave off between two steps.
#[wasm_bindgen]
pub struct Analyser(research::Analyser);

#[wasm_bindgen]
impl Analyser {
    /// Takes posts, in any order.
    #[wasm_bindgen(constructor)]
    pub fn new(posts: JsValue, options: JsValue) -> Result<Analyser, JsValue> {
        let (posts, options) = (value::<Vec<Post>>(posts)?, value::<Options>(options)?);
        Ok(Self(research::Analyser::new(posts, &options).map_err(|e| exception(e.kind(), &e))?))
    }

    /// Does the work of so many posts: `{done, total}`.
    pub fn step(&mut self, posts: usize) -> Result<JsValue, JsValue> {
        plain(&self.0.step(posts))
    }

    /// The result.
    pub fn finish(self) -> Result<JsValue, JsValue> {
        plain(&self.0.finish().map_err(|e| exception(e.kind(), &e))?)
    }
}
