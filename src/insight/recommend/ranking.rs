//! The ranking, a few items at a time.

use std::collections::HashMap;

use super::profile::Profile;
use super::rules::{Past, Standing};
use super::{Event, Item, Options, RecommendError, Recommendation, check, reason};
use crate::insight::Progress;

/// What each item of a category that is already there takes from the next one's score, when there is a history: five lamps
/// are a worse answer than three and two shades.
const REPEATED: f64 = 0.96;

/// An item that may be shown.
struct Ranked {
    /// Its place in the catalogue.
    at: usize,
    score: f64,
    due: bool,
}

/// A ranking that may be left off between two steps: each item gets its score, then the best are taken one after the other.
pub struct Ranking {
    catalogue: Vec<Item>,
    /// With the places of their items.
    events: Vec<(usize, Event)>,
    options: Options,
    past: Past,
    profile: Profile,
    /// Items that have got their score, or may not be shown.
    scored: usize,
    /// In order once all are scored.
    ranked: Vec<Ranked>,
    /// How many of each category are chosen.
    taken: HashMap<String, usize>,
    chosen: Vec<Recommendation>,
    ended: bool,
}

impl Ranking {
    /// Sums up a catalogue and a history.
    ///
    /// # Errors
    /// As of [`super::recommend`].
    pub fn new(catalogue: Vec<Item>, history: &[Event], options: Options) -> Result<Self, RecommendError> {
        check::check(&catalogue, history, &options)?;
        let index: HashMap<&str, usize> = catalogue.iter().enumerate().map(|(i, item)| (item.id.as_str(), i)).collect();
        // The only place where the history is looked at.
        let known = history.iter().filter(|_| options.consent);
        let mut events: Vec<(usize, Event)> =
            known.filter_map(|e| Some((*index.get(e.item.as_str())?, e.clone()))).collect();
        // So that sums are the same, to the last bit, whatever order the history has.
        let key = |(i, e): &(usize, Event)| (e.at.to_bits(), *i, e.event as u8, e.rating.map(f64::to_bits));
        events.sort_by(|a, b| a.1.at.total_cmp(&b.1.at).then_with(|| key(a).cmp(&key(b))));
        let past = Past::new(&catalogue, &events, &options);
        let profile = Profile::new(&catalogue, &events, &options);
        let (ranked, taken, chosen) = (Vec::new(), HashMap::new(), Vec::new());
        Ok(Self { catalogue, events, options, past, profile, scored: 0, ranked, taken, chosen, ended: false })
    }

    /// How far it is: an item of the catalogue is a step, and so is one of the result.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let total = self.catalogue.len() + self.options.k.min(self.catalogue.len());
        Progress { done: if self.ended { total } else { self.scored + self.chosen.len() }, total }
    }

    /// Does so many steps, at least one.
    pub fn step(&mut self, steps: usize) -> Progress {
        for _ in 0..steps.max(1) {
            if self.scored < self.catalogue.len() {
                self.score();
            } else if !self.ended {
                self.ended = !self.choose();
            } else {
                break;
            }
        }
        self.progress()
    }

    /// What has been chosen, the best first.
    #[must_use]
    pub fn finish(self) -> Vec<Recommendation> {
        self.chosen
    }

    fn score(&mut self) {
        let (at, item) = (self.scored, &self.catalogue[self.scored]);
        self.scored += 1;
        let due = match self.past.standing(at, item, &self.options) {
            Standing::Never => None,
            Standing::Open => Some(0.0),
            Standing::Due(urgency) => Some(urgency),
        };
        if let Some(due) = due {
            let score = self.profile.score(at, item) * self.past.damping(item) + due;
            self.ranked.push(Ranked { at, score, due: due > 0.0 });
        }
        if self.scored == self.catalogue.len() {
            // Equal ones in the order of popularity, then of the catalogue.
            let popularity = |r: &Ranked| self.catalogue[r.at].popularity.unwrap_or_default();
            self.ranked.sort_by(|a, b| {
                b.score.total_cmp(&a.score).then(popularity(b).total_cmp(&popularity(a))).then(a.at.cmp(&b.at))
            });
        }
    }

    /// Takes the best of those that are left; false when there is none, or enough are taken.
    fn choose(&mut self) -> bool {
        if self.chosen.len() >= self.options.k {
            return false;
        }
        let mut best: Option<(usize, f64)> = None;
        for (place, &Ranked { at, score, due }) in self.ranked.iter().enumerate() {
            // Those behind have no higher score.
            if best.is_some_and(|(_, top)| top >= score) {
                break;
            }
            let category = self.catalogue[at].category.as_deref();
            let of_kind = category.and_then(|c| self.taken.get(c)).copied().unwrap_or_default();
            if self.options.rules.per_category.is_some_and(|most| of_kind >= most) {
                continue;
            }
            let repeats = !self.events.is_empty() && !due && score > 0.0;
            let less = if repeats { REPEATED.powi(of_kind as i32) } else { 1.0 };
            if best.is_none_or(|(_, top)| score * less > top) {
                best = Some((place, score * less));
            }
        }
        let Some((place, score)) = best else { return false };
        let Ranked { at, due, .. } = self.ranked.remove(place);
        let item = &self.catalogue[at];
        if let Some(category) = &item.category {
            *self.taken.entry(category.clone()).or_default() += 1;
        }
        let reason = reason::why(item, at, due, &self.profile, &self.catalogue, &self.events, &self.options);
        let brief = reason::brief(item, &reason);
        self.chosen.push(Recommendation { id: item.id.clone(), score, reason, brief });
        true
    }
}
