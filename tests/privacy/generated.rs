//! Kinds whose recall has to be 0.99 need more cases than anybody writes: numbers made by a seed, with right check digits, as
//! people write them, in sentences of four languages.

use crate::random::Rng;
use copywright::insight::privacy::{Kind, anonymise};

/// Sentences; the value goes where the bar is.
const SENTENCES: [&str; 12] = [
    "Please use | from now on.",
    "It is |, not the old one!",
    "(|)",
    "I wrote | twice: | again.",
    "Bitte nehmen Sie | dafür.",
    "Neu ist |.",
    "Meine Daten:\n|\nDanke",
    "Voici |, merci.",
    "C'est « | » désormais.",
    "Es |; gracias.",
    "¿Vale |?",
    "|",
];

struct Chance(Rng);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n as u64) as usize
    }
    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

/// In groups of four, or as one.
fn grouped(chance: &mut Chance, plain: &str) -> String {
    let apart = chance.of(&["", " ", " ", "\u{A0}", "-"]);
    let groups: Vec<&str> = (0..plain.len()).step_by(4).map(|i| &plain[i..plain.len().min(i + 4)]).collect();
    groups.join(apart)
}

fn email(chance: &mut Chance) -> String {
    let word = |chance: &mut Chance| chance.of(&["anna", "J", "o'neil", "k-m", "müller", "info", "x9", "van_dam"]);
    let mut local = word(chance).to_owned();
    for _ in 0..chance.below(3) {
        local.push_str(chance.of(&[".", "_", "-", "+"]));
        local.push_str(word(chance).trim_start_matches('\''));
    }
    let host = chance.of(&["example", "mail", "web-shop", "a1", "bücher", "UNI"]);
    let top = chance.of(&["com", "de", "co.uk", "fr", "es", "example", "museum", "info"]);
    format!("{local}@{host}.{top}")
}

fn phone(chance: &mut Chance) -> String {
    // Digits for N, the first of them from 2 to 9 for F.
    let plans = [
        "+44 7700 NNNNNN",
        "+44 20 NNNN NNNN",
        "07700 NNNNNN",
        "020 NNNN NNNN",
        "+1 FNN-555-NNNN",
        "(FNN) 555-NNNN",
        "FNN-555-NNNN",
        "+1 (FNN) 555 NNNN",
        "+49 30 NNNNN NNN",
        "+49 (0)30 NNNNNNN",
        "030 / NNNNNNN",
        "0171 NNNNNNN",
        "0171-NNNNNNN",
        "0049 171 NNNNNNN",
        "+33 6 NN NN NN NN",
        "06 NN NN NN NN",
        "06.NN.NN.NN.NN",
        "+33 (0)6 NN NN NN NN",
        "+34 6NN NNN NNN",
        "6NN NNN NNN",
        "6NN NN NN NN",
        "91 NNN NN NN",
        "+346NNNNNNNN",
        "0034 6NN NNN NNN",
        "+43 664 NNNNNNN",
        "+41 79 NNN NN NN",
        "0151NNNNNNNN",
    ];
    let plan = chance.of(&plans);
    let digit = |c: char| match c {
        'N' => char::from(b'0' + chance.below(10) as u8),
        'F' => char::from(b'2' + chance.below(8) as u8),
        c => c,
    };
    plan.chars().map(digit).collect()
}

/// With the last digit that Luhn's check wants.
fn card(chance: &mut Chance) -> String {
    let (prefix, length) = chance.of(&[("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16), ("3530", 16)]);
    let mut plain = format!("{prefix}{}", chance.digits(length - 1 - prefix.len()));
    let double = |(i, b): (usize, u8)| match u32::from(b - b'0') << (1 - i % 2) {
        n @ 10.. => n - 9,
        n => n,
    };
    let sum: u32 = plain.bytes().rev().enumerate().map(double).sum();
    plain.push_str(&((10 - sum % 10) % 10).to_string());
    grouped(chance, &plain)
}

/// Of countries whose account numbers have no check digits of their own, or none that the registry asks for.
fn iban(chance: &mut Chance) -> String {
    let (country, length) =
        chance.of(&[("DE", 18), ("AT", 16), ("ES", 20), ("BE", 12), ("PL", 24), ("CH", 17), ("DK", 14), ("PT", 21)]);
    let account = chance.digits(length);
    let number = |text: &str| {
        text.bytes().fold(0u32, |rest, b| match b {
            b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
            _ => (rest * 100 + u32::from(b - b'A') + 10) % 97,
        })
    };
    let check = 98 - number(&format!("{account}{country}00"));
    grouped(chance, &format!("{country}{check:02}{account}")).to_string()
}

/// Shares of values that are found whole, as what they are.
fn recall(kind: Kind, make: fn(&mut Chance) -> String) -> f64 {
    let mut chance = Chance(Rng::new(7));
    let (mut found, mut all) = (0, 0);
    for i in 0..3000 {
        let value = make(&mut chance);
        let text = SENTENCES[i % SENTENCES.len()].replace('|', &value);
        let places: Vec<usize> = text.match_indices(&value).map(|m| m.0).collect();
        let spans = anonymise(&text).spans;
        let whole = |at: &&usize| spans.iter().any(|s| (s.kind, s.start, s.end) == (kind, **at, **at + value.len()));
        let hits = places.iter().filter(whole).count();
        if hits < places.len() && all - found < 5 {
            println!("missed {kind:?} {value:?} in {text:?}: {spans:?}");
        }
        (found, all) = (found + hits, all + places.len());
    }
    println!("{:<6} {found} of {all} found whole", kind.id());
    found as f64 / all as f64
}

#[test]
fn made_by_a_seed_and_found() {
    for (kind, make) in [
        (Kind::Email, email as fn(&mut Chance) -> String),
        (Kind::Phone, phone),
        (Kind::Card, card),
        (Kind::Iban, iban),
    ] {
        let recall = recall(kind, make);
        assert!(recall >= 0.99, "{kind:?}: {recall}");
    }
}

/// One digit of a card or of an IBAN changed: its check digit tells, so that nothing is found.
#[test]
fn a_wrong_digit_is_no_number() {
    let mut chance = Chance(Rng::new(9));
    for (kind, make) in [(Kind::Card, card as fn(&mut Chance) -> String), (Kind::Iban, iban)] {
        for _ in 0..1000 {
            let value = make(&mut chance);
            let digits: Vec<usize> = value.match_indices(|c: char| c.is_ascii_digit()).map(|m| m.0).collect();
            // Behind what tells the network or the country.
            let at = digits[4 + chance.below(digits.len() - 4)];
            let other = (value.as_bytes()[at] - b'0' + 1 + chance.below(9) as u8) % 10;
            let wrong = format!("{}{other}{}", &value[..at], &value[at + 1..]);
            let spans = anonymise(&format!("It is {wrong} now")).spans;
            assert!(spans.iter().all(|s| s.kind != kind), "{value} became {wrong}: {spans:?}");
        }
    }
}
