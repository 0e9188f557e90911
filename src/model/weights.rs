//! Weights on the GPU: where each tensor of a checkpoint goes, and the way there in pieces.

use std::collections::HashMap;

use half::{bf16, f16};

use crate::engine::Engine;
use crate::model::checkpoint::Piece;
use crate::model::config::Config;
use crate::model::error::ModelError;
use crate::model::safetensors::Dtype;
use crate::record::{Element, Tensor};

/// Some rows of a matrix, small enough to bind.
#[derive(Debug, Clone)]
pub struct Part {
    /// (rows, K); for a paired matrix gate's rows, then up's.
    pub tensor: Tensor,
    /// Output of its first row.
    pub first: u32,
    /// Outputs.
    pub count: u32,
}

/// A weight matrix (outputs, K), split by rows where it exceeds the device's binding limit.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// In order of their outputs.
    pub parts: Vec<Part>,
}

impl Matrix {
    /// Bytes of all parts.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|p| p.tensor.bytes()).sum()
    }
}

/// One layer, named as in the checkpoint; q, k and v lie in one matrix, gate and up in another.
#[derive(Debug, Clone)]
pub struct Layer {
    /// (1, D)
    pub input_layernorm: Tensor,
    /// ((H + 2 G) d, D)
    pub qkv_proj: Matrix,
    /// (D, H d)
    pub o_proj: Matrix,
    /// (1, D)
    pub post_attention_layernorm: Tensor,
    /// (2 I, D), paired
    pub gate_up_proj: Matrix,
    /// (D, I)
    pub down_proj: Matrix,
}

/// All weights of a model.
#[derive(Debug, Clone)]
pub struct Weights {
    /// (V, D)
    pub embed_tokens: Matrix,
    /// In order.
    pub layers: Vec<Layer>,
    /// (1, D)
    pub norm: Tensor,
    /// (V, D); the embedding again where they are tied.
    pub lm_head: Matrix,
    /// The head is the embedding.
    pub tied: bool,
}

impl Weights {
    /// Bytes that a decode step must read at least once: every matrix but the embedding, or the embedding
    /// as the head where they are tied.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        let layer = |l: &Layer| l.qkv_proj.bytes() + l.o_proj.bytes() + l.gate_up_proj.bytes() + l.down_proj.bytes();
        self.layers.iter().map(layer).sum::<u64>() + self.lm_head.bytes()
    }

    /// Every tensor, for freeing.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let layers = self.layers.iter().flat_map(|l| {
            let matrices = [&l.qkv_proj, &l.o_proj, &l.gate_up_proj, &l.down_proj];
            let parts = matrices.into_iter().flat_map(|m| m.parts.iter().map(|p| &p.tensor));
            parts.chain([&l.input_layernorm, &l.post_attention_layernorm])
        });
        let head = if self.tied { &[][..] } else { &self.lm_head.parts[..] };
        let ends = self.embed_tokens.parts.iter().chain(head).map(|p| &p.tensor);
        layers.chain(ends).chain([&self.norm])
    }
}

/// A matrix to be: the checkpoint tensors that it is made of.
struct Group {
    name: String,
    /// Outputs of each section; for a paired group each section has all outputs.
    sections: Vec<u32>,
    cols: u32,
    paired: bool,
    made: Option<(Matrix, Element)>,
}

/// Where a checkpoint tensor goes: section `section` of group `group`, or a gain.
#[derive(Clone, Copy)]
enum Place {
    Section { group: usize, section: usize },
    Gain { gain: usize },
}

/// Takes the pieces of a checkpoint to the GPU. Nothing larger than a piece is ever held here.
pub struct Builder {
    config: Config,
    places: HashMap<String, Place>,
    groups: Vec<Group>,
    gains: Vec<Tensor>,
    /// Bytes of the current tensor that do not fill a word yet.
    carry: Vec<u8>,
    words: Vec<u8>,
}

