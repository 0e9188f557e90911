//! Whether a value is valid by a schema: a second reading of the standard, which knows nothing of automata.

use regex_lite::Regex;
use serde_json::Value;

/// What is wrong with the value. `root` is the schema that references are looked up in.
pub fn valid(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let Value::Object(keywords) = schema else { panic!("{schema}") };
    for (keyword, says) in keywords {
        if !keeps(root, schema, keyword, says, value) {
            return Err(format!("{value} breaks {keyword}: {says}"));
        }
    }
    Ok(())
}

fn keeps(root: &Value, schema: &Value, keyword: &str, says: &Value, value: &Value) -> bool {
    let number = value.as_f64();
    let than = says.as_f64().unwrap_or(f64::NAN);
    let length = value.as_str().map(|text| text.chars().count() as f64);
    let items = value.as_array().map(|items| items.len() as f64);
    match keyword {
        "type" => match says {
            Value::Array(all) => all.iter().any(|one| is(value, one.as_str().unwrap())),
            one => is(value, one.as_str().unwrap()),
        },
        "const" => value == says,
        "enum" => says.as_array().unwrap().contains(value),
        "anyOf" => says.as_array().unwrap().iter().any(|one| valid(root, one, value).is_ok()),
        "$ref" => {
            let target = root.pointer(says.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
            valid(root, target, value).is_ok()
        }
        "minimum" => number.is_none_or(|n| n >= than),
        "maximum" => number.is_none_or(|n| n <= than),
        "exclusiveMinimum" => number.is_none_or(|n| n > than),
        "exclusiveMaximum" => number.is_none_or(|n| n < than),
        "minLength" => length.is_none_or(|n| n >= than),
        "maxLength" => length.is_none_or(|n| n <= than),
        "minItems" => items.is_none_or(|n| n >= than),
        "maxItems" => items.is_none_or(|n| n <= than),
        "pattern" => {
            let pattern = says.as_str().unwrap();
            value.as_str().is_none_or(|text| Regex::new(pattern).unwrap().is_match(text))
        }
        "items" => value.as_array().is_none_or(|all| all.iter().all(|one| valid(root, says, one).is_ok())),
        "properties" => value.as_object().is_none_or(|fields| {
            let fits = |(name, field)| says.get(name).is_none_or(|says| valid(root, says, field).is_ok());
            fields.iter().all(fits)
        }),
        "required" => value.as_object().is_none_or(|fields| {
            says.as_array().unwrap().iter().all(|name| fields.contains_key(name.as_str().unwrap()))
        }),
        "additionalProperties" if *says == Value::Bool(false) => {
            value.as_object().is_none_or(|fields| fields.keys().all(|name| schema["properties"].get(name).is_some()))
        }
        "description" | "$defs" => true,
        other => panic!("{other} is not known here"),
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|n| n.fract() == 0.0),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("{name}"),
    }
}
