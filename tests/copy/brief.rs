//! Every field of a brief: absent, null, of a wrong type, too long, unknown. Every message names the field.

use copywright::copy::brief::{Brief, BriefError, Fact, Input, Tone};
use copywright::copy::format::Format;
use copywright::error::Kind;
use serde_json::{Value, json};

use crate::{brief, full, read, with};

/// The brief is refused with a message that begins with the field.
fn refuses(value: &Value, field: &str) -> String {
    let Err(message) = read(value) else { panic!("accepted: {value}") };
    assert!(message.starts_with(&format!("{field} ")), "{message:?} does not begin with {field:?}");
    message
}

#[test]
fn all_fields_arrive() {
    let b = brief(&full());
    assert_eq!((b.format, b.tone), (Format::ProductBlurb, Tone::Warm));
    assert_eq!(
        (b.name.as_str(), b.brand.as_deref(), b.category.as_deref()),
        ("Lumen Arc", Some("Halden"), Some("desk lamp"))
    );
    assert_eq!(b.features, ["dims with a tap", "folds flat"]);
    let facts: Vec<(&str, &Fact)> = b.facts.iter().map(|(k, v)| (k.as_str(), v)).collect();
    let (price, weight, year) = (Fact::Text("€49".into()), Fact::Number(1.5), Fact::Whole(2026));
    assert_eq!(facts, [("price", &price), ("weight in kg", &weight), ("year", &year)]);
    assert_eq!((b.audience.as_deref(), b.language.as_deref()), (Some("students in small flats"), Some("en")));
    assert_eq!(b.context.interest.as_deref(), Some("reads at night"));
    assert_eq!(b.context.question.as_deref(), Some("does it fold?"));
    assert_eq!((b.must, b.never), (vec!["Ghent".to_owned()], vec!["cheapest".to_owned()]));
    assert_eq!((b.allow[0].class.as_str(), b.allow[0].evidence.as_str()), ("guarantee", "two years, see terms"));
    assert_eq!(b.max_chars, Some(200));
}

#[test]
fn absent_and_null_are_one() {
    let least = brief(&json!({"format": "tagline", "name": "x"}));
    let mut nulls = json!({"format": "tagline", "name": "x"});
    for (field, _) in full().as_object().unwrap().iter().filter(|(f, _)| *f != "format" && *f != "name") {
        nulls[field] = Value::Null;
        assert_eq!(brief(&nulls), least, "{field}");
    }
    assert_eq!(least.tone, Tone::Plain);
    let inner = json!({"format": "tagline", "name": "x", "context": {"interest": null}, "facts": {"price": null}});
    assert_eq!(brief(&inner), least);
    for field in ["format", "name"] {
        for value in [None, Some(Value::Null)] {
            let mut brief = full();
            match value {
                Some(value) => brief[field] = value,
                None => drop(brief.as_object_mut().unwrap().remove(field)),
            }
            assert_eq!(refuses(&brief, field), format!("{field} is missing"));
        }
    }
}

#[test]
fn wrong_types() {
    let texts = ["format", "name", "brand", "category", "audience", "tone", "language"];
    let lists = ["features", "must", "never", "allow"];
    let (other, list) = ([json!(5), json!(1.5), json!(true), json!([]), json!({})], json!(["x"]));
    for field in texts {
        for value in &other {
            let message = refuses(&with(field, value.clone()), field);
            assert!(message.contains(" is ") && message.contains(", not "), "{message}");
        }
    }
    for field in lists {
        for value in [json!(5), json!("x"), json!({}), json!(false)] {
            refuses(&with(field, value), field);
        }
        for item in [json!(5), json!(null), json!([]), json!(true)] {
            refuses(&with(field, json!([item])), &format!("{field}[0]"));
        }
    }
    refuses(&with("features", json!(["x", 5])), "features[1]");
    for (field, value) in [("facts", json!(5)), ("facts", list.clone()), ("context", json!("x")), ("context", list)] {
        refuses(&with(field, value), field);
    }
    for value in [json!([]), json!({}), json!(true)] {
        refuses(&with("facts", json!({"price": value})), "facts.price");
    }
    refuses(&with("context", json!({"question": 5})), "context.question");
    refuses(&with("allow", json!([{"class": 5, "evidence": "x"}])), "allow[0].class");
    refuses(&with("allow", json!([{"class": "x"}])), "allow[0].evidence");
    assert!(refuses(&with("format", json!("poem")), "format").contains("not one of tagline, ad-headline"));
    assert!(refuses(&with("tone", json!("Warm")), "tone").contains("\"Warm\", not one of plain, warm"));
    for value in [json!(5), json!(true), json!([full()]), json!(null)] {
        assert!(read(&value).unwrap_err().contains("a brief or a string"));
    }
}