impl Builder {
    /// Plans where every tensor of this configuration goes.
    ///
    /// # Errors
    /// [`ModelError::Engine`] when the device refuses the memory.
    pub fn new(engine: &Engine, config: &Config) -> Result<Self, ModelError> {
        let mut b = Self {
            config: config.clone(),
            places: HashMap::new(),
            groups: Vec::new(),
            gains: Vec::new(),
            carry: Vec::new(),
            words: Vec::new(),
        };
        let (d, c) = (config.hidden_size, config);
        let (q, kv) = (c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim);
        b.group("model.embed_tokens", &[("", c.vocab_size)], d, false);
        for i in 0..c.num_hidden_layers {
            let at = format!("model.layers.{i}");
            b.gain(engine, &format!("{at}.input_layernorm.weight"), d)?;
            b.group(&format!("{at}.self_attn"), &[(".q_proj", q), (".k_proj", kv), (".v_proj", kv)], d, false);
            b.group(&format!("{at}.self_attn.o_proj"), &[("", d)], q, false);
            b.gain(engine, &format!("{at}.post_attention_layernorm.weight"), d)?;
            let pair = [(".gate_proj", c.intermediate_size), (".up_proj", c.intermediate_size)];
            b.group(&format!("{at}.mlp"), &pair, d, true);
            b.group(&format!("{at}.mlp.down_proj"), &[("", d)], c.intermediate_size, false);
        }
        b.gain(engine, "model.norm.weight", d)?;
        if !c.tie_word_embeddings {
            b.group("lm_head", &[("", c.vocab_size)], d, false);
        }
        Ok(b)
    }

    fn group(&mut self, name: &str, sections: &[(&str, u32)], cols: u32, paired: bool) {
        let group = self.groups.len();
        for (section, (suffix, _)) in sections.iter().enumerate() {
            self.places.insert(format!("{name}{suffix}.weight"), Place::Section { group, section });
        }
        let sections = sections.iter().map(|s| s.1).collect();
        self.groups.push(Group { name: name.into(), sections, cols, paired, made: None });
    }

    fn gain(&mut self, engine: &Engine, key: &str, cols: u32) -> Result<(), ModelError> {
        self.places.insert(key.into(), Place::Gain { gain: self.gains.len() });
        self.gains.push(engine.alloc(key, 1, cols, Element::F32)?);
        Ok(())
    }

    /// Takes a piece of a tensor; pieces of one tensor come in order.
    ///
    /// # Errors
    /// [`ModelError`] for a tensor without a place, mixed types, or a device that refuses.
    pub fn take(&mut self, engine: &Engine, piece: &Piece) -> Result<(), ModelError> {
        let Some(&place) = self.places.get(piece.key) else {
            return Err(ModelError::Tensor {
                file: String::new(),
                tensor: piece.key.into(),
                problem: "has no place in this model".into(),
            });
        };
        let source = element(piece.dtype);
        let target = match place {
            Place::Gain { .. } => Element::F32,
            Place::Section { group, .. } => self.make(engine, group, source)?,
        };
        let mut words = std::mem::take(&mut self.words);
        words.clear();
        let mut offset = piece.offset;
        if source == target {
            // Offsets and lengths on the GPU are whole words.
            if offset == 0 {
                self.carry.clear();
            }
            offset -= self.carry.len() as u64;
            words.append(&mut self.carry);
            words.extend_from_slice(piece.bytes);
            self.carry.extend_from_slice(&words[words.len() & !3..]);
            words.truncate(words.len() & !3);
        } else if target == Element::F32 {
            offset = offset / source.bytes() * 4;
            let pairs = piece.bytes.chunks_exact(2).map(|b| [b[0], b[1]]);
            let value = |b| {
                if source == Element::F16 { f16::from_le_bytes(b).to_f32() } else { bf16::from_le_bytes(b).to_f32() }
            };
            words.extend(pairs.flat_map(|b| value(b).to_le_bytes()));
        } else {
            return Err(ModelError::Tensor {
                file: String::new(),
                tensor: piece.key.into(),
                problem: format!("is {source:?}, its neighbours in the same product are {target:?}"),
            });
        }
        let done = match place {
            Place::Gain { gain } => engine.write(&self.gains[gain], offset, &words).map_err(Into::into),
            Place::Section { group, section } => self.write(engine, group, section, offset, &words),
        };
        self.words = words;
        done
    }

