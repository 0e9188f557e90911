//! From a JSON schema to an expression of its values' texts.

use regex_syntax::hir::Hir;

use super::json::{Json, Taken};
use super::number::{self, literal};
use super::object::{self, Property};
use super::{FREE_DEPTH, pattern, wrong};
use crate::fields::Read;

/// What says nothing about values.
const ANNOTATIONS: [&str; 12] = [
    "title",
    "description",
    "default",
    "examples",
    "$schema",
    "$id",
    "$comment",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$defs",
    "definitions",
];
/// References that may lie within one another: each is a call deeper.
const MOST_REFERENCES: usize = 64;
/// Keywords of a type, which a schema that names no type is taken to mean.
const KEYWORDS: [(&str, &[&str]); 4] = [
    ("object", &["properties", "required", "additionalProperties"]),
    ("array", &["items", "minItems", "maxItems"]),
    ("string", &["pattern", "minLength", "maxLength"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
];

/// A whole schema.
pub(super) fn whole(schema: &Json, at: &str) -> Read<Hir> {
    Reader { root: schema, open: Vec::new() }.schema(schema, at)
}

/// An object of any values, of so many levels.
pub(super) fn free_object(levels: u32) -> Hir {
    object::map(pattern::text(0, None), free(levels.saturating_sub(1)))
}

/// Any value with so many levels of lists and objects.
fn free(levels: u32) -> Hir {
    let mut ways: Vec<Hir> = ["true", "false", "null"].map(literal).into();
    ways.extend([pattern::text(0, None), number::any(false)]);
    if levels > 0 {
        ways.extend([free_object(levels), object::list(free(levels - 1), 0, None)]);
    }
    Hir::alternation(ways)
}

struct Reader<'a> {
    root: &'a Json,
    /// References that are being followed.
    open: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn schema(&mut self, schema: &'a Json, at: &str) -> Read<Hir> {
        match schema {
            Json::Flag(true) => return Ok(free(FREE_DEPTH - 1)),
            Json::Flag(false) => return wrong(at, "is false, which nothing fits"),
            _ => {}
        }
        let mut fields = schema.object(at)?;
        for name in ANNOTATIONS {
            fields.take(name);
        }
        let hir = if let Some(reference) = fields.read("$ref", Json::text)? {
            self.refer(reference, &fields.path("$ref"))?
        } else if let Some(all) = fields.read("anyOf", Json::list)? {
            let path = fields.path("anyOf");
            let ways = all.iter().enumerate().map(|(i, one)| self.schema(one, &format!("{path}[{i}]")));
            alternatives(ways.collect::<Read<_>>()?, &path)?
        } else {
            let types = fields.read("type", types)?;
            match (fields.take("const"), fields.read("enum", Json::list)?) {
                (Some(one), None) => given(std::slice::from_ref(one), types.as_deref(), &fields.path("const"))?,
                (None, Some(all)) => given(all, types.as_deref(), &fields.path("enum"))?,
                (Some(_), Some(_)) => return wrong(&fields.path("enum"), "is given beside const"),
                (None, None) => self.typed(types, &mut fields)?,
            }
        };
        fields.finish()?;
        Ok(hir)
    }

    fn typed(&mut self, types: Option<Vec<&'a str>>, fields: &mut Taken<'a>) -> Read<Hir> {
        let meant = || KEYWORDS.iter().find(|(_, names)| fields.any(names)).map(|(name, _)| vec![*name]);
        let Some(mut types) = types.or_else(meant) else { return Ok(free(FREE_DEPTH - 1)) };
        // Each type takes its keywords, so it stands there once; every integer is a number.
        let mut seen = Vec::new();
        let number = types.contains(&"number");
        types.retain(|name| {
            let said = seen.contains(name) || number && *name == "integer";
            seen.push(*name);
            !said
        });
        let ways = types.into_iter().map(|name| match name {
            "null" => Ok(literal("null")),
            "boolean" => Ok(Hir::alternation(vec![literal("true"), literal("false")])),
            "integer" | "number" => number::number(fields, name == "integer"),
            "string" => text(fields),
            "array" => self.list(fields),
            "object" => self.object(fields),
            _ => wrong(&fields.path("type"), format!("is {name:?}, which is no type")),
        });
        let ways = ways.collect::<Read<_>>()?;
        Ok(Hir::alternation(ways))
    }

    fn object(&mut self, fields: &mut Taken<'a>) -> Read<Hir> {
        let required = fields.read("required", Json::list)?.unwrap_or_default();
        let path = fields.path("required");
        let mut required: Vec<&str> = required.iter().map(|name| name.text(&path)).collect::<Read<_>>()?;
        let (path, more) = (fields.path("properties"), fields.path("additionalProperties"));
        let listed = fields.take("properties");
        if let Some(value) = listed {
            value.object(&path)?;
        }
        let mut properties = Vec::new();
        for (name, value) in listed.map_or(&[][..], Json::fields) {
            let value = self.schema(value, &format!("{path}.{name}"))?;
            let place = required.iter().position(|r| r == name);
            place.map(|i| required.remove(i));
            properties.push(Property { name: name.clone(), value, required: place.is_some() });
        }
        if let Some(name) = required.first() {
            return wrong(&fields.path("required"), format!("has {name:?}, which is not among properties"));
        }
        match fields.take("additionalProperties") {
            // Others are allowed, and not written.
            None | Some(Json::Flag(_)) if !properties.is_empty() => Ok(object::object(&properties)),
            None | Some(Json::Flag(true)) => Ok(free_object(FREE_DEPTH - 1)),
            Some(Json::Flag(false)) => Ok(object::object(&[])),
            Some(value) if properties.is_empty() => Ok(object::map(pattern::text(0, None), self.schema(value, &more)?)),
            Some(_) => wrong(&more, "is a schema beside properties, which is not supported"),
        }
    }

    fn list(&mut self, fields: &mut Taken<'a>) -> Read<Hir> {
        let path = fields.path("items");
        let item = fields.take("items").map_or_else(|| Ok(free(FREE_DEPTH - 2)), |items| self.schema(items, &path))?;
        let (min, max) = sizes(fields, "minItems", "maxItems")?;
        Ok(object::list(item, min, max))
    }

    /// `#/$defs/NAME`
    fn refer(&mut self, reference: &'a str, at: &str) -> Read<Hir> {
        let mut target = self.root;
        let Some(path) = reference.strip_prefix("#/") else {
            return wrong(at, format!("is {reference:?}: only #/$defs/NAME is supported"));
        };
        for step in path.split('/') {
            let name = step.replace("~1", "/").replace("~0", "~");
            let Some(next) = target.get(&name) else {
                return wrong(at, format!("is {reference:?}, which is not there"));
            };
            target = next;
        }
        if self.open.contains(&reference) {
            return wrong(at, format!("is {reference:?} within itself: recursion is not supported"));
        }
        if self.open.len() == MOST_REFERENCES {
            return wrong(at, "leads through too many references");
        }
        self.open.push(reference);
        let hir = self.schema(target, reference)?;
        self.open.pop();
        Ok(hir)
    }
}

/// One name or several.
fn types<'a>(value: &'a Json, at: &str) -> Read<Vec<&'a str>> {
    match value {
        Json::List(names) if !names.is_empty() => names.iter().map(|n| n.text(at)).collect(),
        one => Ok(vec![one.text(at)?]),
    }
}

