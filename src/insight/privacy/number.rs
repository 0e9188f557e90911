//! What its own shape gives away: addresses of mail, bank, card and network, telephone numbers, and numbers whose name
//! stands before them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use iban::Iban;
use regex_lite::Regex;

use super::Kind;
use super::text::{Masked, alone, before, ends_with_word, pattern};

mod labelled;
mod phone;

/// Takes all of them, those first that are hardest to take for something else.
pub fn find(masked: &mut Masked) {
    let places = emails(masked.text());
    masked.take(Kind::Email, places);
    let places = ibans(masked.text());
    masked.take(Kind::Iban, places);
    let places = cards(masked.text());
    masked.take(Kind::Card, places);
    let places = ips(masked.text());
    masked.take(Kind::Ip, places);
    for (kind, places) in labelled::find(masked.text()) {
        masked.take(kind, places);
    }
    let places = phone::find(masked.text());
    masked.take(Kind::Phone, places);
}

/// Start and end, in bytes.
type Places = Vec<(usize, usize)>;

/// The part before the sign as people have it, not as RFC 5321 allows it; letters of any European alphabet. Also with
/// `(at)` and `[dot]` in words.
fn emails(text: &str) -> Places {
    static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
        let letter = r"A-Za-z0-9\u{C0}-\u{24F}\u{370}-\u{5FF}";
        let label = format!("[{letter}](?:[{letter}-]*[{letter}])?");
        let at = r"(?:@|\s?[\[(]\s?(?:at|arroba|ät|arobase)\s?[\])]\s?)";
        let dot = r"(?:\.|\s?[\[(]\s?(?:dot|punkt|point|punto)\s?[\])]\s?)";
        pattern(&format!("[{letter}_](?:[{letter}._%+'’-]*[{letter}_+-])?{at}(?:{label}{dot})+[{letter}-]{{2,24}}"))
    });
    EMAIL.find_iter(text).map(|m| (m.start(), m.end())).collect()
}

/// By the registry's structure for each country and ISO 7064's check digits.
fn ibans(text: &str) -> Places {
    static IBAN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b[a-z]{2}\d\d(?:[ \u{A0}\u{202F}-]?[a-z0-9]){11,36}"));
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(candidate) = IBAN.find_at(text, at) {
        let (start, run) = (candidate.start(), candidate.as_str());
        // What follows may look like more of it.
        let ends = run.char_indices().map(|(i, c)| i + c.len_utf8()).rev();
        let valid = |&end: &usize| {
            let plain: String = run[..end].chars().filter(char::is_ascii_alphanumeric).collect();
            alone(text, start, start + end) && plain.to_ascii_uppercase().parse::<Iban>().is_ok()
        };
        let end = ends.take_while(|end| *end >= 15).find(valid);
        places.extend(end.map(|end| (start, start + end)));
        at = start + end.unwrap_or(2);
    }
    places
}

/// Networks by their prefixes and lengths (ISO/IEC 7812), Luhn's check digit. Visa's numbers of 13 digits, not given out
/// any more, would be one in ten article numbers that begin with 4.
fn cards(text: &str) -> Places {
    static DIGITS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d(?:[ \u{A0}\u{202F}-]?\d){11,40}"));
    let mut places = Vec::new();
    for candidate in DIGITS.find_iter(text) {
        places.extend(groups_that(text, candidate.start(), candidate.as_str(), (12, 19), &|_, digits| card(digits)));
    }
    places
}

fn card(digits: &str) -> bool {
    let prefix = |n: usize| digits[..n].parse::<u32>().unwrap_or_default();
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    let known = match digits.len() {
        14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        n @ 12..=19 => {
            let long = n >= 16;
            (two / 10 == 4 && matches!(n, 16 | 19))
                || (n == 16 && (matches!(two, 51..=55) || matches!(four, 2221..=2720)))
                || (long && (four == 6011 || matches!(three, 644..=649) || matches!(two, 62 | 65)))
                || (long && matches!(four, 3528..=3589))
                || matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
        }
        _ => false,
    };
    known && luhn(digits)
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &str) -> bool {
    let double = |(i, b): (usize, u8)| {
        let digit = u32::from(b - b'0') << (i % 2);
        if digit > 9 { digit - 9 } else { digit }
    };
    digits.bytes().rev().enumerate().map(double).sum::<u32>() % 10 == 0
}