    /// Writes bytes of a section, at an offset from the section's start, into the parts they fall in.
    fn write(
        &self,
        engine: &Engine,
        group: usize,
        section: usize,
        offset: u64,
        bytes: &[u8],
    ) -> Result<(), ModelError> {
        let g = &self.groups[group];
        let Some((matrix, element)) = &g.made else { return Ok(()) };
        let row = u64::from(g.cols) * element.bytes();
        let before: u32 = if g.paired { 0 } else { g.sections[..section].iter().sum() };
        let start = u64::from(before) * row + offset;
        let end = start + bytes.len() as u64;
        for part in &matrix.parts {
            let low = u64::from(part.first) * row;
            let high = low + u64::from(part.count) * row;
            let (from, to) = (start.max(low), end.min(high));
            if from < to {
                let skip = if g.paired { section as u64 * u64::from(part.count) * row } else { 0 };
                let bytes = &bytes[(from - start) as usize..(to - start) as usize];
                engine.write(&part.tensor, from - low + skip, bytes)?;
            }
        }
        Ok(())
    }

    /// The group's matrix exists from its first piece on; its type is that piece's.
    fn make(&mut self, engine: &Engine, group: usize, source: Element) -> Result<Element, ModelError> {
        let g = &mut self.groups[group];
        if let Some((_, element)) = g.made {
            return Ok(element);
        }
        let copies = if g.paired { g.sections.len() as u32 } else { 1 };
        let outputs = if g.paired { g.sections[0] } else { g.sections.iter().sum() };
        let row = u64::from(g.cols) * source.bytes() * u64::from(copies);
        let limit = engine.limits().binding;
        // A multiple of 4 outputs, the share of a workgroup; one row at least, which alloc() then refuses.
        let most = ((limit / row.max(1)).min(u64::from(outputs)) as u32).max(1);
        let most = if most < outputs && most >= 4 { most & !3 } else { most };
        let mut parts = Vec::new();
        let mut first = 0;
        while first < outputs {
            let count = most.min(outputs - first);
            let name = format!("{}[{first}..{}]", g.name, first + count);
            parts.push(Part { tensor: engine.alloc(&name, count * copies, g.cols, source)?, first, count });
            first += count;
        }
        g.made = Some((Matrix { parts }, source));
        Ok(source)
    }

    /// Frees what was taken so far, for a load that failed.
    pub fn free(&self, engine: &Engine) {
        let matrices = self.groups.iter().filter_map(|g| g.made.as_ref());
        matrices.flat_map(|m| m.0.parts.iter().map(|p| &p.tensor)).chain(&self.gains).for_each(|t| engine.free(t));
    }

    /// The weights, once every piece is there (the checkpoint's reader has checked that).
    ///
    /// # Errors
    /// [`ModelError`] naming a matrix of which nothing came.
    pub fn finish(self) -> Result<Weights, ModelError> {
        let config = self.config;
        let mut gains = self.gains.into_iter();
        let mut groups = self.groups.into_iter();
        let missing =
            |name: &str| ModelError::Tensor { file: String::new(), tensor: name.into(), problem: "is missing".into() };
        let mut matrix = || -> Result<Matrix, ModelError> {
            let g = groups.next().ok_or_else(|| missing("a matrix"))?;
            g.made.map(|m| m.0).ok_or_else(|| missing(&g.name))
        };
        let mut gain = || gains.next().ok_or_else(|| missing("a gain"));
        let embed_tokens = matrix()?;
        let mut layers = Vec::new();
        for _ in 0..config.num_hidden_layers {
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
        let tied = config.tie_word_embeddings;
        let lm_head = if tied { embed_tokens.clone() } else { matrix()? };
        Ok(Weights { embed_tokens, layers, norm, lm_head, tied })
    }
}

fn element(dtype: Dtype) -> Element {
    match dtype {
        Dtype::F32 => Element::F32,
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
    }
}
