//! Memory that may not be there: errors caught where they arise, a bound, and what something would take.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use super::{Counters, Engine, EngineError};
use crate::gpu::GpuError;

/// Catches what the device refuses of the commands that follow, until it is ended: a tensor that got no memory,
/// and the writes into it, which are errors then. Ended before anything is awaited, so that guards nest.
#[must_use = "only ending it tells"]
pub struct Guard {
    // In the order in which they are popped.
    validation: wgpu::ErrorScopeGuard,
    memory: wgpu::ErrorScopeGuard,
    counters: Rc<Cell<Counters>>,
    before: u64,
}

impl Guard {
    /// Ends it now; the future tells what it caught.
    pub fn end(self) -> impl Future<Output = Result<(), EngineError>> + 'static {
        let Self { validation, memory, counters, before } = self;
        let (validation, memory) = (validation.pop(), memory.pop());
        let requested = counters.get().gpu_bytes;
        async move {
            // The others follow from it.
            let lacking = memory.await.map(|_| EngineError::OutOfMemory { requested, quota: before });
            let refused = validation.await.map(|e| GpuError::Reported(e.to_string()).into());
            lacking.or(refused).map_or(Ok(()), Err)
        }
    }
}

impl Engine {
    /// See [`Guard`].
    pub fn guard(&self) -> Guard {
        let scope = |filter| self.gpu.device.push_error_scope(filter);
        let memory = scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = scope(wgpu::ErrorFilter::Validation);
        Guard { validation, memory, counters: self.counters.clone(), before: self.counters().gpu_bytes }
    }

    /// Whether so many bytes more may be asked for.
    ///
    /// # Errors
    /// [`EngineError::OutOfMemory`] beyond the bound that the options set.
    pub fn room(&self, bytes: u64) -> Result<(), EngineError> {
        let requested = self.counters().gpu_bytes.saturating_add(bytes);
        match self.gpu.max_bytes {
            Some(quota) if requested > quota => Err(EngineError::OutOfMemory { requested, quota }),
            _ => Ok(()),
        }
    }

    /// The bytes of all tensors that `make` asks for. It gets handles without memory, and what it writes goes
    /// nowhere.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn measure<T>(&self, make: impl FnOnce() -> Result<T, EngineError>) -> Result<u64, EngineError> {
        self.measured.set(Some(0));
        let made = make();
        let bytes = self.measured.take().unwrap_or_default();
        made.map(|_| bytes)
    }
}
