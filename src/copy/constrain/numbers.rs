//! The number lock: digits, number words, currencies and percentages only as the brief has them, each with its unit. Behind a
//! number that has none, no unit comes either: "five frames" is not to become "five days".

use std::sync::OnceLock;

use super::phrases::{self, GAP, Phrases};
use super::shared::Shared;
use super::spans::Span;
use crate::copy::check::number::{NAMES, currency, month};
use crate::copy::unicode::Is;
use crate::generate::constraint::{Automaton, Costs, State, Trie, boundary, continues, join, kind};

/// What the brief has ends here.
const END: u8 = 1;
/// A word that is a number.
const NUMBER: u8 = 2;
/// A sign of currency.
const SIGN: u8 = 4;
/// What the brief has ends here without a unit.
const BARE: u8 = 8;
/// A unit of another number of the brief.
const UNIT: u8 = 16;
/// What ends here would also belong to a number behind it: a currency, a month.
const BOTH: u8 = 32;

/// Begins, in the tree, what must not stand behind a bare number. No text has it.
const BEHIND: u8 = 1;

/// Inside a word; else one may begin.
const WITHIN: u32 = 1;
/// Inside a number, which only what the brief has can go on with.
const BOUND: u32 = 2;
/// Behind a number and a sign that a further digit would join to it.
const JOINED: u32 = 3;
/// Behind a number and an apostrophe.
const QUOTED: u32 = 4;
/// Behind a number and the first bytes of what may be one.
const QUOTING: u32 = 5;
/// Behind the s that may follow it.
const OWNED: u32 = 6;

pub(super) const CURRENCIES: [&str; 6] = ["€", "£", "¥", "₹", "¢", "$"];

/// Whether a currency's sign begins so.
fn begins_sign(byte: u8) -> bool {
    matches!(byte, b'$' | 0xc2 | 0xe2)
}

/// Lines of number words, of which the first is their value, or of units; each has all forms of one.
pub(super) fn lines(numbers: bool) -> &'static [Vec<&'static str>] {
    static LINES: OnceLock<[Vec<Vec<&str>>; 2]> = OnceLock::new();
    let both = LINES.get_or_init(|| {
        let of = |numbers: bool| {
            let lines = NAMES.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()) == numbers);
            lines.map(|line| line.split(' ').collect()).collect()
        };
        [of(false), of(true)]
    });
    &both[usize::from(numbers)]
}

/// All number words.
pub(super) fn words() -> &'static [&'static str] {
    static WORDS: OnceLock<Vec<&str>> = OnceLock::new();
    // What stands first in a line of numbers is their value.
    WORDS.get_or_init(|| lines(true).iter().flat_map(|line| line.iter().skip(1).copied()).collect())
}

/// Whether what stands at the end of this would belong to a number behind it, too.
fn both(span: &str) -> bool {
    let last = span.rsplit((|c| matches!(c, ' ' | '-')) as Is).next().unwrap_or_default().to_ascii_lowercase();
    CURRENCIES.contains(&&*last) || leads(&last) || matches!(&*last, "x" | "×")
}

/// Whether this belongs to a number that follows: a currency or a month.
pub(super) fn leads(word: &str) -> bool {
    lines(false).iter().any(|line| names(line, word) && (currency(line[0]) || month(line[0])))
}

/// Units that are other words behind "one": time, bar, may, foot.
pub(super) const UNSURE: [&str; 4] = ["x", "bar", "may", "ft"];

/// Numbers and the unit behind them, by the line of the unit.
fn measures() -> &'static Shared {
    static MEASURES: OnceLock<Shared> = OnceLock::new();
    MEASURES.get_or_init(|| {
        let mut phrases = Phrases::default();
        let (gap, behind_one) = (phrases.gap(), phrases.gap());
        // "A3 mm" is a measure, too.
        for at in [GAP, phrases::WITHIN] {
            let digits = phrases.digits(at);
            phrases.space(digits, Some(gap));
            phrases.dash(digits, gap);
        }
        for word in words() {
            let mut at = phrases.word(GAP, word);
            for _ in 0..2 {
                phrases.space(at, Some(gap));
                phrases.dash(at, gap);
                at = phrases.word(at, "s");
            }
        }
        let one = phrases.word(GAP, "one");
        phrases.space(one, Some(behind_one));
        phrases.dash(one, behind_one);
        let all = lines(false).len() as u16;
        for (i, line) in (0..).zip(lines(false)) {
            // May 12 is a date, which the brief has or not.
            for name in line.iter().filter(|_| month(line[0])) {
                let day = phrases.word(GAP, name);
                let day = phrases.space(day, None);
                let day = phrases.digits(day);
                phrases.complete(day, i, true);
            }
            let unsure = UNSURE.iter().any(|u| line.contains(u));
            // Of two days none is one day: what "one" has is opened by itself.
            for (at, i) in [(gap, i), (behind_one, all + i)].into_iter().take(if unsure { 1 } else { 2 }) {
                for name in line.iter().filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) {
                    let at = phrases.word(at, name);
                    phrases.complete(at, i, false);
                    let at = phrases.word(at, "s");
                    phrases.complete(at, i, false);
                }
                let more = match line[0] {
                    "%" => "per cent",
                    "am" => "a.m",
                    "pm" => "p.m",
                    _ => continue,
                };
                let at = phrases.word(at, more);
                phrases.complete(at, i, false);
            }
        }
        Shared::new(&phrases)
    })
}

