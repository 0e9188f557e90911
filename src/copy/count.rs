//! "Characters" is six different things; each platform counts in its own way.

use std::ops::Range;

use serde::Serialize;

use crate::copy::unicode::{Is, graphemes, nfc};

/// A way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    /// What a reader sees as one character (UAX #29).
    Grapheme,
    /// UTF-16 code units: JavaScript's `length`.
    Utf16,
    /// Ads: East Asian wide characters count two.
    DoubleWidth,
    /// X: NFC; Latin and its like count one, the rest two, an emoji two, a URL 23.
    XWeighted,
    /// SMS: septets of GSM 03.38, or UCS-2 units as soon as one character lies outside it.
    Gsm7,
    /// UTF-8 bytes.
    Bytes,
}

impl Count {
    /// By its name in `formats.json`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "grapheme" => Self::Grapheme,
            "utf16" => Self::Utf16,
            "doublewidth" => Self::DoubleWidth,
            "xweighted" => Self::XWeighted,
            "gsm7" => Self::Gsm7,
            "bytes" => Self::Bytes,
            _ => return None,
        })
    }

    /// The length of a text.
    #[must_use]
    pub fn of(self, text: &str) -> u32 {
        let n = match self {
            Self::Grapheme => graphemes(text).len(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::DoubleWidth => graphemes(text).iter().map(|g| 1 + usize::from(emoji(g) || g.chars().any(wide))).sum(),
            Self::XWeighted => x_weighted(text),
            Self::Gsm7 => gsm7(text),
            Self::Bytes => text.len(),
        };
        u32::try_from(n).unwrap_or(u32::MAX)
    }
}

/// East Asian Wide and Fullwidth blocks (UAX #11), without emoji.
fn wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xa960..=0xa97c | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x16fe0..=0x18dff | 0x1aff0..=0x1b2ff
        | 0x1f200..=0x1f2ff | 0x20000..=0x3fffd)
}

/// A grapheme that is shown as an emoji: by its block, or as a variation selector or keycap asks for.
fn emoji(grapheme: &str) -> bool {
    let block = |c: char| matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff);
    grapheme.chars().next().is_some_and(block) || grapheme.contains((|c| matches!(c, '\u{fe0f}' | '\u{20e3}')) as Is)
}

/// The rules of twitter-text's configuration, version 3.
fn x_weighted(text: &str) -> usize {
    const URL: usize = 23;
    let light = |c: char| matches!(u32::from(c), 0..=0x10ff | 0x2000..=0x200d | 0x2010..=0x201f | 0x2032..=0x2037);
    // An emoji, however many code points it takes, counts as one character beyond Latin.
    let weigh = |g: &String| if emoji(g) { 2 } else { g.chars().map(|c| if light(c) { 1 } else { 2 }).sum() };
    let plain = |text: &str| graphemes(text).iter().map(weigh).sum::<usize>();
    let word = |word: &str| match url(word) {
        Some(url) => plain(&word[..url.start]) + URL + plain(&word[url.end..]),
        None => plain(word),
    };
    nfc(text).split_inclusive(char::is_whitespace as Is).map(word).sum()
}

/// Where in a word a web address is: one with its scheme, or one that ends in a domain that most know. Where
/// in doubt it is longer than X would have it, so that nothing counts less than there.
fn url(word: &str) -> Option<Range<usize>> {
    const COMMON: [&str; 20] = [
        "com", "org", "net", "edu", "gov", "info", "biz", "app", "dev", "shop", "store", "online", "site", "blog",
        "tech", "cloud", "studio", "xyz", "co", "tv",
    ];
    let lower = word.to_ascii_lowercase();
    let scheme = ["https://", "http://"].iter().filter_map(|s| lower.find(s).map(|at| (at, at + s.len()))).min();
    let (start, host) = scheme.or_else(|| lower.find(char::is_alphanumeric as Is).map(|at| (at, at)))?;
    let rest = &lower[host..];
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    let name = &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())];
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let known = labels.last().is_some_and(|last| COMMON.contains(last))
        && !word[..start].contains((|c| "@#$/".contains(c)) as Is);
    if labels.len() < 2 || labels.iter().any(|l| l.is_empty()) || !(scheme.is_some() || known) {
        return None;
    }
    let path = rest[name.len()..].starts_with((|c| "/?#:".contains(c)) as Is);
    let shown = if path { &word[start..] } else { &word[start..host + name.len()] };
    let end = shown.find(|c: char| c.is_whitespace() || wide(c)).unwrap_or(shown.len());
    let shown = shown[..end].trim_end_matches((|c| ".,;:!?'\")]}>»”’…".contains(c)) as Is);
    Some(start..start + shown.len())
}

fn gsm7(text: &str) -> usize {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENDED: &str = "^{}\\[~]|€\u{c}";
    let septets = text.chars().map(|c| match c {
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    });
    septets.sum::<Option<usize>>().unwrap_or_else(|| text.encode_utf16().count())
}
