//! Values from outside, a page's or a file's, read field by field, so that every error names its field.
//! Derived readers do not, and where one struct lies flat in another they lose the types of numbers.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error};

pub(crate) use crate::json::Value;
use crate::map::Map;

/// A field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct FieldError {
    pub field: String,
    pub problem: String,
}

pub(crate) type Read<T> = Result<T, FieldError>;

/// What is read from a value: natively by way of serde, in a page from what it hands in.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Read<Self>;
}

/// [`FromValue`] for readers of serde's.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: FromValue>(deserializer: D) -> Result<T, D::Error> {
    T::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
}

impl Value {
    /// The error of a value that is not what was expected.
    pub fn wrong<T>(&self, field: &str, expected: impl fmt::Display) -> Read<T> {
        Err(FieldError { field: field.into(), problem: format!("is {self}, not {expected}") })
    }

    pub fn text(self, field: &str) -> Read<String> {
        match self {
            Self::Text(text) => Ok(text),
            other => other.wrong(field, "a string"),
        }
    }

    pub fn number(&self, field: &str) -> Read<f64> {
        match self {
            Self::Whole(n) => Ok(*n as f64),
            Self::Number(n) if n.is_finite() => Ok(*n),
            other => other.wrong(field, "a number"),
        }
    }

    /// JavaScript has one type of numbers: 3.0 is as whole as 3.
    pub fn whole(&self, field: &str) -> Read<u32> {
        let whole = match self {
            Self::Whole(n) => u32::try_from(*n).ok(),
            Self::Number(n) if n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n) => Some(*n as u32),
            _ => None,
        };
        whole.map_or_else(|| self.wrong(field, format_args!("a whole number from 0 to {}", u32::MAX)), Ok)
    }

    pub fn flag(&self, field: &str) -> Read<bool> {
        match self {
            Self::Flag(flag) => Ok(*flag),
            other => other.wrong(field, "true or false"),
        }
    }

    pub fn list(self, field: &str) -> Read<Vec<Self>> {
        match self {
            Self::List(list) => Ok(list),
            other => other.wrong(field, "a list"),
        }
    }

    pub fn map(self, field: &str) -> Read<Map<Self>> {
        match self {
            Self::Map(map) => Ok(map),
            other => other.wrong(field, "an object"),
        }
    }

    /// The one of these whose name is given.
    pub fn among<T: Copy>(&self, field: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Read<T> {
        let found = all.iter().find(|&&one| matches!(self, Self::Text(text) if text == name(one)));
        let names = || all.iter().map(|&one| name(one)).collect::<Vec<_>>().join(", ");
        found.map_or_else(|| self.wrong(field, format_args!("one of {}", names())), |&one| Ok(one))
    }
}

/// The fields of one object. Each is taken once; what is left in the end is unknown.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    within: String,
    map: Map<Value>,
    known: Vec<&'static str>,
}

impl Fields {
    /// The fields of the object that is called `within`, an empty name for the outermost. What is `null` is not
    /// there.
    pub fn new(within: &str, mut map: Map<Value>) -> Self {
        map.retain(|_, value| *value != Value::Null);
        let within = if within.is_empty() { String::new() } else { format!("{within}.") };
        Self { within, map, known: Vec::new() }
    }

    /// Reads a whole object with `read`, which takes its fields one by one.
    pub fn of<T>(value: Value, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let mut fields = match value {
            Value::Null => Self::default(),
            other => Self::new("", other.map("the argument")?),
        };
        let value = read(&mut fields)?;
        fields.finish()?;
        Ok(value)
    }

    /// The field's path and value; none when it is absent. A field may have several
    /// names, of which the path tells the one that was used.
    pub fn take(&mut self, names: &[&'static str]) -> Read<Option<(String, Value)>> {
        self.known.extend(names.first());
        let mut found: Option<(String, Value)> = None;
        for &name in names {
            let Some(value) = self.map.remove(name) else { continue };
            let path = format!("{}{name}", self.within);
            if let Some((other, _)) = &found {
                return Err(FieldError { field: path, problem: format!("is given beside {other}") });
            }
            found = Some((path, value));
        }
        Ok(found)
    }

    /// A field that is read by `read`.
    pub fn get<T>(&mut self, names: &[&'static str], read: impl Fn(Value, &str) -> Read<T>) -> Read<Option<T>> {
        self.take(names)?.map(|(path, value)| read(value, &path)).transpose()
    }

    pub fn text(&mut self, name: &'static str) -> Read<Option<String>> {
        self.get(&[name], |v, at| v.text(at))
    }

    /// A list, each item read by `read`; empty when absent.
    pub fn items<T>(&mut self, names: &[&'static str], read: impl Fn(Value, &str) -> Read<T>) -> Read<Vec<T>> {
        let Some((path, value)) = self.take(names)? else { return Ok(Vec::new()) };
        let item = |(i, v)| read(v, &format!("{path}[{i}]"));
        value.list(&path)?.into_iter().enumerate().map(item).collect()
    }

    pub fn missing<T>(&self, name: &str) -> Read<T> {
        Err(FieldError { field: format!("{}{name}", self.within), problem: "is missing".into() })
    }

    /// Nothing may be left.
    pub fn finish(self) -> Read<()> {
        match self.map.keys().next() {
            None => Ok(()),
            Some(name) => Err(FieldError {
                field: format!("{}{}", self.within, name.chars().take(80).collect::<String>()),
                problem: format!("is unknown; there are {}", self.known.join(", ")),
            }),
        }
    }
}
