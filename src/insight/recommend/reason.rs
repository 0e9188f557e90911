//! Why an item is there: in words for whoever sees it, and in signals for whoever must account for it. The words speak of the
//! goods alone, never of what somebody did.

use serde::Serialize;

use super::profile::{Attribute, Profile, weight};
use super::rules::recency;
use super::{Action, Event, Item, Options};

/// The main reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasonKind {
    /// It is used up by now.
    Refill,
    /// It has what was liked.
    Match,
    /// Many buy it.
    Popular,
}

/// Why an item is there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The main reason.
    pub kind: ReasonKind,
    /// In English, about the goods: it may be shown.
    pub text: String,
    /// What of the item speaks for it, most first, at most three: its own words.
    pub attributes: Vec<String>,
    /// The events behind it, at most three: for an account of what was used, not for a page. Empty without consent.
    pub signals: Vec<Signal>,
}

/// An event that speaks for an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signal {
    /// The item of the event.
    pub item: String,
    /// What was done.
    pub event: Action,
    /// When.
    pub at: f64,
    /// What it adds: the event's weight, what time has left of it, and how alike the two items are.
    pub weight: f64,
}

/// A brief of the format `recommendation`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Brief {
    /// `recommendation`.
    pub format: &'static str,
    /// The item's name.
    pub name: String,
    /// The item's category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The item's brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The item's tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What the line may appeal to.
    pub context: Context,
}

/// What a line may appeal to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Context {
    /// Attributes of the item that were liked in others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
}

/// The reason for an item of the result.
pub fn why(
    item: &Item,
    i: usize,
    due: bool,
    profile: &Profile,
    catalogue: &[Item],
    events: &[(usize, Event)],
    options: &Options,
) -> Reason {
    let liked = profile.liked(i);
    let attributes: Vec<String> = liked.iter().take(3).map(|(a, _)| own_words(item, a)).collect();
    let kind = match () {
        () if due => ReasonKind::Refill,
        () if attributes.is_empty() => ReasonKind::Popular,
        () => ReasonKind::Match,
    };
    let text = match (kind, &item.category) {
        (ReasonKind::Refill, _) => match item.refill_days {
            Some(days) => format!("Lasts about {days:.0} days"),
            None => "Used up after a while".to_owned(),
        },
        (ReasonKind::Match, _) => format!("Has {}", attributes.join(", ")),
        (ReasonKind::Popular, Some(category)) => format!("Popular in {category}"),
        (ReasonKind::Popular, None) => "Popular".to_owned(),
    };
    let mut signals: Vec<Signal> = Vec::new();
    for (other, event) in events {
        let other = *other;
        let alike = if other == i { 1.0 } else { profile.alike(i, other) };
        let weight = weight(event, options) * recency(event, options, 1.0) * alike;
        // A refill is due because of the purchase, however long ago.
        let purchase = due && other == i && event.event == Action::Bought;
        if weight > 0.01 || purchase {
            signals.push(Signal { item: catalogue[other].id.clone(), event: event.event, at: event.at, weight });
        }
    }
    let own = |signal: &Signal| due && signal.item == item.id && signal.event == Action::Bought;
    signals.sort_by(|a, b| {
        let by_weight = own(b).cmp(&own(a)).then(b.weight.total_cmp(&a.weight));
        by_weight.then(b.at.total_cmp(&a.at)).then_with(|| a.item.cmp(&b.item))
    });
    signals.truncate(3);
    Reason { kind, text, attributes, signals }
}

/// The brief of an item with a name.
pub fn brief(item: &Item, reason: &Reason) -> Option<Brief> {
    let interest = (!reason.attributes.is_empty()).then(|| reason.attributes.join(", "));
    Some(Brief {
        format: "recommendation",
        name: item.name.clone()?,
        category: item.category.clone(),
        brand: item.brand.clone(),
        features: item.tags.clone(),
        context: Context { interest },
    })
}

/// An attribute as the item itself writes it.
fn own_words(item: &Item, attribute: &Attribute) -> String {
    let same = |wanted: &str, own: &&String| own.trim().to_lowercase() == wanted;
    let (own, lower) = match attribute {
        Attribute::Category(c) => (item.category.iter().find(|own| same(c, own)), c),
        Attribute::Brand(b) => (item.brand.iter().find(|own| same(b, own)), b),
        Attribute::Tag(t) => (item.tags.iter().find(|own| same(t, own)), t),
    };
    own.unwrap_or(lower).trim().to_owned()
}
