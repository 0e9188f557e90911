//! Any value, and JSON texts as values. A page has a parser of JSON of its own, so none travels to it.

#[cfg(target_arch = "wasm32")]
pub(crate) mod page;

use std::fmt;
use std::ops::Index;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::map::Map;

/// Values are read this deep, which is deeper than any that is asked for: a page may hand in an object that
/// contains itself.
pub(crate) const DEPTH: u32 = 12;

/// Any value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Value {
    /// `null`, `undefined`
    #[default]
    Null,
    /// `true`, `false`
    Flag(bool),
    /// A whole number. Of a page's numbers, those that are whole.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Map(Map<Value>),
    /// What no field can be: bytes, and what lies too deep.
    Other(&'static str),
}

/// What is not there.
static NOTHING: Value = Value::Null;

impl Value {
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub(crate) fn as_u64(&self) -> Option<u64> {
        if let Self::Whole(n) = self { u64::try_from(*n).ok() } else { None }
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Whole(n) => Some(*n as f64),
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&Vec<Self>> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub(crate) fn as_map(&self) -> Option<&Map<Self>> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        self.as_list().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }
}

/// `null` where there is no such field.
impl Index<&str> for Value {
    type Output = Self;
    fn index(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&NOTHING)
    }
}

/// As an error message shows it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Flag(b) => b.fmt(f),
            Self::Whole(n) => n.fmt(f),
            Self::Number(n) => n.fmt(f),
            Self::Text(t) => write!(f, "{:?}", t.chars().take(40).collect::<String>()),
            Self::List(_) => f.write_str("a list"),
            Self::Map(_) => f.write_str("an object"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// The value that a JSON text is. A name that comes twice in an object is an error, except in a page, where the last
/// one counts as everywhere in JavaScript.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse(text: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8")?;
    #[cfg(not(target_arch = "wasm32"))]
    return serde_json::from_str(text).map_err(|e| e.to_string());
    #[cfg(target_arch = "wasm32")]
    page::parse(text)
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
        let mut pairs: Vec<(String, Value)> = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access
                .next_value_seed(Self(self.0 - 1))
                .map_err(|e| A::Error::custom(format_args!("{key} is wrong: {e}")))?;
            pairs.push((key, value));
        }
        if let Some(key) = twice(&pairs) {
            return Err(A::Error::custom(format_args!("{key} is given twice")));
        }
        Ok(Value::Map(pairs.into_iter().collect()))
    }
}

/// A name that is given twice.
pub(crate) fn twice<V>(pairs: &[(String, V)]) -> Option<&str> {
    let mut names: Vec<&str> = pairs.iter().map(|(key, _)| &**key).collect();
    names.sort_unstable();
    names.array_windows().find(|[a, b]| a == b).map(|[key, _]| *key)
}
