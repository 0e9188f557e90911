//! Which goods to show to whom, and why: by what they have in common with what somebody chose before, how long ago that was,
//! and how popular they are. No model is trained and nobody else's history is needed, so it runs where the history is.
//!
//! These hold for every result: nothing that is out of stock; nothing that somebody has, unless it is used up; what is used
//! up when it is due, not before; nothing that was sent back or rated badly, and what is of its category ranks lower;
//! and without consent the result is the same for everybody.

mod check;
mod profile;
mod ranking;
mod reason;
mod rules;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::error::Kind;
pub use ranking::Ranking;
pub use reason::{Brief, Context, Reason, ReasonKind, Signal};

/// Milliseconds of a day.
pub(crate) const DAY: f64 = 86_400_000.0;

/// One of the goods. Only `id` must be there; what is missing says nothing for or against it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Item {
    /// What tells it from others.
    pub id: String,
    /// Its name in copy.
    pub name: Option<String>,
    /// What kind of thing it is.
    pub category: Option<String>,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it has in common with others.
    pub tags: Vec<String>,
    /// In any one currency.
    pub price: Option<f64>,
    /// How many there are, or whether there are any; there are when absent.
    pub stock: Option<Stock>,
    /// Whether it is used up, so that who has one may want the next.
    pub consumable: bool,
    /// Days after which a consumable is used up.
    pub refill_days: Option<f64>,
    /// How often it is bought, in any unit.
    pub popularity: Option<f64>,
    /// From an encoder; all of the same length.
    pub embedding: Option<Vec<f64>>,
}

/// What a shop says of its stock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Stock {
    /// Whether there are any.
    Any(bool),
    /// How many there are.
    Count(f64),
}

/// What somebody did with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Looked at it.
    Viewed,
    /// Put it into the basket.
    Basket,
    /// Bought it.
    Bought,
    /// Sent it back.
    Returned,
    /// Gave it 1 to 5 stars.
    Rated,
}

/// One entry of a history. Their order does not matter, and what the catalogue does not have is passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The item's `id`.
    pub item: String,
    /// What was done.
    pub event: Action,
    /// When, in milliseconds since 1970. What lies after `now` counts as just done.
    pub at: f64,
    /// Stars, for [`Action::Rated`].
    #[serde(default)]
    pub rating: Option<f64>,
}

/// How much each kind of event says, at the time it happens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Weights {
    /// Of [`Action::Viewed`].
    pub viewed: f64,
    /// Of [`Action::Basket`].
    pub basket: f64,
    /// Of [`Action::Bought`].
    pub bought: f64,
    /// Of [`Action::Returned`]: taken away.
    pub returned: f64,
    /// Of each star above three; below, taken away.
    pub rated: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { viewed: 0.5, basket: 2.0, bought: 4.0, returned: 4.0, rated: 1.5 }
    }
}

/// The shop's own rules, beside those that always hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rules {
    /// Items that are never shown.
    pub exclude: Vec<String>,
    /// Nothing above this price.
    pub max_price: Option<f64>,
    /// Most items of one category.
    pub per_category: Option<usize>,
}

/// How to rank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// Most items of the result.
    pub k: usize,
    /// The time, in milliseconds since 1970.
    pub now: f64,
    /// Whether the visitor agreed that the history is used. Without, it is not even read.
    pub consent: bool,
    /// The shop's rules.
    pub rules: Rules,
    /// Days after which an event says half as much.
    pub half_life_days: f64,
    /// What events say.
    pub weights: Weights,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            k: 5,
            now: 0.0,
            consent: false,
            rules: Rules::default(),
            half_life_days: 30.0,
            weights: Weights::default(),
        }
    }
}

/// One item of a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// The item's `id`.
    pub id: String,
    /// Higher is better; only to be compared within one result.
    pub score: f64,
    /// Why it is there.
    pub reason: Reason,
    /// What the writer needs for a line about it, if the item has a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brief: Option<Brief>,
}

/// What is wrong with what was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} {problem}")]
pub struct RecommendError {
    /// The field as the caller knows it, such as `catalogue[3].price`.
    pub field: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl RecommendError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::Type
    }
}

/// The best `k` items, best first.
///
/// # Errors
/// [`RecommendError`] naming the field: an item without an `id` or with another's, a number that is none or out of range,
/// embeddings of different lengths.
pub fn recommend(
    catalogue: &[Item],
    history: &[Event],
    options: &Options,
) -> Result<Vec<Recommendation>, RecommendError> {
    let mut ranking = Ranking::new(catalogue.to_vec(), history, options.clone())?;
    ranking.step(usize::MAX);
    Ok(ranking.finish())
}