/// JavaScript has one type of numbers, so a count may come as 200.0.
#[test]
fn numbers() {
    assert_eq!(brief(&with("maxChars", json!(200.0))).max_chars, Some(200));
    for value in [json!(200.5), json!(-1), json!(-0.5), json!(1e12), json!("200"), json!(4_294_967_296u64)] {
        refuses(&with("maxChars", value), "maxChars");
    }
    refuses(&with("maxChars", json!(0)), "maxChars");
    assert!(refuses(&with("maxChars", json!(421)), "maxChars").contains("more than the 420 of product-blurb"));
    let price = |value: Value| brief(&with("facts", json!({"price": value}))).facts.get("price").unwrap().to_string();
    for (value, text) in [
        (json!(49), "49"),
        (json!(49.0), "49"),
        (json!(-3), "-3"),
        (json!(1.5), "1.5"),
        (json!(0.1), "0.1"),
        (json!("49,00 €"), "49,00 €"),
        (json!(9_007_199_254_740_993i64), "9007199254740993"),
    ] {
        assert_eq!(price(value), text);
    }
    let mut b = brief(&full());
    for number in [f64::NAN, f64::INFINITY] {
        b.facts.insert("price".into(), Fact::Number(number));
        assert_eq!(b.validate().unwrap_err().to_string(), "facts.price is not a finite number");
    }
}

#[test]
fn unknown_fields() {
    for (value, field) in [
        (with("colour", json!("red")), "colour"),
        (with("max_chars", json!(5)), "max_chars"),
        (with("Name", json!("x")), "Name"),
        (with("context", json!({"weather": "rain"})), "context.weather"),
        (with("allow", json!([{"class": "x", "evidence": "y", "proof": "z"}])), "allow[0].proof"),
    ] {
        assert!(refuses(&value, field).contains("is unknown"));
    }
    assert!(refuses(&with("colour", json!(1)), "colour").contains("format, name, brand"), "it says which there are");
    let twice = serde_json::from_str::<Input>(r#"{"format": "tagline", "name": "a", "name": "b"}"#).unwrap_err();
    assert!(twice.to_string().contains("name is given twice"), "{twice}");
    // However deep: no stack is lost to it.
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    refuses(&with("features", deep.clone()), "features[0]");
    refuses(&with("colour", deep), "colour");
}

#[test]
fn lengths() {
    let fine = "é".repeat(500);
    let long = "é".repeat(501);
    // A name must fit the text, too.
    brief(&with("name", json!("é".repeat(190))));
    assert!(refuses(&with("name", json!("é".repeat(201))), "name").contains("more than the 200 of maxChars"));
    for field in ["name", "brand", "category", "audience"] {
        if field != "name" {
            brief(&with(field, json!(fine)));
        }
        assert!(refuses(&with(field, json!(long)), field).contains("longer than 500"));
        for blank in ["", " ", "\n\t", "\u{1}\u{7f}", "\u{a0}\u{2028}"] {
            assert!(refuses(&with(field, json!(blank)), field).contains("is empty"), "{field} {blank:?}");
        }
    }
    for field in ["features", "must", "never"] {
        brief(&with(field, json!(vec!["x"; 32])));
        assert!(refuses(&with(field, json!(vec!["x"; 33])), field).contains("33 items"));
        refuses(&with(field, json!(["x", long])), &format!("{field}[1]"));
        refuses(&with(field, json!([""])), &format!("{field}[0]"));
    }
    let facts: serde_json::Map<_, _> = (0..33).map(|i| (format!("f{i}"), json!(1))).collect();
    assert!(refuses(&with("facts", json!(facts)), "facts").contains("33 items"));
    refuses(&with("facts", json!({"price": long})), "facts.price");
    refuses(&with("facts", json!({&long: 1})), "a key of facts");
    refuses(&with("facts", json!({"": 1})), "a key of facts");
    refuses(&with("context", json!({"interest": long})), "context.interest");
    refuses(&with("context", json!({"question": ""})), "context.question");
    refuses(&with("allow", json!(vec![json!({"class": "x", "evidence": "y"}); 33])), "allow");
    refuses(&with("allow", json!([{"class": "x", "evidence": long}])), "allow[0].evidence");
    refuses(&with("allow", json!([{"class": " ", "evidence": "x"}])), "allow[0].class");
    let mut support = with("format", json!("support-reply"));
    support["context"] = json!({"interest": "x"});
    refuses(&support, "context.question");
}

#[test]
fn errors_have_the_platforms_names() {
    assert_eq!(BriefError::field("name", "is empty").kind(), Kind::Type);
    let error = Input::Text("  ".into()).brief().unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (Kind::Type, "name is empty"));
}