/// No unit behind a number but those which one of these has, or that a text may have to go on with; and the former.
pub(super) fn units(spans: &[Span], forced: &[&str]) -> (Automaton, Vec<&'static str>) {
    let all = lines(false).len();
    let mut closed = vec![true; 2 * all];
    let mut free = Vec::new();
    for (text, _) in spans {
        measures().open(text, &mut closed);
    }
    // A term may begin with a number, wherever a text stands.
    if forced.iter().any(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
        closed.iter_mut().zip(lines(false)).filter(|(_, line)| month(line[0])).for_each(|(closed, _)| *closed = false);
    }
    for word in forced.iter().filter_map(|text| text.split((|c| !c.is_alphanumeric()) as Is).find(|w| !w.is_empty())) {
        let low = word.to_ascii_lowercase();
        for (i, _) in lines(false).iter().enumerate().filter(|(_, line)| names(line, &low)) {
            (closed[i], closed[all + i]) = (false, false);
            free.push(low.clone());
        }
    }
    let had = lines(false)
        .iter()
        .zip(&closed)
        .filter(|(_, closed)| !**closed)
        .filter(|(line, _)| !free.iter().any(|word| names(line, word)))
        .flat_map(|(line, _)| line)
        .copied()
        .collect();
    (measures().table(&closed), had)
}

/// Whether a line of names has this word, or its plural.
pub(super) fn names(line: &[&str], word: &str) -> bool {
    let one = word.strip_suffix('s').unwrap_or(word);
    line.iter().any(|&w| w == word || w == one)
}

