//! What somebody has, and what may be shown to them.

use std::collections::HashMap;

use super::{Action, DAY, Event, Item, Options, Stock};

/// Days that a consumable lasts when nobody says so.
const REFILL_DAYS: f64 = 30.0;

/// Whether an item may be shown.
pub enum Standing {
    /// It may not.
    Never,
    /// It may.
    Open,
    /// It is used up and wanted again: what that adds to its score.
    Due(f64),
}

/// What happened to one item.
#[derive(Default)]
struct Story {
    bought: usize,
    returned: usize,
    /// The last purchase, milliseconds.
    last: f64,
    /// The last rating and when it was given.
    rating: Option<(f64, f64)>,
}

/// A history, by items and by categories.
pub struct Past {
    stories: HashMap<usize, Story>,
    /// How much was sent back, each with its weight of today.
    returned: HashMap<String, f64>,
}

impl Past {
    /// `events` are of items by their places in the catalogue.
    pub fn new(catalogue: &[Item], events: &[(usize, Event)], options: &Options) -> Self {
        let mut past = Self { stories: HashMap::new(), returned: HashMap::new() };
        for (i, event) in events {
            let i = *i;
            let story = past.stories.entry(i).or_default();
            match event.event {
                Action::Bought => {
                    story.last = if story.bought == 0 { event.at } else { story.last.max(event.at) };
                    story.bought += 1;
                }
                Action::Returned => {
                    story.returned += 1;
                    if let Some(category) = &catalogue[i].category {
                        // What was sent back says more, and for longer, than what was looked at.
                        *past.returned.entry(category.clone()).or_default() += recency(event, options, 4.0);
                    }
                }
                Action::Rated if story.rating.is_none_or(|(_, at)| at <= event.at) => {
                    story.rating = event.rating.map(|stars| (stars, event.at));
                }
                _ => {}
            }
        }
        past
    }

    /// Whether this item may be shown now.
    pub fn standing(&self, i: usize, item: &Item, options: &Options) -> Standing {
        let rules = &options.rules;
        let gone = match item.stock {
            Some(Stock::Any(any)) => !any,
            Some(Stock::Count(n)) => n <= 0.0,
            None => false,
        };
        let dear = rules.max_price.is_some_and(|most| item.price.is_some_and(|price| price > most));
        if gone || dear || rules.exclude.contains(&item.id) {
            return Standing::Never;
        }
        let Some(story) = self.stories.get(&i) else { return Standing::Open };
        if story.returned > 0 || story.rating.is_some_and(|(stars, _)| stars < 3.0) {
            return Standing::Never;
        }
        if story.bought == 0 {
            return Standing::Open;
        }
        if !item.consumable {
            return Standing::Never;
        }
        let period = item.refill_days.unwrap_or(REFILL_DAYS) * DAY;
        let over = (options.now - story.last) / period - 1.0;
        // Before everything else; but who has gone without it for long has found something else.
        if over < 0.0 { Standing::Never } else { Standing::Due(2.0 * (-over / 2.0).exp2()) }
    }

    /// What is left of the score of an item when things of its kind were sent back.
    pub fn damping(&self, item: &Item) -> f64 {
        let returned = item.category.as_deref().and_then(|c| self.returned.get(c)).copied().unwrap_or_default();
        1.0 / (1.0 + returned)
    }
}

/// What is left of an event's weight, when its kind lasts so many half-lives.
pub fn recency(event: &Event, options: &Options, times: f64) -> f64 {
    let days = ((options.now - event.at) / DAY).max(0.0);
    (-days / (options.half_life_days * times)).exp2()
}
