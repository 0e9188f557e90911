//! Takes what identifies a person out of a text, so that it can be read, stored or sent by somebody else, and puts it
//! back into the reply.
//!
//! Shapes and check digits find addresses of mail, payment and network, telephone numbers, and postal addresses; words
//! beside them find order and customer numbers and people's names, in English, German, French and Spanish. No list of
//! names is used: a name that nothing announces is not found (`name.rs` says what counts as an announcement). How much is found
//! is measured by `tests/privacy/`.

mod address;
mod name;
mod number;
mod text;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use text::Masked;

/// What a span of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// An International Bank Account Number whose check digits and structure are right.
    Iban,
    /// A payment card's number, by its network's prefix and length and by its check digit.
    Card,
    /// An IP address, version 4 or 6.
    Ip,
    /// The number of an order, invoice, booking, parcel or ticket.
    Order,
    /// The number of a customer, account or contract.
    Customer,
    /// A telephone number.
    Phone,
    /// A postal address: street and number, with postcode and town where they follow, or a post office box.
    Address,
    /// A person's name, without the title.
    Name,
}

impl Kind {
    /// Every kind, in the order in which they are looked for: what one has taken no later one gets.
    pub const ALL: [Self; 9] = [
        Self::Email,
        Self::Iban,
        Self::Card,
        Self::Ip,
        Self::Order,
        Self::Customer,
        Self::Phone,
        Self::Address,
        Self::Name,
    ];

    /// Its name in placeholders, in lower case that of its spans.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Iban => "IBAN",
            Self::Card => "CARD",
            Self::Ip => "IP",
            Self::Order => "ORDER",
            Self::Customer => "CUSTOMER",
            Self::Phone => "PHONE",
            Self::Address => "ADDRESS",
            Self::Name => "NAME",
        }
    }
}

/// What was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// Where it begins in the original text, in bytes; in the page in UTF-16 units, as JavaScript counts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The text that was there.
    pub value: String,
    /// What stands there now, such as `[EMAIL_1]`. Equal values have equal ones.
    pub placeholder: String,
}

/// A text without persons, and what it takes to undo that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Anonymised {
    /// The text with placeholders.
    pub text: String,
    /// What they stand for, in the order of the text. They are as private as the text was.
    pub spans: Vec<Span>,
}

/// Puts placeholders where a text tells who somebody is. `restore(&a.text, &a.spans)` is the text again, whatever it was.
#[must_use]
pub fn anonymise(text: &str) -> Anonymised {
    let mut found = find(text);
    found.sort_unstable_by_key(|f| f.0);
    let mut names = Placeholders::new(text);
    let mut result = Anonymised { text: String::with_capacity(text.len()), spans: Vec::with_capacity(found.len()) };
    let mut at = 0;
    for (start, end, kind) in found {
        let value = &text[start..end];
        let placeholder = names.of(kind, value);
        result.text.extend([&text[at..start], &placeholder]);
        result.spans.push(Span { kind, start, end, value: value.to_owned(), placeholder });
        at = end;
    }
    result.text.push_str(&text[at..]);
    result
}

/// Puts the values back where their placeholders stand, in this text or in another, such as a reply to it. Placeholders
/// that no span has stay as they are.
#[must_use]
pub fn restore(text: &str, spans: &[Span]) -> String {
    let values: HashMap<&str, &str> = spans.iter().map(|s| (s.placeholder.as_str(), s.value.as_str())).collect();
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('[') {
        result.push_str(&rest[..open]);
        rest = &rest[open..];
        let length = placeholder(rest).unwrap_or(1);
        result.push_str(values.get(&rest[..length]).unwrap_or(&&rest[..length]));
        rest = &rest[length..];
    }
    result.push_str(rest);
    result
}

/// The same spans with their places counted in UTF-16 units of `text`.
#[must_use]
pub fn utf16(text: &str, mut spans: Vec<Span>) -> Vec<Span> {
    let (mut bytes, mut units) = (0, 0);
    let mut to = |at: usize| {
        units += text.get(bytes..at).map_or(0, |between| between.encode_utf16().count());
        bytes = at;
        units
    };
    for span in &mut spans {
        (span.start, span.end) = (to(span.start), to(span.end));
    }
    spans
}

/// Bytes of the placeholder at the beginning of a text.
fn placeholder(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let kind = Kind::ALL.iter().map(|k| k.id()).find(|id| inner.starts_with(&format!("{id}_")))?;
    let digits = inner[kind.len() + 1..].bytes().take_while(u8::is_ascii_digit).count();
    let end = 1 + kind.len() + 1 + digits;
    (digits > 0 && text.as_bytes().get(end) == Some(&b']')).then_some(end + 1)
}

/// Where what is: start, end, kind. No two overlap.
fn find(text: &str) -> Vec<(usize, usize, Kind)> {
    let mut masked = Masked::new(text);
    number::find(&mut masked);
    address::find(&mut masked);
    name::find(&mut masked);
    masked.found
}

/// Gives equal values equal names, and no name that the text already has.
struct Placeholders<'a> {
    given: HashMap<(Kind, &'a str), String>,
    last: HashMap<Kind, usize>,
    there: HashSet<&'a str>,
}

impl<'a> Placeholders<'a> {
    fn new(text: &'a str) -> Self {
        let there = text.match_indices('[').filter_map(|(i, _)| placeholder(&text[i..]).map(|n| &text[i..i + n]));
        Self { given: HashMap::new(), last: HashMap::new(), there: there.collect() }
    }

    fn of(&mut self, kind: Kind, value: &'a str) -> String {
        let Self { given, last, there } = self;
        let make = || {
            let last = last.entry(kind).or_default();
            loop {
                *last += 1;
                let name = format!("[{}_{last}]", kind.id());
                if !there.contains(name.as_str()) {
                    return name;
                }
            }
        };
        given.entry((kind, value)).or_insert_with(make).clone()
    }
}