/// The lock for these numbers, which have these units, of these texts; `owned`: an s may follow them behind an apostrophe.
pub(super) fn lock(
    costs: &Costs,
    (spans, units): (&[Span], &[&str]),
    owned: bool,
    sources: &[String],
) -> Option<Automaton> {
    let words = words();
    let mut trie = Trie::default();
    for name in words {
        trie.add(name, NUMBER, true);
        trie.add([name, "s"].concat(), NUMBER, true);
    }
    // A currency by itself is said of any number, but only where the brief has it.
    let said = |code: &str| sources.iter().any(|text| text.to_ascii_lowercase().contains(code));
    for code in ["kr", "chf"].into_iter().filter(|code| !said(code)) {
        trie.add(code, NUMBER, true);
    }
    // What no number has, no character is.
    for sign in CURRENCIES.iter().filter(|sign| **sign == "$" || spans.iter().any(|(span, _)| span.contains(**sign))) {
        trie.add(sign, SIGN, true);
    }
    for (span, bare) in spans {
        let more = if *bare {
            BARE
        } else if both(span) {
            BOTH
        } else {
            0
        };
        trie.add(span, END | more, true);
    }
    for name in units.iter().filter(|name| name.is_ascii()) {
        trie.add([&[BEHIND], name.as_bytes()].concat(), UNIT, true);
        trie.add([&[BEHIND], name.as_bytes(), b"s"].concat(), UNIT, true);
    }
    let behind = trie.step(&[], true, BEHIND);
    // What only a sign of currency begins with: 0x82 behind 0xE2, and 0xC2 where there is no "²", "°" or the like.
    let mixed = |c: char| ('\u{80}'..'\u{c0}').contains(&c) && !CURRENCIES.iter().any(|sign| sign.starts_with(c));
    let pure = !sources.iter().any(|text| text.contains(mixed));
    let sure = |byte: u8| byte == 0x82 || pure && byte == 0xc2;
    // A unit may follow.
    let watch = |marks: u8, byte: u8, on: &mut Vec<u32>| {
        if let Some(&behind) = behind.first().filter(|_| marks & BARE > 0 && matches!(byte, b' ' | b'\n' | b'-' | 0xe2))
        {
            join(on, behind);
        }
    };
    let step = |s: &State, byte: u8| {
        let State { mode, nodes } = s;
        let go = |mode: u32, nodes: Vec<u32>| Some(State { mode, nodes });
        let marks = trie.marks(nodes);
        if byte.is_ascii_digit() {
            let on = trie.step(nodes, *mode == 0, byte);
            return if on.is_empty() { None } else { go(BOUND, on) };
        }
        let open = matches!(*mode, 0 | JOINED) && !continues(byte);
        let mut on = trie.step(nodes, open, byte);
        if *mode == BOUND && !on.is_empty() && (marks & END == 0 || !boundary(byte)) {
            return go(BOUND, on);
        }
        if *mode == BOUND && marks & END == 0 {
            return None;
        }
        // A sign of currency begins a number wherever it stands.
        if begins_sign(byte) && !open {
            on = trie.step(&[&nodes[..], &[0]].concat(), false, byte);
        }
        let sign = trie.marks(&on) & SIGN > 0;
        // "9+" is another number than 9.
        let plus = byte == b'+' && marks & END > 0 && on.is_empty();
        if *mode == BOUND {
            // "30°" is another number than 30, too.
            if !boundary(byte) || sign || plus || matches!(byte, b'%' | 0xc2) && on.is_empty() {
                return None;
            }
            if sure(byte) && !on.is_empty() {
                return go(BOUND, on);
            }
            watch(marks, byte, &mut on);
            return match byte {
                b'\'' => go(QUOTED, on),
                0xe2 => go(QUOTING, on),
                b'.' | b',' | b':' | b'/' | b'-' => go(JOINED, on),
                _ if marks & BOTH > 0 => go(JOINED, on),
                _ => go(0, on),
            };
        }
        if sign || byte == b'%' || byte == b'$' || sure(byte) && !on.is_empty() {
            return if on.is_empty() { None } else { go(BOUND, on) };
        }
        if continues(byte) {
            // A unit may also follow a dash.
            if let Some(&behind) = behind.first().filter(|b| *mode == QUOTING && byte != 0x99 && nodes.contains(b)) {
                join(&mut on, behind);
            }
            return match (*mode, byte) {
                (QUOTING, 0x99) => go(QUOTED, on),
                (QUOTING, 0x93 | 0x94) => go(0, on),
                (mode, _) => go(mode, on),
            };
        }
        if boundary(byte) {
            // "10's+" is none of a number's own forms.
            if *mode == OWNED && byte == b'+' {
                return None;
            }
            if marks & (UNIT | END) == UNIT && !on.is_empty() && !plus {
                // "60 x", of "60 x 40 cm"
                return go(BOUND, on);
            }
            if marks & (UNIT | END) == UNIT || plus {
                return None;
            }
            watch(marks, byte, &mut on);
            // A dash behind a space is the sign of the number that follows.
            let next = if *mode != WITHIN && matches!(byte, b'-' | 0xe2) || marks & BOTH > 0 { JOINED } else { 0 };
            // A word that is a number has come to its end, whatever sign begins behind it.
            let ended = marks & NUMBER > 0 && trie.step(nodes, false, byte).is_empty();
            return match (marks & NUMBER > 0, marks & END > 0, ended) {
                (false, ..) | (true, true, _) => go(next, on),
                (true, false, false) => go(BOUND, on),
                (true, false, true) => None,
            };
        }
        match *mode {
            QUOTED if owned && byte.eq_ignore_ascii_case(&b's') => go(OWNED, Vec::new()),
            QUOTED | OWNED => None,
            _ => go(WITHIN, on),
        }
    };
    let accepts = |s: &State| {
        let marks = trie.marks(&s.nodes);
        marks & END > 0 || s.mode != BOUND && marks & (NUMBER | UNIT) == 0
    };
    let kind = |byte: u8| {
        if byte.is_ascii_digit() {
            9
        } else if matches!(byte, 0x93 | 0x94 | 0x99) {
            // The last bytes of dashes and of an apostrophe.
            10 + u8::from(byte == 0x99)
        } else if matches!(byte, b' ' | b'\n' | b'-') {
            // Between a number and its unit.
            if byte == b'-' { 7 } else { 6 }
        } else if b".,:/".contains(&byte) {
            8
        } else if matches!(byte, b'%' | b'$' | b'+' | b'\'') || begins_sign(byte) {
            byte
        } else {
            kind(byte)
        }
    };
    let apart = |s: &State, byte: u8| {
        let begins = matches!(s.mode, 0 | JOINED) || begins_sign(byte);
        matches!(s.mode, QUOTED | QUOTING | OWNED) || trie.leads(&s.nodes, begins, byte)
    };
    Automaton::explore(costs, &trie.alphabet(true), &kind, &apart, &step, &accepts, &|_| false)
}
