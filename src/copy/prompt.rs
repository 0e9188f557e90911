//! The text that the default models were trained to continue (`brief-v1`, `brief-v2`).
//!
//! ```text
//! <|brief|>name: Lumen Arc
//! features: dims with a tap; folds flat
//! format: tagline
//! tone: plain
//! <|copy|>
//! ```
//!
//! So it is in `brief-v2`: the product comes first, and the next copy for it finds its tokens in the cache. In `brief-v1`
//! format and tone are the first two lines. In `brief-v2` each line of the copy begins with a space, which
//! [`crate::generate::Job::trim_lines`] takes away: so a name is the same tokens at the beginning of a copy as in the
//! brief, and a small model can look it up there.

use crate::copy::brief::Brief;
use crate::copy::format::Format;
use crate::model::manifest::BRIEF_V2;

/// The prompt of a brief, of the kind that the model's manifest names. Lines that the brief has nothing for are left out.
#[must_use]
pub fn prompt(brief: &Brief, kind: &str) -> String {
    let mut text = String::new();
    let line = |text: &mut String, key: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("{key}: {value}\n"));
        }
    };
    let optional = |value: &Option<String>| value.as_deref().map(plain).unwrap_or_default();
    line(&mut text, "name", &plain(&brief.name));
    line(&mut text, "brand", &optional(&brief.brand));
    line(&mut text, "category", &optional(&brief.category));
    line(&mut text, "features", &brief.features.iter().map(|f| plain(f)).collect::<Vec<_>>().join("; "));
    let facts = brief.facts.iter().map(|(key, value)| format!("{} {}", plain(key), plain(&value.to_string())));
    line(&mut text, "facts", &facts.collect::<Vec<_>>().join("; "));
    line(&mut text, "audience", &optional(&brief.audience));
    let asked = format!("format: {}\ntone: {}\n", brief.format.id(), brief.tone.id());
    text.insert_str(if kind == BRIEF_V2 { text.len() } else { 0 }, &asked);
    match brief.format {
        Format::Recommendation => line(&mut text, "interest", &optional(&brief.context.interest)),
        Format::SupportReply => line(&mut text, "question", &optional(&brief.context.question)),
        _ => {}
    }
    format!("<|brief|>{text}<|copy|>")
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
