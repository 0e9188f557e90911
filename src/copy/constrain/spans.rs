//! The numbers that a brief has, as they may be said again.

use super::numbers::{CURRENCIES, UNSURE, leads, lines, names, words};
use crate::copy::unicode::Is;

/// A digit.
const DIGIT: Is = |c| c.is_ascii_digit();
/// A sign of an inch.
const INCH: Is = |c| matches!(c, '"' | '”');

/// What a number before it counts: "10 million".
const COUNTED: [&str; 5] = ["hundred", "thousand", "million", "billion", "dozen"];

/// A number as it may be said, and whether it has no unit.
pub(super) type Span = (String, bool);

/// The numbers of a text as they may be said again: a piece between spaces that has one in it, with the unit behind it.
pub(super) fn spans<'a>(text: &'a str) -> Vec<Span> {
    let edge: Is = |c| c.is_whitespace() || ".,;:!?()[]\"“”‘’'".contains(c);
    let mut pieces: Vec<&str> = Vec::new();
    let trim = |piece: &'a str| -> &'a str {
        let word = piece.trim_matches(edge);
        // After a digit it is the sign of an inch.
        let end = word.as_ptr() as usize - piece.as_ptr() as usize + word.len();
        let inch = word.ends_with(DIGIT) && piece[end..].starts_with(INCH);
        let sign = piece[end..].chars().next().map_or(0, char::len_utf8);
        if inch { &piece[end - word.len()..end + sign] } else { word }
    };
    for mut piece in text.split_whitespace() {
        // Of a range each end is said, and a hyphen behind a full stop is one of a range.
        while let Some(at) =
            piece.char_indices().skip(1).find(|&(at, c)| c == '–' || c == '-' && piece[..at].ends_with('.'))
        {
            pieces.push(trim(&piece[..at.0]));
            piece = &piece[at.0 + at.1.len_utf8()..];
        }
        pieces.push(trim(piece));
    }
    let named = |piece: &str| {
        piece
            .to_ascii_lowercase()
            .split((|c| matches!(c, '-' | '–' | '/')) as Is)
            .any(|w| words().contains(&w) || w.strip_suffix('s').is_some_and(|w| words().contains(&w)))
    };
    let digits = |piece: &str| piece.contains(DIGIT);
    let signs = |piece: &str| CURRENCIES.iter().any(|c| piece.contains(c)) || piece.contains('%');
    let mut all = Vec::new();
    let mut done = 0;
    for (i, piece) in pieces.iter().enumerate() {
        // Of "two hundred" the hundred is no number by itself.
        if i < done {
            continue;
        }
        // "One" is a number where a unit follows.
        let one = piece.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("one"))
            && matches!(piece.as_bytes().get(3), None | Some(b'-'));
        if !(digits(piece) || named(piece) || signs(piece) || one) {
            continue;
        }
        // A sign by itself belongs to the number beside it.
        if signs(piece) && !piece.contains(char::is_alphanumeric as Is) {
            continue;
        }
        // Twenty five; 1 000; 3 to 5 kg: each of them is one with what follows.
        let mut whole = (*piece).to_owned();
        let mut next = i + 1;
        let counted = |p: &str| COUNTED.iter().any(|word| p.eq_ignore_ascii_case(word));
        while let Some(more) = pieces.get(next).filter(|p| named(p) && (named(&whole) || counted(p)) && !digits(p)) {
            whole = [&whole, " ", more].concat();
            next += 1;
        }
        done = next;
        // "50-minute" is a value with its unit, too.
        let (value, glued) = match whole.split_once('-') {
            Some((value, unit)) if forms(unit, false).len() > 1 => (value.to_owned(), Some(unit.to_owned())),
            _ => (whole.clone(), None),
        };
        let joined = glued.is_some();
        // "5 km/h", "40 dB(A)"
        let first =
            |p: &&str| p.split((|c| matches!(c, '/' | '(')) as Is).next().unwrap_or_default().to_ascii_lowercase();
        let after = glued.or_else(|| pieces.get(next).map(first)).unwrap_or_default();
        let times = matches!(&*after, "x" | "×");
        // "2 x AA" is no 2.
        if times && !pieces.get(next + 1).is_some_and(|p| digits(p)) {
            all.push(([&value, " ", &after].concat(), false));
            continue;
        }
        let units = if times { Vec::new() } else { forms(&after, false) };
        // "One bar" is not 1 bar.
        let low = after.to_ascii_lowercase();
        if one && lines(false).iter().any(|line| names(line, &low) && UNSURE.iter().any(|unit| line.contains(unit))) {
            continue;
        }
        // May 12 is not 12.
        let before =
            i.checked_sub(1).and_then(|b| pieces.get(b)).filter(|_| digits(piece)).map(|p| p.to_ascii_lowercase());
        let dated = before.as_deref().is_some_and(leads);
        if let (true, Some(before)) = (dated, before) {
            let day = i.checked_sub(2).and_then(|d| pieces.get(d)).filter(|d| digits(d));
            all.extend(day.map(|day| ([day, " ", &before, " ", piece].concat(), false)));
            all.push(([&before, " ", piece].concat(), false));
            continue;
        }
        // "60 x 40 cm" is said as a whole, too.
        let mut end = next;
        while matches!(pieces.get(end), Some(&("x" | "×"))) && pieces.get(end + 1).is_some_and(|p| digits(p)) {
            end += 2;
        }
        if end > next {
            let size = pieces[i..end].join(" ");
            let of = pieces.get(end).map(|p| forms(&p.to_ascii_lowercase(), false)).filter(|units| units.len() > 1);
            all.extend(of.iter().flatten().map(|unit| ([&size, " ", unit].concat(), false)));
            all.extend(of.is_none().then_some((size, true)));
        }
        for value in forms(&value, true) {
            if units.len() > 1 {
                all.extend(units.iter().map(|unit| ([&value, " ", unit].concat(), false)));
            } else if !one && !value.ends_with(INCH) {
                all.push((value, true));
            }
        }
        // A value that has a unit is not said without.
        if joined || units.len() <= 1 && !one {
            let ended = digits(&whole) && whole.ends_with((|c| c.is_alphabetic() || "%\"”".contains(c)) as Is);
            let bare = !joined && !ended;
            all.push((whole, bare));
        }
    }
    all
}

/// All forms of a number or a unit, its own first; only that where it is neither.
fn forms(word: &str, number: bool) -> Vec<String> {
    let low = word.to_ascii_lowercase().replace('²', "2").replace('³', "3");
    let mut all = vec![word.to_owned()];
    match (&*low, number) {
        ("a.m" | "p.m", false) => return vec![[&low, "."].concat(), low.replace('.', "")],
        ("1", true) => all.push("one".into()),
        ("one", true) => all.push("1".into()),
        _ => (),
    }
    let line = lines(number).iter().find(|line| names(line, &low));
    // Not what stands for a number in the list: "1/2", "2x", "4th".
    let said = |form: &str| form != "x" && !form.starts_with(DIGIT) || form.parse::<u32>().is_ok();
    for form in line.into_iter().flatten().filter(|form| said(form)) {
        all.push((*form).to_owned());
        // Metres are no milliseconds, and degrees have no plural.
        if !number && *form != "m" && !form.starts_with('°') {
            all.push([form, "s"].concat());
        }
    }
    all
}
