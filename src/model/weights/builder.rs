//! Where each tensor of a checkpoint goes, and the way there in pieces.

use std::rc::Rc;

use super::Weights;
use super::group::Group;
use crate::engine::Engine;
use crate::map::Map;
use crate::model::checkpoint::Piece;
use crate::model::config::{Config, Family};
use crate::model::dtype::{Dtype, Planes};
use crate::model::error::ModelError;
use crate::model::layout::{Layout, VectorPlan};
use crate::model::quantize::{Quantize, UNIT, pack};
use crate::record::{Element, Tensor};

/// A vector to be.
struct Vector {
    plan: VectorPlan,
    tensor: Option<Tensor>,
}

/// Where a checkpoint tensor goes.
#[derive(Clone, Copy)]
enum Place {
    /// Tensor `source` of matrix `group`.
    Matrix { group: usize, source: usize },
    /// From element `start` of a vector on, `len` of it.
    Vector { vector: usize, start: u64, len: u64 },
    /// It stays here.
    Divisors,
}

/// Takes the pieces of a checkpoint to the GPU. Nothing larger than a piece is ever held here (but a tensor that has to be
/// transposed), and no more memory is asked for than bytes have come, but for the part that is being filled. Dropping
/// it frees all.
pub struct Builder {
    engine: Rc<Engine>,
    family: Family,
    /// For each tensor its place, and those of its bytes that do not fill a unit yet.
    places: Map<(Place, Vec<u8>)>,
    quantize: Quantize,
    groups: Vec<Group>,
    vectors: Vec<Vector>,
    weights: Weights<usize, usize>,
    divisors: Vec<f32>,
}

impl Builder {
    /// Plans where every tensor of this configuration goes.
    #[must_use]
    pub fn new(engine: Rc<Engine>, config: &Config, quantize: Quantize) -> Self {
        let (layout, weights) = Layout::new(config);
        let mut places = Map::new();
        for (group, plan) in layout.matrices.iter().enumerate() {
            for (source, (key, _)) in plan.sources.iter().enumerate() {
                places.insert(key.clone(), (Place::Matrix { group, source }, Vec::new()));
            }
        }
        for (vector, plan) in layout.vectors.iter().enumerate() {
            let mut start = 0;
            for (key, _, len) in &plan.sources {
                let len = u64::from(*len);
                places.insert(key.clone(), (Place::Vector { vector, start, len }, Vec::new()));
                start += len;
            }
        }
        if let Some(key) = &config.rope_divisors {
            places.insert(key.clone(), (Place::Divisors, Vec::new()));
        }
        Self {
            engine,
            divisors: Vec::new(),
            family: config.family,
            places,
            quantize,
            groups: layout.matrices.into_iter().map(Group::new).collect(),
            vectors: layout.vectors.into_iter().map(|plan| Vector { plan, tensor: None }).collect(),
            weights,
        }
    }

    /// Takes a piece of a tensor; pieces of one tensor come in order.
    ///
    /// # Errors
    /// [`ModelError`] for a tensor without a place, or a device that refuses.
    pub fn take(&mut self, piece: &Piece) -> Result<(), ModelError> {
        let Some((place, carry)) = self.places.get_mut(&*self.family.canonical(piece.key)) else {
            return Err(ModelError::tensor(piece.file, piece.key, "has no place in this model"));
        };
        let dtype = piece.dtype;
        match *place {
            Place::Divisors => {
                dtype.floats(piece.bytes, &mut self.divisors);
                Ok(())
            }
            Place::Vector { vector, start, len } => {
                let mut values = Vec::new();
                dtype.floats(piece.bytes, &mut values);
                let (weights, bytes) = dtype.block();
                let first = piece.offset / bytes as u64 * weights as u64;
                values.truncate(len.saturating_sub(first) as usize);
                self.vectors[vector].write(&self.engine, start + first, &values)
            }
            Place::Matrix { group, source } => {
                let group = &mut self.groups[group];
                let types = |key: &str| piece.found.get(key).map_or(dtype, |f| f.1);
                let element = group.element(source, self.quantize, &types, self.engine.limits().binding);
                let end = piece.offset + piece.bytes.len() as u64;
                let begun = end - (carry.len() + piece.bytes.len()) as u64;
                if group.transposed() {
                    let count = u64::from(group.rows(source)) * u64::from(group.cols());
                    // Once: a vector that grows takes twice what it holds.
                    carry.reserve_exact((dtype.size(count) as usize).saturating_sub(carry.len()));
                    carry.extend_from_slice(piece.bytes);
                    if carry.len() as u64 == dtype.size(count) {
                        let whole = std::mem::take(carry);
                        return transposed(&self.engine, group, source, dtype, element, &whole);
                    }
                    return Ok(());
                }
                let (weights, bytes) = dtype.block();
                // Whole units of what is there and of what is to be, and whole words.
                let unit = bytes * (element.unit() as usize / weights).max(1);
                let first = begun / bytes as u64 * weights as u64;
                if carry.is_empty() && piece.bytes.len().is_multiple_of(unit) {
                    return Ok(group.write(&self.engine, source, first, &planes(dtype, element, piece.bytes))?);
                }
                carry.extend_from_slice(piece.bytes);
                let whole = carry.len() - carry.len() % unit;
                // Each tensor has such a rest: it must not hold on to the room of a chunk.
                let rest = carry.split_off(whole);
                let whole = std::mem::replace(carry, rest);
                Ok(group.write(&self.engine, source, first, &planes(dtype, element, &whole))?)
            }
        }
    }

