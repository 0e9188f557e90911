//! How good it is, beside popularity and the cosine of tags, in three generated shops. Its weights were chosen in three others
//! (`COPYWRIGHT_SHOP=1`, `2`, `3` shows those).

use std::collections::{HashMap, HashSet};

use copywright::insight::recommend::{Action, Event, Item, Options, Stock, recommend};

use crate::shop::{Customer, Shop, shop};

const K: usize = 5;
const DAY: f64 = 86_400_000.0;

type Way = fn(&Shop, &Customer) -> Vec<usize>;

fn ours(shop: &Shop, customer: &Customer) -> Vec<usize> {
    let options = Options { k: K, now: shop.now, consent: true, ..Options::default() };
    let found = recommend(&shop.items, &customer.history, &options).unwrap();
    found.iter().map(|r| r.id.parse().unwrap()).collect()
}

fn best(scores: impl Iterator<Item = (usize, f64)>) -> Vec<usize> {
    let mut all: Vec<(usize, f64)> = scores.collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.into_iter().map(|a| a.0).take(K).collect()
}

fn popularity(shop: &Shop, _: &Customer) -> Vec<usize> {
    best(shop.items.iter().enumerate().map(|(i, item)| (i, item.popularity.unwrap())))
}

/// The mean of the tags and categories of all that is in the history, and the cosine with it.
fn cosines(shop: &Shop, customer: &Customer) -> Vec<f64> {
    fn words(item: &Item) -> impl Iterator<Item = &str> {
        item.tags.iter().chain(&item.category).map(String::as_str)
    }
    let mut mean: HashMap<&str, f64> = HashMap::new();
    for event in &customer.history {
        words(&shop.items[event.item.parse::<usize>().unwrap()]).for_each(|w| *mean.entry(w).or_default() += 1.0);
    }
    let length = mean.values().map(|n| n * n).sum::<f64>().sqrt().max(1.0);
    let cosine = |item| {
        let dot: f64 = words(item).map(|w| mean.get(w).copied().unwrap_or_default()).sum();
        dot / length / (words(item).count() as f64).sqrt()
    };
    shop.items.iter().map(cosine).collect()
}

fn tag_cosine(shop: &Shop, customer: &Customer) -> Vec<usize> {
    best(cosines(shop, customer).into_iter().enumerate())
}

/// The same under the rules that ours keeps to, so that what is compared is the ranking.
fn tag_cosine_with_rules(shop: &Shop, customer: &Customer) -> Vec<usize> {
    best(cosines(shop, customer).into_iter().enumerate().filter(|(i, _)| !forbidden(shop, customer, *i)))
}

fn popularity_with_rules(shop: &Shop, customer: &Customer) -> Vec<usize> {
    let all = shop.items.iter().enumerate().filter(|(i, _)| !forbidden(shop, customer, *i));
    best(all.map(|(i, item)| (i, item.popularity.unwrap())))
}

fn forbidden(shop: &Shop, customer: &Customer, i: usize) -> bool {
    let item = &shop.items[i];
    let of = |kind: Action| move |e: &&Event| e.event == kind && e.item.parse() == Ok(i);
    let last = customer.history.iter().filter(of(Action::Bought)).map(|e| e.at).reduce(f64::max);
    let had = last.is_some_and(|last| !item.consumable || shop.now - last < item.refill_days.unwrap() * DAY);
    item.stock == Some(Stock::Count(0.0)) || had || customer.history.iter().any(|e| of(Action::Returned)(&e))
}

#[derive(Default)]
struct Scores {
    recall: f64,
    ndcg: f64,
    forbidden: usize,
    shown: HashSet<(u64, usize)>,
    customers: f64,
}

/// Relevant is what is bought in the days ahead and could be shown now: a refill that is not due yet is none. Recall at k with as many as there are or k in the divisor, whichever is less; nDCG at k (Järvelin and Kekäläinen 2002).
fn score(way: Way, seeds: &[u64]) -> Scores {
    let mut all = Scores::default();
    for &seed in seeds {
        let mut shop = shop(seed, 240, 400);
        for i in 0..shop.customers.len() {
            let customer = &shop.customers[i];
            let relevant = customer.bought.iter().copied().filter(|b| !forbidden(&shop, customer, *b)).collect();
            shop.customers[i].bought = relevant;
        }
        for customer in shop.customers.iter().filter(|c| !c.bought.is_empty()) {
            let list = way(&shop, customer);
            let gain = |at: usize| 1.0 / (at as f64 + 2.0).log2();
            let hits: Vec<usize> = (0..list.len()).filter(|at| customer.bought.contains(&list[*at])).collect();
            let most = customer.bought.len().min(K);
            all.recall += hits.len() as f64 / most as f64;
            all.ndcg += hits.iter().map(|at| gain(*at)).sum::<f64>() / (0..most).map(gain).sum::<f64>();
            all.forbidden += list.iter().filter(|i| forbidden(&shop, customer, **i)).count();
            all.shown.extend(list.iter().map(|i| (seed, *i)));
            all.customers += 1.0;
        }
    }
    all.recall /= all.customers;
    all.ndcg /= all.customers;
    all
}

#[test]
fn better_than_popularity_and_tags() {
    let seeds =
        std::env::var("COPYWRIGHT_SHOP").ok().and_then(|s| s.parse().ok()).map_or(vec![11, 12, 13], |s| vec![s]);
    let ways: [(&str, Way); 5] = [
        ("ours", ours),
        ("popularity", popularity),
        ("popularity, rules", popularity_with_rules),
        ("tag cosine", tag_cosine),
        ("tag cosine, rules", tag_cosine_with_rules),
    ];
    let scores = ways.map(|(name, way)| (name, score(way, &seeds)));
    let all = 240.0 * seeds.len() as f64;
    println!("\n### Recommendations: {} customers of made shops {seeds:?}\n", scores[0].1.customers);
    println!("| means | recall@{K} | nDCG@{K} | forbidden | coverage |\n| --- | ---: | ---: | ---: | ---: |");
    for (name, s) in &scores {
        let coverage = s.shown.len() as f64 / all;
        println!("| {name} | {:.3} | {:.3} | {} | {coverage:.2} |", s.recall, s.ndcg, s.forbidden);
    }
    let (_, ours) = &scores[0];
    assert_eq!(ours.forbidden, 0);
    for (name, other) in &scores[1..] {
        assert!(ours.recall > other.recall + 0.02 && ours.ndcg > other.ndcg + 0.02, "no better than {name}");
    }
    assert!(scores[1].1.forbidden > 0 && scores[3].1.forbidden > 0, "nothing that could be wrong");
    assert!(ours.shown.len() as f64 / all > 0.5);
}
