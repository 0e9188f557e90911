//! A brief from outside: an object, each of whose fields is read by name, or a free text.

use serde::{Deserialize, Deserializer};

use super::{Brief, Claim, Context, Fact, Input, MOST_ITEMS, Tone};
use crate::copy::format::Format;
use crate::copy::unicode::Is;
use crate::fields::{self, Fields, FromValue, Read, Value};
use crate::map::Map;

impl Brief {
    fn read(f: &mut Fields) -> Read<Self> {
        let format = f.get(&["format"], |v, at| v.among(at, &Format::ALL, Format::id))?;
        Ok(Self {
            format: format.map_or_else(|| f.missing("format"), Ok)?,
            name: f.text("name")?.map_or_else(|| f.missing("name"), Ok)?,
            brand: f.text("brand")?,
            category: f.text("category")?,
            features: f.items(&["features"], |v, at| v.text(at))?,
            facts: f.get(&["facts"], facts)?.unwrap_or_default(),
            audience: f.text("audience")?,
            tone: f.get(&["tone"], |v, at| v.among(at, &Tone::ALL, Tone::id))?.unwrap_or_default(),
            language: f.text("language")?,
            context: f.get(&["context"], context)?.unwrap_or_default(),
            must: f.items(&["must"], |v, at| v.text(at))?,
            never: f.items(&["never"], |v, at| v.text(at))?,
            allow: f.items(&["allow"], claim)?,
            max_chars: f.get(&["maxChars"], |v, at| v.whole(at))?,
        })
    }
}

fn facts(value: Value, at: &str) -> Read<Map<Fact>> {
    let fact = |(key, value): (String, Value)| {
        let fact = match value {
            Value::Null => return None,
            Value::Text(text) => Ok(Fact::Text(text)),
            Value::Whole(n) => Ok(Fact::Whole(n)),
            // 49.0 is written 49, wherever it comes from.
            Value::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => Ok(Fact::Whole(n as i64)),
            Value::Number(n) => Ok(Fact::Number(n)),
            other => other.wrong(&format!("{at}.{key}"), "a string or a number"),
        };
        Some(fact.map(|fact| (key, fact)))
    };
    value.map(at)?.into_iter().filter_map(fact).collect()
}

fn context(value: Value, at: &str) -> Read<Context> {
    let mut f = Fields::new(at, value.map(at)?);
    let context = Context { interest: f.text("interest")?, question: f.text("question")? };
    f.finish()?;
    Ok(context)
}

fn claim(value: Value, at: &str) -> Read<Claim> {
    let mut f = Fields::new(at, value.map(at)?);
    let claim = Claim {
        class: f.text("class")?.map_or_else(|| f.missing("class"), Ok)?,
        evidence: f.text("evidence")?.map_or_else(|| f.missing("evidence"), Ok)?,
    };
    f.finish()?;
    Ok(claim)
}

impl FromValue for Brief {
    fn from_value(value: Value) -> Read<Self> {
        Fields::of(value, Self::read)
    }
}

impl FromValue for Input {
    fn from_value(value: Value) -> Read<Self> {
        match value {
            Value::Text(text) => Ok(Self::Text(text)),
            Value::Map(_) => Brief::from_value(value).map(|b| Self::Brief(Box::new(b))),
            other => other.wrong("the input", "a brief or a string"),
        }
    }
}

impl<'de> Deserialize<'de> for Brief {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fields::deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fields::deserialize(deserializer)
    }
}

/// A prompt without marketing structure still has a subject and things said about it.
pub(super) fn free_text(text: &str) -> Brief {
    // A full stop ends a part only at the end of a word: "1.5 l" stays whole.
    let mut lines: Vec<&str> =
        text.split((|c| matches!(c, '\n' | '\r')) as Is).flat_map(|line| line.split(". ")).collect();
    lines.iter_mut().for_each(|line| *line = line.trim().trim_end_matches('.'));
    let parts = lines.iter().flat_map(|line| line.split((|c| matches!(c, ',' | ':' | ';')) as Is));
    let mut parts = parts.map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned);
    Brief {
        format: Format::ProductBlurb,
        name: parts.next().unwrap_or_default(),
        brand: None,
        category: None,
        features: parts.take(MOST_ITEMS).collect(),
        facts: Map::new(),
        audience: None,
        tone: Tone::Plain,
        language: None,
        context: Context::default(),
        must: Vec::new(),
        never: Vec::new(),
        allow: Vec::new(),
        max_chars: None,
    }
}
