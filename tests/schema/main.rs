//! Answers of a given form: what their automata let through, and whole answers of the default model.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "../support/gpu.rs"]
mod gpu;
mod judge;
#[path = "../support/random.rs"]
mod random;
mod random_schema;
mod written;

use copywright::generate::constraint::{Automaton, Constraint, Table};
use copywright::schema::compile;
use random::Rng;
use serde_json::{Value, json};

/// The table of a `response_format` with this schema, or of whatever else a request asks for.
pub fn table(request: &str) -> Result<Table, String> {
    compile(request).map(Option::unwrap).map_err(|e| e.to_string())
}

/// A schema as a request has it; a text, since the order of properties counts.
pub fn asking(schema: &str) -> String {
    format!(r#"{{"response_format": {{"type": "json_schema", "json_schema": {{"name": "x", "schema": {schema}}}}}}}"#)
}

pub fn rules(table: &Table) -> Constraint {
    Constraint::whole(Automaton::of(table, &[true; 256]).expect("an automaton"))
}

fn of_schema(schema: &Value) -> Constraint {
    rules(&table(&asking(&schema.to_string())).unwrap_or_else(|e| panic!("{schema}: {e}")))
}

/// A text by lot: byte by byte one of those that are let through, with room for so many.
pub fn drawn(rules: &Constraint, rng: &mut Rng, most: u32) -> String {
    let (mut at, mut text) = (rules.start(), Vec::new());
    for left in (0..most.max(rules.least_tokens())).rev() {
        let allowed: Vec<u8> = (0..=255u8).filter(|&b| rules.token(&at, &[b], left).is_some()).collect();
        if allowed.is_empty() || (rules.accepts(&at) && rng.next_u64().is_multiple_of(4)) {
            break;
        }
        // ASCII more often, so that not everything is in rare scripts.
        let plain: Vec<u8> = allowed.iter().copied().filter(u8::is_ascii).collect();
        let from = if plain.is_empty() || rng.next_u64().is_multiple_of(8) { &allowed } else { &plain };
        let byte = from[rng.next_u64() as usize % from.len()];
        at = rules.token(&at, &[byte], left).unwrap();
        text.push(byte);
    }
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(rules.accepts(&at), "{text:?} does not end");
    text
}

/// 200 schemas, or `COPYWRIGHT_SCHEMAS` of them. With `COPYWRIGHT_WRITE` schemas and texts go to that file, for another judge.
#[test]
fn whatever_is_drawn_is_valid() {
    let schemas: u64 = std::env::var("COPYWRIGHT_SCHEMAS").map_or(200, |n| n.parse().unwrap());
    let (mut texts, mut bytes, mut lines) = (0, 0, String::new());
    for seed in 0..schemas {
        let mut rng = Rng::new(seed);
        let schema = random_schema::schema(&mut rng, 3);
        let rules = of_schema(&schema);
        // Little room, and much.
        for most in [0, 0, 40, 200] {
            let text = drawn(&rules, &mut rng, most);
            let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{schema}: {text}: {e}"));
            judge::valid(&schema, &schema, &value).unwrap_or_else(|why| panic!("{schema}: {text}: {why}"));
            assert!(rules.holds(&text));
            texts += 1;
            bytes += text.len();
            lines += &format!("{}\n", json!([schema, text]));
        }
    }
    println!("{texts} texts of {bytes} bytes by {schemas} schemas are valid");
    if let Ok(path) = std::env::var("COPYWRIGHT_WRITE") {
        std::fs::write(path, lines).unwrap();
    }
    // The judge finds what is wrong.
    for (schema, value) in [
        (json!({"type": "integer"}), json!(1.5)),
        (json!({"type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"]}), json!({})),
        (json!({"type": "string", "pattern": "^a+$"}), json!("ab")),
        (json!({"anyOf": [{"const": 1}, {"enum": [2]}]}), json!(3)),
        (json!({"type": "array", "maxItems": 1}), json!([1, 2])),
    ] {
        assert!(judge::valid(&schema, &schema, &value).is_err(), "{schema} {value}");
    }
}

