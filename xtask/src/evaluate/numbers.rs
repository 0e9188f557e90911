//! Numbers in texts, however they are written, and whether a brief has them.

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Percent,
    Money(char),
    /// By its shortest name.
    Measure(&'static str),
}

/// A number and its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    value: f64,
    unit: Unit,
    /// As it stands in the text.
    pub shown: String,
}

/// A piece of a text.
enum Piece {
    Digits(f64, String),
    Word(String),
    Sign(char),
    /// Numbers do not go on beyond this.
    Break,
}

/// Units under all their names, the shortest first.
const UNITS: &[&[&str]] = &[
    &["g", "gram", "grams"],
    &["kg", "kilo", "kilos", "kilogram", "kilograms"],
    &["mg"],
    &["lb", "lbs"],
    &["oz", "ounce", "ounces"],
    &["mm", "millimetre", "millimetres", "millimeter", "millimeters"],
    &["cm", "centimetre", "centimetres", "centimeter", "centimeters"],
    &["m", "metre", "metres", "meter", "meters"],
    &["km", "kilometre", "kilometres", "kilometer", "kilometers"],
    &["inch", "inches"],
    &["ft", "foot", "feet"],
    &["mile", "miles"],
    &["l", "litre", "litres", "liter", "liters"],
    &["ml", "millilitre", "millilitres", "milliliter", "milliliters"],
    &["w", "watt", "watts"],
    &["kwh"],
    &["wh"],
    &["mah"],
    &["v", "volt", "volts"],
    &["hz"],
    &["lm", "lumen", "lumens"],
    &["mb"],
    &["gb"],
    &["tb"],
    &["°", "degree", "degrees"],
    &["s", "sec", "second", "seconds"],
    &["min", "mins", "minute", "minutes"],
    &["h", "hr", "hrs", "hour", "hours"],
    &["day", "days"],
    &["week", "weeks"],
    &["month", "months"],
    &["year", "years"],
];

/// Pounds weigh, too, so that the word tells no unit.
const MONEY: &[(&str, char)] = &[
    ("€", '€'),
    ("euro", '€'),
    ("euros", '€'),
    ("eur", '€'),
    ("$", '$'),
    ("dollar", '$'),
    ("dollars", '$'),
    ("usd", '$'),
    ("£", '£'),
    ("gbp", '£'),
    ("¥", '¥'),
    ("yen", '¥'),
    ("cent", 'c'),
    ("cents", 'c'),
    ("pence", 'p'),
    ("kr", 'k'),
    ("kroner", 'k'),
    ("kronor", 'k'),
    ("chf", 'f'),
    ("francs", 'f'),
];

const ONES: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const LARGE: &[(&str, f64)] = &[
    ("dozen", 12.0),
    ("dozens", 12.0),
    ("hundred", 100.0),
    ("hundreds", 100.0),
    ("thousand", 1e3),
    ("thousands", 1e3),
    ("million", 1e6),
    ("millions", 1e6),
    ("billion", 1e9),
    ("billions", 1e9),
];

/// A number word below a hundred, by itself.
fn small(word: &str) -> Option<u32> {
    let at = |list: &[&str]| list.iter().position(|w| *w == word).map(|i| i as u32);
    at(ONES).or_else(|| at(TENS).map(|i| 10 * (i + 2)))
}

fn large(word: &str) -> Option<f64> {
    LARGE.iter().find(|(w, _)| *w == word).map(|l| l.1)
}

fn unit(piece: Option<&Piece>) -> Unit {
    let name = match piece {
        Some(Piece::Word(word)) => word.clone(),
        Some(Piece::Sign(sign)) => sign.to_string(),
        _ => return Unit::None,
    };
    if ["%", "percent"].contains(&name.as_str()) {
        return Unit::Percent;
    }
    if let Some((_, sign)) = MONEY.iter().find(|(n, _)| *n == name) {
        return Unit::Money(*sign);
    }
    UNITS.iter().find(|names| names.contains(&name.as_str())).map_or(Unit::None, |names| Unit::Measure(names[0]))
}

