//! What an answer has to look like, by a JSON schema, a regular expression or a choice: one automaton over its bytes.
//!
//! A schema is turned into an expression of `regex-syntax`, and that into a DFA by `regex-automata`. So what is supported is
//! what is regular: no recursion, and objects with their properties in the schema's order. A schema may say less than it
//! means, never more: whatever is written under it is valid by it, but not all that is valid can be written. Keywords that
//! are not known are errors that name them.
//!
//! In a page this is a wasm module of its own.

mod dfa;
mod json;
mod number;
mod object;
mod pattern;
mod value;

use regex_syntax::hir::Hir;
use thiserror::Error;

use crate::fields::{FieldError, Read};
use crate::generate::constraint::Table;
pub(crate) use json::Json;

/// What cannot be asked for.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// The request is no JSON.
    #[error("the request is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A field or a keyword.
    #[error("{field} {problem}")]
    Field {
        /// Its path.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The automaton of what a request asks for, the request being a JSON text: OpenAI's `response_format`, or
/// `structured_outputs` as vLLM has it. None where it asks for nothing. Other fields of it are not looked at.
///
/// # Errors
/// What is not supported, by its path in the request.
pub fn compile(request: &str) -> Result<Option<Table>, SchemaError> {
    let request: Json = serde_json::from_str(request)?;
    asked(&request).map_err(|FieldError { field, problem }| SchemaError::Field { field, problem })
}

/// Levels of lists and objects in values that no schema describes, the outermost included.
const FREE_DEPTH: u32 = 3;

/// The names of what a request may ask for, each in snake_case and in camelCase.
pub(crate) const NAMES: [&str; 4] = ["response_format", "responseFormat", "structured_outputs", "structuredOutputs"];

/// See [`compile`].
pub(crate) fn asked(request: &Json) -> Read<Option<Table>> {
    let given: Vec<(&str, &Json)> = request
        .fields()
        .iter()
        .filter(|(n, v)| NAMES.contains(&n.as_str()) && !v.is_null())
        .map(|(n, v)| (&**n, v))
        .collect();
    let (name, value) = match given[..] {
        [] => return Ok(None),
        [one] => one,
        [(first, _), (second, _), ..] => return wrong(second, format!("is given beside {first}")),
    };
    let hir = if name.starts_with('r') { format(value, name)? } else { structured(value, name)? };
    hir.map(|hir| dfa::table(&hir, name)).transpose()
}

/// `{ type: "text" }`, `{ type: "json_object" }`, `{ type: "json_schema", json_schema: { name, schema } }`
fn format(value: &Json, at: &str) -> Read<Option<Hir>> {
    let mut fields = value.object(at)?;
    let kind = fields
        .take("type")
        .map_or_else(|| wrong(&format!("{at}.type"), "is missing"), |v| v.text(&format!("{at}.type")))?;
    let inner = fields.take("json_schema");
    fields.finish()?;
    match (kind, inner) {
        ("text", None) => Ok(None),
        ("json_object", None) => Ok(Some(value::free_object(FREE_DEPTH))),
        ("json_schema", Some(inner)) => {
            let at = format!("{at}.json_schema");
            let mut fields = inner.object(&at)?;
            for name in ["name", "description", "strict"] {
                fields.take(name);
            }
            let schema = fields.take("schema").map_or_else(|| wrong(&format!("{at}.schema"), "is missing"), Ok)?;
            fields.finish()?;
            value::whole(schema, &format!("{at}.schema")).map(Some)
        }
        ("json_schema", None) => wrong(&format!("{at}.json_schema"), "is missing"),
        ("text" | "json_object", Some(_)) => {
            wrong(&format!("{at}.json_schema"), format!("does not go with the type {kind:?}"))
        }
        _ => wrong(&format!("{at}.type"), format!("is {kind:?}, not one of text, json_object, json_schema")),
    }
}

/// `{ regex }`, `{ json }` or `{ choice }`
fn structured(value: &Json, at: &str) -> Read<Option<Hir>> {
    let mut fields = value.object(at)?;
    let all = ["regex", "json", "choice"].map(|name| fields.take(name).map(|value| (name, value)));
    fields.finish()?;
    let mut given = all.into_iter().flatten();
    let (Some((name, value)), None) = (given.next(), given.next()) else {
        return wrong(at, "has not exactly one of regex, json, choice");
    };
    let at = format!("{at}.{name}");
    match name {
        "regex" => pattern::plain(value.text(&at)?, &at),
        "json" => value::whole(value, &at),
        _ => {
            let choices = value.list(&at)?.iter().map(|v| v.text(&at).map(|t| Hir::literal(t.as_bytes())));
            Ok(Hir::alternation(choices.collect::<Read<_>>()?))
        }
    }
    .map(Some)
}

/// An error at a field.
fn wrong<T>(field: &str, problem: impl Into<String>) -> Read<T> {
    Err(FieldError { field: field.into(), problem: problem.into() })
}
