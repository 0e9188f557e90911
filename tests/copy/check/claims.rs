//! Claims: closed by default, opened by evidence or by the brief's own words.

use serde_json::{Value, json};

use super::{asked, of, passes, plain};
use crate::brief;

/// The classes of the claims that are found.
fn classes(text: &str) -> Vec<String> {
    let checks = of(text, &brief(&plain("product-blurb")), "claim").into_iter().filter(|c| !c.pass);
    checks.map(|c| c.detail.split(':').next().unwrap().to_owned()).collect()
}

#[test]
fn closed() {
    for (class, texts) in [
        (
            "superlative",
            &[
                "The best lamp.",
                "The World's brightest!",
                "#1 in Ghent",
                "No. 1",
                "World-class light",
                "The most advanced lamp",
            ][..],
        ),
        (
            "guarantee",
            &[
                "Guaranteed to last.",
                "Your money back",
                "Money-back",
                "A lifetime of light",
                "Risk-free",
                "with a warranty",
            ],
        ),
        (
            "health",
            &[
                "Relieves pain",
                "It cures insomnia",
                "Boosts your metabolism",
                "Clinically tested",
                "An anti-ageing lamp",
            ],
        ),
        (
            "green",
            &[
                "Eco-friendly",
                "ECOLOGICAL",
                "A sustainable choice",
                "Carbon-neutral",
                "Good for the planet",
                "biodegradable",
            ],
        ),
        (
            "scarcity",
            &[
                "Only 3 left",
                "Hurry up",
                "For a limited time",
                "Last chance",
                "While stocks last",
                "Don’t miss out",
                "Selling fast",
            ],
        ),
        ("comparison", &["Brighter than other lamps", "Unlike others", "Compared to candles", "Better than any lamp"]),
        (
            "saving",
            &[
                "Save 20 %, save £5",
                "Half-price",
                "A discount",
                "20% off",
                "A bargain",
                "Free shipping",
                "the cheapest",
            ],
        ),
        (
            "testimonial",
            &[
                "Loved by students",
                "Customers say it glows",
                "Award-winning",
                "Five-star light",
                "5-star",
                "As seen on TV",
                "Top-rated",
            ],
        ),
        (
            "surveillance",
            &[
                "We noticed you like light",
                "Because you viewed lamps",
                "Based on your history",
                "You’ve been looking at lamps",
                "We’ve noticed",
            ],
        ),
    ] {
        for text in texts {
            assert!(classes(text).iter().any(|c| c == class), "{class}: {text:?}: {:?}", classes(text));
            let open = asked("product-blurb", "allow", json!([{"class": class, "evidence": "see our page"}]));
            let still: Vec<_> = of(text, &open, "claim").into_iter().filter(|c| c.detail.starts_with(class)).collect();
            assert!(still.is_empty(), "allowed: {still:?}");
        }
    }
}

#[test]
fn ordinary_wording() {
    for text in [
        "Best before the lamp goes out.",
        "Light at its best.",
        "The green lamp folds flat.",
        "It leads to light.",
        "There is no hurry.",
        "It saves your place.",
        "Free your desk.",
        "A deal table of pine.",
        "We see a lamp.",
        "Lighter than it looks.",
        "It beats time.",
        "The rest is light.",
        "You looked well.",
        "For a family of life vests.",
        "We cannot promise that.",
        "Honest light.",
        "Rated to 40 W.",
    ] {
        assert_eq!(classes(text), [] as [&str; 0], "{text:?}");
    }
}

#[test]
fn opened_by_the_briefs_own_words() {
    let open = |field: &str, value: Value, text: &str| passes(text, &asked("product-blurb", field, value), "claim");
    assert!(open("features", json!(["lifetime guarantee"]), "With a lifetime guarantee."));
    assert!(open("features", json!(["guaranteed for ten years"]), "It is guaranteed, a guarantee."));
    assert!(open("category", json!("best man gifts"), "The best gifts."));
    assert!(open("facts", json!({"delivery": "free"}), "Free delivery."));
    assert!(open("facts", json!({"look": "free"}), "We look for free."));
    // Not by others.
    assert!(!open("features", json!(["sugar-free"]), "We look for free."));
    assert!(!open("features", json!(["vet-formulated"]), "Vet-recommended."));
    assert!(!open("features", json!(["guaranteed"]), "The best, guaranteed."));
    // Evidence opens its class, and its own words.
    let allow = json!([{"class": "green", "evidence": "certified by the forest council"}]);
    assert!(open("allow", allow.clone(), "Sustainable, and certified."));
    assert!(!open("allow", allow, "Sustainable and guaranteed."));
}
