//! Where each tensor of a checkpoint goes, and the way there in pieces.

use std::collections::HashMap;
use std::rc::Rc;

use half::{bf16, f16};

use super::{Layer, Matrix, Part, Weights};
use crate::engine::{Engine, EngineError};
use crate::model::checkpoint::Piece;
use crate::model::config::Config;
use crate::model::error::ModelError;
use crate::model::quantize::{Quantize, UNIT, pack};
use crate::record::{Element, Tensor};

/// A matrix to be: the checkpoint tensors that it is made of.
struct Group {
    name: String,
    /// Outputs of each section; for a paired group each section has all outputs.
    sections: Vec<u32>,
    cols: u32,
    paired: bool,
    /// Type and parts, from the first piece on.
    made: Option<(Element, Vec<Slot>)>,
}

/// A part to be; it gets its memory when the first of its bytes comes.
struct Slot {
    first: u32,
    count: u32,
    tensor: Option<Tensor>,
}

/// A vector to be.
struct Gain {
    key: String,
    cols: u32,
    tensor: Option<Tensor>,
}

/// Where a checkpoint tensor goes: section `section` of group `group`, or a gain.
#[derive(Clone, Copy)]
enum Place {
    Section { group: usize, section: usize },
    Gain { gain: usize },
}

/// Takes the pieces of a checkpoint to the GPU. Nothing larger than a piece is ever held here, and no more
/// memory is asked for than bytes have come, but for the part that is being filled. Dropping it frees all.
pub struct Builder {
    engine: Rc<Engine>,
    config: Config,
    /// For each tensor its place, and those of its bytes that do not fill a word yet.
    places: HashMap<String, (Place, Vec<u8>)>,
    quantize: Quantize,
    groups: Vec<Group>,
    gains: Vec<Gain>,
    words: Vec<u8>,
}

impl Builder {
    /// Plans where every tensor of this configuration goes.
    #[must_use]
    pub fn new(engine: Rc<Engine>, config: &Config, quantize: Quantize) -> Self {
        let mut b = Self {
            engine,
            config: config.clone(),
            places: HashMap::new(),
            quantize,
            groups: Vec::new(),
            gains: Vec::new(),
            words: Vec::new(),
        };
        let (d, c) = (config.hidden_size, config);
        let (q, kv) = (c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim);
        b.group("model.embed_tokens", &[("", c.vocab_size)], d, false);
        for i in 0..c.num_hidden_layers {
            let at = format!("model.layers.{i}");
            b.gain(&format!("{at}.input_layernorm.weight"), d);
            b.group(&format!("{at}.self_attn"), &[(".q_proj", q), (".k_proj", kv), (".v_proj", kv)], d, false);
            b.group(&format!("{at}.self_attn.o_proj"), &[("", d)], q, false);
            b.gain(&format!("{at}.post_attention_layernorm.weight"), d);
            let pair = [(".gate_proj", c.intermediate_size), (".up_proj", c.intermediate_size)];
            b.group(&format!("{at}.mlp"), &pair, d, true);
            b.group(&format!("{at}.mlp.down_proj"), &[("", d)], c.intermediate_size, false);
        }
        b.gain("model.norm.weight", d);
        if !c.tie_word_embeddings {
            b.group("lm_head", &[("", c.vocab_size)], d, false);
        }
        b
    }

    fn group(&mut self, name: &str, sections: &[(&str, u32)], cols: u32, paired: bool) {
        let group = self.groups.len();
        for (section, (suffix, _)) in sections.iter().enumerate() {
            let place = Place::Section { group, section };
            self.places.insert(format!("{name}{suffix}.weight"), (place, Vec::new()));
        }
        let sections = sections.iter().map(|s| s.1).collect();
        self.groups.push(Group { name: name.into(), sections, cols, paired, made: None });
    }

    fn gain(&mut self, key: &str, cols: u32) {
        self.places.insert(key.into(), (Place::Gain { gain: self.gains.len() }, Vec::new()));
        self.gains.push(Gain { key: key.into(), cols, tensor: None });
    }