fn pieces(text: &str) -> Vec<Piece> {
    let text = text.to_lowercase().replace("per cent", "percent");
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let inside = |more: fn(char) -> bool| rest.find(|c| !more(c)).unwrap_or(rest.len());
        let length = match c {
            '0'..='9' => {
                // A full stop, a comma or a colon at the end is the sentence's.
                let run = &rest[..inside(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ':'))];
                let run = run.trim_end_matches(['.', ',', ':']);
                found.extend(digits(run).into_iter().map(|value| Piece::Digits(value, run.to_owned())));
                run.len()
            }
            c if c.is_alphabetic() => {
                let end = inside(|c| c.is_alphabetic() || c == '\'' || c == '’');
                found.push(Piece::Word(rest[..end].to_owned()));
                end
            }
            '%' | '€' | '$' | '£' | '¥' | '°' => {
                found.push(Piece::Sign(c));
                c.len_utf8()
            }
            c => {
                if !c.is_whitespace() && !matches!(c, '-' | '‑') {
                    found.push(Piece::Break);
                }
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

/// `1,200` is a thousand and more, `2,5` and `2.50` are 2.5, `7:30` is 7.30, and `1.2.3` is three numbers.
fn digits(run: &str) -> Vec<f64> {
    let groups: Vec<&str> = run.split(',').collect();
    let grouped = groups.len() > 1 && groups[1..].iter().all(|g| g.split('.').next().is_some_and(|g| g.len() == 3));
    let plain = if grouped { run.replace(',', "") } else { run.replace([',', ':'], ".") };
    match plain.parse() {
        Ok(value) => vec![value],
        Err(_) => plain.split('.').filter_map(|part| part.parse().ok()).collect(),
    }
}

/// The numbers of a text, in order. "One" is a number before a unit only ("one litre"; "one day" is none), and as a part
/// of another ("twenty-one", "one hundred").
pub fn numbers(text: &str) -> Vec<Number> {
    let pieces = pieces(text);
    let word = |i: usize| if let Some(Piece::Word(w)) = pieces.get(i) { w.as_str() } else { "" };
    let mut found = Vec::new();
    let mut i = 0;
    while i < pieces.len() {
        let begin = i;
        let (mut value, mut shown) = match &pieces[i] {
            Piece::Digits(value, shown) => (*value, shown.clone()),
            Piece::Word(w) if let Some(n) = small(w) => (f64::from(n), w.clone()),
            // Multiplied below.
            Piece::Word(w) if large(w).is_some() => (1.0, String::new()),
            _ => {
                i += 1;
                continue;
            }
        };
        i += usize::from(!shown.is_empty());
        if TENS.contains(&shown.as_str())
            && let Some(n @ 1..=9) = small(word(i))
        {
            value += f64::from(n);
            shown = format!("{shown}-{}", word(i));
            i += 1;
        }
        while let Some(factor) = large(word(i)) {
            value *= factor;
            shown = format!("{shown} {}", word(i));
            i += 1;
        }
        let mut unit_of = unit(pieces.get(i));
        if unit_of == Unit::None
            && let Some(i) = begin.checked_sub(1)
            && let Some(Piece::Sign('€' | '$' | '£' | '¥')) = pieces.get(i)
        {
            unit_of = unit(pieces.get(i));
        }
        let pronoun = shown == "one" && (unit_of == Unit::None || word(i) == "day");
        if !pronoun {
            found.push(Number { value, unit: unit_of, shown: shown.trim().to_owned() });
        }
    }
    found
}

/// The numbers of a text that the brief's fields do not have. The value must be there; a price or a percentage must be one
/// there, too; a measure must not be another one there.
pub fn foreign(text: &str, fields: &[String]) -> Vec<Number> {
    let known: Vec<Number> = fields.iter().flat_map(|field| numbers(field)).collect();
    let same = |of: &Number, k: &Number| match of.unit {
        Unit::None => true,
        Unit::Measure(_) => k.unit == Unit::None || k.unit == of.unit,
        Unit::Percent | Unit::Money(_) => k.unit == of.unit,
    };
    let has = |of: &Number| known.iter().any(|k| k.value == of.value && same(of, k));
    numbers(text).into_iter().filter(|n| !has(n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        numbers(text).into_iter().map(|n| n.shown).collect()
    }

    fn strange(text: &str, fields: &[&str]) -> Vec<String> {
        let fields: Vec<String> = fields.iter().map(|f| (*f).to_owned()).collect();
        foreign(text, &fields).into_iter().map(|n| n.shown).collect()
    }

    #[test]
    fn numbers_are_found() {
        assert_eq!(
            shown("Two lamps, 49 € each, twenty-five years. Hundreds of them."),
            ["two", "49", "twenty-five", "hundreds"]
        );
        assert_eq!(shown("KT-21 and USB-C in A4, 24/7"), ["21", "4", "24", "7"]);
        assert_eq!(shown("two hundred, a dozen, three million"), ["two hundred", "dozen", "three million"]);
        assert!(numbers("Nobody counts here, often or at all.").is_empty());
        let values = |text| numbers(text).iter().map(|n| n.value).collect::<Vec<_>>();
        assert_eq!(values("1,200 and 2,5 and 2.50 and 7:30. 1.2.3"), [1200.0, 2.5, 2.5, 7.3, 1.0, 2.0, 3.0]);
        assert_eq!(values("two dozen, hundreds, 3 million, thirty-one"), [24.0, 100.0, 3e6, 31.0]);
    }

    #[test]
    fn one_is_a_pronoun_unless_it_measures() {
        assert!(shown("One lamp for one and all. The small one. One day you will.").is_empty());
        assert_eq!(shown("One litre, one year, one percent, one hundred"), ["one", "one", "one", "one hundred"]);
    }

    #[test]
    fn values_must_be_in_the_brief() {
        let fields = ["Terra Mat 6", "holds 8 litres", "price £58", "20 % cork", "three pockets"];
        assert!(strange("Terra Mat 6: 8 l for £58.00, eight litres, 3 pockets, 20 percent cork.", &fields).is_empty());
        assert_eq!(strange("It holds 9 litres in four pockets.", &fields), ["9", "four"]);
        assert_eq!(strange("For £8, 58 % off.", &fields), ["8", "58"], "what is money must be money in the brief");
        assert_eq!(strange("€58", &fields), ["58"], "another currency");
        assert_eq!(strange("8 kg", &fields), ["8"], "another measure");
        assert_eq!(strange("6 kg", &fields), Vec::<String>::new(), "the brief does not say what the 6 are");
        assert_eq!(strange("a 2-year guarantee, thousands sold", &fields), ["2", "thousands"]);
    }
}
