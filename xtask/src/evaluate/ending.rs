//! How a text ends.

use copywright::copy::format::Format;
use copywright::insight::words::words;

/// No sentence and no phrase of copy ends on one of these.
const NEVER_LAST: &[&str] = &[
    "a", "an", "the", "and", "or", "but", "nor", "our", "my", "your", "their", "its", "than", "because", "if", "whose",
];

/// Without a full stop behind it, a phrase that ends on one of these goes on.
const OPEN: &[&str] = &[
    "of", "with", "from", "for", "to", "at", "by", "into", "onto", "as", "that", "is", "are", "was", "were", "be",
    "has", "have", "will", "would", "can", "could", "should", "may", "might", "must", "so", "when", "while", "where",
    "who", "which",
];

/// Whether a text ends as a finished sentence or phrase; `RULES` in `measures.rs` says when.
pub fn finished(text: &str, format: Format) -> bool {
    let text = text.trim_end();
    let last_line = text.lines().last().unwrap_or_default();
    let Some(last) = words(last_line).pop() else { return false };
    if NEVER_LAST.contains(&last.as_str()) || !balanced(text) {
        return false;
    }
    let stopped = text.trim_end_matches(['"', '”', '’', '\'', ')', ']']).ends_with(['.', '!', '?', '…']);
    match format {
        Format::Tagline | Format::AdHeadline | Format::EmailSubject => {
            stopped || !(OPEN.contains(&last.as_str()) || text.ends_with([',', ';', ':', '-', '–', '—', '&', '/']))
        }
        // A letter may end with who wrote it.
        Format::EmailBody => stopped || (signature(last_line) && text.lines().count() > 1),
        _ => stopped,
    }
}

/// At most five words, the last of them a whole one.
fn signature(line: &str) -> bool {
    line.split_whitespace().count() <= 5 && line.ends_with(char::is_alphanumeric)
}

/// What is opened is closed.
fn balanced(text: &str) -> bool {
    let count = |c: char| text.matches(c).count();
    count('"').is_multiple_of(2) && [('(', ')'), ('[', ']'), ('“', '”')].iter().all(|&(a, b)| count(a) == count(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end() {
        let ends = |text| finished(text, Format::ProductBlurb);
        assert!(ends("It folds flat."));
        assert!(ends("\"It folds flat.\""));
        assert!(ends("Who folds it (you)?"));
        assert!(!ends("It folds flat"), "no full stop");
        assert!(!ends("It folds and the."), "a function word");
        assert!(!ends("It (folds flat."), "an open bracket");
        assert!(!ends("It \"folds flat."), "an open quotation");
        assert!(!ends(""));
        assert!(!ends("..."));
    }

    #[test]
    fn phrases_end() {
        let ends = |text| finished(text, Format::AdHeadline);
        assert!(ends("A lamp that folds"));
        assert!(ends("Nothing to plug in"));
        assert!(ends("The lamp you look up to."));
        assert!(!ends("A lamp for"));
        assert!(!ends("A lamp for the"));
        assert!(!ends("A lamp for the."));
        assert!(!ends("A lamp,"));
        assert!(!ends("Lamp &"));
    }

    #[test]
    fn letters_end_with_a_name() {
        let ends = |text| finished(text, Format::EmailBody);
        assert!(ends("It folds flat.\n\nThe Lumen team"));
        assert!(!ends("It folds flat"), "one line is no signature");
        assert!(!ends("It folds flat.\n\nIt folds flat and it dims and it"));
        assert!(!ends("It folds flat.\n\nWith the"));
    }
}
