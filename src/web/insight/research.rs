//! Market research, step by step.

use std::collections::HashSet;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::exception::exception;
use super::plain::plain;
use super::value::value;
use crate::insight::heads::{Heads, HeadsError};
use crate::insight::research::judge::{self, Judge};
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

    /// The same, judged by heads on the vectors of what [`texts`] gave for these posts.
    pub fn judged(
        posts: JsValue,
        options: JsValue,
        heads: &[u8],
        texts: Vec<String>,
        vectors: Vec<f32>,
    ) -> Result<Analyser, JsValue> {
        let wrong = |e: HeadsError| exception(e.kind(), &e);
        let judge = Judge::new(Heads::read(heads).map_err(wrong)?, texts, vectors).map_err(wrong)?;
        Ok(Self(Self::new(posts, options)?.0.judged_by(judge)))
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

/// The texts of posts whose vectors heads need, each once.
#[wasm_bindgen]
pub fn texts(posts: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    posts.iter().flat_map(|post| judge::texts(post)).filter(|text| seen.insert(text.clone())).collect()
}

/// Whose vectors a file of heads wants: `{encoder, width}`.
#[wasm_bindgen]
pub fn heads(file: &[u8]) -> Result<JsValue, JsValue> {
    #[derive(Serialize)]
    struct About<'a> {
        encoder: &'a str,
        width: usize,
    }
    let heads = Heads::read(file).map_err(|e| exception(e.kind(), &e))?;
    plain(&About { encoder: heads.encoder(), width: heads.width() })
}
