//! `formats.json`: every format is there, with limits, a source and a date.

use copywright::copy::brief::Tone;
use copywright::copy::count::Count;
use copywright::copy::format::{Format, formats};
use serde_json::json;

#[test]
fn every_format_has_its_limits() {
    assert_eq!(formats().len(), Format::ALL.len(), "formats.json can be read, and holds each once");
    for format in Format::ALL {
        let limits = format.limits().unwrap_or_else(|| panic!("{}: no limits", format.id()));
        assert_eq!(formats().iter().filter(|l| l.id == format).count(), 1, "{}", format.id());
        assert!(0 < limits.ideal && limits.ideal <= limits.max, "{}: {limits:?}", format.id());
        assert!(!limits.parts.is_empty() && limits.parts.iter().all(|p| !p.is_empty()));
        assert!(limits.source.len() > 20, "{}: a limit without a source is not a limit", format.id());
        let (year, month) = limits.checked.split_once('-').expect("year-month");
        assert!((2026..2100).contains(&year.parse::<u32>().unwrap()), "{}", limits.checked);
        assert!(month.len() == 2 && (1..=12).contains(&month.parse::<u32>().unwrap()), "{}", limits.checked);
    }
}

/// The names are the ones that briefs use, that prompts say, and that the public types list.
#[test]
fn names_agree() {
    for format in Format::ALL {
        assert_eq!(json!(format), json!(format.id()));
        assert_eq!(serde_json::from_value::<Format>(json!(format.id())).unwrap(), format);
    }
    for tone in Tone::ALL {
        assert_eq!(json!(tone), json!(tone.id()));
    }
    let types = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/www/src/types.ts")).unwrap();
    let listed = |constant: &str| -> Vec<String> {
        let after = types.split_once(&format!("export const {constant} = [")).expect(constant).1;
        let list = after.split_once(']').unwrap().0;
        list.split(',').map(|s| s.trim().trim_matches('"').to_owned()).filter(|s| !s.is_empty()).collect()
    };
    assert_eq!(listed("FORMATS"), Format::ALL.map(Format::id));
    assert_eq!(listed("TONES"), Tone::ALL.map(Tone::id));
}

/// What the platforms say of themselves; the sources are in the file.
#[test]
fn limits_of_the_platforms() {
    for (format, max, count) in [
        (Format::AdHeadline, 30, Count::DoubleWidth),
        (Format::AdDescription, 90, Count::DoubleWidth),
        (Format::SocialPost, 280, Count::XWeighted),
        (Format::EmailSubject, 50, Count::Grapheme),
        (Format::MetaDescription, 155, Count::Utf16),
        (Format::Push, 150, Count::Utf16),
    ] {
        let limits = format.limits().unwrap();
        assert_eq!((limits.max, limits.count), (max, count), "{}", format.id());
    }
    let parts = |format: Format| format.limits().unwrap().parts.len();
    assert_eq!((parts(Format::Push), parts(Format::Hero), parts(Format::Tagline)), (2, 2, 1));
}
