//! Market research: sentiment on 134 posts written for it (by who wrote the rules, which were changed after a look at them:
//! they hold what works, and say nothing of other texts), everything else on made posts whose counts are known.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use copywright::insight::metrics::classification;
use copywright::insight::research::sentiment::{Label, sentiment};
use copywright::insight::research::{
    Analyser, Direction, Options, Post, Progress, Research, ResearchError, Trend, Wish, analyse, benjamini_hochberg,
    normal_tail, two_proportions,
};
use serde_json::Value;

fn read(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The rules against words alone and against the largest class, by kind of difficulty.
#[test]
fn posts_are_judged() {
    let posts = read("insight/research/posts.json");
    let field =
        |name: &str| -> Vec<&str> { posts.as_array().unwrap().iter().map(|p| p[name].as_str().unwrap()).collect() };
    let (truth, kinds, texts) = (field("label"), field("kind"), field("text"));
    let found: Vec<&str> = texts.iter().map(|t| sentiment(t).label.id()).collect();
    let mut by_kind: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (((t, f), kind), text) in truth.iter().zip(&found).zip(&kinds).zip(&texts) {
        let count = by_kind.entry(kind).or_default();
        count[0] += usize::from(t == f);
        count[1] += 1;
        if t != f {
            println!("{kind}: {f} instead of {t}: {text} {:?}", sentiment(text).cues);
        }
    }
    println!("{by_kind:?}");
    let own = classification(&truth, &found, &[]).unwrap();
    let majority = classification(&truth, &vec!["negative"; truth.len()], &[]).unwrap();
    for (name, c) in [("majority", &majority), ("lexicon and rules", &own)] {
        println!("| {name} | {:.3} | {:.3} | {:.3} |", c.accuracy, c.macro_average.recall, c.macro_average.f1);
    }
    assert!(texts.len() >= 120);
    assert!(own.accuracy >= 0.85 && own.macro_average.f1 >= 0.82, "{} {}", own.accuracy, own.macro_average.f1);
    assert!(own.macro_average.f1 >= majority.macro_average.f1 + 0.5);
}

#[test]
fn rules_do_what_they_say() {
    let score = |text: &str| sentiment(text).score;
    assert!(score("very good") > score("good") && score("slightly good") < score("good"));
    assert!(score("not good") < 0.0 && score("not bad") > 0.0 && score("not only good") > 0.0);
    assert!(score("It is GOOD") > score("It is good") && score("IT IS GOOD") == score("it is good"));
    assert!(score("good!!!") > score("good!") && score("good!!!") == score("good!!!!!!!"));
    assert!(score("soooo goooood") > score("good"));
    assert!(score("good, but broken") < 0.0 && score("broken, but good") > 0.0);
    assert!(score("too small") < score("small") && score("😡") < 0.0 && score("<br>good<br/>") == score("good"));
    assert_eq!(sentiment("").label, Label::Neutral);
    assert_eq!(sentiment("terible").cues[0].text, "terible");
    assert!((-1.0..=1.0).contains(&score(&"awful ".repeat(100_000))));
}

fn post(text: &str, date: Option<&str>) -> Post {
    Post { id: None, text: text.to_owned(), date: date.map(str::to_owned) }
}

fn of(texts: &[&str]) -> Research {
    analyse(texts.iter().map(|t| post(t, None)).collect(), &Options::default()).unwrap()
}

#[test]
fn aspects_have_counts_and_sentences() {
    let r = of(&[
        "The battery life is great. I read every evening.",
        "Great battery life, terrible handle.",
        "The battery life is awful!",
        "My handle broke. The handle is a shame.",
        "The handles are wobbly, but the battery life is superb.",
        "Lovely colour.",
        "We read in the garden.",
    ]);
    let aspect =
        |name: &str| r.aspects.iter().find(|a| a.name == name).unwrap_or_else(|| panic!("{name}: {:?}", r.aspects));
    let life = aspect("battery life");
    assert_eq!((life.posts, life.sentiment.positive, life.sentiment.negative), (4, 3, 1));
    let handle = aspect("handle");
    assert_eq!((handle.posts, handle.sentiment.positive, handle.sentiment.negative), (3, 0, 3));
    assert!(
        r.aspects.iter().all(|a| a.name != "battery" && a.name != "life" && a.name != "read" && a.name != "evening"),
        "{:?}",
        r.aspects
    );
    let example = life.examples.iter().find(|e| e.label == Label::Negative).unwrap();
    assert_eq!((example.post.as_str(), example.text.as_str()), ("2", "The battery life is awful!"));
    assert_eq!(r.posts, r.opinions.len());
    assert_eq!(r.sentiment.all(), 7);
}

#[test]
fn wishes_are_found_and_grouped() {
    let r = of(&[
        "I wish it had a longer cable.",
        "Please add a longer cable, it is short.",
        "Would be nice to have it in green.",
        "The lid is missing.",
        "Does anyone know a lamp with a dimmer?",
        "There is no doubt that it is good.",
        "Nothing to wish for, a good cable.",
    ]);
    let cable = &r.needs[0];
    assert_eq!((cable.about.as_str(), cable.posts), ("cable", 2));
    assert_eq!(
        cable.quotes.iter().map(|q| (q.post.as_str(), q.wish)).collect::<Vec<_>>(),
        [("0", Wish::Wish), ("1", Wish::Request)]
    );
    let all: Vec<(&str, Wish)> =
        r.needs.iter().flat_map(|n| n.quotes.iter().map(|q| (n.about.as_str(), q.wish))).collect();
    assert!(all.contains(&("green", Wish::Wish)) && all.contains(&("lid", Wish::Missing)), "{all:?}");
    assert_eq!(r.needs.iter().map(|n| n.posts).sum::<usize>(), 5, "{:?}", r.needs);
}

/// 60 posts over 60 days: delivery complaints come up in the second half only; the colour is praised all the time.
fn dated() -> Vec<Post> {
    let day = |i: usize| format!("2026-0{}-{:02}T10:00:00Z", 3 + i / 30, 1 + i % 30);
    let mut posts: Vec<Post> = (0..60)
        .map(|i| {
            let text = match i % 3 {
                0 if i >= 30 => format!("The delivery was late again, number {i}."),
                1 => format!("The colour is lovely, number {i}."),
                _ => format!("I bought it for room {i}."),
            };
            post(&text, Some(&day(i)))
        })
        .collect();
    // Out of order, without a date, twice, and without a word.
    posts.reverse();
    posts.push(post("The colour is lovely.", None));
    posts.push(post("the  COLOUR is lovely.", None));
    posts.push(post(" \n ", None));
    posts
}

#[test]
fn trends_are_tested() {
    let r = analyse(dated(), &Options::default()).unwrap();
    assert_eq!((r.posts, r.repeated, r.empty), (61, 1, 1));
    let trend = |about: &str| -> &Trend {
        r.trends.iter().find(|t| t.about == about).unwrap_or_else(|| panic!("{:?}", r.trends))
    };
    let delivery = trend("delivery");
    assert_eq!((delivery.before, delivery.after, delivery.since.as_str()), ([0, 30], [10, 30], "2026-04-01"));
    assert_eq!(delivery.direction, Direction::Rising);
    assert!(delivery.p < 0.01 && delivery.p <= delivery.q);
    assert_eq!(trend("negative posts").direction, Direction::Rising);
    assert_eq!(
        (trend("colour").before, trend("colour").after, trend("colour").direction),
        ([10, 30], [10, 30], Direction::Steady)
    );
    assert_eq!(r.buckets.len(), 11);
    assert_eq!(r.buckets.iter().map(|b| b.posts).sum::<usize>(), 60);
    assert_eq!((r.buckets[0].from.as_str(), r.buckets[10].to.as_str()), ("2026-03-01", "2026-04-30"));
    assert_eq!(trend("colour").series.iter().sum::<usize>(), 20);
    let one_day = (0..9).map(|i| post(&format!("The lid is red, {i}."), Some("2026-01-01"))).collect();
    let r = analyse(one_day, &Options::default()).unwrap();
    assert_eq!((r.trends.len(), r.buckets.len()), (0, 1), "one day has no trend");
}

/// Every number of the summary is looked up by counting the posts anew.
#[test]
fn the_summary_counts() {
    let posts = dated();
    let r = analyse(posts.clone(), &Options::default()).unwrap();
    let with = |word: &str| posts.iter().filter(|p| p.text.to_lowercase().contains(word)).count();
    let late = with("late");
    // One of the posts on the colour is said twice.
    let colour = with("colour") - 1;
    assert_eq!(r.summary[0], format!("61 posts: {colour} positive, {} neutral, {late} negative.", 61 - colour - late));
    assert!(r.summary[1].starts_with(&format!("Most spoken of: colour ({colour} posts)")), "{:?}", r.summary);
    assert!(r.summary.contains(&format!("Praised: colour ({colour} of {colour} posts).")), "{:?}", r.summary);
    assert!(r.summary.contains(&format!("Complained of: delivery ({late} of {late} posts).")), "{:?}", r.summary);
    let rising = r.summary.iter().find(|s| s.starts_with("Rising: ")).unwrap();
    assert!(rising.contains(&format!("delivery (0 of 30 before 2026-04-01, {late} of 30 since then)")), "{rising}");
    assert_eq!(r.summary.last().unwrap(), "Not counted: 1 repeated, 1 without words.");
}

#[test]
fn tails_are_scipys() {
    let all = read("fixtures/metrics.json");
    for case in all["normal"].as_array().unwrap() {
        let (z, p) = (case[0].as_f64().unwrap(), case[1].as_f64().unwrap());
        assert!((normal_tail(z) - p).abs() <= 1e-6 * p + 1e-12, "{z}: {} instead of {p}", normal_tail(z));
    }
    // 15 of 50 and 5 of 50: z = 2.5.
    assert!((two_proportions(15, 50, 5, 50) - 2.0 * normal_tail(2.5)).abs() < 1e-12);
    assert_eq!((two_proportions(0, 9, 0, 9), two_proportions(9, 9, 9, 9)), (1.0, 1.0));
    let q = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.2]);
    for (ours, theirs) in q.iter().zip([0.04, 0.16 / 3.0, 0.16 / 3.0, 0.2]) {
        assert!((ours - theirs).abs() < 1e-12, "{q:?}");
    }
}

