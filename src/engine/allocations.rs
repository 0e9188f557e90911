//! Tensors that belong together: all of them are made, or none stays.

use std::cell::RefCell;

use super::{Engine, EngineError};
use crate::record::{Element, Tensor};

/// Frees what it holds when it is dropped, unless it was told to keep it.
pub struct Allocations<'a> {
    engine: &'a Engine,
    held: RefCell<Vec<Tensor>>,
}

impl<'a> Allocations<'a> {
    /// Nothing yet.
    #[must_use]
    pub fn new(engine: &'a Engine) -> Self {
        Self { engine, held: RefCell::default() }
    }

    /// Holds a tensor that is there already.
    pub fn hold(&self, tensor: &Tensor) {
        self.held.borrow_mut().push(tensor.clone());
    }

    /// As [`Engine::alloc`].
    ///
    /// # Errors
    /// As [`Engine::alloc`].
    pub fn alloc(&self, name: &str, rows: u32, cols: u32, element: Element) -> Result<Tensor, EngineError> {
        let tensor = self.engine.alloc(name, rows, cols, element)?;
        self.hold(&tensor);
        Ok(tensor)
    }

    /// All went well: the tensors stay.
    pub fn keep(self) {
        self.held.borrow_mut().clear();
    }
}

impl Drop for Allocations<'_> {
    fn drop(&mut self) {
        self.held.borrow_mut().drain(..).for_each(|t| self.engine.free(&t));
    }
}
