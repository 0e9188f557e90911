//! Whether a text speaks well or ill, by a lexicon of our own and rules after VADER (Hutto & Gilbert 2014): English.
//!
//! 1. Words and phrases of the lexicon have values from −4 to 4; a word that is not in it counts as another form of its stem,
//!    with letters that are drawn out ("soooo") shortened, or, from 6 letters on, with one typing error. Emoji have values, too.
//! 2. "very" before a word makes it 1.3 times as strong, "slightly" 0.6 times; so do capitals in a text that has others.
//! 3. A negation within five words before turns the value round and makes it 0.7 times as strong; "not only" does not.
//! 4. "too" before a word without a good value makes it a complaint.
//! 5. What stands before "but" counts half, what follows one and a half times.
//! 6. Praise in a sentence with "thanks for nothing", a rolling eye or the like is mockery, and so is a praising interjection at
//!    the beginning of a sentence that goes on to complain.
//! 7. The sum s, with 0.3 for each of up to three exclamation marks, becomes s / √(s² + 15), from −1 to 1.

use serde::Serialize;

use super::lexicon::{Lexicon, face, lexicon, shortened};
use super::tokens::{Sentence, Token, sentences};
use crate::insight::words::is_function;

const NEGATIONS: &str = "not no never neither nor none nobody nothing nowhere without hardly barely scarcely rarely cannot dont \
    doesnt didnt isnt wasnt arent werent wont wouldnt couldnt shouldnt cant cannot aint hasnt havent hadnt lacks lacking";
const STRONGER: &str = "very really so extremely absolutely incredibly totally truly highly super completely utterly especially \
    exceptionally most such insanely remarkably particularly ridiculously quite far much way";
const WEAKER: &str =
    "slightly somewhat fairly bit little kinda sorta partly marginally mildly almost less relatively rather";
/// Before "like", these make it a verb.
const LIKING: &str = "i we you they really also do don't didn't quite all both would people kids";
const MOCKERY: &[&str] = &[
    "thanks for nothing",
    "just what i needed",
    "exactly what i needed another",
    "yeah right",
    "what a surprise",
    "oh great",
    "oh joy",
    "oh wonderful",
    "oh good",
    "oh perfect",
    "oh fantastic",
    "how nice of",
    "good luck getting",
    "if you enjoy",
    "if you like being",
    "if you love",
    "big surprise",
    "nice try",
    "bravo",
    "slow clap",
    "great job breaking",
    "way to go",
    "who doesn't love",
    "who needs",
    "because who",
    "as useful as a",
    "so much for",
    "love waiting",
    "love how it",
    "love paying",
    "love being",
    "said no one",
    "sure because",
];
/// A negation and a "very" reach so many words ahead.
const WINDOW: usize = 5;
/// As the sum becomes a score: VADER's constant.
const FLAT: f64 = 15.0;
/// Scores nearer to 0 than this are neutral. Of 0.1 and 0.3 the better one on the reviews of
/// `cargo xtask evaluate --sentiment`, as of the two constants above.
const NEUTRAL: f64 = 0.1;

/// What a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Praise.
    Positive,
    /// Neither, or both alike.
    Neutral,
    /// Complaint.
    Negative,
}

impl Label {
    /// Of a score.
    #[must_use]
    pub fn of(score: f64) -> Self {
        match score {
            s if s >= NEUTRAL => Self::Positive,
            s if s <= -NEUTRAL => Self::Negative,
            _ => Self::Neutral,
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Neutral => "neutral",
            Self::Negative => "negative",
        }
    }
}

/// A word that counted, and what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cue {
    /// As it is in the text, in lower case.
    pub text: String,
    /// With all that stands around it.
    pub value: f64,
}

/// The sentiment of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sentiment {
    /// From −1 to 1.
    pub score: f64,
    /// Which class that is.
    pub label: Label,
    /// What it rests on.
    pub cues: Vec<Cue>,
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

fn negates(word: &str) -> bool {
    word.ends_with("n't") || listed(NEGATIONS, word)
}

/// The sum of one sentence, and what it consists of.
fn sum(tokens: &[Token], shouting: bool, cues: &mut Vec<Cue>) -> f64 {
    let lexicon = lexicon();
    let first = cues.len();
    let mut place = Vec::new();
    let (mut i, mut but, mut phrase_end) = (0, None, 0);
    while i < tokens.len() {
        let token = &tokens[i];
        let (length, value) = lexicon.phrase(&tokens[i..]).unwrap_or_else(|| (1, valued(lexicon, tokens, i)));
        if matches!(token.text.as_str(), "but" | "however" | "yet" | "although" | "though" | "except") && i > 0 {
            but = Some(i);
        }
        let too = length == 1 && i > 0 && tokens[i - 1].text == "too" && token.word && !is_function(&token.text);
        let value = if too && value <= 1.0 { -1.5 } else { value };
        if value != 0.0 {
            let value = modified(&tokens[phrase_end..], i - phrase_end, value, length > 1, shouting);
            place.push(i);
            let text = tokens[i..i + length].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
            cues.push(Cue { text, value });
        }
        i += length;
        if length > 1 {
            // What is in a phrase is said: "without a doubt the finest" denies nothing.
            phrase_end = i;
        }
    }
    if let Some(but) = but {
        let turned = matches!(tokens[but].text.as_str(), "although" | "though" | "except");
        for (cue, at) in cues[first..].iter_mut().zip(&place) {
            cue.value *= if (*at > but) != turned { 1.5 } else { 0.5 };
        }
    }
    mock(tokens, &place, &mut cues[first..]);
    cues[first..].iter().map(|c| c.value).sum()
}

