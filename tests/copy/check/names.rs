//! Names as they are written, and near-misses.

use copywright::copy::brief::Brief;
use serde_json::json;

use super::{broken, of, passes};
use crate::brief;

fn named(name: &str, brand: Option<&str>, category: &str) -> Brief {
    brief(&json!({"format": "tagline", "name": name, "brand": brand, "category": category}))
}

#[test]
fn present() {
    let of = |text: &str, format: &str| passes(text, &brief(&json!({"format": format, "name": "Lumen Arc"})), "name");
    for fine in ["The Lumen Arc.", "Lumen Arc", "Lumen Arc's arm", "“Lumen Arc”", "Lumen Arc-like"] {
        assert!(of(fine, "product-blurb"), "{fine:?}");
    }
    for missing in ["", "Lumen", "a lamp", "Lumen\nArc"] {
        assert!(!of(missing, "product-blurb"), "{missing:?}");
        assert!(of(missing, "tagline"), "only where the format needs it: {missing:?}");
    }
}

#[test]
fn near_misses() {
    for (name, text, piece) in [
        ("Lumen Arc", "The Lumen Arcs.", "Lumen Arcs"),
        ("Lumen Arc", "The LUMEN ARC.", "LUMEN ARC"),
        ("Lumen Arc", "The Lumen arc.", "Lumen arc"),
        ("Lumen Arc", "The Lumen  Arc.", "Lumen  Arc"),
        ("Lumen Arc", "The Lumen-Arc.", "Lumen-Arc"),
        ("Lumen Arc", "The LumenArc.", "LumenArc"),
        ("Lumen Arc", "The Lumin Arc.", "Lumin Arc"),
        ("Lumen Arc", "The Lunen Ark.", "Lunen Ark"),
        ("Lumen Arc", "Lumem Arc lights up.", "Lumem Arc"),
        ("Lumen Arc", "The L\u{443}men Arc.", "L\u{443}men Arc"),
        ("Ōmori", "The Omori knife.", "Omori"),
        ("Ōmori", "The O\u{304}mori knife.", "O\u{304}mori"), // not composed
        ("kiteLAB", "by KiteLab", "KiteLab"),
        ("kiteLAB", "by Kitelabs", "Kitelabs"),
        ("Tide", "The Tidy lamp", "Tidy"),
        ("Nº 3 Balm", "The No 3 Balm", "No 3 Balm"),
        ("Brewster's", "At Brewsters", "Brewsters"),
    ] {
        assert_eq!(broken(text, &named(name, None, "thing"), "name"), [piece], "{name:?} in {text:?}");
        assert_eq!(broken(text, &named("Other Thing", Some(name), "thing"), "name"), [piece], "as a brand: {text:?}");
    }
}

#[test]
fn ordinary_words() {
    for (name, text) in [
        ("Tide", "Time for tea, any time."),
        ("Tide", "Ride the wide side"),
        ("Tide", "Tidewater, betide"),
        ("Oso", "So also"),
        ("Wick", "With a pick and a quick wink"),
        ("Verdo", "A verdict: verde"),
        ("Lumen Arc", "A lumen and an arc"),
        ("Lumen Arc", "Human arms"),
        ("Little Moth", "a little moth"),
        ("Pressed Orchard", "apples pressed in an orchard"),
        ("Solveig", "Solve it"),
        ("Loft27", "The loft"),
        ("Loom & Thread", "By Loom and Thread"), // of other words, so another name
        ("Desk Lamp Co", "A Desk Lamp"),
    ] {
        let found = broken(text, &named(name, None, "thing"), "name");
        assert!(found.is_empty(), "{name:?} in {text:?}: {found:?}");
    }
    // What the brief itself calls otherwise.
    assert!(passes("The Kettles", &named("Kettle", None, "kettles"), "name"));
    assert_eq!(broken("The Kettlo", &named("Kettle", None, "kettles"), "name"), ["Kettlo"]);
    // Not where the brief has the name itself there.
    let brief = named("Halden Arc", Some("Halden"), "lamp by Halden");
    assert_eq!(broken("A lamp by HALDEN", &brief, "name"), ["HALDEN"]);
    // The name within the brand's.
    assert!(passes("Lumen Arc Works", &named("Lumen Arc", Some("Lumen Arc Works"), "lamp"), "name"));
    let check = &of("The Lumen Arcs.", &named("Lumen Arc", None, "lamp"), "name")[0];
    assert_eq!(check.detail, "\"Lumen Arcs\" is nearly a name, which is Lumen Arc");
}