    /// Takes a piece of a tensor; pieces of one tensor come in order.
    ///
    /// # Errors
    /// [`ModelError`] for a tensor without a place, mixed types, or a device that refuses.
    pub fn take(&mut self, piece: &Piece) -> Result<(), ModelError> {
        let wrong = |problem: String| Err(ModelError::tensor(piece.file, piece.key, problem));
        let Some((place, carry)) = self.places.get_mut(piece.key) else {
            return wrong("has no place in this model".into());
        };
        let place = *place;
        let source = piece.dtype.element();
        let target = match place {
            Place::Gain { .. } => Element::F32,
            Place::Section { group, .. } => {
                let element = self.quantize.element(source, self.groups[group].cols);
                self.groups[group].plan(element, self.engine.limits().binding)
            }
        };
        if let (Place::Section { group, section }, Element::Q8 | Element::Q4) = (place, target) {
            carry.extend_from_slice(piece.bytes);
            let end = piece.offset + piece.bytes.len() as u64;
            let first = (end - carry.len() as u64) / source.size(1);
            let packed = take_units(carry, source, target);
            return self.groups[group].write_packed(&self.engine, section, first, &packed).map_err(Into::into);
        }
        let mut words = std::mem::take(&mut self.words);
        words.clear();
        let mut offset = piece.offset;
        if source == target {
            // Offsets and lengths on the GPU are whole words.
            offset -= carry.len() as u64;
            words.append(carry);
            words.extend_from_slice(piece.bytes);
            carry.extend_from_slice(&words[words.len() & !3..]);
            words.truncate(words.len() & !3);
        } else if let Place::Gain { .. } = place {
            offset = offset / source.size(1) * 4;
            words.extend(floats(source, piece.bytes).flat_map(f32::to_le_bytes));
        } else {
            return wrong(format!("is {source:?}, its neighbours in the same product are {target:?}"));
        }
        let done = match place {
            Place::Gain { gain } => self.gains[gain].write(&self.engine, offset, &words),
            Place::Section { group, section } => self.groups[group].write(&self.engine, section, offset, &words),
        };
        self.words = words;
        done.map_err(Into::into)
    }

    /// The weights, once every piece is there (the checkpoint's reader has checked that).
    ///
    /// # Errors
    /// [`ModelError`] naming a matrix of which something is missing.
    pub fn finish(mut self) -> Result<Weights, ModelError> {
        let missing = |name: &str| ModelError::tensor("checkpoint", name, "is missing");
        let mut gains = self.gains.iter();
        let mut groups = self.groups.iter();
        let mut matrix = || -> Result<Matrix, ModelError> {
            let g = groups.next().ok_or_else(|| missing("a matrix"))?;
            let (_, slots) = g.made.as_ref().ok_or_else(|| missing(&g.name))?;
            let part = |s: &Slot| {
                let tensor = s.tensor.clone().ok_or_else(|| missing(&g.name))?;
                Ok(Part { tensor, first: s.first, count: s.count })
            };
            Ok(Matrix { parts: slots.iter().map(part).collect::<Result<_, ModelError>>()? })
        };
        let mut gain = || {
            let g = gains.next().ok_or_else(|| missing("a gain"))?;
            g.tensor.clone().ok_or_else(|| missing(&g.key))
        };
        let embed_tokens = matrix()?;
        let mut layers = Vec::new();
        for _ in 0..self.config.num_hidden_layers {
            layers.push(Layer {
                input_layernorm: gain()?,
                qkv_proj: matrix()?,
                o_proj: matrix()?,
                post_attention_layernorm: gain()?,
                gate_up_proj: matrix()?,
                down_proj: matrix()?,
            });
        }
        let norm = gain()?;
        let tied = self.config.tie_word_embeddings;
        let lm_head = if tied { embed_tokens.clone() } else { matrix()? };
        // They are the weights' now.
        self.groups.clear();
        self.gains.clear();
        Ok(Weights { embed_tokens, layers, norm, lm_head, tied })
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        let slots = self.groups.iter().filter_map(|g| g.made.as_ref()).flat_map(|(_, slots)| slots);
        let tensors =
            slots.filter_map(|s| s.tensor.as_ref()).chain(self.gains.iter().filter_map(|g| g.tensor.as_ref()));
        tensors.for_each(|t| self.engine.free(t));
    }
}

impl Gain {
    fn write(&mut self, engine: &Engine, offset: u64, bytes: &[u8]) -> Result<(), EngineError> {
        let tensor = match &mut self.tensor {
            Some(tensor) => tensor,
            none => none.insert(engine.alloc(&self.key, 1, self.cols, Element::F32)?),
        };
        engine.write(tensor, offset, bytes)
    }
}