    /// What the frequencies of rotary positions are to be divided by.
    #[must_use]
    pub fn divisors(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.divisors)
    }

    /// The weights, once every piece is there (the checkpoint's reader has checked that).
    ///
    /// # Errors
    /// [`ModelError`] naming a matrix of which something is missing.
    pub fn finish(mut self) -> Result<Weights, ModelError> {
        let mut matrix = |i: usize| self.groups[i].matrix();
        let mut vector = |i: usize| {
            let v = &self.vectors[i];
            v.tensor.clone().ok_or_else(|| ModelError::tensor("checkpoint", &v.plan.sources[0].0, "is missing"))
        };
        let weights = self.weights.clone().map(&mut matrix, &mut vector)?;
        // They are the weights' now.
        self.groups.iter_mut().for_each(Group::forget);
        self.vectors.clear();
        Ok(weights)
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        let vectors = self.vectors.iter().filter_map(|v| v.tensor.as_ref());
        self.groups.iter().flat_map(Group::tensors).chain(vectors).for_each(|t| self.engine.free(t));
    }
}

impl Vector {
    fn write(&mut self, engine: &Engine, first: u64, values: &[f32]) -> Result<(), ModelError> {
        let VectorPlan { sources, rows, cols, offset } = &self.plan;
        let tensor = match &mut self.tensor {
            Some(tensor) => tensor,
            none => none.insert(engine.alloc(&sources[0].0, *rows, *cols, Element::F32)?),
        };
        let bytes: Vec<u8> = values.iter().flat_map(|v| (v + offset).to_le_bytes()).collect();
        if bytes.is_empty() {
            return Ok(());
        }
        Ok(engine.write(tensor, 4 * first, &bytes)?)
    }
}

/// Whole units as they are to lie on the GPU.
fn planes(dtype: Dtype, element: Element, bytes: &[u8]) -> Planes {
    if element == dtype.element() {
        return if dtype.plain() { [bytes.to_vec(), Vec::new(), Vec::new()] } else { dtype.planes(bytes) };
    }
    let mut values = Vec::with_capacity(bytes.len());
    dtype.floats(bytes, &mut values);
    let mut planes = Planes::default();
    if element == Element::F32 {
        planes[0].extend(values.iter().flat_map(|v| v.to_le_bytes()));
        return planes;
    }
    for weights in values.as_chunks::<UNIT>().0 {
        let (quants, scales) = pack(element, weights);
        planes[0].extend(quants);
        planes[2].extend(scales);
    }
    planes
}

/// Writes a whole tensor that lies in its file as (inputs, outputs), some outputs at a time.
fn transposed(
    engine: &Engine,
    group: &mut Group,
    source: usize,
    dtype: Dtype,
    element: Element,
    whole: &[u8],
) -> Result<(), ModelError> {
    const AT_A_TIME: u32 = 64;
    let (outputs, inputs) = (group.rows(source), group.cols());
    let (_, width) = dtype.block();
    for first in (0..outputs).step_by(AT_A_TIME as usize) {
        let some = first..outputs.min(first + AT_A_TIME);
        let mut bytes = Vec::with_capacity(some.len() * inputs as usize * width);
        for o in some {
            for i in 0..inputs {
                let at = (i as usize * outputs as usize + o as usize) * width;
                bytes.extend_from_slice(&whole[at..at + width]);
            }
        }
        group.write(engine, source, u64::from(first) * u64::from(inputs), &planes(dtype, element, &bytes))?;
    }
    Ok(())
}
