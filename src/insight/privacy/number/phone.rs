//! Telephone numbers. A library that knows every country's plan would be several times this module; what is taken here has
//! the shape of a number as people write it, unless something beside it says otherwise.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::super::text::{before, ends_with_word, pattern};
use super::{Places, groups_that};

/// Words after which any row of digits is a telephone number.
const CALL: &[&str] = &[
    "phone",
    "phone number",
    "tel",
    "telephone",
    "mobile",
    "cell",
    "fax",
    "call",
    "ring",
    "text",
    "whatsapp",
    "me at",
    "me on",
    "telefon",
    "telefonnummer",
    "handy",
    "handynummer",
    "mobil",
    "mobilnummer",
    "rückruf",
    "anruf",
    "tél",
    "téléphone",
    "portable",
    "fixe",
    "appelez",
    "appelez le",
    "joignable au",
    "teléfono",
    "móvil",
    "fijo",
    "llame",
    "llame al",
    "llamen al",
    "llámame al",
];
/// Words after which it is none.
const THINGS: &[&str] = &[
    "part",
    "part no",
    "article",
    "article no",
    "item",
    "item no",
    "model",
    "serial",
    "serial number",
    "serial no",
    "sn",
    "s/n",
    "ean",
    "gtin",
    "isbn",
    "issn",
    "sku",
    "batch",
    "lot",
    "charge",
    "art",
    "art-nr",
    "artikel",
    "artikelnummer",
    "artikelnr",
    "seriennummer",
    "modell",
    "modèle",
    "référence",
    "réf",
    "numéro de série",
    "modelo",
    "referencia",
    "ref",
    "número de serie",
    "lote",
    "serie",
    "version",
    "error",
    "code",
    "código",
    "fehler",
    "erreur",
    "din",
    "iso",
];

/// The places of telephone numbers.
pub fn find(text: &str) -> Places {
    static RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[+(]?\d(?:[ \u{A0}\u{202F}./()-]{0,3}\d){5,30}"));
    let mut places = Vec::new();
    for run in RUN.find_iter(text) {
        // A number that is part of a longer sign, such as LA-0301234567, is not one.
        if text[..run.start()].ends_with(['-', '/', '.', ',', '_', '#', '\u{1}']) {
            continue;
        }
        let context = before(text, run.start(), 40);
        let called = ends_with_word(&context, CALL);
        if !called && ends_with_word(&context, THINGS) {
            continue;
        }
        places
            .extend(groups_that(text, run.start(), run.as_str(), (7, 16), &|part, digits| phone(part, digits, called)));
    }
    places.retain(|&(_, end)| !amount(&text[end..]));
    places
}

fn phone(part: &str, digits: &str, called: bool) -> bool {
    static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
        let north_america = r"(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])\d{3}[-. ]\d{4}";
        let spain = r"[6789]\d\d[ .-]\d{3}[ .-]\d{3}|[679]\d\d(?:[ .-]\d\d){3}|[89]\d[ .-]\d{3}[ .-]\d\d[ .-]\d\d";
        pattern(&format!("^(?:{north_america}|{spain})$"))
    });
    if dated(part) || part.matches('(').count() != part.matches(')').count() {
        return false;
    }
    let (count, apart) = (digits.len(), part.len() > digits.len());
    match part.as_bytes() {
        [b'+', ..] => (8..=15).contains(&count) && !digits.starts_with('0'),
        [b'0', b'0', b'1'..=b'9', ..] => (9..=16).contains(&count) && (apart || called),
        [b'0', ..] | [b'(', b'0', ..] => {
            (if called { 7 } else { 9 }..=12).contains(&count) && !digits.starts_with("00")
        }
        _ => SHAPES.is_match(part) || called && (7..=12).contains(&count),
    }
}

/// Whether it begins with a date, as "03.04.2023 14" of "03.04.2023 14:30" does.
fn dated(part: &str) -> bool {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        let (day, month) = (r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])");
        let either = format!(r"(?:{day}[./-]{month}|{month}[./-]{day})[./-](?:19|20)?\d\d");
        // Its end alone is no number either: "02/2024 09" of "01/02/2024 09:15".
        let late = format!(r"{month}[./-](?:19|20)\d\d");
        pattern(&format!(r"^(?:{either}|{late}|(?:19|20)\d\d[./-]{month}[./-]{day})(?:$|[^./0-9-])"))
    });
    DATE.is_match(part)
}

/// Whether what follows makes it a sum or a length, as in "612 345 678 €".
fn amount(rest: &str) -> bool {
    static UNIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:[.,:]\d|\s?(?:[€$£%]|(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|km|m|kg|mm|cm)\b))")
    });
    UNIT.is_match(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_sums_are_no_numbers() {
        for text in [
            "03.04.2023 14:30",
            "01/02/2024 09.15",
            "2024-05-12 10",
            "612 345 678 €",
            "part no. 0815-4711-22",
            "978-3-16-148410-0",
            "0,0123456789",
            "LA-0301234567",
            "1 234 567",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }

    #[test]
    fn as_people_write_them() {
        for text in ["06.12.34.56.78", "+49 (0)40 66969 123", "(030) 23125-777", "tel. 23125777", "0151/23456789"] {
            assert_eq!(find(text).len(), 1, "{text}");
        }
    }
}
