//! A text as a reader sees it: without case, accents and what is invisible, look-alike letters read as Latin ones. Each
//! letter knows where in the text it stands, so that what is found can be shown.

use crate::copy::unicode::{decompose, lower};

/// Look-alike letters that NFKD does not decompose into Latin ones (it knows accents, full width, ligatures, mathematical
/// and circled letters): on each line the letters that are meant, then what looks like them, after Unicode's
/// confusables.txt (UTS #39), for scripts that fonts draw alike. Upper case is there where it looks like another letter than
/// lower case does. A line with `~` has what may be read as a letter within a word but also stands for itself.
pub const CONFUSABLES: &str = include_str!("confusables.txt");

/// One letter or sign of a folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    /// Folded.
    pub c: char,
    /// As it is in the text.
    pub raw: char,
    /// First byte of the character it comes from.
    pub start: usize,
    /// Byte after that character.
    pub end: usize,
}

/// A text, folded. A character may give no glyph, or several.
#[must_use]
pub fn glyphs(text: &str) -> Vec<Glyph> {
    let mut all = Vec::with_capacity(text.len());
    for (start, raw) in text.char_indices() {
        let end = start + raw.len_utf8();
        if raw.is_ascii() {
            if !invisible(raw) {
                all.push(Glyph { c: raw.to_ascii_lowercase(), raw, start, end });
            }
        } else {
            for c in fold(raw).chars() {
                all.push(Glyph { c, raw, start, end });
            }
        }
        // What has no glyph belongs to the one before it.
        if let Some(last) = all.last_mut().filter(|last: &&mut Glyph| last.end == start) {
            last.end = end;
        }
    }
    all
}

fn fold(raw: char) -> String {
    if let Some(letters) = base(raw) {
        return letters.into();
    }
    let mut text = String::new();
    let decomposed = decompose(raw.encode_utf8(&mut [0; 4]));
    for c in decomposed.chars() {
        match base(c) {
            Some(letters) => text.push_str(letters),
            None => {
                for c in lower(c.encode_utf8(&mut [0; 4])).chars() {
                    match base(c) {
                        Some(letters) => text.push_str(letters),
                        None if invisible(c) => (),
                        None => text.push(c),
                    }
                }
            }
        }
    }
    text
}

/// The letters that this one looks like.
fn base(c: char) -> Option<&'static str> {
    alike(c, false)
}

/// Whether a sign may be read as this letter though it also stands for itself, as in "$ave".
#[must_use]
pub fn reads_as(raw: char, letter: char) -> bool {
    // Two lines have the 1 and the |.
    alike(raw, true).is_some_and(|one| one.starts_with(letter)) || letter == 'l' && matches!(raw, '1' | '|')
}

fn alike(c: char, itself: bool) -> Option<&'static str> {
    if c.is_ascii() != itself && c != '€' {
        return None;
    }
    for line in CONFUSABLES.lines() {
        let (letters, alike) = line.split_once(' ')?;
        if line.starts_with('~') == itself && alike.contains(c) {
            return Some(letters.trim_start_matches('~'));
        }
    }
    None
}

/// What takes no room of its own: control and format characters, and marks that stand on another letter.
#[must_use]
pub fn invisible(c: char) -> bool {
    let c = u32::from(c);
    matches!(c,
        0..=8 | 0xb | 0xc | 0xe..=0x1f | 0x7f..=0x9f | 0xad | 0x300..=0x36f | 0x483..=0x489 | 0x61c | 0x115f | 0x1160
        | 0x17b4 | 0x17b5 | 0x180b..=0x180f | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x200b..=0x200f | 0x202a..=0x202e
        | 0x2060..=0x206f | 0x20d0..=0x20ff | 0x3164 | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f | 0xfeff | 0xffa0
        | 0xfff9..=0xfffb | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}
