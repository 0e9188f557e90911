//! What is to be written about, and under which conditions.

mod read;

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::copy::contradiction;
use crate::copy::format::Format;
use crate::error::Kind;
use crate::map::Map;

/// What is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BriefError {
    /// A field that is not as it should be.
    #[error("{field} {problem}")]
    Field {
        /// The field as the caller knows it.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A language that the model does not write.
    #[error("language {asked} is not one that this model writes ({declared})")]
    Language {
        /// What was asked for.
        asked: String,
        /// What the model declares.
        declared: String,
    },
}

impl BriefError {
    /// A wrong field.
    #[must_use]
    pub fn field(field: &str, problem: impl Into<String>) -> Self {
        Self::Field { field: field.into(), problem: problem.into() }
    }

    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Field { .. } => Kind::Type,
            Self::Language { .. } => Kind::NotSupported,
        }
    }
}

/// How it should sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Nothing added.
    #[default]
    Plain,
    /// Friendly.
    Warm,
    /// With a wink.
    Playful,
    /// For those who can choose.
    Premium,
    /// Short and loud.
    Bold,
    /// Reserved.
    Formal,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 6] = [Self::Plain, Self::Warm, Self::Playful, Self::Premium, Self::Bold, Self::Formal];

    /// Its name in briefs and prompts.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Warm => "warm",
            Self::Playful => "playful",
            Self::Premium => "premium",
            Self::Bold => "bold",
            Self::Formal => "formal",
        }
    }
}

/// A fact's value: text or a number, kept as it was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// `"€49"`
    Text(String),
    /// `49`
    Whole(i64),
    /// `1.5`
    Number(f64),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(t) => f.write_str(t),
            Self::Whole(n) => n.fmt(f),
            Self::Number(n) => n.fmt(f),
        }
    }
}

/// A claim that may be made, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Class of the claim, one of those in `claims.txt`, such as `guarantee`.
    pub class: String,
    /// Its evidence, in words.
    pub evidence: String,
}

/// Whom it is for at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context {
    /// What the reader is interested in (recommendation).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest: Option<String>,
    /// What the reader asked (support-reply).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
}

/// A brief. Only `format` and `name` must be there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Brief {
    /// What is written.
    pub format: Format,
    /// Name of the product, byte for byte.
    pub name: String,
    /// Who makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// What kind of thing it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What it has and does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Facts with their values: the only numbers that may appear.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub facts: Map<Fact>,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// How it should sound.
    pub tone: Tone,
    /// BCP-47 tag; English when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Interest or question.
    pub context: Context,
    /// Terms that must be in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub must: Vec<String>,
    /// Terms that must not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
    /// Claims that may be made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Claim>,
    /// A limit below the format's own, in its count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u32>,
}

const MOST_ITEMS: usize = 32;
const MOST_CHARACTERS: usize = 500;

impl Brief {
    /// Checks what types alone cannot: lengths, counts, what a format needs, rules that exclude one another.
    ///
    /// # Errors
    /// [`BriefError::Field`] naming the first wrong field.
    pub fn validate(&self) -> Result<(), BriefError> {
        // A control character is nothing that a text could name.
        let blank = |v: &str| v.chars().all(|c| c.is_whitespace() || c.is_control());
        let text = |field: &str, value: &str| match value {
            v if blank(v) => Err(BriefError::field(field, "is empty")),
            v if v.chars().count() > MOST_CHARACTERS => {
                Err(BriefError::field(field, format!("is longer than {MOST_CHARACTERS} characters")))
            }
            _ => Ok(()),
        };
        text("name", &self.name)?;
        let singles = [
            ("brand", &self.brand),
            ("category", &self.category),
            ("audience", &self.audience),
            ("context.interest", &self.context.interest),
            ("context.question", &self.context.question),
        ];
        for (field, value) in singles {
            value.as_ref().map_or(Ok(()), |v| text(field, v))?;
        }
        for (field, list) in [("features", &self.features), ("must", &self.must), ("never", &self.never)] {
            few(field, list.len())?;
            for (i, item) in list.iter().enumerate() {
                text(&format!("{field}[{i}]"), item)?;
            }
        }
        few("facts", self.facts.len())?;
        for (key, value) in &self.facts {
            text("a key of facts", key)?;
            if matches!(value, Fact::Number(n) if !n.is_finite()) {
                return Err(BriefError::field(&format!("facts.{key}"), "is not a finite number"));
            }
            text(&format!("facts.{key}"), &value.to_string())?;
        }
        few("allow", self.allow.len())?;
        for (i, claim) in self.allow.iter().enumerate() {
            text(&format!("allow[{i}].class"), &claim.class)?;
            text(&format!("allow[{i}].evidence"), &claim.evidence)?;
        }
        if self.format == Format::SupportReply && self.context.question.is_none() {
            return Err(BriefError::field("context.question", "is missing; a support-reply answers one"));
        }
        let most = self.format.limits().map_or(0, |l| l.max);
        match self.max_chars {
            Some(0) => Err(BriefError::field("maxChars", "is 0")),
            Some(n) if n > most => {
                Err(BriefError::field("maxChars", format!("is {n}, more than the {most} of {}", self.format.id())))
            }
            _ => contradiction::find(self),
        }
    }

    /// The language must be one that the model declares; primary subtags are compared.
    ///
    /// # Errors
    /// [`BriefError::Field`] for a malformed tag, [`BriefError::Language`] for another language.
    pub fn check_language(&self, declared: &[String]) -> Result<(), BriefError> {
        let Some(asked) = &self.language else { return Ok(()) };
        let primary = primary_subtag(asked)
            .ok_or_else(|| BriefError::field("language", format!("{asked:?} is no BCP-47 tag")))?;
        if declared.iter().any(|d| primary_subtag(d).as_ref() == Some(&primary)) {
            return Ok(());
        }
        Err(BriefError::Language { asked: asked.clone(), declared: declared.join(", ") })
    }

    /// 16 hexadecimal digits of the SHA-256 of the brief's JSON, fields in order.
    #[must_use]
    pub fn hash(&self) -> String {
        // A brief is strings and numbers: it always serialises.
        let json = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(&json).iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
}

fn few(field: &str, count: usize) -> Result<(), BriefError> {
    if count <= MOST_ITEMS {
        return Ok(());
    }
    Err(BriefError::field(field, format!("has {count} items, {MOST_ITEMS} at most")))
}

/// `de-AT` → `de`; None when the tag is malformed (RFC 5646, section 2.1, without grandfathered tags).
fn primary_subtag(tag: &str) -> Option<String> {
    let mut parts = tag.split('-');
    let primary = parts.next().filter(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()))?;
    let fine = |p: &str| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.all(fine).then(|| primary.to_ascii_lowercase())
}

/// A brief, or free text in its place.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Free text: what stands before the first comma, colon, full stop or line break is the name, and the
    /// parts after it are features of a product blurb.
    Text(String),
    /// A brief.
    Brief(Box<Brief>),
}

impl Input {
    /// The checked brief.
    ///
    /// # Errors
    /// [`BriefError::Field`]
    pub fn brief(&self) -> Result<Brief, BriefError> {
        let brief = match self {
            Self::Brief(brief) => (**brief).clone(),
            Self::Text(text) => read::free_text(text),
        };
        brief.validate()?;
        Ok(brief)
    }
}
