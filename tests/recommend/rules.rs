//! The rules that always hold, on any catalogue and any history.

use std::collections::HashSet;

use copywright::copy::check::check;
use copywright::insight::recommend::{
    Action, Event, Item, Options, ReasonKind, Recommendation, Rules, Stock, recommend,
};
use proptest::prelude::*;

const DAY: f64 = 86_400_000.0;
const NOW: f64 = 400.0 * DAY;

fn item(number: usize) -> impl Strategy<Value = Item> {
    let word = |words: &'static [&'static str]| prop::sample::select(words).prop_map(str::to_owned);
    let tags = prop::collection::vec(word(&["oak", "walnut", "Oak", "small", "dark", "for two"]), 0..4);
    let stock = prop_oneof![
        Just(None),
        any::<bool>().prop_map(|any| Some(Stock::Any(any))),
        (0..3u8).prop_map(|n| Some(Stock::Count(n.into())))
    ];
    let optional = (
        prop::option::of(word(&["lamp", "shelf", "tea", "soap"])),
        prop::option::of(1.0..500.0f64),
        prop::option::of(0.0..90.0f64),
        prop::option::of(5.0..60.0f64),
    );
    (tags, stock, any::<bool>(), optional).prop_map(
        move |(tags, stock, consumable, (category, price, popularity, refill_days))| Item {
            id: format!("i{number}"),
            name: Some(format!("Item {number}")),
            category,
            tags,
            price,
            stock,
            consumable,
            refill_days,
            popularity,
            ..Item::default()
        },
    )
}

fn catalogue() -> impl Strategy<Value = Vec<Item>> {
    (1..24usize).prop_flat_map(|count| (0..count).map(item).collect::<Vec<_>>())
}

fn history() -> impl Strategy<Value = Vec<Event>> {
    let kinds = vec![Action::Viewed, Action::Basket, Action::Bought, Action::Returned, Action::Rated];
    // Two more than there are items; some events lie in the future.
    let event = (0..26usize, prop::sample::select(kinds), 0.0..410.0f64, 1..=5u8);
    let event = event.prop_map(|(i, event, day, stars)| Event {
        item: format!("i{i}"),
        event,
        at: day * DAY,
        rating: (event == Action::Rated).then_some(stars.into()),
    });
    prop::collection::vec(event, 0..30)
}

fn with_consent(k: usize) -> Options {
    Options { k, now: NOW, consent: true, ..Options::default() }
}