/// Versions have the shape of an address, too, but say so.
fn ips(text: &str) -> Places {
    static FOUR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{1,3}(?:\.\d{1,3}){3}"));
    static SIX: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]+(?:(?:\.\d{1,3}){3})?"));
    const VERSION: &[&str] =
        &["version", "versión", "versione", "firmware", "build", "release", "v", "ver", "update", "windows", "android"];
    let four = |m: &regex_lite::Match<'_>| {
        let (start, end) = (m.start(), m.end());
        let longer = text[..start].ends_with('.')
            || text[end..].strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        m.as_str().parse::<Ipv4Addr>().is_ok()
            && alone(text, start, end)
            && !longer
            && !ends_with_word(&before(text, start, 16), VERSION)
    };
    // `a::b` is an address by its grammar; one that anybody has is longer.
    let six = |m: &regex_lite::Match<'_>| {
        let digits = m.as_str().bytes().filter(u8::is_ascii_hexdigit).count();
        digits >= 5 && m.as_str().parse::<Ipv6Addr>().is_ok() && alone(text, m.start(), m.end())
    };
    let places = FOUR.find_iter(text).filter(four).chain(SIX.find_iter(text).filter(six));
    let mut places: Places = places.map(|m| (m.start(), m.end())).collect();
    places.sort_unstable();
    places
}

/// The longest row of neighbouring groups of digits in a run of them that `is` what is sought, with what stands between
/// them and without; of equals the first. `start` is where the run is in the text; so many digits are sought, at least
/// and at most.
fn groups_that(
    text: &str,
    start: usize,
    run: &str,
    (least, most): (usize, usize),
    is: &dyn Fn(&str, &str) -> bool,
) -> Option<(usize, usize)> {
    let digit = |i: usize| run.as_bytes().get(i).is_some_and(u8::is_ascii_digit);
    let opens = |i: usize| !digit(i.wrapping_sub(1)) && (digit(i) || matches!(run.as_bytes()[i], b'+' | b'('));
    let mut best: Option<(usize, usize)> = None;
    for begin in (0..run.len()).filter(|&i| opens(i)) {
        let mut digits = String::new();
        for (end, byte) in (begin + 1..).zip(&run.as_bytes()[begin..]) {
            if byte.is_ascii_digit() {
                digits.push(char::from(*byte));
            }
            if digits.len() > most {
                break;
            }
            let longer = best.is_none_or(|(b, e)| end - begin > e - b);
            let whole = digits.len() >= least && digit(end - 1) && !digit(end);
            if whole && longer && alone(text, start + begin, start + end) && is(&run[begin..end], &digits) {
                best = Some((begin, end));
            }
        }
    }
    best.map(|(begin, end)| (start + begin, start + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        for good in ["4111111111111111", "378282246310005", "6759649826438453", "30569309025904", "501800000009"] {
            assert!(card(good), "{good}");
        }
        // A wrong digit; the right check digit in a length or with a prefix that no network has; an article's number.
        for bad in ["4111111111111112", "411111111111116", "9111111111111119", "4006381333931"] {
            assert!(!card(bad), "{bad}");
        }
        assert!(luhn("4006381333931") || !card("4006381333931"));
    }

    #[test]
    fn addresses_end_where_they_end() {
        let text = "DE89 3704 0044 0532 0130 00 BIC COBADEFF, 4111 1111 1111 1111 09/27, 10.1.2.3.4 192.0.2.1.";
        let at = |places: Places| places.iter().map(|&(a, b)| &text[a..b]).collect::<Vec<_>>();
        assert_eq!(at(ibans(text)), ["DE89 3704 0044 0532 0130 00"]);
        assert_eq!(at(cards(text)), ["4111 1111 1111 1111"]);
        assert_eq!(at(ips(text)), ["192.0.2.1"]);
    }
}
