//! Each rule, kept and broken.

use copywright::copy::check::{Check, check};
use copywright::copy::count::Count;
use copywright::copy::rules::Rules;
use serde_json::json;

use crate::{brief, full, with};

fn rules() -> Rules {
    Rules { max: 10, count: Count::Grapheme, name: None, must: Vec::new(), never: Vec::new() }
}

/// The checks of one rule: (pass, detail).
fn of(text: &str, rules: &Rules, rule: &str) -> Vec<(bool, String)> {
    let checks = check(text, rules).into_iter().filter(|c| c.rule == rule);
    checks.map(|Check { pass, detail, .. }| (pass, detail)).collect()
}

#[test]
fn length() {
    for (text, pass, detail) in [
        ("0123456789", true, "10 of 10"),
        ("0123456789x", false, "11 of 10"),
        ("é😀👩‍👩‍👧3456789", true, "10 of 10"),
        ("x", true, "1 of 10"),
        ("", false, "0 of 10"),
        (" \n ", false, "3 of 10"),
    ] {
        assert_eq!(of(text, &rules(), "length"), [(pass, detail.to_owned())], "{text:?}");
    }
    // In the format's own count.
    let wide = Rules { count: Count::DoubleWidth, ..rules() };
    assert_eq!(of("日本語日本", &wide, "length"), [(true, "10 of 10".into())]);
    assert_eq!(of("日本語日本x", &wide, "length"), [(false, "11 of 10".into())]);
}

#[test]
fn name() {
    assert!(of("Lumen Arc", &rules(), "name").is_empty(), "only where the format needs it");
    let rules = Rules { name: Some("Lumen Arc".into()), ..rules() };
    for (text, pass) in [
        ("The Lumen Arc.", true),
        ("Lumen Arc", true),
        ("lumen arc", false),
        ("Lumen  Arc", false),
        ("Lumen", false),
        ("", false),
    ] {
        assert_eq!(of(text, &rules, "name"), [(pass, "Lumen Arc".to_owned())], "{text:?}");
    }
}

#[test]
fn must_and_never() {
    let rules =
        Rules {
            must: vec!["Ghent".into(), "Café".into()], never: vec!["Cheapest".into(), "Straße".into()], ..rules()
        };
    let kept = |text: &str, rule: &str| of(text, &rules, rule).into_iter().map(|(pass, _)| pass).collect::<Vec<_>>();
    for (text, must, never) in [
        ("in Ghent, at the café", [true, true], [true, true]),
        ("GHENT CAFÉ", [true, true], [true, true]),
        ("ghent cafe\u{301}", [true, true], [true, true]), // the accent apart
        ("Ghent", [true, false], [true, true]),
        ("the cheapest in town", [false, false], [false, true]),
        ("CHEAPEST straße", [false, false], [false, false]),
        ("", [false, false], [true, true]),
    ] {
        assert_eq!((kept(text, "must"), kept(text, "never")), (must.to_vec(), never.to_vec()), "{text:?}");
    }
    let details: Vec<String> = of("x", &rules, "never").into_iter().map(|c| c.1).collect();
    assert_eq!(details, ["Cheapest", "Straße"], "terms as they were given");
    let order: Vec<&str> = check("x", &rules).iter().map(|c| c.rule).collect();
    assert_eq!(order, ["length", "must", "must", "never", "never"]);
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
    let mut tagline = with("format", json!("tagline"));
    tagline["maxChars"] = json!(60);
    assert_eq!((of(tagline.clone()).max, of(tagline).name), (60, None));
    let mut post = with("format", json!("social-post"));
    post["maxChars"] = json!(null);
    assert_eq!((of(post.clone()).max, of(post).count), (280, Count::XWeighted));
}
