//! "Characters" is six different things; each platform counts in its own way.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// A way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The length of a text.
    #[must_use]
    pub fn of(self, text: &str) -> u32 {
        let n = match self {
            Self::Grapheme => text.graphemes(true).count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::DoubleWidth => text.graphemes(true).map(|g| 1 + usize::from(g.chars().any(wide))).sum(),
            Self::XWeighted => x_weighted(text),
            Self::Gsm7 => gsm7(text),
            Self::Bytes => text.len(),
        };
        u32::try_from(n).unwrap_or(u32::MAX)
    }
}

/// East Asian Wide and Fullwidth blocks (UAX #11), and emoji.
fn wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0x33ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xa000..=0xa4cf
        | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xff60 | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd)
}

fn x_weighted(text: &str) -> usize {
    const URL: usize = 23;
    let text: String = text.nfc().collect();
    let light = |c: char| matches!(u32::from(c), 0..=0x10ff | 0x2000..=0x200d | 0x2010..=0x201f | 0x2032..=0x2037);
    let weigh = |g: &str| match g.chars().next() {
        // An emoji sequence, however long, counts as one wide character.
        Some(c) if emoji(c) => 2,
        _ => g.chars().map(|c| if light(c) { 1 } else { 2 }).sum(),
    };
    let word = |w: &str| {
        if is_url(w.trim_end()) { URL + w.len() - w.trim_end().len() } else { w.graphemes(true).map(weigh).sum() }
    };
    text.split_inclusive(char::is_whitespace).map(word).sum()
}

fn emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff)
}

fn is_url(word: &str) -> bool {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    rest.is_some_and(|r| r.contains('.') && !r.starts_with('.'))
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