fn valued(lexicon: &Lexicon, tokens: &[Token], at: usize) -> f64 {
    let token = &tokens[at];
    if token.word {
        let near = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map_or("", |t| t.text.as_str());
        let (before, next) = (near(at.checked_sub(1)), near(Some(at + 1)));
        return match token.text.as_str() {
            // "I like it", not "it looks like that".
            "like" if !listed(LIKING, before) => 0.0,
            // "pretty good"
            "pretty" if lexicon.word(next).is_some() => 0.0,
            word => lexicon.word(word).unwrap_or(0.0),
        };
    }
    face(&token.text)
}

/// A value with what stands before its word. Phrases have their negations in them.
fn modified(tokens: &[Token], at: usize, value: f64, phrase: bool, shouting: bool) -> f64 {
    let token = &tokens[at];
    let mut value = value;
    if !token.word {
        return value;
    }
    if token.capitals && !shouting {
        value *= 1.3;
    }
    let window = at.saturating_sub(WINDOW);
    let from = tokens[window..at].iter().rposition(|t| !t.word || t.text == "but").map_or(window, |p| window + p + 1);
    let before = &tokens[from..at];
    for word in before.iter().map(|t| t.text.as_str()) {
        if listed(STRONGER, word) || listed(STRONGER, &shortened(word, 1)) {
            value *= 1.3;
        } else if listed(WEAKER, word) {
            value *= 0.6;
        }
    }
    let not = before.iter().rposition(|t| negates(&t.text));
    let only = |i: usize| matches!(tokens.get(from + i + 1).map(|t| t.text.as_str()), Some("only" | "just" | "to"));
    if not.is_some_and(|i| !only(i)) && !phrase {
        value *= -0.7;
    }
    value
}

/// Turns praise round that is meant the other way.
fn mock(tokens: &[Token], place: &[usize], cues: &mut [Cue]) {
    let text = tokens.iter().filter(|t| t.word).map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
    let rolls = tokens.iter().any(|t| t.text.starts_with('🙄'));
    let praised = cues.iter().position(|c| c.value > 0.0);
    // Great, another one that leaks.
    let interjection =
        place.first() == Some(&0) && tokens.get(1).is_some_and(|t| [",", ".", "!", "…"].contains(&t.text.as_str()));
    let complains = cues.iter().skip(1).any(|c| c.value < 0.0) || tokens.get(2).is_some_and(|t| t.text == "another");
    let opens = interjection && praised == Some(0) && complains;
    if rolls || MOCKERY.iter().any(|m| text.contains(m)) {
        cues.iter_mut().filter(|c| c.value > 0.0).for_each(|c| c.value = -c.value);
    } else if opens {
        cues[0].value *= -0.7;
    }
}

/// The sentiment of a text.
#[must_use]
pub fn sentiment(text: &str) -> Sentiment {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    of_sentences(&sentences(text), letters.iter().all(|c| c.is_uppercase()))
}

fn of_sentences(all: &[Sentence], shouting: bool) -> Sentiment {
    let (mut cues, mut total, mut marks) = (Vec::new(), 0.0, 0);
    for sentence in all {
        total += sum(&sentence.tokens, shouting, &mut cues);
        marks += sentence.tokens.iter().filter(|t| t.text == "!").count();
    }
    if total != 0.0 {
        total += 0.3 * marks.min(3) as f64 * total.signum();
    }
    let score = flat(total);
    Sentiment { score, label: Label::of(score), cues }
}

/// From −1 to 1.
fn flat(total: f64) -> f64 {
    total / (total * total + FLAT).sqrt()
}

/// What the rules find in a text, as numbers from −1 to 1: its score, what praises, what blames, and 1 where there is nothing.
pub type Evidence = [f32; EVIDENCE];
/// How many numbers that are.
pub const EVIDENCE: usize = 4;

pub(super) fn evidence(sentences: &[Sentence]) -> Evidence {
    let Sentiment { score, cues, .. } = of_sentences(sentences, false);
    let side = |praise: bool| {
        let total: f64 = cues.iter().map(|c| c.value).filter(|v| (*v > 0.0) == praise).sum();
        // The sum of nothing is −0.
        flat(total + 0.0) as f32
    };
    [score as f32, side(true), side(false), f32::from(u8::from(cues.is_empty()))]
}

/// Whether a word praises or blames.
pub(super) fn judges(word: &str) -> bool {
    lexicon().words.get(word).is_some_and(|v| *v != 0.0) || listed(STRONGER, word) || listed(WEAKER, word)
}

/// The score of a piece of a sentence.
pub(super) fn of_tokens(tokens: &[Token]) -> f64 {
    flat(sum(tokens, false, &mut Vec::new()))
}
