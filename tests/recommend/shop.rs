//! A shop whose customers are known through and through, by a seed. The ground truth:
//!
//! - Every customer likes four of 24 tags and dislikes two, cares for four of 12 categories, and has a price in mind. Half of
//!   them change two tags and two categories 45 days before the end.
//! - The worth of an item is what its tags, category, price and quality are to the customer, and chance.
//! - Each visit they look at eight items, drawn by worth with much chance in it, and may buy the best of them: more
//!   likely the more it is worth. What they take into the basket and leave there is nearly as good.
//! - A thing that lasts is bought once, and another of its category is worth less for half a year. What is used up is bought again
//!   by four of five when it is due, give or take a few days.
//! - One purchase in eight is sent back, and its category is worth less from then on.
//!
//! Histories are the first 180 days; what is bought in the 28 days after them is what is to be foretold. Popularity is what all
//! customers together bought in the first 180 days. The recommender knows none of the above.

use crate::random::Rng;
use copywright::insight::recommend::{Action, Event, Item, Stock};

const DAY: f64 = 86_400_000.0;
/// Days that are known.
pub const KNOWN: usize = 180;
/// Days to be foretold.
const AHEAD: usize = 28;

const CATEGORIES: [(&str, bool, f64, f64); 12] = [
    ("coffee", true, 14.0, 28.0),
    ("tea", true, 9.0, 35.0),
    ("soap", true, 7.0, 40.0),
    ("candles", true, 18.0, 30.0),
    ("lamps", false, 89.0, 0.0),
    ("rugs", false, 140.0, 0.0),
    ("mugs", false, 19.0, 0.0),
    ("chairs", false, 170.0, 0.0),
    ("vases", false, 39.0, 0.0),
    ("throws", false, 59.0, 0.0),
    ("clocks", false, 69.0, 0.0),
    ("prints", false, 34.0, 0.0),
];
const TAGS: [&str; 24] = [
    "oak",
    "walnut",
    "brass",
    "linen",
    "wool",
    "glass",
    "stoneware",
    "rattan",
    "white",
    "black",
    "green",
    "ochre",
    "blue",
    "rose",
    "minimal",
    "rustic",
    "retro",
    "nordic",
    "handmade",
    "recycled",
    "small flats",
    "gifts",
    "outdoors",
    "reading",
];

pub struct Chance(Rng);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }
    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
    /// Mean 0, variance 1, near enough: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
    /// Different numbers below `n`.
    fn some(&mut self, count: usize, n: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        (0..count).map(|_| all.swap_remove(self.below(all.len()))).collect()
    }
}

/// A customer's known history, and what they bought afterwards.
pub struct Customer {
    pub history: Vec<Event>,
    pub bought: Vec<usize>,
}

/// A shop at the end of the known days.
pub struct Shop {
    pub items: Vec<Item>,
    pub customers: Vec<Customer>,
    pub now: f64,
}

struct Taste {
    tags: [f64; TAGS.len()],
    categories: [f64; CATEGORIES.len()],
    price: f64,
}

struct Good {
    category: usize,
    tags: Vec<usize>,
    price: f64,
    quality: f64,
}

/// Makes a shop and the lives of its customers.
pub fn shop(seed: u64, items: usize, customers: usize) -> Shop {
    let mut chance = Chance::new(seed);
    let goods: Vec<Good> = (0..items).map(|i| good(i % CATEGORIES.len(), &mut chance)).collect();
    let customers: Vec<Customer> = (0..customers).map(|_| live(&goods, &mut chance)).collect();
    let mut sold = vec![0.0; items];
    for event in customers.iter().flat_map(|c| &c.history).filter(|e| e.event == Action::Bought) {
        sold[event.item.parse::<usize>().unwrap()] += 1.0;
    }
    let make = |(i, g): (usize, &Good)| Item {
        id: i.to_string(),
        name: Some(format!("{} {i}", CATEGORIES[g.category].0)),
        category: Some(CATEGORIES[g.category].0.into()),
        tags: g.tags.iter().map(|t| TAGS[*t].to_owned()).collect(),
        price: Some((g.price * 100.0).round() / 100.0),
        // One in twelve has run out since.
        stock: Some(Stock::Count(if i % 12 == (i / 12) % 12 { 0.0 } else { 5.0 })),
        consumable: CATEGORIES[g.category].1,
        refill_days: CATEGORIES[g.category].1.then_some(CATEGORIES[g.category].3),
        popularity: Some(sold[i]),
        ..Item::default()
    };
    let items: Vec<Item> = goods.iter().enumerate().map(make).collect();
    let now = KNOWN as f64 * DAY;
    // What has run out cannot be bought.
    let mut shop = Shop { items, customers, now };
    for customer in &mut shop.customers {
        customer.bought.retain(|i| shop.items[*i].stock != Some(Stock::Count(0.0)));
    }
    shop
}

