//! The fields of a `config.json` as they stand in the file: what is not asked for is ignored, as every reader of such
//! files does, and `null` is as good as absent.

use crate::json::Value;
use crate::map::Map;
use crate::model::error::{ModelError, short};

pub(super) const FILE: &str = "config.json";
/// Larger than any size of a model that a visitor's GPU could hold, and small enough for u32 products.
pub(super) const MOST: u64 = 1 << 20;

/// An object of the file.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a>(pub &'a Map<Value>);

impl<'a> Raw<'a> {
    pub fn get(self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|v| !v.is_null())
    }

    pub fn string(self, field: &str) -> Result<Option<&'a str>, ModelError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| wrong(field, value, "is no string"))
    }

    /// An object inside this one.
    pub fn object(self, field: &str) -> Result<Option<Raw<'a>>, ModelError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_map().map(|o| Some(Raw(o))).ok_or_else(|| wrong(field, value, "is no object"))
    }

    pub fn flag(self, field: &str) -> Result<Option<bool>, ModelError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| wrong(field, value, "is neither true nor false"))
    }

    /// A size; the first of these names that is there.
    pub fn size(self, names: &[&str]) -> Result<Option<u32>, ModelError> {
        let Some((field, value)) = names.iter().find_map(|n| Some((n, self.get(n)?))) else { return Ok(None) };
        match value.as_u64() {
            Some(n @ 1..=MOST) => Ok(Some(n as u32)),
            _ => Err(wrong(field, value, &format!("is not between 1 and {MOST}"))),
        }
    }

    pub fn must(self, names: &[&str]) -> Result<u32, ModelError> {
        self.size(names)?.ok_or_else(|| ModelError::file(FILE, format!("{}: missing", names[0])))
    }

    /// A number above 0 that f32 can hold.
    pub fn positive(self, field: &str) -> Result<Option<f64>, ModelError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        match value.as_f64() {
            Some(n) if n as f32 > 0.0 && (n as f32).is_finite() => Ok(Some(n)),
            _ => Err(wrong(field, value, "is no positive number")),
        }
    }

    /// Numbers above 0, `count` of them.
    pub fn positives(self, field: &str, count: usize) -> Result<Vec<f64>, ModelError> {
        let list = self.list(field)?.unwrap_or_default();
        let numbers: Vec<f64> = list.iter().filter_map(Value::as_f64).filter(|n| *n > 0.0 && n.is_finite()).collect();
        if numbers.len() == count && list.len() == count {
            return Ok(numbers);
        }
        Err(ModelError::file(FILE, format!("{field}: is not a list of {count} positive numbers")))
    }

    pub fn list(self, field: &str) -> Result<Option<&'a [Value]>, ModelError> {
        let Some(value) = self.get(field) else { return Ok(None) };
        value.as_list().map(|l| Some(&l[..])).ok_or_else(|| wrong(field, value, "is no list"))
    }

    /// One id, a list of ids, or none.
    pub fn ids(self, field: &str) -> Result<Vec<u32>, ModelError> {
        let one = |v: &Value| {
            let id = v.as_u64().and_then(|n| u32::try_from(n).ok());
            id.ok_or_else(|| wrong(field, v, "is no token id"))
        };
        match self.get(field) {
            None => Ok(Vec::new()),
            Some(Value::List(list)) => list.iter().map(one).collect(),
            Some(v) => one(v).map(|id| vec![id]),
        }
    }
}

fn wrong(field: &str, value: &Value, problem: &str) -> ModelError {
    ModelError::file(FILE, format!("{field}: {} {problem}", short(&value.to_string())))
}

/// Sound, but not what this version computes.
pub(super) fn unsupported(field: &str, value: &str) -> ModelError {
    ModelError::unsupported(FILE, field, format!("{} is not supported", short(value)))
}
