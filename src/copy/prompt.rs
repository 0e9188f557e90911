//! The text that the default models were trained to continue (`brief-v1`, `brief-v2`).
//!
//! ```text
//! <|brief|>format: tagline
//! tone: plain
//! name: Lumen Arc
//! features: dims with a tap; folds flat
//! <|copy|>
//! ```
//!
//! In `brief-v2` each line of the copy begins with a space, which [`crate::generate::Job::trim_lines`] takes away: so a
//! name is the same tokens at the beginning of a copy as in the brief, and a small model can look it up there.

use crate::copy::brief::Brief;
use crate::copy::format::Format;

/// The prompt of a brief. Lines that the brief has nothing for are left out.
#[must_use]
pub fn prompt(brief: &Brief) -> String {
    let mut text = format!("<|brief|>format: {}\ntone: {}\n", brief.format.id(), brief.tone.id());
    let mut line = |key: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{key}: {value}\n"));
        }
    };
    let optional = |value: &Option<String>| value.as_deref().map(plain).unwrap_or_default();
    line("name", &plain(&brief.name));
    line("brand", &optional(&brief.brand));
    line("category", &optional(&brief.category));
    line("features", &brief.features.iter().map(|f| plain(f)).collect::<Vec<_>>().join("; "));
    let facts = brief.facts.iter().map(|(key, value)| format!("{} {}", plain(key), plain(&value.to_string())));
    line("facts", &facts.collect::<Vec<_>>().join("; "));
    line("audience", &optional(&brief.audience));
    if brief.format == Format::Recommendation {
        line("interest", &optional(&brief.context.interest));
    }
    if brief.format == Format::SupportReply {
        line("question", &optional(&brief.context.question));
    }
    text.push_str("<|copy|>");
    text
}

/// A brief is data: its values stay on their line, and what looks like one of the model's own marks is
/// broken up so that the tokenizer reads it as text.
fn plain(value: &str) -> String {
    let words: String =
        value.chars().map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect();
    let mut text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    while text.contains("<|") {
        text = text.replace("<|", "< |");
    }
    text
}