/// Of each schema some texts that are let through, and some that are not.
#[test]
fn texts_by_hand() {
    let cases: Vec<(Value, &[&str], &[&str])> = vec![
        (
            json!({"type": "integer", "minimum": 5, "maximum": 120}),
            &["5", "9", "10", "99", "120"],
            &["4", "121", "05", "-7", "5.0"],
        ),
        (json!({"type": ["integer", "number"], "minimum": 5}), &["5", "5.5", "120"], &["-3", "4", "4.5"]),
        (
            json!({"type": "integer", "exclusiveMinimum": -12, "maximum": 3}),
            &["-11", "-1", "0", "3"],
            &["-12", "4", "-0"],
        ),
        (json!({"type": "number", "minimum": 0, "exclusiveMaximum": 10}), &["0", "0.5", "9.99"], &["10", "-1", "10.0"]),
        (
            json!({"type": "number", "minimum": -2, "maximum": 2}),
            &["-2", "-2.0", "-1.9", "1.25", "2"],
            &["-2.1", "2.1"],
        ),
        (
            json!({"type": "string", "maxLength": 3}),
            &[r#""""#, r#""añ😀""#, r#""\n\"\\""#],
            &[r#""abcd""#, r#""\q""#, "\"\n\""],
        ),
        (json!({"type": "string", "pattern": "b+$"}), &[r#""ab""#, r#""\"bb""#], &[r#""ba""#]),
        (json!({"type": "string", "pattern": "^(\\d{2}|x\"y)"}), &[r#""12z""#, r#""x\"y""#], &[r#""1""#, r#""a12""#]),
        (json!({"type": ["boolean", "null"]}), &["true", "false", "null"], &["0", ""]),
        (json!({"enum": ["a", 1, null, {"b": [true]}]}), &[r#""a""#, "1", "null", r#"{"b":[true]}"#], &["2"]),
        (json!({"type": "integer", "enum": [1, "one"]}), &["1"], &[r#""one""#]),
        (
            json!({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2}),
            &["[1]", "[1,2]", "[1, 2]"],
            &["[]", "[1,2,3]", "[1,]"],
        ),
        (
            json!({"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}, "required": ["b"]}),
            &[r#"{"b":2}"#, r#"{"a":1, "b": 2}"#, r#"{"b":2,"c":3}"#, r#"{"a":1,"b":2,"c":3}"#],
            &["{}", r#"{"a":1}"#, r#"{"b":2,"a":1}"#, r#"{"b":2,}"#, r#"{"b":2,"d":4}"#],
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "null"}}),
            &["{}", r#"{"k":null,"l":null}"#],
            &[r#"{"k":1}"#],
        ),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"const": 1}, {"const": "x"}]}}}),
            &["1", r#""x""#],
            &["2"],
        ),
    ];
    for (schema, good, bad) in cases {
        let rules = of_schema(&schema);
        for text in good {
            assert!(rules.holds(text), "{schema}: {text} should hold");
        }
        for text in bad {
            assert!(!rules.holds(text), "{schema}: {text} should not hold");
        }
    }
    let free = rules(&table(r#"{"responseFormat": {"type": "json_object"}}"#).unwrap());
    println!("json_object: {} words of tables", free.words());
    for good in ["{}", r#"{"a": [1.5, true, {"b": "x"}], "c": null}"#, r#"{"a":{"b":{"c":1}}}"#] {
        assert!(free.holds(good), "{good}");
    }
    for bad in ["[]", "1", r#"{"a":}"#, r#"{"a" :1}"#, r#"{"a":{"b":{"c":{}}}}"#] {
        assert!(!free.holds(bad), "{bad}");
    }
}

#[test]
fn expressions_and_choices() {
    let regex = |pattern: &str| rules(&table(&json!({"structured_outputs": {"regex": pattern}}).to_string()).unwrap());
    for (pattern, good, bad) in [
        (r"^\d{3}-\d{4}$", "555-0100", "555-010"),
        ("(yes|no)", "no", "non"),
        ("[A-Z][a-zé]+( [A-Z][a-z]+)?", "Café Lumen", "café"),
        ("^a|b$", "b", "ab"),
        ("a.c", "añc", "a\nc"),
        (r"[\w.]+@[^\W\d]+\.com", "a.b@cd.com", "a.b@1.com"),
        ("", "", "a"),
    ] {
        let rules = regex(pattern);
        assert!(rules.holds(good) || good.is_empty() && rules.accepts(&rules.start()), "{pattern}: {good:?}");
        assert!(!rules.holds(bad), "{pattern}: {bad:?}");
    }
    let choice = rules(&table(r#"{"structuredOutputs": {"choice": ["warm", "warmer", "bold"]}}"#).unwrap());
    assert!(["warm", "warmer", "bold"].iter().all(|text| choice.holds(text)) && !choice.holds("warme"));
}

/// References one behind the other are followed as far as it is said, and no stack runs over.
#[test]
fn references_have_an_end() {
    let chain = |length: usize| {
        let mut defs = serde_json::Map::new();
        for i in 0..length {
            defs.insert(format!("a{i}"), json!({"$ref": format!("#/$defs/a{}", i + 1)}));
        }
        defs.insert(format!("a{length}"), json!({"type": "null"}));
        table(&asking(&json!({"$ref": "#/$defs/a0", "$defs": defs}).to_string()))
    };
    assert_eq!(chain(63), table(&asking(r#"{"type": "null"}"#)));
    let message = chain(10_000).unwrap_err();
    assert!(message.ends_with("leads through too many references"), "{message}");
}

/// What is not supported is an error that names it.
#[test]
fn nothing_is_ignored() {
    for (schema, named) in [
        (r#"{"type": "string", "format": "date"}"#, ".format is not supported here"),
        (r#"{"type": "number", "multipleOf": 2}"#, ".multipleOf is not"),
        (r#"{"type": "array", "uniqueItems": true}"#, ".uniqueItems is not"),
        (r#"{"type": "array", "prefixItems": []}"#, ".prefixItems is not"),
        (r#"{"oneOf": [{"type": "null"}]}"#, ".oneOf is not"),
        (r#"{"allOf": []}"#, ".allOf is not"),
        (r#"{"type": "object", "properties": {"a": {"not": {}}}}"#, ".properties.a.not is not"),
        (r#"{"type": "object", "patternProperties": {}}"#, ".patternProperties is not"),
        (r#"{"type": "integer", "minLength": 2}"#, ".minLength is not"),
        (r#"{"type": "string", "pattern": "a", "minLength": 2}"#, ".minLength is not supported beside pattern"),
        (r#"{"type": "string", "pattern": "(?=a)b"}"#, ".pattern has a look-around"),
        (r#"{"type": "string", "pattern": "a\\bb"}"#, ".pattern has an anchor"),
        (r#"{"type": "string", "pattern": "\\p{L}"}"#, ".pattern has \\p"),
        (r#"{"type": "string", "pattern": "("}"#, ".pattern is no regular expression"),
        (r#"{"type": "object", "properties": {}, "required": ["x"]}"#, ".required has \"x\""),
        (r#"{"type": "text"}"#, ".type is \"text\""),
        (r#"{"type": "array", "minItems": 3, "maxItems": 2}"#, ".maxItems is less"),
        (r#"{"type": "number", "minimum": 0.5}"#, ".minimum is not a whole number"),
        (r#"{"enum": []}"#, ".enum has nothing"),
        (
            r##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}"##,
            "recursion is not supported",
        ),
        (r##"{"$ref": "#/$defs/b"}"##, "which is not there"),
        (r#"{"type": "integer", "minimum": 3, "maximum": 2}"#, "no text fits"),
        (r#"{"type": "integer", "maximum": -1e19}"#, "no text fits"),
        (r#"{"type": "integer", "exclusiveMinimum": 9223372036854775808}"#, "no text fits"),
        (r#"{"type": "number", "minimum": 1e16}"#, "no text fits"),
        (r#"{"type": "number", "maximum": -1e16}"#, "no text fits"),
        (r#"{"type": "string", "minLength": 100000000}"#, "more states than there may be"),
        ("[]", " is not an object"),
    ] {
        let message = table(&asking(schema)).unwrap_err();
        println!("{message}");
        assert!(message.contains(named), "{schema}: {message}");
        assert!(message.starts_with("response_format") || message.starts_with("#/"), "{message}");
    }
    for (request, named) in [
        (r#"{"response_format": {"type": "grammar"}}"#, "response_format.type is \"grammar\""),
        (r#"{"response_format": {"type": "json_schema"}}"#, "response_format.json_schema is missing"),
        (r#"{"response_format": {"type": "json_object", "schema": {}}}"#, "response_format.schema is not supported"),
        (r#"{"structured_outputs": {"regex": "a", "choice": ["b"]}}"#, "exactly one"),
        (r#"{"structured_outputs": {"grammar": "a"}}"#, "structured_outputs.grammar is not supported"),
        (r#"{"structured_outputs": {"regex": "(?i)a"}}"#, "structured_outputs.regex has a flag"),
        (r#"{"structured_outputs": {"choice": []}}"#, "no text fits"),
        (r#"{"response_format": {"type": "text"}, "structured_outputs": {"regex": "a"}}"#, "beside"),
    ] {
        let message = table(request).unwrap_err();
        assert!(message.contains(named), "{message}");
    }
    assert!(compile(r#"{"response_format": {"type": "text"}}"#).unwrap().is_none());
    assert!(compile(r#"{"response_format": null, "prompt": 3}"#).unwrap().is_none());
}

/// A table comes over a border as it was; what is none is refused.
#[test]
fn tables_travel() {
    let made = table(&asking(r#"{"type": "boolean"}"#)).unwrap();
    let mut words = made.words();
    assert_eq!(Table::read(&words), Some(made));
    assert_eq!(Table::read(&words[..words.len() - 1]), None);
    assert_eq!(Table::read(&[]), None);
    *words.last_mut().unwrap() = 1 << 20;
    assert_eq!(Table::read(&words), None);
}
