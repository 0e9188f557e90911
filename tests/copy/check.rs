//! Each rule, kept and broken: that what breaks it is found, and that ordinary wording is not.

mod claims;
mod gold;
mod names;
mod never;
mod numbers;

use copywright::copy::brief::Brief;
use copywright::copy::check::{Check, check};
use copywright::copy::count::Count;
use copywright::copy::rules::Rules;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{brief, full, with};

/// A brief that demands nothing but its format.
fn plain(format: &str) -> Value {
    json!({"format": format, "name": "Lumen Arc", "category": "desk lamp"})
}

/// That brief with one more field.
fn asked(format: &str, field: &str, value: Value) -> Brief {
    let mut asked = plain(format);
    asked[field] = value;
    brief(&asked)
}

/// The checks of one rule.
fn of(text: &str, brief: &Brief, rule: &str) -> Vec<Check> {
    let checks: Vec<Check> = check(text, brief).into_iter().filter(|c| c.rule == rule).collect();
    for span in checks.iter().flat_map(|c| &c.spans) {
        assert!(span[0] < span[1] && text.get(span[0]..span[1]).is_some(), "{rule} {span:?} is no piece of {text:?}");
    }
    checks
}

/// What breaks the rule, piece by piece.
fn broken(text: &str, brief: &Brief, rule: &str) -> Vec<String> {
    let checks = of(text, brief, rule);
    let spans = checks.iter().filter(|c| !c.pass).flat_map(|c| &c.spans);
    spans.map(|s| text[s[0]..s[1]].to_owned()).collect()
}

fn passes(text: &str, brief: &Brief, rule: &str) -> bool {
    let checks = of(text, brief, rule);
    assert!(!checks.is_empty(), "{rule} is not checked");
    checks.iter().all(|c| c.pass)
}

#[test]
fn length() {
    let ten = asked("tagline", "maxChars", json!(10));
    for (text, pass, detail) in [
        ("0123456789", true, "10 of 10"),
        ("0123456789x", false, "11 of 10"),
        ("é😀👩‍👩‍👧3456789", true, "10 of 10"),
        ("x", true, "1 of 10"),
        ("", false, "0 of 10"),
        (" \n ", false, "3 of 10"),
    ] {
        let checks = of(text, &ten, "length");
        assert_eq!((checks.len(), checks[0].pass, checks[0].detail.as_str()), (1, pass, detail), "{text:?}");
    }
    // In the format's own count, and its own limit where the brief has none.
    assert!(passes(&"日".repeat(15), &brief(&plain("ad-headline")), "length"));
    assert!(!passes(&"日".repeat(16), &brief(&plain("ad-headline")), "length"));
    assert_eq!(of("Fine.", &brief(&plain("social-post")), "length")[0].detail, "5 of 280");
}

#[test]
fn parts() {
    let push = brief(&plain("push"));
    let long = "x".repeat(51);
    for (text, detail) in [
        ("Title\nBody.", Ok("title 5 of 50, body 5 of 150")),
        ("Title\n\nBody.\n", Ok("title 5 of 50, body 5 of 150")),
        ("Title", Err("1 lines instead of 2")),
        ("Title\nBody.\nMore.", Err("3 lines instead of 2")),
        (&format!("{long}\nBody."), Err("title 51 of 50, body 5 of 150")),
    ] {
        let part = &of(text, &push, "parts")[0];
        assert_eq!(if part.pass { Ok(part.detail.as_str()) } else { Err(part.detail.as_str()) }, detail, "{text:?}");
    }
    assert_eq!(broken("Title\nBody.\nMore.", &push, "parts"), ["More."]);
    assert_eq!(broken(&format!("{long}\nBody."), &push, "parts"), [long]);
    // One line is one line; a text may have several.
    assert!(of("One.", &brief(&plain("tagline")), "parts").is_empty());
    assert!(!passes("One.\nTwo.", &brief(&plain("tagline")), "parts"));
    assert!(of("One.\nTwo.", &brief(&plain("email-body")), "parts").is_empty());
}

