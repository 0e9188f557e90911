//! The most important in a few sentences. Every number in them is a count that stands in the analysis.

use super::trends::Direction;
use super::{Aspect, Need, Research, Trend};

/// As many are named of each kind.
const NAMED: usize = 3;

/// "3 posts", "1 post".
fn posts(n: usize) -> String {
    format!("{n} post{}", if n == 1 { "" } else { "s" })
}

fn listed<T>(items: &[&T], one: impl Fn(&T) -> String) -> String {
    items.iter().take(NAMED).map(|i| one(i)).collect::<Vec<_>>().join(", ")
}

pub(super) fn sentences(r: &Research) -> Vec<String> {
    let totals = r.sentiment;
    let mut all = vec![format!(
        "{}: {} positive, {} neutral, {} negative.",
        posts(r.posts),
        totals.positive,
        totals.neutral,
        totals.negative
    )];
    let mut say = |title: &str, list: String| {
        if !list.is_empty() {
            all.push(format!("{title}: {list}."));
        }
    };
    let aspects: Vec<&Aspect> = r.aspects.iter().collect();
    say("Most spoken of", listed(&aspects, |a| format!("{} ({})", a.name, posts(a.posts))));
    let mut praised: Vec<&Aspect> = aspects.clone();
    praised.retain(|a| a.sentiment.positive > 1 && a.sentiment.positive > a.sentiment.negative);
    praised.sort_by_key(|a| std::cmp::Reverse(a.sentiment.positive - a.sentiment.negative));
    say("Praised", listed(&praised, |a| format!("{} ({} of {})", a.name, a.sentiment.positive, posts(a.posts))));
    let mut blamed: Vec<&Aspect> = aspects;
    blamed.retain(|a| a.sentiment.negative > 1 && a.sentiment.negative > a.sentiment.positive);
    blamed.sort_by_key(|a| std::cmp::Reverse(a.sentiment.negative - a.sentiment.positive));
    say("Complained of", listed(&blamed, |a| format!("{} ({} of {})", a.name, a.sentiment.negative, posts(a.posts))));
    let needs: Vec<&Need> = r.needs.iter().filter(|n| n.posts > 1).collect();
    say("Wished for", listed(&needs, |n| format!("{} ({})", n.about, posts(n.posts))));
    for (direction, title) in [(Direction::Rising, "Rising"), (Direction::Falling, "Falling")] {
        let trends: Vec<&Trend> = r.trends.iter().filter(|t| t.direction == direction).collect();
        let one = |t: &Trend| {
            let ([x, n], [y, m]) = (t.before, t.after);
            format!("{} ({x} of {n} before {}, {y} of {m} since then)", t.about, t.since)
        };
        say(title, listed(&trends, one));
    }
    if r.repeated + r.empty > 0 {
        all.push(format!("Not counted: {} repeated, {} without words.", r.repeated, r.empty));
    }
    all
}
