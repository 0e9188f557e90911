//! Numbers of the brief, with their units, and no others.

use copywright::copy::brief::Brief;
use serde_json::json;

use super::{broken, of};
use crate::brief;

fn lamp() -> Brief {
    brief(&json!({
        "format": "product-blurb", "name": "Arc No. 8", "brand": "Halden 1904", "category": "desk lamp",
        "features": ["two arms, 48 cm long", "up to 2 h on battery", "24-month warranty", "5 to 7 kg", "dims to 10%",
            "half-price shade", "works at −20 °C", "1,200 lumens", "three-way switch", "SPF 50+", "2 × 4 m cable"],
        "facts": {"price": "€49", "weight in kg": 1.5, "open": "9:30 to 5 p.m.", "date": "5 March", "days": 30},
        "audience": "over 60s", "allow": [{"class": "guarantee", "evidence": "tested for 90 days"}],
        "context": {"question": "is it 12 V?"}
    }))
}

#[test]
fn ranges_of_signs_and_months_of_none() {
    let shop = brief(&json!({
        "format": "tagline", "name": "Arc", "category": "quilt", "features": ["5% to 10%", "90\" x 92\"", "12-month view"],
    }));
    for text in ["5%–10%", "5%-10%", "90\"–92\"", "you may 12-month it"] {
        assert!(broken(text, &shop, "number").is_empty(), "{text}");
    }
    for text in ["5% –10%", "May 12"] {
        assert!(!broken(text, &shop, "number").is_empty(), "{text}");
    }
}

#[test]
fn what_the_brief_says() {
    for text in [
        "€49",
        "49 €",
        "49 euros",
        "EUR 49",
        "€49.00",
        "2 h",
        "2h",
        "2 hours",
        "two hours",
        "a 2-hour charge",
        "24 months",
        "24-month",
        "48 cm",
        "48cm",
        "48-centimetre",
        "5 kg",
        "7 kg",
        "5–7 kg",
        "5 or 7 kg",
        "1.5 kg",
        "1,5 kg",
        "10%",
        "10 %",
        "10 per cent",
        "ten percent",
        "half",
        "half price",
        "-20 °C",
        "−20°C",
        "1200 lm",
        "three",
        "3",
        "9:30",
        "09:30",
        "5pm",
        "5 p.m.",
        "March 5",
        "30 days",
        "30",
        "Arc No. 8",
        "Arc No. 8's",
        "Halden 1904",
        "½",
        "one of them",
        "this one",
        "One lamp",
        "at first, and a second later",
        "SPF 50+",
        "90 days",
        "12 V",
        "2 x 4 m",
        "2 m",
        "over 60",
        "60s",
        "A pair, a couple, several",
        "Monday",
        "once",
        "none",
    ] {
        assert!(broken(text, &lamp(), "number").is_empty(), "{text:?}: {:?}", broken(text, &lamp(), "number"));
    }
}

#[test]
fn what_it_does_not_say() {
    for (text, pieces) in [
        ("2 kg", &["2 kg"][..]),
        ("two kg", &["two kg"]),
        ("49 %", &["49 %"]),
        ("$49", &["$49"]),
        ("49", &["49"]),
        ("49 kg", &["49 kg"]),
        ("€49.50", &["€49.50"]),
        ("€4", &["€4"]),
        ("€490", &["€490"]),
        ("24", &["24"]),
        ("24 hours", &["24 hours"]),
        ("48 mm", &["48 mm"]),
        ("20 °C", &["20 °C"]),
        ("-20 °F", &["-20 °F"]),
        ("50", &["50"]),
        ("9:31", &["9:31"]),
        ("5am", &["5am"]),
        ("5 a.m.", &["5 a.m."]),
        ("6 March", &["6 March"]),
        ("5 April", &["5 April"]),
        ("four", &["four"]),
        ("twenty-five", &["twenty-five"]),
        ("a dozen, hundreds, a thousand", &["dozen", "hundreds", "thousand"]),
        ("double or twice", &["double", "twice"]),
        ("zero", &["zero"]),
        ("one hour", &["one hour"]),
        ("one percent", &["one percent"]),
        ("fourth", &["fourth"]),
        ("1st", &["1st"]),
        ("24/7", &["24/7"]),
        ("10x", &["10x"]),
        ("2x", &["2x"]),
        ("X200", &["X200"]),
        ("IP67", &["IP67"]),
        ("3G", &["3G"]),
        ("5²", &["5²"]),
        ("¾", &["¾"]),
        ("４９ kg", &["４９ kg"]),
        ("4\u{200b}4", &["4\u{200b}4"]),
        ("٤٤", &["٤٤"]),
        ("£", &["£"]),
        ("pay in $ or %", &["$"]),
        ("Save 15% by 6 May", &["15%", "6 May"]),
        ("one kg of 7 kg for $5", &["one kg", "$5"]),
    ] {
        assert_eq!(broken(text, &lamp(), "number"), pieces, "{text:?}");
    }
    let check = &of("48 cm for $49.", &lamp(), "number")[0];
    assert_eq!(check.detail, "\"$49\": not in the brief");
    let check = &of("48 cm for €49.", &lamp(), "number")[0];
    assert_eq!((check.pass, check.spans.len()), (true, 2), "what is right is shown, too");
}
