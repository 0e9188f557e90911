//! Briefs that no text can keep: errors that name both sides.

use copywright::copy::brief::Input;
use copywright::error::Kind;
use serde_json::{Value, json};

use crate::{brief, full, read};

fn with(fields: &Value) -> Value {
    let mut brief = json!({"format": "tagline", "name": "Lumen Arc"});
    for (field, value) in fields.as_object().unwrap() {
        brief[field] = value.clone();
    }
    brief
}

#[test]
fn both_sides_are_named() {
    let long = "x".repeat(25);
    for (fields, message) in [
        (
            json!({"must": ["x", "cheap"], "never": ["y", "cheap"]}),
            r#"must[1] "cheap" holds "cheap", which never[1] forbids"#,
        ),
        (
            json!({"must": ["CHEAPER lamps"], "never": ["cheap"]}),
            r#"must[0] "CHEAPER lamps" holds "cheap", which never[0] forbids"#,
        ),
        (
            json!({"must": ["ch\u{435}ap"], "never": ["cheap"]}),
            "must[0] \"ch\u{435}ap\" holds \"cheap\", which never[0] forbids",
        ),
        (json!({"never": ["arc"]}), r#"name "Lumen Arc" holds "arc", which never[0] forbids"#),
        (
            json!({"brand": "Best Lamps", "never": ["best"]}),
            r#"brand "Best Lamps" holds "best", which never[0] forbids"#,
        ),
        (json!({"format": "hero", "name": "x".repeat(181)}), "name has 181 characters, more than the 180 of hero"),
        (json!({"format": "product-blurb", "maxChars": 8}), "name has 9 characters, more than the 8 of maxChars"),
        (
            json!({"format": "product-blurb", "maxChars": 16, "must": ["folding"]}),
            "must and the name together take 17 characters, more than the 16 of maxChars",
        ),
        (
            json!({"format": "ad-headline", "must": [long, "a b c"]}),
            "must takes 31 characters, more than the 30 of ad-headline",
        ),
        (json!({"must": ["24 h"]}), r#"must[0] "24 h" says "24 h", which no fact or feature of the brief does"#),
        (
            json!({"must": ["only $49"], "facts": {"price": "€49"}}),
            r#"must[0] "only $49" says "$49", which no fact or feature of the brief does"#,
        ),
        (
            json!({"must": ["the best"]}),
            r#"must[0] "the best" makes a claim (superlative) for which allow has no evidence"#,
        ),
        (
            json!({"allow": [{"class": "magic", "evidence": "x"}]}),
            r#"allow[0].class "magic" is none of superlative, guarantee, health, green, scarcity, comparison, saving, testimonial, surveillance"#,
        ),
    ] {
        assert_eq!(read(&with(&fields)).unwrap_err(), message);
        let input: Input = serde_json::from_value(with(&fields)).unwrap();
        assert_eq!(input.brief().unwrap_err().kind(), Kind::Type);
    }
}

#[test]
fn what_can_be_kept_is_accepted() {
    brief(&full());
    for fields in [
        json!({"must": ["cheapskate"], "never": ["cheap"]}),
        json!({"must": ["Lumen Arc", "arc", "lumen"]}),
        json!({"format": "ad-headline", "must": ["x".repeat(25), "abcd"]}), // 25, a space, 4
        json!({"format": "product-blurb", "maxChars": 17, "must": ["folding"]}),
        json!({"format": "product-blurb", "maxChars": 14, "must": ["Arc lamp"]}), // Lumen Arc lamp
        json!({"must": ["24 h"], "features": ["lasts 24 hours"]}),
        json!({"must": ["No. 8"], "name": "Lamp No. 8"}),
        json!({"must": ["90 days"], "allow": [{"class": "guarantee", "evidence": "90 days, see terms"}]}),
        json!({"must": ["the best"], "allow": [{"class": "superlative", "evidence": "a test of 2026"}]}),
        json!({"must": ["guarantee"], "features": ["lifetime guarantee"]}),
        json!({"name": "The Best Of", "format": "product-blurb"}),
    ] {
        brief(&with(&fields));
    }
}
