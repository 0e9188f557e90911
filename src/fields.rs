//! Values from outside, a page's or a file's, read field by field, so that every error names its field.
//! Derived readers do not, and where one struct lies flat in another they lose the types of numbers.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Values are read this deep, which is deeper than any that is asked for: a page may hand in an object that
/// contains itself.
const DEPTH: u32 = 6;

/// A field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct FieldError {
    pub field: String,
    pub problem: String,
}

pub(crate) type Read<T> = Result<T, FieldError>;

/// Any value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// `null`, `undefined`
    Null,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// What no field can be: bytes, and what lies too deep.
    Other(&'static str),
}

impl Value {
    /// The error of a value that is not what was expected.
    pub fn wrong<T>(&self, field: &str, expected: impl fmt::Display) -> Read<T> {
        let shown = match self {
            Self::Null => "null".into(),
            Self::Flag(b) => b.to_string(),
            Self::Whole(n) => n.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Text(t) => format!("{:?}", t.chars().take(40).collect::<String>()),
            Self::List(_) => "a list".into(),
            Self::Map(_) => "an object".into(),
            Self::Other(what) => (*what).into(),
        };
        Err(FieldError { field: field.into(), problem: format!("is {shown}, not {expected}") })
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

    pub fn map(self, field: &str) -> Read<BTreeMap<String, Self>> {
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
    map: BTreeMap<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    /// The fields of the object that is called `within`, an empty name for the outermost. What is `null` is not
    /// there.
    pub fn new(within: &str, mut map: BTreeMap<String, Value>) -> Self {
        map.retain(|_, value| *value != Value::Null);
        let within = if within.is_empty() { String::new() } else { format!("{within}.") };
        Self { within, map, known: Vec::new() }
    }

    /// Reads a whole object with `read`, which takes its fields one by one.
    pub fn of<'de, D: Deserializer<'de>, T>(
        deserializer: D,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Result<T, D::Error> {
        let mut fields = match Value::deserialize(deserializer)? {
            Value::Null => Self::default(),
            other => Self::new("", other.map("the argument").map_err(D::Error::custom)?),
        };
        let value = read(&mut fields).map_err(D::Error::custom)?;
        fields.finish().map_err(D::Error::custom)?;
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
        match self.map.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(FieldError {
                field: format!("{}{}", self.within, name.chars().take(80).collect::<String>()),
                problem: format!("is unknown; there are {}", self.known.join(", ")),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Nested(DEPTH).deserialize(deserializer)
    }
}

/// A value with this many levels below it.
#[derive(Clone, Copy)]
struct Nested(u32);

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.0 == 0 {
            return IgnoredAny::deserialize(deserializer).map(|_| Value::Other("nested too deeply"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Whole(n))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(i64::try_from(n).map_or(Value::Number(n as f64), Value::Whole))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(Value::Number(n))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_bytes<E>(self, _: &[u8]) -> Result<Value, E> {
        Ok(Value::Other("bytes"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(Self(self.0 - 1))? {
            list.push(value);
        }
        Ok(Value::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access
                .next_value_seed(Self(self.0 - 1))
                .map_err(|e| A::Error::custom(format_args!("{key} is wrong: {e}")))?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{key} is given twice")));
            }
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }
}
