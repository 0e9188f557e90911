//! Briefs from a file or from standard input: one, an array, or one a line.

use std::io::{IsTerminal as _, Read as _};

use copywright::copy::brief::Input;
use copywright::error::Kind;
use serde_json::Value;

use crate::failure::{Failure, Result};

/// All briefs of a source, checked as far as they can be without a model.
pub fn read(source: Option<&str>) -> Result<Vec<Input>> {
    if source.is_none() && std::io::stdin().is_terminal() {
        return Err(Failure::Usage("there is no brief: give --brief FILE, or pipe one in".into()));
    }
    parse(&text(source.unwrap_or("-"))?)
}

/// The text of a file, or of standard input where it is `-`.
pub fn text(source: &str) -> Result<String> {
    let (name, read) = match source {
        "-" => {
            let mut text = String::new();
            ("standard input", std::io::stdin().read_to_string(&mut text).map(|_| text))
        }
        path => (path, std::fs::read_to_string(path)),
    };
    read.map_err(|why| Failure::work(Kind::Data, format!("{name}: {why}")))
}

/// How a message calls brief `index` of `count`.
pub fn name(index: usize, count: usize) -> String {
    if count == 1 { String::new() } else { format!("brief {}", index + 1) }
}

/// JSON values one after the other; an array stands for its elements. So a pretty-printed brief, an array and
/// JSON Lines are all read the same way.
fn parse(text: &str) -> Result<Vec<Input>> {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(Value::Array(several)) => values.extend(several),
            Ok(one) => values.push(one),
            Err(why) => return Err(Failure::work(Kind::Type, format!("the brief is not JSON: {why}"))),
        }
    }
    if values.is_empty() {
        return Err(Failure::work(Kind::Type, "the input has no brief"));
    }
    let count = values.len();
    let check = |(i, value): (usize, &Value)| brief(value).map_err(|e| e.about(&name(i, count)));
    values.iter().enumerate().map(check).collect()
}

fn brief(value: &Value) -> Result<Input> {
    let input: Input = serde_json::from_value(value.clone()).map_err(|why| Failure::work(Kind::Type, why))?;
    input.brief()?;
    Ok(input)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn one_array_or_lines() {
        let one = r#"{"format": "tagline",
            "name": "Lumen Arc"}"#;
        assert_eq!(parse(one).unwrap().len(), 1);
        assert_eq!(parse(&format!("[{one}, {one}, \"a lamp, quiet\"]")).unwrap().len(), 3);
        let line = one.replace('\n', "");
        let lines = parse(&format!("{line}\n{line}\n\n{line}\n")).unwrap();
        assert_eq!(lines, parse(&format!("[{one}, {one}, {one}]")).unwrap());
    }

    #[test]
    fn a_wrong_brief_is_found_and_its_field_named() {
        let why = |text: &str| match parse(text) {
            Err(Failure::Work(Kind::Type, why)) => why,
            other => panic!("{text} gave {other:?}"),
        };
        let good = r#"{"format": "tagline", "name": "x"}"#;
        for (brief, says) in [
            (r#"{"format": "tagline", "name": ""}"#, "name is empty"),
            (r#"{"format": "tagline"}"#, "name is missing"),
            (r#"{"format": "poem", "name": "x"}"#, "format is \"poem\""),
            (r#"{"format": "tagline", "name": 5}"#, "name is 5"),
            (r#"{"format": "tagline", "name": "x", "features": "flat"}"#, "features is \"flat\""),
            (r#"{"format": "tagline", "name": "x", "price": 5}"#, "price "),
        ] {
            assert!(why(brief).starts_with(says), "{brief} gave {}", why(brief));
            let second = why(&format!("{good}\n{brief}"));
            assert!(second.starts_with(&format!("brief 2: {says}")), "{second}");
        }
        assert!(why("").contains("no brief"));
        assert!(why("[]").contains("no brief"));
        assert!(why("{\"format\": \"tagline\",").contains("not JSON"));
    }
}
