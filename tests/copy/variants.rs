//! When two texts are the same in other words, and how much of a brief a text speaks of.

use copywright::copy::variants::{coverage, near, words};
use serde_json::json;

use crate::brief;

#[test]
fn near_copies() {
    for (a, b, same) in [
        ("It folds flat and dims", "It folds flat and dims", true),
        ("It folds flat and dims", "IT FOLDS: away, quietly, at night", true), // the same opening
        ("Now it folds flat and dims with a tap", "And it folds flat and dims with a tap!", true),
        // Two of the four pairs that there are: as much as may be.
        ("One two three four", "Ah, two three four", false),
        ("Zero, two three four", "Ah, two three four", false),
        ("One two three four five", "Ah, two three four five", true),
        ("A lamp", "The lamp", false),
        ("Lamp", "Lamp", true),
        ("Lamp", "Lamp shade", false),
        ("", "", true),
        ("Café lamps glow", "CAFE LAMPS dim", true),
        ("So so so so bright now", "Then so so so dim now", false), // a pair counts once
    ] {
        assert_eq!(near(&words(a), &words(b)), same, "{a:?} and {b:?}");
        assert_eq!(near(&words(b), &words(a)), same, "{b:?} and {a:?}");
    }
}

#[test]
fn features_that_are_spoken_of() {
    let lamp =
        brief(&json!({"format": "tagline", "name": "Lumen", "features": ["dims with a tap", "folding arm", "LED"]}));
    let of = |text: &str| coverage(&words(text), &lamp);
    assert_eq!(of("A lamp"), 0.0);
    // "dims" is one of the two long words of the first feature, "folds" begins as "folding" does; "LED" is too short.
    assert_eq!(of("It dims"), 0.25);
    assert_eq!(of("It dims, it folds"), 0.75);
    assert_eq!(of("Dims with ease, folding away"), 1.0);
    assert_eq!(coverage(&words("It dims"), &brief(&json!({"format": "tagline", "name": "Lumen"}))), 0.0);
}
