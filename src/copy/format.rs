//! Formats and their limits, as data with sources in `formats.json`: platforms change them, code need not.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::copy::count::Count;
use crate::json::{self, Value};

/// What is written. The names are those of the brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A line under a logo.
    Tagline,
    /// Headline of a search ad.
    AdHeadline,
    /// Description of a search ad.
    AdDescription,
    /// A paragraph on a product page.
    ProductBlurb,
    /// A post in a feed.
    SocialPost,
    /// Subject of an e-mail.
    EmailSubject,
    /// Text of an e-mail.
    EmailBody,
    /// Description in a search result.
    MetaDescription,
    /// Push notification: title and body.
    Push,
    /// Top of a page: headline and subline.
    Hero,
    /// Why a product suits an interest.
    Recommendation,
    /// Answer to a question about the product.
    SupportReply,
    /// First paragraph of a post.
    BlogIntro,
}

/// The limits of a format.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Which format.
    pub id: Format,
    /// Hard limit, in the format's own count.
    pub max: u32,
    /// Length to aim at.
    pub ideal: u32,
    /// How characters are counted.
    pub count: Count,
    /// Parts, separated by a line break.
    pub parts: Vec<String>,
    /// Hard limits of the parts, where they have their own.
    pub part_max: Vec<u32>,
    /// The name must be in the text.
    pub requires_name: bool,
    /// The text ends with a full stop or its like; a headline need not.
    pub sentence: bool,
    /// Who says so.
    pub source: String,
    /// When that was looked up (year and month).
    pub checked: String,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 13] = [
        Self::Tagline,
        Self::AdHeadline,
        Self::AdDescription,
        Self::ProductBlurb,
        Self::SocialPost,
        Self::EmailSubject,
        Self::EmailBody,
        Self::MetaDescription,
        Self::Push,
        Self::Hero,
        Self::Recommendation,
        Self::SupportReply,
        Self::BlogIntro,
    ];

    /// Its name in briefs and prompts.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Tagline => "tagline",
            Self::AdHeadline => "ad-headline",
            Self::AdDescription => "ad-description",
            Self::ProductBlurb => "product-blurb",
            Self::SocialPost => "social-post",
            Self::EmailSubject => "email-subject",
            Self::EmailBody => "email-body",
            Self::MetaDescription => "meta-description",
            Self::Push => "push",
            Self::Hero => "hero",
            Self::Recommendation => "recommendation",
            Self::SupportReply => "support-reply",
            Self::BlogIntro => "blog-intro",
        }
    }

    /// Its limits; None only if `formats.json` lacks the format, which a test rules out.
    #[must_use]
    pub fn limits(self) -> Option<&'static Limits> {
        formats().iter().find(|l| l.id == self)
    }
}

/// All formats with their limits, in the order of the file.
#[must_use]
pub fn formats() -> &'static [Limits] {
    static FORMATS: OnceLock<Vec<Limits>> = OnceLock::new();
    FORMATS.get_or_init(|| {
        let file = json::parse(include_bytes!("formats.json")).unwrap_or_default();
        file.items().iter().filter_map(limits).collect()
    })
}

/// An entry of the file; a test reads all of them.
fn limits(entry: &Value) -> Option<Limits> {
    let text = |field: &str| entry.get(field)?.as_str();
    let size = |field: &str| entry.get(field)?.as_u64().map(|n| n as u32);
    Some(Limits {
        id: *Format::ALL.iter().find(|f| Some(f.id()) == text("id"))?,
        max: size("max")?,
        ideal: size("ideal")?,
        count: Count::named(text("count")?)?,
        parts: entry.get("parts")?.items().iter().filter_map(Value::as_str).map(Into::into).collect(),
        part_max: entry["partMax"].items().iter().filter_map(Value::as_u64).map(|n| n as u32).collect(),
        requires_name: entry.get("requiresName")?.as_bool()?,
        sentence: entry.get("sentence")?.as_bool()?,
        source: text("source")?.into(),
        checked: text("checked")?.into(),
    })
}
