//! Heads out of the tensors of a file.

use std::collections::HashMap;

use half::f16;

use super::{Head, HeadsError};
use crate::insight::research::sentiment::EVIDENCE;
use crate::model::safetensors::{Dtype, TensorInfo, Tensors};

/// A file and the tensors that its header lists.
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) tensors: &'a Tensors,
}

impl File<'_> {
    /// Words and pairs of words by their places; a line each.
    pub(super) fn vocabulary(&self) -> Result<HashMap<String, usize>, HeadsError> {
        let wrong = |problem| HeadsError::Tensor { key: "vocabulary".to_owned(), problem };
        let Some(tensor) = self.tensors.get("vocabulary") else { return Ok(HashMap::new()) };
        let text = std::str::from_utf8(self.range(tensor).ok_or_else(|| wrong("is not there"))?);
        let lines = text.map_err(|_| wrong("is no UTF-8"))?.lines();
        let count = lines.clone().count();
        let all: HashMap<String, usize> = lines.enumerate().map(|(i, line)| (line.to_owned(), i)).collect();
        if tensor.dtype_name != "U8" || all.len() != count {
            Err(wrong("is no list of different words"))
        } else {
            Ok(all)
        }
    }

    /// A head for vectors of this width and a list of so many words.
    pub(super) fn head(
        &self,
        name: &str,
        classes: Vec<String>,
        width: usize,
        words: usize,
    ) -> Result<Head, HeadsError> {
        let (shape, weight) = self.numbers(&format!("{name}.weight"))?;
        let (biases, bias) = self.numbers(&format!("{name}.bias"))?;
        let wrong = |key: &str, problem| Err(HeadsError::Tensor { key: format!("{name}.{key}"), problem });
        let count = classes.len();
        let &[rows, inputs] = &shape[..] else { return wrong("weight", "is no matrix") };
        if rows as usize != count || biases[..] != [rows] || count < 2 {
            return wrong("weight", "has another number of classes");
        }
        let inputs = inputs as usize;
        if inputs != width && inputs != width + EVIDENCE {
            return wrong("weight", "is not as wide as the vectors");
        }
        let key = format!("{name}.grams");
        let grams = match self.tensors.get(&key) {
            Some(tensor) if tensor.shape[..] != [words as u64, rows] => {
                return wrong("grams", "has no row for each word");
            }
            Some(_) => self.numbers(&key)?.1,
            None => Vec::new(),
        };
        Ok(Head { classes, weight, bias, inputs, grams })
    }

    fn range(&self, tensor: &TensorInfo) -> Option<&[u8]> {
        self.bytes.get(tensor.start as usize..tensor.end as usize)
    }

    /// A tensor's shape and numbers.
    fn numbers(&self, key: &str) -> Result<(Vec<u64>, Vec<f32>), HeadsError> {
        let wrong = |problem| HeadsError::Tensor { key: key.to_owned(), problem };
        let tensor = self.tensors.get(key).ok_or_else(|| wrong("is missing"))?;
        let bytes = self.range(tensor).ok_or_else(|| wrong("is not there"))?;
        let numbers: Vec<f32> = match tensor.dtype {
            Some(Dtype::F32) => bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Some(Dtype::F16) => bytes.as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
            _ => return Err(wrong("is neither F32 nor F16")),
        };
        if numbers.iter().any(|n| !n.is_finite()) {
            return Err(wrong("has something that is no number"));
        }
        Ok((tensor.shape.clone(), numbers))
    }
}