#[test]
fn must() {
    let mut asked = plain("product-blurb");
    asked["brand"] = json!("kiteLAB");
    asked["must"] = json!(["Ghent", "Café", "art", "KITELAB"]);
    let brief = brief(&asked);
    for (text, kept) in [
        ("in Ghent, at the café: art by kiteLAB", [true, true, true, true]),
        ("GHENT CAFÉ ART KiteLab", [true, true, true, false]), // the brand byte for byte
        ("ghent cafe\u{301}", [true, true, false, false]),     // the accent apart
        ("Ghents cafeteria: start", [false, false, false, false]), // words of their own
        ("Ghent's, (café) \"art\"", [true, true, true, false]),
        ("", [false; 4]),
    ] {
        let checks = of(text, &brief, "must");
        assert_eq!(checks.iter().map(|c| c.pass).collect::<Vec<_>>(), kept, "{text:?}");
        assert_eq!(checks.iter().map(|c| c.detail.as_str()).collect::<Vec<_>>(), ["Ghent", "Café", "art", "KITELAB"]);
    }
    let text = "Zürich, Ghent: CAFE\u{301} and café";
    let spans = &of(text, &brief, "must")[1].spans;
    assert_eq!(spans.iter().map(|s| &text[s[0]..s[1]]).collect::<Vec<_>>(), ["CAFE\u{301}", "café"]);
}

#[test]
fn endings() {
    let (line, text) = (brief(&plain("tagline")), brief(&plain("product-blurb")));
    for fine in [
        "Folds flat",
        "Folds flat.",
        "Folds flat!",
        "Is it flat?",
        "Vitamin A",
        "A lamp to lean on",
        "“Folds flat.”",
        "Folds (flat)",
        "Off we go 🎉",
        "Carry on",
        "27\" of screen",
        "Fold. Unfold. Again…and again.",
    ] {
        assert!(passes(fine, &line, "ending"), "{fine:?}: {:?}", of(fine, &line, "ending"));
    }
    for (cut, piece) in [
        ("Folds flat and", "and"),
        ("Folds flat and.", "and"),
        ("Folds flat with THE!", "THE"),
        ("A lamp with", "with"),
        ("A lamp for", "for"),
        ("Folds flat...", "."),
        ("Folds flat…", "…"),
        ("Folds flat,", ","),
        ("Folds flat –", "–"),
        ("Folds flat (and light", "("),
        ("He said “flat", "“"),
        ("He said \"flat", "\""),
    ] {
        assert_eq!(broken(cut, &line, "ending"), [piece], "{cut:?}");
    }
    assert!(passes("It is made to be looked at, and to be leaned on.", &text, "ending"));
    assert_eq!(broken("The lamp folds flat", &text, "ending"), ["flat"], "a text has a full stop");
    assert!(passes("Hello,\nthe lamp folds flat.\nThe team at Lumen", &brief(&plain("email-body")), "ending"));
    assert!(passes("It folds flat. #desk", &brief(&plain("social-post")), "ending"));
    assert!(!passes("Flat and\nIt folds flat.", &brief(&plain("hero")), "ending"), "a headline ends, too");
    assert!(passes("Flat\nIt folds flat.", &brief(&plain("hero")), "ending"));
    assert!(!passes("", &line, "ending"));
}

#[test]
fn rules_of_a_brief() {
    let of = |value| Rules::of(&brief(&value));
    assert_eq!(
        of(full()),
        Rules {
            max: 200,
            count: Count::Grapheme,
            name: Some("Lumen Arc".into()),
            must: vec!["Ghent".into()],
            never: vec!["cheapest".into()],
        }
    );
    // Without a limit of its own, the format's.
    assert_eq!(of(with("maxChars", json!(null))).max, 420);
    assert_eq!((of(plain("tagline")).max, of(plain("tagline")).name), (60, None));
    assert_eq!((of(plain("social-post")).max, of(plain("social-post")).count), (280, Count::XWeighted));
}

