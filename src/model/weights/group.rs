//! A matrix on its way to the GPU: which parts it has, and where in them a run of its elements goes.

use super::{Matrix, Part};
use crate::engine::{Engine, EngineError};
use crate::model::dtype::{Dtype, Planes};
use crate::model::error::ModelError;
use crate::model::layout::MatrixPlan;
use crate::model::quantize::Quantize;
use crate::record::{Element, PLANES, Tensor};

/// A matrix to be.
pub(super) struct Group {
    plan: MatrixPlan,
    /// Where each tensor of the checkpoint begins, in rows, and where the last one ends.
    starts: Vec<u32>,
    /// Type of each tensor's rows, and the parts; known from the first piece on.
    elements: Vec<Element>,
    slots: Vec<Slot>,
}

/// A part to be; it gets its memory when the first of its bytes comes.
struct Slot {
    first: u32,
    count: u32,
    tensor: Option<Tensor>,
}

impl Group {
    pub fn new(plan: MatrixPlan) -> Self {
        let mut starts = vec![0];
        let mut rows = 0;
        starts.extend(plan.sources.iter().map(|s| {
            rows += s.1;
            rows
        }));
        Self { plan, starts, elements: Vec::new(), slots: Vec::new() }
    }

    pub fn cols(&self) -> u32 {
        self.plan.cols
    }

    /// Rows of a tensor.
    pub fn rows(&self, source: usize) -> u32 {
        self.plan.sources[source].1
    }

    pub fn transposed(&self) -> bool {
        self.plan.transposed
    }

    /// Halves of a part: gates, and what they let through.
    fn halves(&self) -> u32 {
        if self.plan.paired { 2 } else { 1 }
    }

    /// The type of a tensor's rows. The first piece settles the parts: tensors of one type share them. Where the halves of
    /// a pair differ, both are plain numbers.
    pub fn element(&mut self, source: usize, quantize: Quantize, dtype: &dyn Fn(&str) -> Dtype, limit: u64) -> Element {
        if self.elements.is_empty() {
            let element = |s: &(String, u32)| quantize.element(dtype(&s.0), self.plan.cols);
            self.elements = self.plan.sources.iter().map(element).collect();
            let same = self.elements.iter().all(|e| *e == self.elements[0]);
            if !same && self.plan.paired {
                self.elements.fill(Element::F32);
            }
            let outputs = self.starts[self.starts.len() - 1] / self.halves();
            if same || self.plan.paired {
                self.part(0, outputs, self.elements[0], limit);
            } else {
                for i in 0..self.elements.len() {
                    self.part(self.starts[i], self.starts[i + 1], self.elements[i], limit);
                }
            }
        }
        self.elements[source]
    }

    fn part(&mut self, from: u32, to: u32, element: Element, limit: u64) {
        let row = element.size(u64::from(self.plan.cols)) * u64::from(self.halves());
        // A multiple of 4 outputs, the share of a workgroup; one row at least, which alloc() then refuses.
        let most = ((limit / row.max(1)).min(u64::from(to - from)) as u32).max(1);
        let most = if most < to - from && most >= 4 { most & !3 } else { most };
        let slot = |first: u32| Slot { first, count: most.min(to - first), tensor: None };
        self.slots.extend((from..to).step_by(most as usize).map(slot));
    }

    /// Writes whole units from element `first` of a tensor on into the parts they fall in.
    pub fn write(&mut self, engine: &Engine, source: usize, first: u64, planes: &Planes) -> Result<(), EngineError> {
        let cols = u64::from(self.plan.cols);
        let halves = self.halves();
        let outputs = self.starts[self.starts.len() - 1] / halves;
        let element = self.elements[source];
        let start = u64::from(self.starts[source]) * cols + first;
        let end = start + planes[0].len() as u64 * 256 / element.plane(0, 256);
        for slot in &mut self.slots {
            for half in 0..halves {
                let low = u64::from(half * outputs + slot.first) * cols;
                let (from, to) = (start.max(low), end.min(low + u64::from(slot.count) * cols));
                if from >= to {
                    continue;
                }
                let tensor = match &mut slot.tensor {
                    Some(tensor) => tensor,
                    none => {
                        let name = format!("{}[{}..{}]", self.plan.name, slot.first, slot.first + slot.count);
                        none.insert(engine.alloc(&name, slot.count * halves, self.plan.cols, element)?)
                    }
                };
                let at = u64::from(half * slot.count) * cols + from - low;
                let mut base = 0;
                for (plane, bytes) in planes.iter().enumerate().take(PLANES) {
                    let size = |count: u64| element.plane(plane, count);
                    let piece = &bytes[size(from - start) as usize..size(to - start) as usize];
                    if !piece.is_empty() {
                        engine.write(tensor, base + size(at), piece)?;
                    }
                    base += size(u64::from(slot.count * halves) * cols);
                }
            }
        }
        Ok(())
    }

    /// The matrix, once all of it is there.
    pub fn matrix(&self) -> Result<Matrix, ModelError> {
        let missing = || ModelError::tensor("checkpoint", &self.plan.name, "is missing");
        let part = |s: &Slot| {
            let tensor = s.tensor.clone().ok_or_else(missing)?;
            Ok(Part { tensor, first: s.first, count: s.count })
        };
        let parts = self.slots.iter().map(part).collect::<Result<Vec<_>, ModelError>>()?;
        if parts.is_empty() { Err(missing()) } else { Ok(Matrix { parts }) }
    }

    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.slots.iter().filter_map(|s| s.tensor.as_ref())
    }

    pub fn forget(&mut self) {
        self.slots.clear();
    }
}
