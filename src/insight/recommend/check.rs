//! What is wrong with what was given.

use std::collections::HashMap;

use super::{Action, Event, Item, Options, RecommendError, Stock};

/// The first thing that is wrong. Without consent the history is not looked at.
pub fn check(catalogue: &[Item], history: &[Event], options: &Options) -> Result<(), RecommendError> {
    let wrong = |field: String, problem| Err(RecommendError { field, problem });
    let mut ids = HashMap::new();
    let mut length = None;
    for (i, item) in catalogue.iter().enumerate() {
        let at = |name: &str| format!("catalogue[{i}].{name}");
        if item.id.is_empty() {
            return wrong(at("id"), "is missing");
        }
        if ids.insert(item.id.as_str(), i).is_some() {
            return wrong(at("id"), "is another item's, too");
        }
        let stock = match item.stock {
            Some(Stock::Count(n)) => Some(n),
            _ => None,
        };
        let numbers = [("price", item.price), ("popularity", item.popularity), ("stock", stock)];
        if let Some((name, _)) = numbers.iter().find(|(_, n)| n.is_some_and(|n| !n.is_finite() || n < 0.0)) {
            return wrong(at(name), "is no number from 0 on");
        }
        if item.refill_days.is_some_and(|days| !days.is_finite() || days <= 0.0) {
            return wrong(at("refillDays"), "is no number above 0");
        }
        if let Some(embedding) = &item.embedding {
            if embedding.is_empty() || embedding.iter().any(|n| !n.is_finite()) {
                return wrong(at("embedding"), "is no list of numbers");
            }
            if *length.get_or_insert(embedding.len()) != embedding.len() {
                return wrong(at("embedding"), "is longer or shorter than another item's");
            }
        }
    }
    for (i, event) in history.iter().enumerate().filter(|_| options.consent) {
        if !event.at.is_finite() {
            return wrong(format!("history[{i}].at"), "is no time");
        }
        if event.event == Action::Rated && !event.rating.is_some_and(|stars| (1.0..=5.0).contains(&stars)) {
            return wrong(format!("history[{i}].rating"), "is no number from 1 to 5");
        }
    }
    let Options { now, half_life_days, weights: w, .. } = options;
    if !now.is_finite() {
        return wrong("now".into(), "is no time");
    }
    if !half_life_days.is_finite() || *half_life_days <= 0.0 {
        return wrong("halfLifeDays".into(), "is no number above 0");
    }
    let weights = [w.viewed, w.basket, w.bought, w.returned, w.rated];
    if weights.iter().any(|w| !w.is_finite() || *w < 0.0) {
        return wrong("weights".into(), "are no numbers from 0 on");
    }
    Ok(())
}