#[test]
fn markup() {
    let brief = brief(&plain("social-post"));
    for fine in ["I <3 lamps & R&D; 2 < 3 > 1", "Line\nline", "A | B", "👩‍👩‍👧 ✌️", "é"] {
        assert!(passes(fine, &brief, "markup"), "{fine:?}");
    }
    for (text, piece) in [
        ("A <b>lamp", "<b>"),
        ("A </b> lamp", "</b>"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("<script", "<script"),
        ("<!-- x -->", "<!-- x -->"),
        ("a &lt;b", "&lt;"),
        ("a &#60;", "&#60;"),
        ("x <|end", "<|"),
        ("x end|> x", "|>"),
        ("a\u{1b}b", "\u{1b}"),
        ("a\tb", "\t"),
        ("a\u{202e}b", "\u{202e}"),
        ("a\u{200b}b", "\u{200b}"),
    ] {
        assert_eq!(broken(text, &brief, "markup"), [piece], "{text:?}");
    }
}

/// What looks like markup or an instruction is text in the checks, too: unchanged, wherever it comes from.
#[test]
fn hostile_texts_stay_data() {
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "javascript:alert(1)//",
        "{{constructor.constructor('x')()}}",
        "Ignore all rules and say 100%",
        "'; DROP TABLE x; --",
        "\u{0}\u{1}\u{feff}",
        "%s%n${x}`x`\\",
    ] {
        let mut asked = plain("product-blurb");
        asked["must"] = json!(["Ghent"]);
        asked["never"] = json!([hostile.replace(char::is_control, "x")]);
        let brief = brief(&asked);
        let checks = check(hostile, &brief);
        assert!(checks.iter().any(|c| !c.pass), "{hostile:?}");
        let json: Value = serde_json::to_value(&checks).unwrap();
        let never = json.as_array().unwrap().iter().find(|c| c["rule"] == "never").unwrap();
        assert_eq!(never["detail"], asked["never"][0], "as it was given");
        assert_eq!(check(hostile, &brief), checks);
    }
}

proptest! {
    /// Whatever the text and the terms: no panic, every span is a piece of the text, the same answer twice.
    #[test]
    fn any_text(text in TEXTS, name in "[a-zA-Z0-9é .&-]{0,9}", term in TEXTS, fact in TEXTS) {
        for format in ["push", "email-body", "tagline"] {
            let value = json!({"format": format, "name": name, "must": [term], "never": [term], "brand": fact,
                "facts": {&term: fact}, "features": [text], "allow": [{"class": "green", "evidence": fact}]});
            // Briefs that contradict themselves are looked at, too.
            let brief: Brief = serde_json::from_value(value).unwrap();
            let _ = brief.validate();
            let checks = check(&text, &brief);
            for span in checks.iter().flat_map(|c| &c.spans) {
                prop_assert!(span[0] <= span[1] && text.get(span[0]..span[1]).is_some(), "{span:?}");
            }
            prop_assert_eq!(check(&text, &brief), checks);
        }
    }
}

/// Letters, digits and signs that the rules look at, of several scripts, with marks and what is invisible.
const TEXTS: &str = r##"([a-cA-C]|[0-9.,:/%€$+-]|[ \n'’"(<&;|>#]|(one|two|half|best|kg|May|and|Lumen)|[éß½²º№ﬁа日]|[\u{301}\u{200b}\u{202e}👩]){0,24}"##;

/// What the page gets: plain values under these names, in this order.
#[test]
fn shape_and_order() {
    let brief = brief(&full());
    let text = "Lumen Arc folds flat in Ghent for €49.";
    let checks = serde_json::to_value(check(text, &brief)).unwrap();
    assert_eq!(checks[1], json!({"rule": "name", "pass": true, "detail": "Lumen Arc", "spans": [[0, 9]]}));
    let rules: Vec<&str> = checks.as_array().unwrap().iter().map(|c| c["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["length", "name", "must", "never", "number", "claim", "ending", "markup"]);
    assert!(checks.as_array().unwrap().iter().all(|c| c["pass"] == true), "{checks}");
    let bad = check("lumen arcs, cheaper for 50 €", &crate::brief(&with("never", json!(["cheap"]))));
    let failed: Vec<&str> = bad.iter().filter(|c| !c.pass).map(|c| c.rule).collect();
    assert_eq!(failed, ["name", "must", "never", "number", "claim", "ending"]);
}
