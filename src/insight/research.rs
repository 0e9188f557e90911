//! What people say, in many posts: whether they praise or complain, of what, what they wish for, and what becomes more or
//! less with time. English; every number is counted from the posts.

mod aspects;
pub mod judge;
mod lexicon;
mod needs;
pub mod pieces;
pub mod sentiment;
mod summary;
pub mod tokens;
mod trends;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::copy::unicode::lower;
use crate::error::Kind;
use crate::insight::heads::HeadsError;
use aspects::{Chosen, Counts, Mention};
use judge::Judge;
use sentiment::{Cue, Label, sentiment};

pub use crate::insight::Progress;
pub use aspects::{Aspect, Example};
pub use judge::Said;
pub use needs::{Need, Quote, Wish};
pub use trends::{Bucket, Direction, Trend, benjamini_hochberg, normal_tail, two_proportions};

/// Something that somebody wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Post {
    /// Its id; its place among the posts when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its words.
    pub text: String,
    /// When: `2026-11-29`, or a time on that day behind a `T` or a space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// How to read the posts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// Their language, a BCP-47 tag; English when absent, and nothing else so far.
    pub language: Option<String>,
}

/// Why there is no analysis.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResearchError {
    /// No post has a word.
    #[error("posts have no words")]
    Empty,
    /// A date that is none.
    #[error("posts[{at}].date is {date:?}, not a date as 2026-11-29")]
    Date {
        /// Which post.
        at: usize,
        /// What it has.
        date: String,
    },
    /// A language without a lexicon.
    #[error("language {0} is not one that research reads (en)")]
    Language(String),
    /// Heads, or vectors, that cannot judge these posts.
    #[error(transparent)]
    Heads(#[from] HeadsError),
    /// [`Analyser::finish`] before its time.
    #[error("{done} of {total} steps are done")]
    Unfinished {
        /// Steps that are.
        done: usize,
        /// All.
        total: usize,
    },
}

impl ResearchError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Empty | Self::Date { .. } => Kind::Type,
            Self::Language(_) => Kind::NotSupported,
            Self::Heads(e) => e.kind(),
            Self::Unfinished { .. } => Kind::InvalidState,
        }
    }
}

/// Posts by what they say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Posts that praise.
    pub positive: usize,
    /// Posts that do neither.
    pub neutral: usize,
    /// Posts that complain.
    pub negative: usize,
}

impl Totals {
    fn count(&mut self, label: Label) {
        match label {
            Label::Positive => self.positive += 1,
            Label::Neutral => self.neutral += 1,
            Label::Negative => self.negative += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> usize {
        self.positive + self.neutral + self.negative
    }
}

/// What one post says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opinion {
    /// The post's id.
    pub id: String,
    /// From −1 to 1.
    pub score: f64,
    /// Which class that is.
    pub label: Label,
    /// Words that the rules see in it: what it rests on, or rests on among other things where heads judge.
    pub cues: Vec<Cue>,
    /// Its sentences by what heads make of each; empty without heads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<Said>,
}

/// What the posts say together.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Research {
    /// Posts that were counted.
    pub posts: usize,
    /// Posts that say the same as one before, word for word: not counted.
    pub repeated: usize,
    /// Posts without a word or a face: not counted.
    pub empty: usize,
    /// Posts by what they say.
    pub sentiment: Totals,
    /// Each counted post, in their order.
    pub opinions: Vec<Opinion>,
    /// What they speak of, most posts first.
    pub aspects: Vec<Aspect>,
    /// What they wish for, most posts first.
    pub needs: Vec<Need>,
    /// Spans of time, when there are dates.
    pub buckets: Vec<Bucket>,
    /// What becomes more or less, when there are dates.
    pub trends: Vec<Trend>,
    /// The most important of this, in sentences.
    pub summary: Vec<String>,
}

/// A post that was read.
struct Read {
    id: String,
    day: Option<i64>,
    mentions: Vec<Mention>,
    wishes: Vec<needs::Found>,
}

/// An analysis in small steps, so that a page goes on painting and may leave off at any time.
pub struct Analyser {
    posts: Vec<(Post, Option<i64>)>,
    seen: HashSet<String>,
    next: usize,
    read: Vec<Read>,
    counts: Counts,
    chosen: Option<Chosen>,
    assigned: usize,
    judge: Option<Judge>,
    failed: Option<ResearchError>,
    research: Research,
}

impl Analyser {
    /// Takes posts, in any order.
    ///
    /// # Errors
    /// A language that is not English; a date that is none.
    pub fn new(posts: Vec<Post>, options: &Options) -> Result<Self, ResearchError> {
        if let Some(language) = &options.language {
            let primary = language.split('-').next().unwrap_or_default();
            if !primary.eq_ignore_ascii_case("en") {
                return Err(ResearchError::Language(language.clone()));
            }
        }
        let mut dated = Vec::with_capacity(posts.len());
        for (at, post) in posts.into_iter().enumerate() {
            let day = match &post.date {
                Some(date) => Some(trends::day(date).ok_or_else(|| ResearchError::Date { at, date: date.clone() })?),
                None => None,
            };
            dated.push((post, day));
        }
        let research = Research {
            posts: 0,
            repeated: 0,
            empty: 0,
            sentiment: Totals::default(),
            opinions: Vec::new(),
            aspects: Vec::new(),
            needs: Vec::new(),
            buckets: Vec::new(),
            trends: Vec::new(),
            summary: Vec::new(),
        };
        Ok(Self {
            posts: dated,
            seen: HashSet::new(),
            next: 0,
            read: Vec::new(),
            counts: Counts::default(),
            chosen: None,
            assigned: 0,
            judge: None,
            failed: None,
            research,
        })
    }

