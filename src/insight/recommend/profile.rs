//! What somebody likes, as the sum of what they chose: each item is a vector of its attributes, each rarer one longer, and
//! each event adds its item's with the event's weight. How well an item fits is the product with its own vector, so that
//! a sum over the catalogue's attributes is all it takes.

use std::collections::HashMap;

use super::rules::recency;
use super::{Action, Event, Item, Options};

/// An attribute of an item. Words are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// Its category.
    Category(String),
    /// Its maker.
    Brand(String),
    /// One of its tags.
    Tag(String),
}

/// How much the popularity of an item counts beside a history that says nothing.
const POPULARITY: f64 = 0.15;
/// Fit at which half of what fit can give is reached.
const HALF: f64 = 4.0;
/// What a price says of the next one, beside what attributes do.
const PRICE: f64 = 0.3;
/// Who has one thing of a kind that lasts seldom needs the next: what its category still says.
const OWNED: f64 = 0.25;

/// A catalogue and a history, summed up.
pub struct Profile {
    /// Of each item, its vector: attributes and their shares.
    items: Vec<Vec<(u32, f64)>>,
    names: Vec<Attribute>,
    /// The sum of the history's vectors.
    liking: Vec<f64>,
    embedding: Vec<f64>,
    /// Logarithm of the price that was paid or looked at, and how much is known of it.
    price: Option<(f64, f64)>,
    /// Of each item, 0 to 1.
    popularity: Vec<f64>,
}

impl Profile {
    /// `events` are of items by their places in the catalogue.
    pub fn new(catalogue: &[Item], events: &[(usize, Event)], options: &Options) -> Self {
        let (items, names) = vectors(catalogue);
        let most = catalogue.iter().filter_map(|i| i.popularity).fold(0.0, f64::max);
        let share = |item: &Item| item.popularity.map_or(0.0, |p| p.ln_1p() / most.ln_1p().max(f64::MIN_POSITIVE));
        let mut profile = Self {
            liking: vec![0.0; names.len()],
            embedding: Vec::new(),
            price: None,
            popularity: catalogue.iter().map(share).collect(),
            items,
            names,
        };
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, event) in events {
            let i = *i;
            let item = &catalogue[i];
            let weight = weight(event, options) * recency(event, options, 1.0);
            let lasting = event.event == Action::Bought && !item.consumable;
            for &(a, part) in &profile.items[i] {
                let category = matches!(profile.names[a as usize], Attribute::Category(_));
                profile.liking[a as usize] += weight * part * if lasting && category { OWNED } else { 1.0 };
            }
            if let Some(embedding) = &item.embedding {
                profile.embedding.resize(embedding.len(), 0.0);
                let length = length(embedding);
                profile.embedding.iter_mut().zip(embedding).for_each(|(sum, n)| *sum += weight * n / length);
            }
            if let Some(price) = item.price.filter(|_| weight > 0.0) {
                sum += weight * price.ln_1p();
                total += weight;
            }
        }
        profile.price = (total > 0.0).then(|| (sum / total, total));
        profile
    }

    /// How well an item fits, and how popular it is.
    pub fn score(&self, i: usize, item: &Item) -> f64 {
        let mut fit = self.items[i].iter().map(|&(a, part)| self.liking[a as usize] * part).sum::<f64>();
        if let Some(embedding) = item.embedding.as_ref().filter(|_| !self.embedding.is_empty()) {
            // Attributes and meaning say much the same: half of each.
            let dot = embedding.iter().zip(&self.embedding).map(|(a, b)| a * b).sum::<f64>() / length(embedding);
            fit = (fit + dot) / 2.0;
        }
        if let (Some((paid, known)), Some(price)) = (self.price, item.price) {
            let apart = price.ln_1p() - paid;
            fit += PRICE * known.min(HALF) * ((-2.0 * apart * apart).exp() - 0.5);
        }
        // Grows ever more slowly, and falls below nothing for what was disliked.
        fit / (HALF + fit.abs()) + POPULARITY * self.popularity[i] + 1.0
    }

    /// What of an item speaks for it: attributes, by what they add, most first.
    pub fn liked(&self, i: usize) -> Vec<(&Attribute, f64)> {
        let added = self.items[i].iter().map(|&(a, part)| (&self.names[a as usize], self.liking[a as usize] * part));
        let mut liked: Vec<_> = added.filter(|(_, value)| *value > 0.05).collect();
        liked.sort_by(|a, b| b.1.total_cmp(&a.1));
        liked
    }

    /// How alike two items are, 0 to 1, by their attributes.
    pub fn alike(&self, a: usize, b: usize) -> f64 {
        let (a, b) = (&self.items[a], &self.items[b]);
        a.iter().flat_map(|x| b.iter().filter(move |y| x.0 == y.0).map(move |y| x.1 * y.1)).sum()
    }
}

/// What an event says at the time it happens.
pub fn weight(event: &Event, options: &Options) -> f64 {
    let w = &options.weights;
    match event.event {
        Action::Viewed => w.viewed,
        Action::Basket => w.basket,
        Action::Bought => w.bought,
        Action::Returned => -w.returned,
        Action::Rated => w.rated * (event.rating.unwrap_or(3.0) - 3.0),
    }
}

/// Each item's attributes as a vector of length one, in inverse document frequency (Spärck Jones 1972), and the attributes.
fn vectors(catalogue: &[Item]) -> (Vec<Vec<(u32, f64)>>, Vec<Attribute>) {
    let mut numbers: HashMap<Attribute, u32> = HashMap::new();
    let mut names = Vec::new();
    let mut counts: Vec<f64> = Vec::new();
    let mut items: Vec<Vec<(u32, f64)>> = Vec::with_capacity(catalogue.len());
    for item in catalogue {
        let mut vector: Vec<(u32, f64)> = Vec::new();
        let plain = |text: &str| text.trim().to_lowercase();
        let category = item.category.iter().map(|c| Attribute::Category(plain(c)));
        let brand = item.brand.iter().map(|b| Attribute::Brand(plain(b)));
        for attribute in category.chain(brand).chain(item.tags.iter().map(|t| Attribute::Tag(plain(t)))) {
            let number = *numbers.entry(attribute.clone()).or_insert_with(|| {
                names.push(attribute);
                counts.push(0.0);
                names.len() as u32 - 1
            });
            if !vector.iter().any(|v| v.0 == number) {
                counts[number as usize] += 1.0;
                vector.push((number, 0.0));
            }
        }
        items.push(vector);
    }
    for vector in &mut items {
        vector.iter_mut().for_each(|(a, part)| *part = (catalogue.len() as f64 / counts[*a as usize]).ln_1p());
        let length = vector.iter().map(|v| v.1 * v.1).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|v| v.1 /= length);
    }
    (items, names)
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|n| n * n).sum::<f64>().sqrt().max(f64::MIN_POSITIVE)
}
