//! A text ends where a sentence or a phrase does.

use super::Span;
use super::words::{last, without_last};

/// No sentence and no phrase ends on one of these.
pub(crate) const OPEN: &str =
    " a an the and or but nor with your my our its their if because although unless whereas than whose ";
/// A sentence may end on these ("what it is made of."), but a text that has no full stop is taken to be cut off there.
pub(crate) const LEANING: &str = " to of for from at by as is are was were be been has have into onto upon via per which while \
    until since between among could should would must might ";

/// What is wrong with the end of a line, and where. `sentence` demands a full stop or its like.
pub(super) fn wrong(text: &str, sentence: bool) -> Option<(&'static str, Span)> {
    let line = text.trim_end();
    // Quotes, brackets and emoji may follow the end.
    let closes = |c: char| "\"'”’)]}»*".contains(c) || c > '\u{2190}' && !c.is_alphanumeric() || c == '\u{200d}';
    let core = without_last(line, closes).trim_end();
    let tail = |s: &str| [s.len() - last(s).len_utf8().min(s.len()), s.len()];
    if last(core) == '…' || core.ends_with("..") {
        return Some(("ends in an ellipsis", tail(core)));
    }
    if let Some(at) = unclosed(line) {
        return Some((
            "has a bracket or a quote that is not closed",
            [at, at + last(&line[..=at_end(line, at)]).len_utf8()],
        ));
    }
    if ",;:-–—&/+=<@#([{“«".contains(last(core)) && !core.is_empty() {
        return Some(("does not end, it breaks off", tail(core)));
    }
    let bare = without_last(core, |c| ".!?。！？".contains(c));
    let stopped = bare.len() < core.len();
    let start = without_last(bare, |c| c.is_alphabetic() || c == '\'' || c == '’').len();
    let word = &bare[start..];
    // A single capital is a letter: vitamin A.
    let within =
        |list: &str| word != "A" && !word.is_empty() && list.contains(&[" ", &word.to_ascii_lowercase(), " "].concat());
    if within(OPEN) || !stopped && within(LEANING) {
        return Some(("ends on a word that something must follow", [start, bare.len()]));
    }
    if sentence && !stopped {
        return Some(("does not end as a sentence", [line.rfind(' ').map_or(0, |at| at + 1), line.len()]));
    }
    None
}

/// The last byte of the character at this place.
fn at_end(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8) - 1
}

/// Where a bracket or a quote opens that nothing closes.
fn unclosed(text: &str) -> Option<usize> {
    for (open, close) in [('(', ')'), ('[', ']'), ('{', '}'), ('“', '”'), ('«', '»')] {
        let opened = text.rfind(open);
        if opened
            .is_some_and(|at| text.matches(open).count() > text.matches(close).count() && !text[at..].contains(close))
        {
            return opened;
        }
    }
    // After a digit it is the sign of an inch.
    let quotes =
        || text.match_indices('"').map(|(at, _)| at).filter(|&at| !text[..at].ends_with(|c: char| c.is_ascii_digit()));
    let inches = text.matches('"').count() - quotes().count();
    (quotes().count() % 2 == 1 && inches == 0).then(|| quotes().next_back()).flatten()
}
