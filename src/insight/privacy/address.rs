//! Postal addresses: a street with its number, by the words that streets are called in English, German, French and Spanish,
//! and the postcode and town behind it; post office boxes; postcodes of the United Kingdom, which nothing else looks like.
//!
//! Not found: streets whose names do not say so ("Unter den Linden 7") unless postcode and town follow, towns alone, addresses in
//! small letters, and other languages' streets.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::Kind;
use super::text::{Masked, alone, pattern};

/// An upper case letter of the four languages, and what a word goes on with.
const UP: &str = r"[A-ZÀ-ÖØ-ÞŒ]";
const LETTER: &str = r"[A-Za-zÀ-ÖØ-öø-ÿœ'’-]";
const MORE: &str = r"[A-Za-zÀ-ÖØ-öø-ÿœ'’.-]";

/// Takes them.
pub fn find(masked: &mut Masked) {
    static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [english(), english_town(), french(), spanish(), german(), german_with_town(), boxes(), postcode()]
            .iter()
            .map(|source| pattern(source))
            .collect()
    });
    for regex in PATTERNS.iter() {
        let text = masked.text();
        let places =
            regex.find_iter(text).map(|m| (m.start(), m.start() + m.as_str().trim_end_matches(['.', ' ']).len()));
        let places: Vec<_> = places.filter(|&(start, end)| alone(text, start, end)).collect();
        masked.take(Kind::Address, places);
    }
}

const ENGLISH_STREET: &str = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd|Court|Terrace|Place|Square|Sq\
    |Way|Close|Crescent|Gardens|Grove|Mews|Row|Hill|Parkway|Pkwy|Highway|Hwy|Walk|Green";
const UK_POSTCODE: &str = r"[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}";

fn english_street() -> String {
    let flat = r"(?:Flat|Apt\.?|Apartment|Unit|Suite|Floor)\s\w{1,5}";
    format!(
        r"(?:{flat},?\s)?\d{{1,5}}[A-Za-z]?,?\s(?:{UP}{MORE}*\s){{1,4}}(?:{ENGLISH_STREET})\b\.?(?:,?\s(?:{flat}|#\s?\d{{1,5}}))?"
    )
}

/// With a town and its postcode.
fn english_town() -> String {
    let town = format!(r"(?:,?\s+{UP}{MORE}*){{1,4}}");
    format!(r"{}{town},?\s+(?:{UK_POSTCODE}|\d{{5}}(?:-\d{{4}})?)", english_street())
}

fn english() -> String {
    let street = english_street();
    format!(r"{}|{street}", english_town())
}

/// `12 bis, rue de la Paix, 75002 Paris`
fn french() -> String {
    let street =
        "rue|avenue|av\\.|boulevard|bd\\.?|place|chemin|impasse|allées?|quai|cours|route|square|passage|sentier|voie";
    let small = r"(?:(?:de la|de l['’]|du|des|de|d['’]|la|le|les|l['’]|aux?|en)\s?)?";
    let name = format!(r"{small}{UP}{MORE}*(?:[\s-](?:de |du |la |et |en )?{UP}{MORE}*){{0,3}}");
    format!(r"\d{{1,4}}(?:\s?(?:bis|ter|[A-D]))?,?\s(?i:{street})\s{name}{}", town())
}

/// `Calle Mayor 15, 3.º B, 28013 Madrid`
fn spanish() -> String {
    let street = r"C/|c/|[Cc]alle|[Aa]venida|Avda\.?|Av\.|[Pp]laza|Pza\.?|[Pp]aseo|[Cc]arretera|Ctra\.?|[Rr]onda|[Cc]amino|[Tt]ravesía|[Gg]lorieta";
    let small = r"(?:(?:de la|de los|de las|del|de)\s)?";
    let name = format!(r"{small}{UP}{MORE}*(?:\s(?:de |del |la |las |los |y )?{UP}{MORE}*){{0,3}}");
    let floor = r"(?:,\s\d{1,2}\s?\.?\s?[ºª°](?:\s(?:[A-Z]\b|izq\.?|dcha\.?))?)?";
    format!(r"(?:{street})\s?{name},?\s(?:n\.?º\s?)?\d{{1,4}}{floor}{}", town())
}

