//! No markup, no marks of the model, nothing that controls how a text is shown.

use super::Span;
use super::words::first;

/// HTML tags and references, the model's own marks, control characters.
pub(super) fn find(text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let length = match c {
            '<' if first(rest) == '|' => 1,
            '|' if first(rest) == '>' => 1,
            '<' if first(rest).is_ascii_alphabetic() || "/!?".contains(first(rest)) => {
                let inner = rest.bytes().take_while(|b| !b"<>".contains(b)).count();
                inner + usize::from(first(&rest[inner..]) == '>')
            }
            '&' => match rest.find(';') {
                Some(end) if end > 1 && rest[..end].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#') => end + 1,
                _ => continue,
            },
            '\n' => continue,
            // Direction marks and what has no width; the joiner of emoji is none of them.
            '\u{ad}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fffd}'
            | '\u{2028}'
            | '\u{2029}' => 0,
            c if c.is_control() => 0,
            _ => continue,
        };
        if found.last().is_none_or(|last| last[1] <= at) {
            found.push([at, at + c.len_utf8() + length]);
        }
    }
    found
}