fn good(category: usize, chance: &mut Chance) -> Good {
    let count = 3 + chance.below(2);
    let price = CATEGORIES[category].2 * (0.4 * chance.normal()).exp();
    Good { category, tags: chance.some(count, TAGS.len()), price, quality: chance.normal() }
}

fn taste(chance: &mut Chance) -> Taste {
    let mut taste =
        Taste { tags: [0.0; TAGS.len()], categories: [0.0; CATEGORIES.len()], price: 0.4 * chance.normal() };
    for (i, tag) in chance.some(6, TAGS.len()).into_iter().enumerate() {
        taste.tags[tag] = if i < 4 { 1.0 } else { -1.0 };
    }
    for category in chance.some(4, CATEGORIES.len()) {
        taste.categories[category] = 1.0;
    }
    taste
}

/// Half of what they like moves on to something else.
fn change(taste: &mut Taste, chance: &mut Chance) {
    fn one(values: &mut [f64], chance: &mut Chance) {
        let liked: Vec<usize> = (0..values.len()).filter(|i| values[*i] > 0.0).collect();
        let others: Vec<usize> = (0..values.len()).filter(|i| values[*i] == 0.0).collect();
        if !liked.is_empty() {
            values[liked[chance.below(liked.len())]] = 0.0;
        }
        values[others[chance.below(others.len())]] = 1.0;
    }
    for _ in 0..2 {
        one(&mut taste.tags, chance);
        one(&mut taste.categories, chance);
    }
}

fn live(goods: &[Good], chance: &mut Chance) -> Customer {
    let mut taste = taste(chance);
    let changes = chance.unit() < 0.5;
    let (mut history, mut bought) = (Vec::new(), Vec::new());
    let mut last = vec![None::<usize>; goods.len()];
    let mut owned = [None::<usize>; CATEGORIES.len()];
    let mut refill = vec![None::<usize>; goods.len()];
    let often = 0.1 + 0.15 * chance.unit();
    for day in 0..KNOWN + AHEAD {
        if changes && day == KNOWN - 45 {
            change(&mut taste, chance);
        }
        let mut note = |item: usize, event: Action, chance: &mut Chance| {
            if day < KNOWN {
                let at = (day as f64 + chance.unit()) * DAY;
                history.push(Event { item: item.to_string(), event, at, rating: None });
            } else if event == Action::Bought && !bought.contains(&item) {
                bought.push(item);
            }
        };
        let mut buys: Vec<usize> = (0..goods.len()).filter(|i| refill[*i] == Some(day)).collect();
        if chance.unit() < often {
            let worth = |i: usize, last: &[Option<usize>]| {
                let g = &goods[i];
                let (_, consumable, price, _) = CATEGORIES[g.category];
                let tags = g.tags.iter().map(|t| taste.tags[*t]).sum::<f64>();
                let off = (g.price / price).ln() - taste.price;
                let had = !consumable && last[i].is_some() || consumable && refill[i].is_some();
                let enough = !consumable && owned[g.category].is_some_and(|then| day < then + 180);
                1.3 * tags + 2.0 * taste.categories[g.category] + 0.4 * g.quality
                    - 2.0 * off * off
                    - if had { 20.0 } else { 0.0 }
                    - if enough { 2.0 } else { 0.0 }
            };
            // Looked at: the best eight of forty that come along by chance, as they seem at first sight.
            let mut seen: Vec<(f64, usize)> =
                chance.some(40, goods.len()).into_iter().map(|i| (worth(i, &last) + chance.normal(), i)).collect();
            seen.sort_by(|a, b| b.0.total_cmp(&a.0));
            for &(_, i) in &seen[..8] {
                note(i, Action::Viewed, chance);
            }
            let best = seen[0].1;
            if chance.unit() < 0.3 {
                note(seen[1].1, Action::Basket, chance);
            }
            if worth(best, &last) + 0.5 * chance.normal() > 3.0 {
                note(best, Action::Basket, chance);
                buys.push(best);
            }
        }
        for i in buys {
            let category = goods[i].category;
            let (_, consumable, _, days) = CATEGORIES[category];
            note(i, Action::Bought, chance);
            last[i] = Some(day);
            refill[i] = None;
            if chance.unit() < 0.125 {
                note(i, Action::Returned, chance);
                taste.categories[category] -= 1.0;
            } else if !consumable {
                owned[category] = Some(day);
            } else if chance.unit() < 0.8 {
                refill[i] = Some(day + (days + 2.0 + 2.0 * chance.normal()).max(1.0) as usize);
            }
        }
    }
    Customer { history, bought }
}
