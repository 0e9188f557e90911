//! JSON with its objects' fields in the order in which they stand: so a schema's properties are written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::wrong;
use crate::fields::Read;

/// Any value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The fields of an object; none of anything else.
    pub fn fields(&self) -> &[(String, Self)] {
        if let Self::Map(fields) = self { fields } else { &[] }
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        self.fields().iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    pub fn text(&self, at: &str) -> Read<&str> {
        if let Self::Text(text) = self { Ok(text) } else { wrong(at, "is not a string") }
    }

    pub fn list(&self, at: &str) -> Read<&[Self]> {
        if let Self::List(list) = self { Ok(list) } else { wrong(at, "is not a list") }
    }

    pub fn count(&self, at: &str) -> Read<u32> {
        let whole = if let Self::Number(n) = self { n.as_f64() } else { None };
        let whole = whole.filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
        whole.map_or_else(|| wrong(at, "is not a whole number from 0 on"), |n| Ok(n as u32))
    }

    pub fn number(&self, at: &str) -> Read<f64> {
        let number = if let Self::Number(n) = self { n.as_f64() } else { None };
        number.map_or_else(|| wrong(at, "is not a number"), Ok)
    }

    /// The fields of an object, to be taken one by one.
    pub fn object(&self, at: &str) -> Read<Taken<'_>> {
        match self {
            Self::Map(fields) => {
                Ok(Taken { at: at.into(), left: fields.iter().map(|(n, v)| (n.as_str(), v)).collect() })
            }
            _ => wrong(at, "is not an object"),
        }
    }

    /// As it is written, without spaces.
    pub fn written(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        match self {
            Self::Null => "null".into(),
            Self::Flag(flag) => flag.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Text(text) => quoted(text),
            Self::List(items) => format!("[{}]", items.iter().map(Self::written).collect::<Vec<_>>().join(",")),
            Self::Map(fields) => {
                let field = |(name, value): &(String, Self)| format!("{}:{}", quoted(name), value.written());
                format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// Fields of an object. What is left in the end is not known.
pub(crate) struct Taken<'a> {
    at: String,
    left: Vec<(&'a str, &'a Json)>,
}

impl<'a> Taken<'a> {
    /// The path of a field.
    pub fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.at)
    }

    /// A field that is there.
    pub fn take(&mut self, name: &str) -> Option<&'a Json> {
        let place = self.left.iter().position(|(n, _)| *n == name)?;
        Some(self.left.remove(place).1)
    }

    /// A field that is there, read by `read`.
    pub fn read<T>(&mut self, name: &str, read: impl Fn(&'a Json, &str) -> Read<T>) -> Read<Option<T>> {
        let path = self.path(name);
        self.take(name).map(|value| read(value, &path)).transpose()
    }

    /// Whether one of these is left.
    pub fn any(&self, names: &[&str]) -> bool {
        self.left.iter().any(|(n, _)| names.contains(n))
    }

    /// Nothing may be left.
    pub fn finish(self) -> Read<()> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => wrong(&self.path(&name.chars().take(80).collect::<String>()), "is not supported here"),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Json, E> {
        Ok(Json::Number(n.into()))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Json, E> {
        Ok(Json::Number(n.into()))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Json, E> {
        Ok(Number::from_f64(n).map_or(Json::Null, Json::Number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }
    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut map: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = access.next_entry::<String, Json>()? {
            map.push((key, value));
        }
        if let Some(key) = crate::json::twice(&map) {
            return Err(A::Error::custom(format_args!("{key} is given twice")));
        }
        Ok(Json::Map(map))
    }
}

/// Without the order, for what else reads values.
#[cfg(not(target_arch = "wasm32"))]
impl From<Json> for crate::json::Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Flag(flag) => Self::Flag(flag),
            Json::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(whole), _) => Self::Whole(whole),
                (None, number) => number.map_or(Self::Null, Self::Number),
            },
            Json::Text(text) => Self::Text(text),
            Json::List(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Json::Map(fields) => Self::Map(fields.into_iter().map(|(name, value)| (name, value.into())).collect()),
        }
    }
}
