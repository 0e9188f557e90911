//! Numbers of orders and customers: any sign with digits in it, when a word before it says what it is.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::super::Kind;
use super::super::text::{alone, pattern};
use super::Places;

/// What has a number that leads to a person's purchase.
const ORDER: &str = "order|booking|reservation|invoice|tracking|parcel|shipment|consignment|confirmation|ticket|return\
    |bestell(?:ung|ungs)?|auftrags?|rechnungs?|sendungs?|sendungsverfolgungs|vorgangs?|reservierungs?|buchungs?|paket\
    |lieferschein|commande|réservation|facture|suivi|colis|dossier|pedido|reserva|factura|seguimiento|envío|expediente\
    |orden|albarán";
/// The same of a person.
const CUSTOMER: &str = "customer|client|account|member(?:ship)?|contract|policy|loyalty card|kunden|kundenkonto|vertrags?\
    |mitglieds?|versicherungs?|compte(?: client)?|contrat|adhérent|abonné|cliente|cuenta(?: de cliente)?|contrato|socio\
    |abonado|póliza";
/// What has one only where the word "number" stands beside it: alone it may mean an article or anything else.
const VAGUE: &str = "reference|ref|case|referenz";

const NUMBER: &str = r"number|nummer|numéro|número|no\.?|num\.?|nr\.?|id|n[°º]|n\.\s?[°º]|núm\.?|#";
/// What may stand between the name and the number.
const BETWEEN: &str = r"(?:\s*(?:[:=#-]|\b(?:is|was|lautet|ist|war|est|était|es|era)\b))*\s*";
const TOKEN: &str = r"[A-Za-z0-9]+(?:[-/._][A-Za-z0-9]+)*";

/// The places of both kinds.
pub fn find(text: &str) -> [(Kind, Places); 2] {
    static PATTERNS: LazyLock<[Regex; 2]> = LazyLock::new(|| [of(&format!("{ORDER}|{VAGUE}")), of(CUSTOMER)]);
    let all = |regex: &Regex| {
        let mut places = Places::new();
        let mut at = 0;
        while let Some(found) = regex.captures_at(text, at) {
            let (Some(whole), Some(token)) = (found.get(0), found.name("token")) else { break };
            if accepted(text, &found) {
                places.push((token.start(), token.end()));
                at = token.end();
            } else {
                // In "order my order 48213" the first match has taken the second word for the number.
                at = token.start().max(whole.start() + 1);
            }
        }
        places
    };
    [(Kind::Order, all(&PATTERNS[0])), (Kind::Customer, all(&PATTERNS[1]))]
}

fn of(nouns: &str) -> Regex {
    let prefix = format!(r"(?P<prefix>(?:{NUMBER})\s?(?:de\s|du\s|d['’])?)?");
    let suffix = format!(r"(?P<suffix>[\s-]?(?:{NUMBER}))?");
    pattern(&format!(r"(?i)\b{prefix}(?P<noun>{nouns})s?{suffix}{BETWEEN}\b(?P<token>{TOKEN})"))
}

fn accepted(text: &str, found: &Captures<'_>) -> bool {
    let (Some(token), Some(noun)) = (found.name("token"), found.name("noun")) else { return false };
    if !alone(text, token.start(), token.end()) || date_or_price(token.as_str()) {
        return false;
    }
    let digits = token.as_str().bytes().filter(u8::is_ascii_digit).count();
    let letters = token.as_str().len() > digits;
    let between = &text[noun.end()..token.start()];
    if found.name("prefix").is_some() || found.name("suffix").is_some() || between.contains('#') {
        return digits >= 3 && token.as_str().len() >= 4;
    }
    let vague = VAGUE.split('|').any(|word| word.eq_ignore_ascii_case(noun.as_str()));
    !vague && (digits >= 5 || digits >= 4 && letters) && !counts(&text[token.end()..])
}

/// Dates, times, amounts.
fn date_or_price(token: &str) -> bool {
    static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
        let (date, iso) = (r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})", r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}");
        pattern(&format!(r"^(?:{date}|{iso}|\d{{1,3}}(?:[.,]\d{{3}})+(?:[.,]\d+)?|\d+[.,]\d{{1,2}})$"))
    });
    SHAPES.is_match(token)
}

/// Whether what follows is a unit, so that the number says how many.
fn counts(rest: &str) -> bool {
    static UNIT: LazyLock<Regex> = LazyLock::new(|| {
        let words = "eur|usd|gbp|chf|euros?|dollars?|pieces|pcs|units|items|stück|stk|pièces|unités|unidades|piezas";
        pattern(&format!(r"(?i)^(?:[.,]\d|\s?(?:[€$£%]|(?:{words})\b))"))
    });
    UNIT.is_match(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<&str> {
        let [(_, orders), (_, customers)] = find(text);
        orders.into_iter().chain(customers).map(|(a, b)| &text[a..b]).collect()
    }

    #[test]
    fn with_and_without_the_word() {
        assert_eq!(numbers("order 48213, customer no. 7715, Bestellnr.: 0912"), ["48213", "0912", "7715"]);
        assert_eq!(numbers("Numéro de commande : FR-1029 ; n.º de pedido 5512"), ["FR-1029", "5512"]);
        assert_eq!(numbers("reference number 88-1"), ["88-1"]);
    }

    #[test]
    fn not_how_many_nor_when() {
        for text in
            ["order 10000 pieces", "Bestellung 12.05.2024", "invoice 129.00", "order 12,400", "reference LA-2040-B"]
        {
            assert_eq!(numbers(text), [""; 0], "{text}");
        }
    }
}
