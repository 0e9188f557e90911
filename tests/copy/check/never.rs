//! Forbidden terms, in whatever dress.

use proptest::prelude::*;
use serde_json::json;

use super::{asked, broken};

fn found(text: &str, term: &str) -> Vec<String> {
    broken(text, &asked("product-blurb", "never", json!([term])), "never")
}

#[test]
fn dressed_up() {
    for (term, text, piece) in [
        ("cheap", "So cheap.", "cheap"),
        ("cheap", "CHEAP", "CHEAP"),
        ("Cheap", "chéàp", "chéàp"),
        ("cheap", "ch\u{435}\u{430}p", "ch\u{435}\u{430}p"),
        ("cheap", "ｃｈｅａｐ", "ｃｈｅａｐ"),
        ("cheap", "𝐜𝒽𝕖𝖆𝚙", "𝐜𝒽𝕖𝖆𝚙"),
        ("cheap", "c\u{200b}h\u{ad}e\u{2060}ap", "c\u{200b}h\u{ad}e\u{2060}ap"),
        ("cheap", "c-h-e-a-p", "c-h-e-a-p"),
        ("cheap", "c h e a p", "c h e a p"),
        ("cheap", "ch3@p", "ch3@p"),
        ("cheap", "ch-3-ap", "ch-3-ap"),
        ("cheap", "c h 3 a p", "c h 3 a p"),
        ("free", "fr33", "fr33"),
        ("free", "fr €e", "fr €e"),
        ("less", "le$$", "le$$"),
        ("save", "$@ve", "$@ve"),
        ("easy", "3@sy", "3@sy"),
        ("easy", "3 a s y", "3 a s y"),
        ("cheap", "cheap-looking", "cheap"),
        ("cheap", "dirt-cheap", "cheap"),
        ("cheap", "cheap's", "cheap"),
        ("cheap", "cheaper", "cheaper"),
        ("cheap", "cheapest", "cheapest"),
        ("deal", "deals", "deals"),
        ("box", "boxes", "boxes"),
        ("nice", "nicest", "nicest"),
        ("save", "saving", "saving"),
        ("big", "bigger", "bigger"),
        ("stop", "stopped", "stopped"),
        ("easy", "easiest", "easiest"),
        ("fill", "fiIled", "fiIled"),
        ("office", "oﬃce", "oﬃce"),
        ("Straße", "STRASSE", "STRASSE"),
        ("best seller", "best-seller", "best-seller"),
        ("best-seller", "bestsellers", "bestsellers"),
        ("best seller", "best\u{a0}\u{2011} seller", "best\u{a0}\u{2011} seller"),
        ("100%", "is 100% wool", "100%"),
        ("#1", "the #1 lamp", "#1"),
        ("—", "a — b", "—"),
        ("!", "wow!", "!"),
        ("Ωmega", "ωMEGA", "ωMEGA"),
        ("最高", "これは最高級", "最高"),
    ] {
        assert_eq!(found(text, term), [piece], "{term:?} in {text:?}");
    }
    assert_eq!(found("Cheap, cheaper, cheapest", "cheap"), ["Cheap", "cheaper", "cheapest"]);
}

#[test]
fn ordinary_words() {
    for (term, text) in [
        ("cheap", "cheapskate"),
        // A digit or a sign by itself is none of their letters.
        ("the", "with €176 on it"),
        ("the", "Th €176, then"),
        ("every", "No. 3 very small ones"),
        ("so", "at 5 o'clock"),
        ("care", "two cars"),
        ("cheap", "cheaply"),
        ("cheap", "It was cheerful. Happy cats."),
        ("cheapest", "cheap"),
        ("art", "start, party, cart"),
        ("a", "as at all"),
        ("best seller", "the best. Seller of lamps"),
        ("best seller", "best of sellers"),
        ("100%", "100 lamps"),
        ("fill", "FAIL"),
        ("fall", "FAIL"),
        ("low", "slow lowland"),
        ("!", "wow."),
        ("", ""),
    ] {
        if !term.is_empty() {
            assert!(found(text, term).is_empty(), "{term:?} in {text:?}: {:?}", found(text, term));
        }
    }
}

/// Letters that look like these, of other scripts.
const ALIKE: [(char, &str); 12] = [
    ('a', "аαａáⓐ"),
    ('b', "ьｂḃ"),
    ('c', "сϲⅽｃç"),
    ('d', "ԁⅾđ"),
    ('e', "еεｅë"),
    ('h', "һհｈ"),
    ('i', "іιｉï"),
    ('l', "ⅼłｌ|"),
    ('o', "оο0ø"),
    ('p', "рρｐ"),
    ('s', "ѕ$ｓš"),
    ('t', "тτｔŧ"),
];

proptest! {
    /// One change at any position of any term is found, and exactly there.
    #[test]
    fn changed_anywhere(term in "[a-z]{3,9}", seed in any::<prop::sample::Index>(), how in 0..6usize, pick in 0..5usize) {
        let letters: Vec<char> = term.chars().collect();
        let at = seed.index(letters.len());
        let mut text: Vec<String> = letters.iter().map(char::to_string).collect();
        match how {
            0 => text[at] = text[at].to_uppercase(),
            1 if at > 0 => text[at].insert(0, ['\u{200b}', '\u{200d}', '\u{ad}', '\u{feff}', '\u{e0020}'][pick]),
            2 if at > 0 => text[at].insert(0, ['-', '\u{2011}', '.', '_', '·'][pick]),
            3 if at > 0 => text[at].insert(0, [' ', '\u{a0}', '\u{2009}', ' ', ' '][pick]),
            4 => text[at].push('\u{301}'),
            _ => if let Some((_, alike)) = ALIKE.iter().find(|(c, _)| *c == letters[at]) {
                text[at] = alike.chars().cycle().nth(pick).unwrap().to_string();
            },
        }
        let text = text.concat();
        prop_assert_eq!(found(&format!("Xyz {text}, xyz."), &term), [text.trim_start_matches('\u{200b}')]);
    }

    /// Nothing is found in a text of other letters, whatever stands there.
    #[test]
    fn not_in_other_letters(text in "[ -`{-~à-ÿ\u{200b}\u{2060}f-m]{0,40}") {
        prop_assert!(found(&text, "pqr").is_empty());
    }
}
