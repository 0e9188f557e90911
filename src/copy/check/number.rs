//! Numbers come from the brief, each with its unit.

use super::Span;
use super::words::{Token, dash, first, tokens, without_last};

/// Number words with their values, then units, each after the name that all of its forms share. A plural s is taken away
/// before they are looked up.
pub(crate) const NAMES: &str = include_str!("numbers.txt");

/// A number as it stands in a text.
#[derive(Clone)]
pub(crate) struct Quantity {
    /// "49", "1/2", "9:30"; a word with digits in it whole, as "x200"; empty for a currency without a number.
    pub value: String,
    /// "kg", "€", "%", or empty.
    pub unit: String,
    /// What its unit may also be, where it has none of its own.
    pub shared: String,
    pub span: Span,
}

/// Whether the brief says this number with this unit. A currency by itself is said with any number.
pub(crate) fn backed(quantity: &Quantity, known: &[Quantity]) -> bool {
    let same = |a: &str, b: &str| a == b && !a.is_empty();
    known.iter().any(|k| {
        (k.value == quantity.value || quantity.value.is_empty())
            && (k.unit == quantity.unit || same(&k.shared, &quantity.unit) || same(&k.unit, &quantity.shared))
    })
}

/// The number with each unit that stands in a text, as in the key of `{"weight in kg": 1.5}`.
pub(super) fn with_units(quantity: &Quantity, text: &str, all: &mut Vec<Quantity>) {
    for token in tokens(text) {
        if let Some(unit) = unit(&token.text) {
            all.push(Quantity { unit: unit.into(), ..quantity.clone() });
        }
    }
}

/// All numbers of a text. In `3 to 5 kg` and `€3 to 5` both have the unit, in "16s" the s may be no second.
pub(crate) fn scan(text: &str) -> Vec<Quantity> {
    let tokens = tokens(text);
    let mut all: Vec<Quantity> = Vec::new();
    // The token after the last number.
    let (mut i, mut last) = (0, None);
    while i < tokens.len() {
        let Some((mut quantity, next)) = quantity(&tokens, i) else {
            i += 1;
            continue;
        };
        let joined = last.is_some_and(|last| last == i || last + 1 == i && connects(&tokens[last]));
        if let Some(before) = all.last_mut().filter(|_| joined) {
            if before.unit.is_empty() {
                before.shared.clone_from(&quantity.unit);
            } else if quantity.unit.is_empty() {
                quantity.shared.clone_from(&before.unit);
            }
        }
        all.push(quantity);
        (i, last) = (next, Some(next));
    }
    all
}

/// Between the two numbers of a range or a size.
fn connects(token: &Token) -> bool {
    dash(first(&token.text)) || ["to", "x", "×", "by", "and", "or", "/"].contains(&&*token.text)
}