#[test]
fn languages() {
    let declared = ["en".to_owned(), "de-AT".to_owned()];
    let check = |language: Value| brief(&with("language", language)).check_language(&declared);
    for fine in
        [json!(null), json!("en"), json!("EN"), json!("en-GB"), json!("de"), json!("de-CH-1996"), json!("en-x-a")]
    {
        check(fine).unwrap();
    }
    for other in ["fr", "nl-BE", "eng", "zh-Hant-TW"] {
        let error = check(json!(other)).unwrap_err();
        assert_eq!(error.kind(), Kind::NotSupported);
        assert_eq!(error.to_string(), format!("language {other} is not one that this model writes (en, de-AT)"));
    }
    for wrong in ["", "e", "en_GB", "en-", "-en", "e1", "englishlanguage", "en-toolongsubtag", "é", "en GB"] {
        let error = check(json!(wrong)).unwrap_err();
        assert_eq!(error.kind(), Kind::Type, "{wrong}");
        assert!(error.to_string().starts_with("language "), "{error}");
    }
    assert_eq!(brief(&full()).check_language(&[]).unwrap_err().kind(), Kind::NotSupported);
}

#[test]
fn free_text() {
    let of = |text: &str| {
        let input: Input = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(input, Input::Text(text.into()));
        let b = input.brief().unwrap();
        assert_eq!((b.format, b.tone), (Format::ProductBlurb, Tone::Plain));
        (b.name, b.features)
    };
    let is = |text: &str, name: &str, features: &[&str]| {
        assert_eq!(of(text), (name.into(), features.iter().map(|f| (*f).into()).collect()))
    };
    is("Lumen Arc", "Lumen Arc", &[]);
    is("Lumen Arc: dims with a tap, folds flat.", "Lumen Arc", &["dims with a tap", "folds flat"]);
    is("Kettle 1.5 l. Boils in 3.5 minutes. Quiet", "Kettle 1.5 l", &["Boils in 3.5 minutes", "Quiet"]);
    is("Lumen Arc.\r\nFolds flat.\nDims; charges", "Lumen Arc", &["Folds flat", "Dims", "charges"]);
    is(" ,, Lumen Arc ,,; . ", "Lumen Arc", &[]);
    let many = format!("x{}", ", y".repeat(100));
    assert_eq!(of(&many).1.len(), 32, "as many as a brief may have");
    for empty in ["", " ", ".", ",", "\n:;"] {
        assert!(Input::Text(empty.into()).brief().is_err(), "{empty:?}");
    }
    let long = Input::Text("x".repeat(501)).brief().unwrap_err();
    assert!(long.to_string().starts_with("name is longer"), "{long}");
}

#[test]
fn hashes() {
    let hash = |value: &Value| brief(value).hash();
    // Written down: a hash that changes breaks what others keep by it.
    assert_eq!(hash(&json!({"format": "tagline", "name": "Lumen Arc"})), "7aebf8a6e603c9db");
    assert_eq!(hash(&full()), "0a1b77d2c4d035b9");
    // What means the same has the same hash, whatever the order and the form.
    let turned: Brief =
        serde_json::from_str(r#"{"name": "Lumen Arc", "tone": "plain", "brand": null, "format": "tagline"}"#).unwrap();
    assert_eq!(turned.hash(), "7aebf8a6e603c9db");
    assert_eq!(hash(&with("facts", json!({"a": 1, "b": 2.0}))), hash(&with("facts", json!({"b": 2, "a": 1.0}))));
    // Every field counts.
    let mut seen = std::collections::BTreeSet::from([hash(&full())]);
    for (field, value) in full().as_object().unwrap() {
        let other = match value {
            Value::String(_) if field == "format" => json!("email-body"),
            Value::String(_) if field == "tone" => json!("bold"),
            Value::String(text) => json!(format!("{text}x")),
            Value::Array(list) if field != "allow" => json!([list.clone(), vec![json!("x")]].concat()),
            Value::Array(_) => json!([]),
            Value::Object(_) => json!({}),
            _ => json!(199),
        };
        assert!(seen.insert(hash(&with(field, other))), "{field} does not count");
    }
    assert_eq!(seen.len(), 15);
}
