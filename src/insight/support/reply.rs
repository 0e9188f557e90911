//! A reply in a writer's words, made from an entry and from nothing else.

use crate::map::Map;

use thiserror::Error;

use super::{Index, SupportError};
use crate::copy::brief::{Brief, BriefError, Context, Tone};
use crate::copy::check::number;
use crate::copy::format::Format;

/// Why there is no brief for a reply.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReplyError {
    /// No such entry.
    #[error(transparent)]
    Support(#[from] SupportError),
    /// An entry that no brief can hold.
    #[error(transparent)]
    Brief(#[from] BriefError),
}

impl Index {
    /// A brief for a reply in a writer's words, made from an entry alone: its numbers are the only ones that the text may
    /// have. A question with a number that the entry has not ("within 60 days?") is replaced by the entry's own, or the
    /// number would be one that may be said.
    ///
    /// # Errors
    /// An id that is no entry's; [`BriefError`] for an entry that does not fit a brief.
    pub fn brief(&self, id: &str, name: &str, question: &str) -> Result<Brief, ReplyError> {
        let brief = self.draft(id, name, question)?;
        brief.validate()?;
        Ok(brief)
    }

    /// The same brief, unchecked, for a page whose writer checks it: the rules of briefs are in the writer's module.
    ///
    /// # Errors
    /// An id that is no entry's.
    pub fn draft(&self, id: &str, name: &str, question: &str) -> Result<Brief, SupportError> {
        let entry = self.entry(id).ok_or_else(|| SupportError::Unknown(id.to_owned()))?;
        let said = [entry.question.as_str(), &entry.answer].map(number::scan).concat();
        let foreign = number::scan(question).iter().any(|q| !number::backed(q, &said));
        let long = question.trim().is_empty() || question.chars().count() > 500;
        let question = if foreign || long { entry.question.as_str() } else { question };
        Ok(Brief {
            format: Format::SupportReply,
            name: name.to_owned(),
            brand: None,
            category: None,
            features: sentences(&entry.answer),
            facts: Map::new(),
            audience: None,
            tone: Tone::Plain,
            language: None,
            context: Context { interest: None, question: Some(question.to_owned()) },
            must: Vec::new(),
            never: Vec::new(),
            allow: Vec::new(),
            max_chars: None,
        })
    }
}

/// The sentences of an answer; a point within a number ends none.
fn sentences(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(last) = all.last_mut() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
        if word.ends_with(['.', '!', '?']) {
            all.push(String::new());
        }
    }
    all.retain(|s| !s.is_empty());
    all
}
