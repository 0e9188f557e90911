//! Briefs that no text can keep, found before anything is computed. Every message names both sides.

use crate::copy::brief::{Brief, BriefError};
use crate::copy::check::{claim, never, number, numbers, words};
use crate::copy::count::Count;
use crate::copy::fold::glyphs;
use crate::copy::rules::Rules;
use crate::copy::unicode::{lower, nfc};

/// Looks for rules that exclude one another: a term that must and must not be there, a name that holds a forbidden term
/// or is too long, a number or a claim that must be there and that nothing in the brief backs.
///
/// # Errors
/// [`BriefError::Field`] naming the first two that do.
pub fn find(brief: &Brief) -> Result<(), BriefError> {
    forbidden(brief)?;
    claims(brief)?;
    backed(brief)?;
    room(brief)
}

/// No term that is forbidden in one that must be there.
fn forbidden(brief: &Brief) -> Result<(), BriefError> {
    let mut wanted = vec![("name".into(), &brief.name)];
    if let Some(brand) = &brief.brand {
        wanted.push(("brand".into(), brand));
    }
    for (i, term) in brief.must.iter().enumerate() {
        wanted.push((item("must", i), term));
    }
    for (field, term) in wanted {
        let folded = glyphs(term);
        for (i, never) in brief.never.iter().enumerate() {
            if !never::find(&folded, never).is_empty() {
                return Err(clash(
                    &field,
                    term,
                    &[" holds ", &quoted(never), ", which ", &item("never", i), " forbids"],
                ));
            }
        }
    }
    Ok(())
}

/// Only claims of a known class can be allowed, and none must be made that is not.
fn claims(brief: &Brief) -> Result<(), BriefError> {
    let classes = claim::classes();
    for (i, claim) in brief.allow.iter().enumerate() {
        if !classes.contains(&claim.class.as_str()) {
            let field = item("allow", i) + ".class";
            return Err(clash(&field, &claim.class, &[" is none of ", &classes.join(", ")]));
        }
    }
    let own = words(brief);
    for (i, term) in brief.must.iter().enumerate() {
        let closed = claim::closed(term, &own, &brief.allow);
        if let Some(found) = closed.first() {
            let rest = [" makes a claim (", found.class, ") for which allow has no evidence"];
            return Err(clash(&item("must", i), term, &rest));
        }
    }
    Ok(())
}

/// A term that must be there is no proof of its own numbers.
fn backed(brief: &Brief) -> Result<(), BriefError> {
    let known = numbers(brief, &words(brief));
    for (i, term) in brief.must.iter().enumerate() {
        if let Some(foreign) = number::scan(term).iter().find(|q| !number::backed(q, &known)) {
            let said = quoted(&term[foreign.span[0]..foreign.span[1]]);
            return Err(clash(
                &item("must", i),
                term,
                &[" says ", &said, ", which no fact or feature of the brief does"],
            ));
        }
    }
    Ok(())
}

/// The name, where the format needs it, and all terms that must be there fit the limit.
fn room(brief: &Brief) -> Result<(), BriefError> {
    let Rules { max, count, name: needed, .. } = Rules::of(brief);
    let limit = [" characters, more than the ", &max.to_string(), " of ", field_of_limit(brief)].concat();
    let name = count.of(&brief.name);
    if needed.is_some() && name > max {
        return Err(BriefError::field("name", ["has ", &name.to_string(), &limit].concat()));
    }
    // Terms may overlap, each with one that follows it; those that do not have a space between them.
    let mut terms = Vec::new();
    for term in brief.must.iter().chain(&needed) {
        terms.push(lower(&nfc(term)));
    }
    let (mut least, mut widest) = (0, i64::MIN);
    for (i, term) in terms.iter().enumerate() {
        // One that is within another takes no room of its own; of two that are the same, the first does.
        let within = |(j, other): (usize, &String)| other.contains(term.as_str()) && (other != term || j < i);
        if !terms.iter().enumerate().any(within) {
            let joint = joint(term, &terms, count);
            least += i64::from(count.of(term)) + joint;
            widest = widest.max(joint);
        }
    }
    if !terms.is_empty() {
        // Nothing follows the last.
        least -= widest;
    }
    if least > i64::from(max) {
        let what = if needed.is_some() { "and the name together take " } else { "takes " };
        return Err(BriefError::field("must", [what, &least.to_string(), &limit].concat()));
    }
    Ok(())
}

/// The least that is added where another term follows: a space, or less than nothing where both share letters.
fn joint(term: &str, terms: &[String], count: Count) -> i64 {
    let mut least = 1;
    for other in terms {
        for (at, _) in term.char_indices() {
            if other != term && other.starts_with(&term[at..]) {
                least = least.min(-i64::from(count.of(&term[at..])));
            }
        }
    }
    least
}

/// What says how long a text may be.
pub(crate) fn field_of_limit(brief: &Brief) -> &'static str {
    if brief.max_chars.is_some() { "maxChars" } else { brief.format.id() }
}

fn item(field: &str, i: usize) -> String {
    [field, "[", &i.to_string(), "]"].concat()
}

fn quoted(term: &str) -> String {
    ["\"", term, "\""].concat()
}

fn clash(field: &str, term: &str, rest: &[&str]) -> BriefError {
    BriefError::field(field, quoted(term) + &rest.concat())
}
