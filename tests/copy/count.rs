//! Counting, against cases worked out by hand from the platforms' rules.

use copywright::copy::count::Count::{self, Bytes, DoubleWidth, Grapheme, Gsm7, Utf16, XWeighted};
use proptest::prelude::*;

fn counts(count: Count, cases: &[(&str, u32)]) {
    for (text, length) in cases {
        assert_eq!(count.of(text), *length, "{count:?} of {text:?}");
    }
}

#[test]
fn graphemes() {
    counts(
        Grapheme,
        &[
            ("", 0),
            ("abc", 3),
            ("é", 1),
            ("e\u{301}", 1),
            ("👩‍👩‍👧‍👦", 1),
            ("🇩🇪🇧🇪", 2),
            ("🙋🏽", 1),
            ("한국", 2),
            ("\r\n", 1),
            ("नमस्ते", 3), // a conjunct is one
        ],
    );
}

/// JavaScript's `length`.
#[test]
fn utf16() {
    counts(
        Utf16,
        &[("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 2), ("€", 1), ("日本", 2), ("😀", 2), ("👩‍👩‍👧‍👦", 11), ("🇩🇪", 4)],
    );
}

#[test]
fn bytes() {
    counts(Bytes, &[("", 0), ("abc", 3), ("é", 2), ("€", 3), ("日", 3), ("😀", 4)]);
}

/// Search ads: what takes two columns counts two.
#[test]
fn double_width() {
    counts(
        DoubleWidth,
        &[
            ("", 0),
            ("Desk lamps", 10),
            ("Größe €49", 9),
            ("日本語", 6),
            ("かな カナ", 9),
            ("ｶﾅ", 2),   // halfwidth
            ("ＡＢ", 4), // fullwidth
            ("한국어", 6),
            ("\u{1112}\u{1161}\u{11ab}", 2), // one syllable, written in parts
            ("「中文」", 8),
            ("a\u{3000}b", 4),
            ("🚀✨⭐", 6),
            ("❤️", 2),
            ("🇩🇪", 2),
            ("👩‍👩‍👧‍👦", 2),
            ("≤ → –", 5),
            ("ไทย", 3),
        ],
    );
}

/// X: "counting characters" of its developers' documentation, and the configuration of twitter-text that it
/// points to (version 3): weight 1 below U+1100 and for some punctuation, else 2; an emoji 2; a URL 23; NFC.
#[test]
fn x_weighted() {
    counts(
        XWeighted,
        &[
            ("", 0),
            ("Desk lamps", 10),
            ("caf\u{e9}", 4),
            ("cafe\u{301}", 4), // NFC first
            ("Größe Ж ت", 9),
            ("“quoted” – ‘so’", 15), // general punctuation below U+2020
            ("€…•", 6),              // above it
            ("日本語", 6),
            ("한국어", 6),
            ("カナ", 4),
            ("😀", 2),
            ("👩‍👩‍👧‍👦", 2),
            ("🙋🏽👨‍🎤", 4),
            ("🏳️‍🌈", 2),
            ("🇩🇪🇧🇪", 4),
            ("☺❤️✨", 6),
            ("1️⃣ #️⃣", 5), // keycaps
            ("ℹ️", 2),
            ("H🐱☺👨‍👩‍👧‍👦", 7),
        ],
    );
}

#[test]
fn urls_on_x() {
    counts(
        XWeighted,
        &[
            ("http://test.co", 23),
            ("Hi http://test.co", 26),
            ("https://example.com/a/very/long/path/that/goes/on?and=on&on=#and-on", 23),
            ("HTTPS://Example.COM", 23),
            ("see https://example.com.", 28),
            ("(https://example.com)", 25),
            ("“https://example.com/x”!", 26),
            ("https://example.com, https://example.org", 48),
            ("https://example.com/日本", 27), // the path is taken as far as it is surely one
            ("https://example.com\nnext", 28),
            // Without a scheme a domain that everybody knows is one too.
            ("example.com", 23),
            ("otters.com/otters today", 29),
            ("www.example.org.", 24),
            ("example.com's", 25),
            // And these are none.
            ("https://", 8),
            ("https://nothing", 15),
            ("https://.com", 12),
            ("ftp://a.b", 9),
            ("me@example.com", 14),
            ("U.S. v1.5 e.g.", 14),
            ("end.Start", 9),
            ("node.js", 7),
            ("@acme.shop", 10),
        ],
    );
    let full = format!("{} https://example.com", "x".repeat(256));
    assert_eq!(XWeighted.of(&full), 280);
}

/// GSM 03.38: 128 septets, ten more at the price of two; anything else makes all of it UCS-2.
#[test]
fn gsm7() {
    counts(
        Gsm7,
        &[
            ("", 0),
            ("Sale today only", 15),
            ("@£$¥èéùìòÇ", 10),
            ("ÄÖÑÜäöñüà§¿¡", 12),
            ("ΔΦΓΛΩΠΨΣΘΞ", 10),
            ("€49", 4),
            ("{}[]~|^\\", 16),
            ("a\nb\rc", 5),
            ("\u{c}", 2),
            ("l’été", 5),   // a curly quote: UCS-2
            ("ç", 1),       // small c cedilla is not in it, one UCS-2 unit
            ("€ and “", 7), // the price of € no longer counts
            ("😀 sale", 7),
            ("`", 1),
            ("日本", 2),
        ],
    );
    let septets: u32 = (0..128u32).filter_map(char::from_u32).map(|c| Gsm7.of(&c.to_string())).sum();
    // ASCII: 33 controls but \n, \r and \f, and the accent grave, are UCS-2 and count one as well; nine count two.
    assert_eq!(septets, 128 + 9);
}

proptest! {
    #[test]
    fn lengths_are_sane(text in "\\PC{0,40}|([a-z.:/ ]|https://|😀|日|e\u{301}){0,20}") {
        let (graphemes, utf16, bytes) = (Grapheme.of(&text), Utf16.of(&text), Bytes.of(&text));
        prop_assert!(graphemes <= utf16 && utf16 <= bytes);
        let wide = DoubleWidth.of(&text);
        prop_assert!(graphemes <= wide && wide <= 2 * graphemes);
        prop_assert!(XWeighted.of(&text) <= 23 * utf16);
        prop_assert!(Gsm7.of(&text) <= 2 * utf16);
    }

    /// Without anything special all count the same.
    #[test]
    fn plain_text_is_plain(text in "[A-Za-z0-9,!? ]{0,60}") {
        let length = text.len() as u32;
        for count in [Grapheme, Utf16, DoubleWidth, XWeighted, Gsm7, Bytes] {
            prop_assert_eq!(count.of(&text), length, "{:?}", count);
        }
    }
}
