//! Schemas by lot, of everything that is supported.

use serde_json::{Map, Value, json};

use crate::random::Rng;

const PATTERNS: [&str; 8] = [
    "^[A-Z]{2}\\d{3}$",
    "lamp",
    "^\\w+@\\w+\\.com$",
    "^(a|b\"c)*$",
    "^$",
    "\\S[^\\s\\w]$",
    "^[^\\d]{1,4}",
    "^€?\\d+(\\.\\d\\d)?$",
];
const NAMES: [&str; 6] = ["name", "price", "a\"b", "größe", "tags", "x"];

/// A number from 0 to n - 1.
fn lot(rng: &mut Rng, n: u64) -> u64 {
    rng.next_u64() % n
}

fn maybe(rng: &mut Rng) -> bool {
    lot(rng, 2) == 0
}

/// A schema of at most so many levels.
pub fn schema(rng: &mut Rng, levels: u32) -> Value {
    let mut value = one(rng, levels);
    if maybe(rng) {
        value["description"] = json!("says nothing about values");
    }
    // A definition, which parts of it may mean.
    if lot(rng, 4) == 0 {
        let part = one(rng, 1);
        value = json!({"$defs": {"part": part}, "anyOf": [value, {"$ref": "#/$defs/part"}]});
    }
    value
}

fn one(rng: &mut Rng, levels: u32) -> Value {
    let kinds = if levels == 0 { 6 } else { 10 };
    match lot(rng, kinds) {
        0 => {
            let name = ["null", "boolean", "integer"][lot(rng, 3) as usize];
            json!({"type": name})
        }
        1 => match lot(rng, 3) {
            0 => json!({"const": {"a": [1, "ü\n", null]}}),
            1 => json!({"enum": ["warm", "bold\"", 3, -2.5, true, null]}),
            _ => json!({"type": "string", "enum": ["warm", "bold", 3]}),
        },
        2 | 3 => number(rng),
        4 => string(rng),
        5 => json!({"type": ["string", "null"], "maxLength": lot(rng, 5)}),
        6 => {
            let mut list = json!({"type": "array", "items": one(rng, levels - 1)});
            let least = lot(rng, 3);
            if maybe(rng) {
                list["minItems"] = json!(least);
            }
            if maybe(rng) {
                list["maxItems"] = json!(least + lot(rng, 3));
            }
            list
        }
        7 => json!({"anyOf": [one(rng, levels - 1), one(rng, levels - 1)]}),
        _ => object(rng, levels),
    }
}

fn number(rng: &mut Rng) -> Value {
    let whole = maybe(rng);
    let mut value = json!({"type": if whole { "integer" } else { "number" }});
    let size = [10, 300, 1_000_000][lot(rng, 3) as usize];
    let low = lot(rng, 2 * size) as i64 - size as i64;
    if maybe(rng) {
        value[if maybe(rng) { "minimum" } else { "exclusiveMinimum" }] = json!(low);
    }
    if maybe(rng) {
        // Never so near that nothing is left.
        value[if maybe(rng) { "maximum" } else { "exclusiveMaximum" }] = json!(low + 2 + lot(rng, size) as i64);
    }
    value
}

fn string(rng: &mut Rng) -> Value {
    if maybe(rng) {
        return json!({"type": "string", "pattern": PATTERNS[lot(rng, PATTERNS.len() as u64) as usize]});
    }
    let least = lot(rng, 4);
    json!({"type": "string", "minLength": least, "maxLength": least + lot(rng, 6)})
}

fn object(rng: &mut Rng, levels: u32) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for name in NAMES.iter().take(1 + lot(rng, 4) as usize) {
        properties.insert((*name).to_owned(), one(rng, levels - 1));
        if maybe(rng) {
            required.push(*name);
        }
    }
    let mut value = json!({"type": "object", "properties": properties, "required": required});
    if maybe(rng) {
        value["additionalProperties"] = json!(false);
    }
    value
}