impl Group {
    /// The type of the matrix is settled by its first piece; with that its parts are known.
    fn plan(&mut self, element: Element, limit: u64) -> Element {
        if let Some((element, _)) = self.made {
            return element;
        }
        let outputs = if self.paired { self.sections[0] } else { self.sections.iter().sum() };
        let row = element.size(u64::from(self.cols)) * u64::from(self.copies());
        // A multiple of 4 outputs, the share of a workgroup; one row at least, which alloc() then refuses.
        let most = ((limit / row.max(1)).min(u64::from(outputs)) as u32).max(1);
        let most = if most < outputs && most >= 4 { most & !3 } else { most };
        let starts = (0..outputs).step_by(most as usize);
        let slots = starts.map(|first| Slot { first, count: most.min(outputs - first), tensor: None });
        self.made = Some((element, slots.collect()));
        element
    }

    /// How many sections lie in one part, one after the other.
    fn copies(&self) -> u32 {
        if self.paired { self.sections.len() as u32 } else { 1 }
    }

    /// Writes bytes of a section, at an offset from the section's start, into the parts they fall in.
    fn write(&mut self, engine: &Engine, section: usize, offset: u64, bytes: &[u8]) -> Result<(), EngineError> {
        self.write_plane(engine, section, Element::quants, |_, _| 0, offset, bytes)
    }

    /// Writes whole units of quantised weights from element `first` of a section on: quants, then scales, which
    /// lie behind the quants of their part.
    fn write_packed(
        &mut self,
        engine: &Engine,
        section: usize,
        first: u64,
        packed: &Packed,
    ) -> Result<(), EngineError> {
        let Some((element, _)) = self.made else { return Ok(()) };
        let (quants, scales) = (element.quants(first), element.scales(first));
        self.write_plane(engine, section, Element::quants, |_, _| 0, quants, &packed.quants)?;
        self.write_plane(engine, section, Element::scales, Element::quants, scales, &packed.scales)
    }

    /// One plane of a matrix: `size` tells the bytes of so many elements, `base` where the plane begins in a part
    /// of so many.
    fn write_plane(
        &mut self,
        engine: &Engine,
        section: usize,
        size: fn(Element, u64) -> u64,
        base: fn(Element, u64) -> u64,
        offset: u64,
        bytes: &[u8],
    ) -> Result<(), EngineError> {
        let copies = self.copies();
        let Some((element, slots)) = &mut self.made else { return Ok(()) };
        let row = size(*element, u64::from(self.cols));
        let before: u32 = if self.paired { 0 } else { self.sections[..section].iter().sum() };
        let start = u64::from(before) * row + offset;
        let end = start + bytes.len() as u64;
        for slot in slots {
            let low = u64::from(slot.first) * row;
            let high = low + u64::from(slot.count) * row;
            let (from, to) = (start.max(low), end.min(high));
            if from >= to {
                continue;
            }
            let tensor = match &mut slot.tensor {
                Some(tensor) => tensor,
                none => {
                    let name = format!("{}[{}..{}]", self.name, slot.first, slot.first + slot.count);
                    none.insert(engine.alloc(&name, slot.count * copies, self.cols, *element)?)
                }
            };
            let skip = if self.paired { section as u64 * u64::from(slot.count) * row } else { 0 };
            let skip = skip + base(*element, u64::from(slot.count * copies) * u64::from(self.cols));
            engine.write(tensor, from - low + skip, &bytes[(from - start) as usize..(to - start) as usize])?;
        }
        Ok(())
    }
}

/// Units of quantised weights, one after the other.
struct Packed {
    quants: Vec<u8>,
    scales: Vec<u8>,
}

/// Takes whole units out of the bytes that have come; the rest stays.
fn take_units(carry: &mut Vec<u8>, source: Element, target: Element) -> Packed {
    let unit = source.size(UNIT as u64) as usize;
    let whole = carry.len() - carry.len() % unit;
    let values: Vec<f32> = floats(source, &carry[..whole]).collect();
    carry.drain(..whole);
    let mut packed = Packed { quants: Vec::new(), scales: Vec::new() };
    for weights in values.as_chunks::<UNIT>().0 {
        let (quants, scales) = pack(target, weights);
        packed.quants.extend(quants);
        packed.scales.extend(scales);
    }
    packed
}

/// The numbers that bytes of a plain type stand for.
fn floats(source: Element, bytes: &[u8]) -> impl Iterator<Item = f32> {
    let width = source.size(1) as usize;
    bytes.chunks_exact(width).map(move |b| match (source, b) {
        (Element::F16, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
        (Element::Bf16, &[a, b]) => bf16::from_le_bytes([a, b]).to_f32(),
        (_, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
        _ => 0.0,
    })
}