/// The number that begins at token i, and where it ends.
fn quantity(tokens: &[Token], i: usize) -> Option<(Quantity, usize)> {
    let token = &tokens[i];
    let text = |j: usize| tokens.get(j).map_or("", |t| t.text.as_str());
    let near = |j: usize| tokens.get(j).is_some_and(|t| !t.apart);
    let before = i.checked_sub(1).map(|j| &tokens[j]);
    let digits = first(&token.text).is_numeric();
    let (mut value, mut suffix, mut next) = (String::new(), None, i + 1);
    let mut spanned = [token.start, token.end];
    if digits {
        let end = token.text.chars().take_while(|c| !c.is_alphabetic()).map(char::len_utf8).sum::<usize>();
        let rest = &token.text[end..];
        suffix = unit(rest);
        value = if rest.is_empty() || suffix.is_some() { plain(&token.text[..end]) } else { token.text.clone() };
        if text(next) == "+" && near(next) {
            value.push('+');
            next += 1;
        }
    } else if token.word && token.text.chars().any(char::is_numeric) {
        value.clone_from(&token.text);
    } else if let Some(name) = named(&token.text, true) {
        let start = without_last(name, char::is_alphabetic);
        suffix = (start.len() < name.len()).then(|| &name[start.len()..]);
        value.push_str(start);
        // Twenty-five, two hundred.
        let after = next + usize::from(dash(first(text(next))));
        if let Some(one) = named(text(after), true).filter(|one| one.len() == 1 && name.len() == 2 && name > "19") {
            value = [&name[..1], one].concat();
            next = after + 1;
        } else if name.contains('/') && matches!(text(next), "a" | "an") {
            next += 1;
        }
    } else if token.text == "one" {
        value.push('1');
    } else if !currency(&token.text) && token.text != "%" {
        return None;
    } else if digits_at(tokens, i + 1) || before.is_some_and(|b| first(&b.text).is_numeric()) {
        // It belongs to a number, which is found by itself.
        return None;
    } else {
        return Some((Quantity { value, unit: token.text.clone(), shared: String::new(), span: spanned }, next));
    }
    // 5 kg, 5-kg, 9 a.m., 20 per cent, 20 °C
    let mut end = next;
    if suffix.is_none() {
        let at = next + usize::from(dash(first(text(next))) && near(next) && near(next + 1));
        let (name, after) = match (text(at), text(at + 1), text(at + 2)) {
            ("a", ".", "m") => ("am", at + 4),
            ("p", ".", "m") => ("pm", at + 4),
            ("per", "cent", _) => ("%", at + 2),
            ("°", "c", _) => ("°c", at + 2),
            ("°", "f", _) => ("°f", at + 2),
            ("\"" | "″" | "”", ..) if digits && near(at) => ("inch", at + 1),
            // The currency of the next number.
            (sign, ..) if currency(sign) && digits_at(tokens, at + 1) => ("", next),
            ("×" | "x", ..) if digits_at(tokens, at + 1) => ("", next),
            ("×", ..) if near(at) => ("x", at + 1),
            (word, ..) => (word, at + 1),
        };
        suffix = unit(name);
        if suffix.is_some() {
            end = after.min(tokens.len());
        }
    }
    if token.text == "one" && suffix.is_none_or(|u| matches!(u, "x" | "bar" | "may" | "ft")) {
        return None;
    }
    // €5, EUR 5, May 5, -5
    let mut prefix = "";
    if let Some(before) = before.filter(|_| digits) {
        let sign = dash(first(&before.text)) && !token.apart;
        // 5%–10% and 5"-10" are ranges, as 5-10 is one.
        let range = |at: usize| {
            tokens[at].word
                || ["%", "\"", "″", "”"].contains(&&*tokens[at].text) && digits_at(tokens, at.wrapping_sub(1))
        };
        if sign && (before.apart || i == 1 || !range(i - 2)) {
            value.insert(0, '-');
            spanned[0] = before.start;
        } else if let Some(name) =
            // What has a unit of its own is no day of a month.
            unit(&before.text).filter(|name| currency(name) || month(name) && suffix.is_none())
        {
            prefix = name;
            spanned[0] = before.start;
        }
    }
    spanned[1] = tokens[end - 1].end;
    let mut unit = [prefix, suffix.unwrap_or_default()].concat();
    // The 16s, and 16 seconds.
    let plural = digits && unit == "s" && end == i + 1;
    let shared = if plural { std::mem::take(&mut unit) } else { String::new() };
    Some((Quantity { value, unit, shared, span: spanned }, end))
}

fn digits_at(tokens: &[Token], i: usize) -> bool {
    tokens.get(i).is_some_and(|t| first(&t.text).is_numeric())
}

pub(crate) fn currency(name: &str) -> bool {
    matches!(name, "€" | "£" | "$" | "¥" | "₹" | "kr" | "chf" | "¢")
}

pub(crate) fn month(name: &str) -> bool {
    const FIRST: &str = "\njanuary ";
    let months = NAMES.find(FIRST).map_or("", |at| &NAMES[at..]);
    months.lines().any(|line| line.split(' ').next() == Some(name) && !name.is_empty())
}

fn unit(word: &str) -> Option<&'static str> {
    named(word, false).or_else(|| named(word.strip_suffix('s')?, false))
}

/// The name that a number word or a unit shares with its other forms.
fn named(word: &str, number: bool) -> Option<&'static str> {
    if word.is_empty() {
        return None;
    }
    for line in NAMES.lines() {
        if line.as_bytes()[0].is_ascii_digit() == number {
            let mut names = line.split(' ');
            let first = names.next()?;
            if !number && first == word {
                return Some(first);
            }
            for name in names {
                if name == word || number && word.strip_suffix('s') == Some(name) {
                    return Some(first);
                }
            }
        }
    }
    None
}

/// What a word counts, in digits, when it is a number by itself: "eight", "8".
#[cfg(any(not(target_arch = "wasm32"), feature = "insight-module"))]
pub(crate) fn cardinal(word: &str) -> Option<&'static str> {
    let value = if word == "one" { "1" } else { named(word, true)? };
    value.bytes().all(|b| b.is_ascii_digit()).then_some(value)
}

/// 1,200.50 and 1200.5 are one number.
fn plain(digits: &str) -> String {
    let (mut value, mut points, mut other) = (String::new(), 0, false);
    for (at, c) in digits.char_indices() {
        let group = digits[at + c.len_utf8()..].bytes().take_while(u8::is_ascii_digit).count();
        match c {
            // Leading zeros.
            '0' if value.is_empty() && group > 0 => (),
            ',' if group == 3 => (),
            ',' | '.' => {
                value.push('.');
                points += 1;
            }
            '\u{2044}' => value.push('/'),
            _ => {
                other |= matches!(c, ':' | '/');
                value.push(c);
            }
        }
    }
    if points == 1 && !other {
        let end = without_last(without_last(&value, |c| c == '0'), |c| c == '.').len();
        value.truncate(end);
    }
    value
}