    /// The same, judged by heads: what posts say, and what they say of an aspect, is theirs and no longer the rules'.
    #[must_use]
    pub fn judged_by(mut self, judge: Judge) -> Self {
        self.judge = Some(judge);
        self
    }

    /// How far it is: every post is read, and then looked through once more.
    #[must_use]
    pub fn progress(&self) -> Progress {
        // What was not counted is not looked through.
        let skipped = self.next - self.read.len();
        Progress { done: self.next + skipped + self.assigned, total: 2 * self.posts.len() }
    }

    /// Does the work of so many posts, at least of one.
    pub fn step(&mut self, posts: usize) -> Progress {
        for _ in 0..posts.max(1) {
            if self.next < self.posts.len() {
                self.read_next();
            } else if self.assigned < self.read.len() {
                self.assign_next();
            } else {
                break;
            }
        }
        self.progress()
    }

    fn read_next(&mut self) {
        let (post, day) = &self.posts[self.next];
        let at = self.next;
        self.next += 1;
        let same = lower(&post.text).split_whitespace().collect::<Vec<_>>().join(" ");
        let sentences = tokens::sentences(&post.text);
        let feeling = sentiment(&post.text);
        let says = sentences.iter().flat_map(|s| &s.tokens).any(|t| t.word) || !feeling.cues.is_empty();
        if !says {
            self.research.empty += 1;
            return;
        }
        if !self.seen.insert(same) {
            self.research.repeated += 1;
            return;
        }
        let id = post.id.clone().unwrap_or_else(|| at.to_string());
        let mut mentions = aspects::mentions(&sentences);
        let cues = feeling.cues;
        let mut opinion =
            Opinion { id: id.clone(), score: feeling.score, label: feeling.label, cues, sentences: vec![] };
        if let Some(judge) = &self.judge
            && let Err(wrong) = judge.judge(&sentences, &mut opinion, &mut mentions)
        {
            self.failed.get_or_insert(wrong.into());
        }
        self.research.sentiment.count(opinion.label);
        self.research.opinions.push(opinion);
        self.counts.add(&mentions);
        let wishes = sentences.iter().filter_map(needs::find).collect();
        self.read.push(Read { id, day: *day, mentions, wishes });
    }

    fn assign_next(&mut self) {
        let chosen = self.chosen.get_or_insert_with(|| self.counts.choose(self.read.len()));
        let read = &self.read[self.assigned];
        chosen.assign(self.assigned, &read.id, &read.mentions);
        self.assigned += 1;
    }

    /// The result.
    ///
    /// # Errors
    /// Steps that are left; posts that have no words at all.
    pub fn finish(mut self) -> Result<Research, ResearchError> {
        let Progress { done, total } = self.progress();
        if done < total {
            return Err(ResearchError::Unfinished { done, total });
        }
        if let Some(wrong) = self.failed {
            return Err(wrong);
        }
        if self.read.is_empty() {
            return Err(ResearchError::Empty);
        }
        let mut research = self.research;
        research.posts = self.read.len();
        let (aspects, places) = self.chosen.take().map(|c| c.finish(research.posts)).unwrap_or_default();
        let wishes = self.read.iter_mut().enumerate();
        let wishes = wishes.flat_map(|(at, read)| read.wishes.drain(..).map(move |w| (at, w))).collect::<Vec<_>>();
        let ids: Vec<&str> = self.read.iter().map(|r| r.id.as_str()).collect();
        research.needs = needs::group(&wishes, &ids, &aspects);
        let days: Vec<Option<i64>> = self.read.iter().map(|r| r.day).collect();
        let named: BTreeMap<&str, &[usize]> =
            aspects.iter().zip(&places).map(|(a, p)| (a.name.as_str(), p.as_slice())).collect();
        let negative: Vec<usize> = places_of(&research.opinions, Label::Negative);
        (research.buckets, research.trends) = trends::trends(&days, &named, &negative);
        research.aspects = aspects;
        research.summary = summary::sentences(&research);
        Ok(research)
    }
}

fn places_of(opinions: &[Opinion], label: Label) -> Vec<usize> {
    opinions.iter().enumerate().filter(|(_, o)| o.label == label).map(|(i, _)| i).collect()
}

/// The whole analysis at once.
///
/// # Errors
/// As of [`Analyser::new`] and [`Analyser::finish`].
pub fn analyse(posts: Vec<Post>, options: &Options) -> Result<Research, ResearchError> {
    let mut analyser = Analyser::new(posts, options)?;
    analyser.step(usize::MAX);
    analyser.finish()
}