#[test]
fn steps_give_the_same_as_all_at_once() {
    let mut analyser = Analyser::new(dated(), &Options::default()).unwrap();
    assert_eq!(analyser.progress(), Progress { done: 0, total: 126 });
    let mut last = 0;
    loop {
        let Progress { done, total } = analyser.step(7);
        assert!(done > last && done <= total, "{done} of {total}");
        last = done;
        if done == total {
            break;
        }
    }
    assert_eq!(analyser.finish().unwrap(), analyse(dated(), &Options::default()).unwrap());
    let mut early = Analyser::new(dated(), &Options::default()).unwrap();
    early.step(3);
    assert_eq!(early.finish().unwrap_err(), ResearchError::Unfinished { done: 3, total: 126 });
}

#[test]
fn odd_posts_give_a_result_or_a_named_error() {
    let error = |posts: Vec<Post>, language: Option<&str>| {
        analyse(posts, &Options { language: language.map(str::to_owned) }).unwrap_err()
    };
    assert_eq!(error(Vec::new(), None), ResearchError::Empty);
    assert_eq!(error(vec![post(" ", None)], None), ResearchError::Empty);
    assert_eq!(
        error(vec![post("Gut.", None)], Some("de-AT")).to_string(),
        "language de-AT is not one that research reads (en)"
    );
    for date in ["", "yesterday", "2026-02-29", "2026-13-01", "29.11.2026", "2026-11-29x", "2026-1-1", "２０２６-11-29"]
    {
        let posts = vec![post("a", None), post("b", Some(date))];
        assert_eq!(error(posts, None), ResearchError::Date { at: 1, date: date.to_owned() });
    }
    assert!(analyse(vec![post("Fine.", Some("2024-02-29"))], &Options { language: Some("en-GB".to_owned()) }).is_ok());
    let r =
        of(&["😍😍", "<div><b>Great</b> lamp</div>", "Schöne Lampe, 日本のランプ", "<<<<>>>> < a", "!!!", "a\u{0}b"]);
    assert_eq!((r.posts, r.empty), (5, 1));
    assert_eq!(r.opinions[0].label, Label::Positive);
    let megabyte = "the lamp <is great < and ".repeat(45_000);
    assert_eq!(of(&[&megabyte]).sentiment.positive, 1);
    // None of these may take time that grows with the square of its length.
    let odd = ["<".repeat(1_000_000), "a".repeat(1_000_000), ":".repeat(1_000_000), "awful ".repeat(170_000)];
    let r = of(&odd.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((r.posts, r.empty, r.sentiment.negative), (2, 2, 1));
}

/// A thousand posts in steps of ten; how long the longest took is shown.
#[test]
fn a_thousand_posts_in_short_steps() {
    let things = ["battery", "handle", "lid", "colour", "delivery", "price", "cable", "manual", "box", "light"];
    let says = ["is great", "broke after a week", "is not good", "could be longer", "arrived late", "is worth it"];
    let text = |i: usize| {
        let (a, b) = (things[i % 10], things[(i / 10 + 3) % 10]);
        format!("The {a} {}, and the {b} {}. I wish it had a better {a}. Number {i}.", says[i % 6], says[(i / 6) % 6])
    };
    let posts = (0..1000).map(|i| post(&text(i), Some(&format!("2026-{:02}-{:02}", 1 + i % 12, 1 + i % 28)))).collect();
    let mut analyser = Analyser::new(posts, &Options::default()).unwrap();
    let (mut longest, begun) = (0.0_f64, Instant::now());
    loop {
        let one = Instant::now();
        let Progress { done, total } = analyser.step(10);
        longest = longest.max(one.elapsed().as_secs_f64());
        if done == total {
            break;
        }
    }
    let end = Instant::now();
    let r = analyser.finish().unwrap();
    let (finish, all) = (end.elapsed().as_secs_f64(), begun.elapsed().as_secs_f64());
    println!("longest step {:.1} ms, finish {:.1} ms, all {:.0} ms", 1e3 * longest, 1e3 * finish, 1e3 * all);
    assert_eq!(r.posts, 1000);
    assert_eq!(r.aspects.iter().filter(|a| things.contains(&a.name.as_str())).count(), 10);
    assert_eq!(r.needs.iter().map(|n| n.posts).sum::<usize>(), 1000);
}
