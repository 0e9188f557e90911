//! Briefs that no text can keep, found before anything is computed. Every message names both sides.

use crate::copy::brief::{Brief, BriefError};
use crate::copy::check::{Words, claim, never, number, numbers};
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
    let mut wanted: Vec<(String, &str)> = vec![("name".into(), &brief.name)];
    wanted.extend(brief.brand.iter().map(|brand| ("brand".into(), brand.as_str())));
    wanted.extend(brief.must.iter().enumerate().map(|(i, term)| (item("must", i), term.as_str())));
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
    let words = Words::of(brief);
    let own: Vec<String> = words.own.into_iter().chain(words.evidence).collect();
    for (i, term) in brief.must.iter().enumerate() {
        let closed = claim::closed(term, &own, |class| brief.allow.iter().any(|claim| claim.class == class));
        if let Some(found) = closed.first() {
            let rest = [" makes a claim (", found.class, ") for which allow has no evidence"];
            return Err(clash(&item("must", i), term, &rest));
        }
    }
    Ok(())
}

/// A term that must be there is no proof of its own numbers.
fn backed(brief: &Brief) -> Result<(), BriefError> {
    let known = numbers(brief, &Words::of(brief), &[]);
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
    let fold = |s: &String| lower(&nfc(s));
    let mut terms: Vec<String> = brief.must.iter().chain(&needed).map(fold).collect();
    terms.sort();
    terms.dedup();
    let all = terms.clone();
    terms.retain(|term| !all.iter().any(|other| other != term && other.contains(term.as_str())));
    // Terms may overlap, each with one that follows it; those that do not have a space between them.
    let joints: Vec<i64> = terms.iter().map(|a| joint(a, &terms, count)).collect();
    let letters: i64 = terms.iter().map(|term| i64::from(count.of(term))).sum();
    let least = letters + joints.iter().sum::<i64>() - joints.iter().max().copied().unwrap_or_default();
    if least > i64::from(max) {
        let what = if needed.is_some() { "and the name together take " } else { "takes " };
        return Err(BriefError::field("must", [what, &least.to_string(), &limit].concat()));
    }
    Ok(())
}

/// The least that is added where another term follows: a space, or less than nothing where both share letters.
fn joint(term: &str, terms: &[String], count: Count) -> i64 {
    let shared = |other: &String| {
        let cuts = term.char_indices().map(|(at, _)| &term[at..]).find(|end| other.starts_with(end));
        cuts.map(|end| i64::from(count.of(end)))
    };
    let most = terms.iter().filter(|other| *other != term).filter_map(shared).max();
    most.map_or(1, |most| -most)
}

fn field_of_limit(brief: &Brief) -> &'static str {
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
