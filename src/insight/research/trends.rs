//! What becomes more or less with time: the share of posts in the earlier half of the posts and in the later one.

use std::collections::BTreeMap;

use serde::Serialize;

/// With fewer posts than this in all, nothing is said of an aspect's trend.
const LEAST: usize = 5;
/// Rate of false discoveries.
const FALSE: f64 = 0.05;
/// Spans of time for a chart, at most.
const BUCKETS: i64 = 12;
/// How the trend of all complaints is called.
const COMPLAINTS: &str = "negative posts";

/// A span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Posts with a date in it.
    pub posts: usize,
}

/// Where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More.
    Rising,
    /// Less.
    Falling,
    /// Nothing that could not be chance.
    Steady,
}

/// How an aspect does with time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trend {
    /// The aspect, or `negative posts`.
    pub about: String,
    /// First day of the later part.
    pub since: String,
    /// Posts before that speak of it, of all.
    pub before: [usize; 2],
    /// Posts since then that speak of it, of all.
    pub after: [usize; 2],
    /// Of a two-proportion z test, two-sided.
    pub p: f64,
    /// Adjusted for the number of trends (Benjamini & Hochberg 1995).
    pub q: f64,
    /// Rising or falling when q is at most 0.05.
    pub direction: Direction,
    /// Posts that speak of it in each bucket.
    pub series: Vec<usize>,
}

/// Days since 1970-01-01 of `2026-11-29`, whatever follows behind a `T` or a space; None when there is no such day.
pub(super) fn day(date: &str) -> Option<i64> {
    let date = date.trim();
    let (date, rest) = date.split_at_checked(10)?;
    let fine = rest.is_empty() || rest.starts_with(['T', ' ']);
    let mut parts = date.split('-');
    let mut number = |length: usize| {
        let part = parts.next().filter(|p| p.len() == length && p.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<i64>().ok()
    };
    let (y, m, d) = (number(4)?, number(2)?, number(2)?);
    let days = days(y, m, d);
    (fine && (1..=12).contains(&m) && d >= 1 && civil(days) == (y, m, d)).then_some(days)
}

/// Hinnant's days_from_civil.
fn days(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let (era, year) = (y.div_euclid(400), y.rem_euclid(400));
    let day = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
}

/// And back.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let m = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(m <= 2), m, in_year - (153 * month + 2) / 5 + 1)
}

fn shown(day: i64) -> String {
    let (y, m, d) = civil(day);
    format!("{y:04}-{m:02}-{d:02}")
}

/// The upper tail of the standard normal distribution, by the complementary error function (Press et al. 1992, 6.2: seven
/// digits).
#[must_use]
pub fn normal_tail(z: f64) -> f64 {
    const C: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let series = C.iter().rev().fold(0.0, |sum, c| sum * t + c);
    let tail = 0.5 * t * (-x * x + series).exp();
    if z >= 0.0 { tail } else { 1.0 - tail }
}

/// The two-sided p of a z test, with the pooled share, of x of n against y of m.
#[must_use]
pub fn two_proportions(x: usize, n: usize, y: usize, m: usize) -> f64 {
    let (x, n, y, m) = (x as f64, n as f64, y as f64, m as f64);
    let pooled = (x + y) / (n + m);
    let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    if deviation > 0.0 { (2.0 * normal_tail((x / n - y / m).abs() / deviation)).min(1.0) } else { 1.0 }
}

/// Benjamini and Hochberg's adjusted p values, in the order of the values.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let (mut q, mut least) = (vec![1.0; p.len()], 1.0_f64);
    for (i, at) in order.iter().enumerate() {
        least = least.min(p[*at] * p.len() as f64 / (p.len() - i) as f64);
        q[*at] = least;
    }
    q
}

/// Trends of aspects (each with the posts that speak of it) and of complaints, over posts that have a day.
pub(super) fn trends(
    days: &[Option<i64>],
    aspects: &BTreeMap<&str, &[usize]>,
    negative: &[usize],
) -> (Vec<Bucket>, Vec<Trend>) {
    let mut sorted: Vec<i64> = days.iter().flatten().copied().collect();
    sorted.sort_unstable();
    let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) else { return (Vec::new(), Vec::new()) };
    let width = (last - first + 1).div_euclid(BUCKETS) + i64::from((last - first + 1) % BUCKETS != 0);
    let count = (last - first) / width + 1;
    let bucket = |day: i64| ((day - first) / width) as usize;
    let mut buckets: Vec<Bucket> = (0..count)
        .map(|i| {
            let from = first + i * width;
            Bucket { from: shown(from), to: shown((from + width - 1).min(last)), posts: 0 }
        })
        .collect();
    sorted.iter().for_each(|day| buckets[bucket(*day)].posts += 1);
    // The later part begins on the day of the middle post, or, where that is the first day, on the next one.
    let middle = sorted[sorted.len() / 2];
    let Some(&since) = sorted.iter().find(|d| **d > first && **d >= middle) else { return (buckets, Vec::new()) };
    let all_before = sorted.iter().filter(|d| **d < since).count();
    let all_after = sorted.len() - all_before;
    let named = aspects.iter().map(|(name, posts)| (*name, *posts)).chain([(COMPLAINTS, negative)]);
    let mut trends: Vec<Trend> = named
        .filter_map(|(about, posts)| {
            let when: Vec<i64> = posts.iter().filter_map(|at| days[*at]).collect();
            let before = when.iter().filter(|d| **d < since).count();
            let after = when.len() - before;
            let mut series = vec![0; buckets.len()];
            when.iter().for_each(|day| series[bucket(*day)] += 1);
            (when.len() >= LEAST).then(|| Trend {
                about: about.to_owned(),
                since: shown(since),
                before: [before, all_before],
                after: [after, all_after],
                p: two_proportions(before, all_before, after, all_after),
                q: 1.0,
                direction: Direction::Steady,
                series,
            })
        })
        .collect();
    let adjusted = benjamini_hochberg(&trends.iter().map(|t| t.p).collect::<Vec<_>>());
    for (trend, q) in trends.iter_mut().zip(adjusted) {
        trend.q = q;
        if q <= FALSE {
            let more = trend.after[0] * trend.before[1] > trend.before[0] * trend.after[1];
            trend.direction = if more { Direction::Rising } else { Direction::Falling };
        }
    }
    trends.sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| a.about.cmp(&b.about)));
    (buckets, trends)
}
