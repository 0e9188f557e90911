//! Numbers, and numbers within bounds. They have at most 15 digits before the point and 15 behind it, and no exponent: that
//! many every reader keeps apart.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, Repetition};

use super::json::Taken;
use super::wrong;
use crate::fields::Read;

/// Digits before the point and behind it.
const DIGITS: u32 = 15;
/// The largest number of so many digits.
const MOST: i64 = 999_999_999_999_999;

/// A bound, and whether it is itself left out.
#[derive(Debug, Clone, Copy)]
struct Bound {
    at: f64,
    open: bool,
}

/// What `minimum`, `maximum`, `exclusiveMinimum` and `exclusiveMaximum` leave of the whole numbers, or of all numbers.
pub(super) fn number(fields: &mut Taken<'_>, whole: bool) -> Read<Hir> {
    if !fields.any(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) {
        return Ok(any(whole));
    }
    let mut bound = |closed: &str, open: &str, wins: fn(f64, f64) -> bool, far: f64| -> Read<Bound> {
        let given = [(closed, false), (open, true)].map(|(name, open)| {
            let at = fields.read(name, |v, at| v.number(at))?;
            match at {
                Some(n) if !whole && n.fract() != 0.0 => {
                    wrong(&fields.path(name), "is not a whole number: others are supported for integers only")
                }
                at => Ok(at.map(|at| Bound { at, open })),
            }
        });
        let [closed, open] = given;
        Ok(match (closed?, open?) {
            (Some(a), Some(b)) => {
                if wins(a.at, b.at) {
                    a
                } else {
                    b
                }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Bound { at: far, open: false },
        })
    };
    let low = bound("minimum", "exclusiveMinimum", |a, b| a > b, -(MOST as f64))?;
    let high = bound("maximum", "exclusiveMaximum", |a, b| a < b, MOST as f64)?;
    Ok(if whole { integers(low, high) } else { decimals(low, high) })
}

/// Any whole number, or any number.
pub(super) fn any(whole: bool) -> Hir {
    let counted = Hir::concat(vec![among('1', '9'), digits(0, DIGITS - 1)]);
    if whole {
        return Hir::alternation(vec![literal("0"), Hir::concat(vec![optional(literal("-")), counted])]);
    }
    let before = Hir::alternation(vec![literal("0"), counted]);
    Hir::concat(vec![optional(literal("-")), before, optional(after(".", digits(1, DIGITS)))])
}

fn integers(low: Bound, high: Bound) -> Hir {
    // One beyond what is written where nothing is.
    let most = MOST as f64;
    let mut lo = low.at.ceil().clamp(-most, most + 1.0) as i64;
    let mut hi = high.at.floor().clamp(-most - 1.0, most) as i64;
    lo += i64::from(low.open && lo as f64 == low.at);
    hi -= i64::from(high.open && hi as f64 == high.at);
    let below = if lo < 0 { after("-", naturals((-hi).max(1), -lo)) } else { Hir::fail() };
    Hir::alternation(vec![naturals(lo.max(0), hi), below])
}

fn decimals(low: Bound, high: Bound) -> Hir {
    if low.at > MOST as f64 || high.at < -(MOST as f64) {
        return Hir::fail();
    }
    let clamp =
        |b: Bound| Bound { at: b.at.clamp(-(MOST as f64), MOST as f64), open: b.open && b.at.abs() <= MOST as f64 };
    let (low, high) = (clamp(low), clamp(high));
    let zero = Bound { at: 0.0, open: false };
    let minus = |b: Bound| Bound { at: -b.at, open: b.open };
    let mut ways = Vec::new();
    if high.at >= 0.0 {
        ways.push(magnitudes(if low.at >= 0.0 { low } else { zero }, high));
    }
    if low.at < 0.0 {
        ways.push(after("-", magnitudes(if high.at <= 0.0 { minus(high) } else { zero }, minus(low))));
    }
    Hir::alternation(ways)
}

/// Numbers from 0 on, with a fraction or without.
fn magnitudes(low: Bound, high: Bound) -> Hir {
    let (lo, hi) = (low.at as i64, high.at as i64);
    if lo > hi || (lo == hi && (low.open || high.open)) {
        return Hir::fail();
    }
    let any = optional(after(".", digits(1, DIGITS)));
    // Behind the point something else than 0.
    let some = Hir::concat(vec![literal("."), digits(0, DIGITS - 1), among('1', '9')]);
    let none = optional(literal(".0"));
    let mut ways = Vec::new();
    if lo < hi {
        ways.push(Hir::concat(vec![naturals(lo, lo), if low.open { some } else { any.clone() }]));
        ways.push(Hir::concat(vec![naturals(lo + 1, hi - 1), any]));
    }
    if !high.open {
        ways.push(Hir::concat(vec![naturals(hi, hi), none]));
    }
    Hir::alternation(ways)
}

/// Whole numbers from 0 on, both ends included.
fn naturals(lo: i64, hi: i64) -> Hir {
    let mut ways = Vec::new();
    let mut least = 0;
    while lo <= hi && least <= hi {
        // The numbers of one length: 0 to 9, 10 to 99, ...
        let most = if least == 0 { 9 } else { least * 10 - 1 };
        let (from, to) = (lo.max(least), hi.min(most));
        if from <= to {
            ways.push(between(from.to_string().as_bytes(), to.to_string().as_bytes()));
        }
        least = most + 1;
    }
    Hir::alternation(ways)
}

/// Digits that lie between two rows of as many.
fn between(lo: &[u8], hi: &[u8]) -> Hir {
    let ([a, lo @ ..], [b, hi @ ..]) = (lo, hi) else { return Hir::empty() };
    let (a, b) = (char::from(*a), char::from(*b));
    let rest = lo.len() as u32;
    if a == '0' && b == '9' && lo.iter().all(|&d| d == b'0') && hi.iter().all(|&d| d == b'9') {
        return digits(rest + 1, rest + 1);
    }
    let with = |c: char, tail: Hir| Hir::concat(vec![among(c, c), tail]);
    if a == b {
        return with(a, between(lo, hi));
    }
    let next = |c: char, step: i8| char::from((c as u8).wrapping_add_signed(step));
    let mut ways = vec![with(a, between(lo, &vec![b'9'; lo.len()])), with(b, between(&vec![b'0'; hi.len()], hi))];
    if next(a, 1) < b {
        ways.push(Hir::concat(vec![among(next(a, 1), next(b, -1)), digits(rest, rest)]));
    }
    Hir::alternation(ways)
}

fn digits(min: u32, max: u32) -> Hir {
    repeated(among('0', '9'), min, Some(max))
}

fn among(from: char, to: char) -> Hir {
    Hir::class(Class::Unicode(ClassUnicode::new([ClassUnicodeRange::new(from, to)])))
}

fn after(first: &str, then: Hir) -> Hir {
    Hir::concat(vec![literal(first), then])
}

/// A text as it is.
pub(super) fn literal(text: &str) -> Hir {
    Hir::literal(text.as_bytes())
}

pub(super) fn optional(hir: Hir) -> Hir {
    repeated(hir, 0, Some(1))
}

/// So many times, from `min` to `max`.
pub(super) fn repeated(hir: Hir, min: u32, max: Option<u32>) -> Hir {
    Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(hir) })
}