const GERMAN_NUMBER: &str = r"\d{1,4}(?:\s?[a-z]\b)?(?:\s?[-–/]\s?\d{1,4})?";

/// `Lindenstraße 12a`, with or without a town.
fn german() -> String {
    let street = r"(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Aa]llee|[Gg]asse|chaussee|[Dd]amm)";
    format!(r"(?:{UP}{MORE}*\s)?(?:{UP}{MORE}*)?{street}\s{GERMAN_NUMBER}{}", town())
}

/// Words that may also be something else ("Parkplatz 3", "Am Montag 3 Lampen"): only with a town.
fn german_with_town() -> String {
    let compound =
        format!(r"{UP}{MORE}*(?:weg|platz|ring|ufer|markt|steig|graben|berg|hof|pfad|wall|tor|park|höhe|feld|stieg)");
    let small =
        r"Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Zum|Zur|Unter den|Hinter der|Alter?|Neuer?|Große|Kleine";
    let row = format!(r"(?:{small})(?:\s{UP}{MORE}*){{1,3}}");
    format!(r"(?:{compound}|{row})\s{GERMAN_NUMBER}{}", required_town())
}

/// Postcode and town of the continent.
fn required_town() -> String {
    let river = r"(?:\s(?:am|an der|ob der|im|bei|sur|de|del|de la)\s)";
    // A full stop ends the sentence, but for that of a saint.
    let word = format!(r"(?:Ste?\. ?)?{UP}{LETTER}*");
    let name = format!(r"{word}(?:(?:[ -]|{river}){word}){{0,3}}");
    format!(r"\s*[,\n]\s*(?:[A-Z]{{1,2}}-)?\d{{4,5}}\s(?:{name}?\s(?i:cedex)(?:\s\d{{1,2}})?|{name})")
}

fn town() -> String {
    format!("(?:{})?", required_town())
}

fn boxes() -> String {
    let uk = format!(r"(?:,\s{UP}{MORE}*(?:\s{UP}{MORE}*)?,?\s{UK_POSTCODE})");
    format!(
        r"(?:P\.?\s?O\.?\s?Box|Postfach|B\.?P\.?|Apartado(?:\sde\s[Cc]orreos)?)\s\d[\d ]{{0,8}}(?:{uk}|{})?",
        required_town()
    )
}

fn postcode() -> String {
    UK_POSTCODE.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<&str> {
        let mut masked = Masked::new(text);
        find(&mut masked);
        masked.found.sort_unstable_by_key(|f| f.0);
        masked.found.iter().map(|f| &text[f.0..f.1]).collect()
    }

    #[test]
    fn they_end_with_the_town() {
        assert_eq!(
            addresses("Lindenstraße 12a, 10969 Berlin. Neu: Am Alten Markt 7, 18055 Rostock, zweiter Stock"),
            ["Lindenstraße 12a, 10969 Berlin", "Am Alten Markt 7, 18055 Rostock"]
        );
        assert_eq!(addresses("8 avenue Victor Hugo, 69006 Lyon."), ["8 avenue Victor Hugo, 69006 Lyon"]);
        assert_eq!(addresses("14 High Street, Bristol BS1 4ST!"), ["14 High Street, Bristol BS1 4ST"]);
        assert_eq!(addresses("Calle Mayor 15"), ["Calle Mayor 15"]);
    }

    #[test]
    fn what_only_begins_like_one() {
        for text in ["Am Montag 3 Lampen", "5 Lamps on the Street", "12 Hours a Day", "2 place settings", "Parkplatz 3"]
        {
            assert_eq!(addresses(text), [""; 0], "{text}");
        }
    }
}
