//! A baseline without a model: sentences with blanks, filled from the brief.

use copywright::copy::brief::Brief;
use copywright::copy::format::Format;
use copywright::copy::rules::Rules;

use super::authors::Author;
use crate::tools::Result;

/// Blanks: `{name}`, `{category}`, `{audience}`, `{a}` `{b}` `{c}` (features), `{A}` (the same, first letter large),
/// `{fact}`, `{interest}`, `{question}`. A line whose blank the brief cannot fill is passed over.
fn templates(format: Format) -> &'static [&'static str] {
    match format {
        Format::Tagline | Format::AdHeadline | Format::EmailSubject => &[
            "{A}",
            "{name}: {a}",
            "{name}, the {category}",
            "Your {category}: {a}",
            "Meet {name}",
            "New: {name}",
            "{A}, {b}",
            "For {audience}",
        ],
        Format::AdDescription | Format::Push => &[
            "{name}: {a}, {b}.",
            "{A}. {B}.",
            "A {category} for {audience}.",
            "{name}, the {category}: {a}.",
            "Your {category}: {a} and {b}.",
            "Meet {name}: {a}.",
            "{A}, {b}, {c}.",
            "New: {name}. {A}.",
        ],
        Format::Hero => &[
            "{A}\n{name}, the {category}: {b}.",
            "Meet {name}\n{A}, {b}.",
            "A {category} for {audience}\n{name}: {a}, {b}.",
            "{name}\n{A}. {B}.",
            "Your {category}\n{name}: {a} and {b}.",
            "New: {name}\nThe {category}: {a}.",
            "{A}\n{name}: {b}, {c}.",
            "For {audience}\n{name}: {a}.",
        ],
        Format::Recommendation => &[
            "{name} is a {category}: {a}, {b}.",
            "You may like {name}: {a}, {b}.",
            "For {audience}: {name}. {A}.",
            "{A}? That is {name}, the {category}.",
            "Have a look at {name}: {a} and {b}.",
            "Something for you: {name}, with {a}.",
            "If you like {interest}, see {name}: {a}.",
            "{name} goes well with it: {a}, {b}.",
        ],
        Format::SupportReply => &[
            "Thank you for your question. What we know of {name}: {a}, {b}, {c}.",
            "Thanks for asking. {name}: {a}, {b}. {fact}.",
            "Hello. About {name} we can say: {a}, {b}, {c}.",
            "Good question. {name} has this: {a}, {b}.",
            "We are glad that you ask. {name}: {a}, {b}, {c}. {fact}.",
            "Let us look. {name} is a {category}: {a}, {b}.",
            "Here is what we have on {name}: {a}, {b}, {c}.",
            "A short answer: {name}, {a}, {b}.",
        ],
        _ => &[
            "{name} is a {category} for {audience}: {a}, {b}, {c}. {fact}.",
            "Meet {name}, the {category}. {A}, {b}, {c}.",
            "A {category} for {audience}: {name}. {A}, {b}. {fact}.",
            "{A}, {b}, {c}: that is {name}, a {category}.",
            "Looking for a {category}? {name}: {a}, {b}, {c}.",
            "Your new {category} is {name}: {a}, {b}. {fact}.",
            "For {audience} there is {name}. {A}, {b}, {c}.",
            "New: {name}. {A}. {B}. {C}. {fact}.",
        ],
    }
}

/// Fills templates. The same seed gives the same text.
pub struct Template;

impl Author for Template {
    fn name(&self) -> String {
        "template".to_owned()
    }

    fn write(&mut self, brief: &Brief, seeds: &[u32]) -> Result<Vec<(String, bool)>> {
        Ok(seeds.iter().map(|&seed| (filled(brief, seed), true)).collect())
    }

    fn score(&mut self, _: &Brief, _: &str) -> Result<Option<(f64, usize)>> {
        Ok(None) // what it does not write it gives no probability
    }
}

/// The first template that fits, in an order that the seed decides; features in such an order, too.
fn filled(brief: &Brief, seed: u32) -> String {
    let mut rng = fastrand::Rng::with_seed(seed.into());
    let rules = Rules::of(brief);
    let mut order: Vec<&str> = templates(brief.format).to_vec();
    rng.shuffle(&mut order);
    let mut features: Vec<&str> = brief.features.iter().map(String::as_str).collect();
    rng.shuffle(&mut features);
    let fits = |text: &String| rules.count.of(text) <= rules.max;
    let texts = order.iter().filter_map(|template| fill(template, brief, &features));
    texts.into_iter().find(fits).unwrap_or_else(|| brief.name.clone())
}

/// None when the brief lacks what a blank asks for. A question that is asked needs no repetition.
fn fill(template: &str, brief: &Brief, features: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (blank, behind) = after.split_once('}')?;
        let feature = |i: usize| features.get(i).map(|f| (*f).to_owned());
        let value = match blank {
            "name" => Some(brief.name.clone()),
            "category" => brief.category.clone(),
            "audience" => brief.audience.clone(),
            "interest" => brief.context.interest.clone(),
            "fact" => brief.facts.iter().next().map(|(key, value)| capital(&format!("{key} {value}"))),
            "a" | "b" | "c" => feature(usize::from(blank.as_bytes()[0] - b'a')),
            "A" | "B" | "C" => feature(usize::from(blank.as_bytes()[0] - b'A')).map(|f| capital(&f)),
            _ => None,
        };
        text.push_str(before);
        text.push_str(&value?);
        rest = behind;
    }
    Some(text + rest)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::super::corpus::tests::brief;
    use super::*;

    #[test]
    fn every_format_is_filled_within_its_limit() {
        for format in Format::ALL {
            let full = json!({"format": format.id(), "name": "Lumen Arc", "category": "desk lamp", "audience": "students",
                "features": ["dims with a tap", "folds flat", "charges a phone while it stands on the desk and gives light"], "facts": {"price": "€49"},
                "context": {"question": "Does it fold?"}});
            let bare = json!({"format": format.id(), "name": "Lumen Arc", "context": {"question": "Does it fold?"}});
            for brief in [brief(full), brief(bare)] {
                let texts = Template.write(&brief, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
                let rules = Rules::of(&brief);
                for (text, _) in &texts {
                    assert!(rules.count.of(text) <= rules.max && !text.is_empty(), "{}: {text}", format.id());
                    assert!(!text.contains(['{', '}']), "{text}");
                    assert!(rules.name.as_ref().is_none_or(|name| text.contains(name)), "{text}");
                }
                assert_eq!(texts, Template.write(&brief, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap());
            }
        }
    }

    #[test]
    fn seeds_differ_and_blanks_must_be_filled() {
        let b = brief(json!({"format": "product-blurb", "name": "Élan", "category": "lamp", "audience": "students",
            "features": ["éclat", "folds flat", "USB-C"]}));
        let texts: std::collections::BTreeSet<String> = (1..=8).map(|seed| filled(&b, seed)).collect();
        assert!(texts.len() >= 5, "{texts:?}");
        assert_eq!(fill("{A} of {name}.", &b, &["éclat"]), Some("Éclat of Élan.".to_owned()));
        assert_eq!(fill("{fact}", &b, &[]), None);
        assert_eq!(fill("{b}", &b, &["one"]), None);
    }
}