fn ids(found: &[Recommendation]) -> Vec<&str> {
    found.iter().map(|r| r.id.as_str()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_may_not_be_shown_is_not(goods in catalogue(), past in history(), k in 0..30usize) {
        let found = recommend(&goods, &past, &with_consent(k)).unwrap();
        prop_assert!(found.len() <= k);
        prop_assert_eq!(ids(&found).iter().collect::<HashSet<_>>().len(), found.len());
        let of = |id: &str, kind: Action| past.iter().filter(move |e| e.event == kind).filter(|e| e.item == id).collect::<Vec<_>>();
        for shown in &found {
            let item = goods.iter().find(|i| i.id == shown.id).unwrap();
            prop_assert!(!matches!(item.stock, Some(Stock::Any(false)) | Some(Stock::Count(0.0))), "out of stock");
            prop_assert!(of(&item.id, Action::Returned).is_empty(), "sent back");
            let last = of(&item.id, Action::Bought).iter().map(|e| e.at).reduce(f64::max);
            if let Some(last) = last {
                prop_assert!(item.consumable, "has it");
                prop_assert!(NOW - last >= item.refill_days.unwrap_or(30.0) * DAY, "is not due");
            }
        }
        // Nothing else is missing.
        let forbidden = |item: &&Item| {
            let gone = matches!(item.stock, Some(Stock::Any(false)) | Some(Stock::Count(0.0)));
            let rated = of(&item.id, Action::Rated);
            let bad = rated.iter().rev().max_by(|a, b| a.at.total_cmp(&b.at)).is_some_and(|e| e.rating.unwrap() < 3.0);
            let last = of(&item.id, Action::Bought).iter().map(|e| e.at).reduce(f64::max);
            let had = last.is_some_and(|last| !item.consumable || NOW - last < item.refill_days.unwrap_or(30.0) * DAY);
            gone || bad || had || !of(&item.id, Action::Returned).is_empty()
        };
        let ties = past.iter().filter(|e| e.event == Action::Rated).map(|e| (e.item.clone(), e.at.to_bits())).collect::<Vec<_>>();
        if ties.iter().collect::<HashSet<_>>().len() == ties.len() {
            prop_assert_eq!(found.len(), k.min(goods.iter().filter(|i| !forbidden(i)).count()));
        }
    }

    #[test]
    fn without_consent_the_history_is_nothing(goods in catalogue(), past in history()) {
        let options = Options { consent: false, ..with_consent(24) };
        let nobody = recommend(&goods, &[], &options).unwrap();
        prop_assert_eq!(&recommend(&goods, &past, &options).unwrap(), &nobody);
        prop_assert!(nobody.iter().all(|r| r.reason.signals.is_empty() && r.reason.attributes.is_empty()));
    }

    #[test]
    fn a_cold_start_is_by_popularity(goods in catalogue()) {
        let found = recommend(&goods, &[], &with_consent(24)).unwrap();
        let popular: Vec<f64> = found.iter().map(|r| goods.iter().find(|i| i.id == r.id).unwrap().popularity.unwrap_or(0.0)).collect();
        prop_assert!(popular.is_sorted_by(|a, b| a >= b), "{:?}", popular);
        prop_assert!(found.iter().all(|r| r.reason.kind == ReasonKind::Popular));
    }

    #[test]
    fn what_is_due_comes_first(goods in catalogue(), past in history()) {
        let found = recommend(&goods, &past, &with_consent(24)).unwrap();
        let due: Vec<bool> = found.iter().map(|r| {
            let item = goods.iter().find(|i| i.id == r.id).unwrap();
            let last = past.iter().filter(|e| e.event == Action::Bought && e.item == r.id).map(|e| e.at).reduce(f64::max);
            prop_assert_eq!(last.is_some(), r.reason.kind == ReasonKind::Refill);
            // Those that have just become due; later their turn passes.
            Ok(last.is_some_and(|last| (NOW - last) / DAY < 1.5 * item.refill_days.unwrap_or(30.0)))
        }).collect::<Result<_, _>>()?;
        let bad_kinds = past.iter().any(|e| e.event == Action::Returned || e.event == Action::Rated);
        if !bad_kinds {
            let first_other = found.iter().position(|r| r.reason.kind != ReasonKind::Refill).unwrap_or(found.len());
            let last_due = due.iter().rposition(|d| *d).map_or(0, |i| i + 1);
            prop_assert!(last_due <= first_other, "{:?}", ids(&found));
        }
    }

    #[test]
    fn kinds_that_were_sent_back_go_down(goods in catalogue(), past in history(), which in any::<prop::sample::Index>()) {
        let back = which.get(&goods);
        let mut more = past.clone();
        more.push(Event { item: back.id.clone(), event: Action::Returned, at: NOW - DAY, rating: None });
        let (before, after) = (recommend(&goods, &past, &with_consent(24)).unwrap(), recommend(&goods, &more, &with_consent(24)).unwrap());
        prop_assert!(!ids(&after).contains(&back.id.as_str()));
        for item in goods.iter().filter(|i| i.category.is_some() && i.category == back.category) {
            // The scores before what is alike is spread: of single results.
            let alone = |past: &[Event]| {
                let others = goods.iter().filter(|g| g.id != item.id).map(|g| g.id.clone()).collect();
                let rules = Rules { exclude: others, ..Rules::default() };
                let found = recommend(&goods, past, &Options { rules, ..with_consent(1) }).unwrap();
                found.first().map(|r| (r.score, r.reason.kind))
            };
            if let (Some((was, kind)), Some((is, _))) = (alone(&past), alone(&more)) {
                prop_assert!(is < was || kind == ReasonKind::Refill && is <= was, "{}: {was} then {is}", item.id);
            }
        }
        prop_assert!(after.len() <= before.len());
    }

    #[test]
    fn the_order_of_a_history_does_not_matter(goods in catalogue(), past in history()) {
        let mut turned = past.clone();
        turned.reverse();
        let same_time = past.iter().map(|e| e.at.to_bits()).collect::<HashSet<_>>().len() < past.len();
        if !same_time {
            prop_assert_eq!(recommend(&goods, &past, &with_consent(24)).unwrap(), recommend(&goods, &turned, &with_consent(24)).unwrap());
        }
    }

    #[test]
    fn reasons_speak_of_the_goods_alone(goods in catalogue(), past in history()) {
        for shown in recommend(&goods, &past, &with_consent(24)).unwrap() {
            let text = shown.reason.text.to_lowercase();
            for word in ["you", "your", "viewed", "bought", "basket", "seen", "visit", "history", "recent", "because", "we "] {
                prop_assert!(!text.contains(word), "{}", text);
            }
            let brief: copywright::copy::brief::Input =
                serde_json::from_value(serde_json::to_value(shown.brief.unwrap()).unwrap()).unwrap();
            let brief = brief.brief().unwrap();
            let claims: Vec<_> = check(&shown.reason.text, &brief).into_iter()
                .filter(|c| c.rule == "claim" && !c.pass && c.detail.contains("surveillance")).collect();
            prop_assert!(claims.is_empty(), "{:?}", claims);
        }
    }
}

#[test]
fn the_shops_own_rules() {
    let lamp = |id: &str, price: f64| Item {
        id: id.into(),
        category: Some("lamp".into()),
        price: Some(price),
        popularity: Some(price),
        ..Item::default()
    };
    let goods = [lamp("a", 10.0), lamp("b", 20.0), lamp("c", 30.0), lamp("d", 40.0)];
    let rules = Rules { exclude: vec!["c".into()], max_price: Some(35.0), per_category: Some(1) };
    let found = recommend(&goods, &[], &Options { rules: rules.clone(), ..with_consent(9) }).unwrap();
    assert_eq!(ids(&found), ["b"]);
    let found = recommend(&goods, &[], &Options { rules: Rules { per_category: None, ..rules }, ..with_consent(9) });
    assert_eq!(ids(&found.unwrap()), ["b", "a"]);
}

#[test]
fn embeddings_alone_are_enough() {
    let item =
        |id: &str, embedding: [f64; 2]| Item { id: id.into(), embedding: Some(embedding.to_vec()), ..Item::default() };
    let goods = [item("liked", [1.0, 0.0]), item("far", [0.0, 2.0]), item("near", [3.0, 0.5])];
    let event = Event { item: "liked".into(), event: Action::Bought, at: NOW, rating: None };
    assert_eq!(ids(&recommend(&goods, &[event], &with_consent(2)).unwrap()), ["near", "far"]);
}

#[test]
fn wrong_input_is_named() {
    let item = |id: &str| Item { id: id.into(), ..Item::default() };
    let fails =
        |goods: &[Item], past: &[Event], options: &Options| recommend(goods, past, options).unwrap_err().to_string();
    let all = with_consent(3);
    assert_eq!(fails(&[item("")], &[], &all), "catalogue[0].id is missing");
    assert_eq!(fails(&[item("a"), item("a")], &[], &all), "catalogue[1].id is another item's, too");
    let price = Item { price: Some(f64::NAN), ..item("a") };
    assert_eq!(fails(&[price], &[], &all), "catalogue[0].price is no number from 0 on");
    let of = |n: usize| Item { embedding: Some(vec![1.0; n]), ..item(&n.to_string()) };
    assert_eq!(fails(&[of(2), of(3)], &[], &all), "catalogue[1].embedding is longer or shorter than another item's");
    let rated = Event { item: "a".into(), event: Action::Rated, at: 0.0, rating: Some(9.0) };
    assert_eq!(fails(&[item("a")], &[rated], &all), "history[0].rating is no number from 1 to 5");
    assert_eq!(fails(&[], &[], &Options { now: f64::INFINITY, ..all }), "now is no time");
    assert_eq!(recommend(&[], &[], &with_consent(3)), Ok(Vec::new()));
}