/// Texts of these values, if they are of one of these types.
fn given(values: &[Json], types: Option<&[&str]>, at: &str) -> Read<Hir> {
    let fits = |value: &Json, name: &str| match value {
        Json::Null => name == "null",
        Json::Flag(_) => name == "boolean",
        Json::Text(_) => name == "string",
        Json::List(_) => name == "array",
        Json::Map(_) => name == "object",
        Json::Number(n) => name == "number" || (name == "integer" && n.as_f64().is_some_and(|n| n.fract() == 0.0)),
    };
    let fitting = values.iter().filter(|value| types.is_none_or(|types| types.iter().any(|name| fits(value, name))));
    alternatives(fitting.map(|value| literal(&value.written())).collect(), at)
}

fn alternatives(ways: Vec<Hir>, at: &str) -> Read<Hir> {
    if ways.is_empty() { wrong(at, "has nothing that fits") } else { Ok(Hir::alternation(ways)) }
}

fn text(fields: &mut Taken<'_>) -> Read<Hir> {
    let Some(pattern) = fields.read("pattern", |v, at| pattern::inside(v.text(at)?, at))? else {
        let (min, max) = sizes(fields, "minLength", "maxLength")?;
        return Ok(pattern::text(min, max));
    };
    for name in ["minLength", "maxLength"] {
        if fields.any(&[name]) {
            return wrong(&fields.path(name), "is not supported beside pattern: say {min,max} there");
        }
    }
    Ok(Hir::concat(vec![literal("\""), pattern, literal("\"")]))
}

/// The least and the most of something.
fn sizes(fields: &mut Taken<'_>, least: &str, most: &str) -> Read<(u32, Option<u32>)> {
    let min = fields.read(least, Json::count)?.unwrap_or_default();
    let max = fields.read(most, Json::count)?;
    match max {
        Some(max) if max < min => wrong(&fields.path(most), format!("is less than {least}")),
        max => Ok((min, max)),
    }
}
