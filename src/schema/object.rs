//! Objects and lists.

use regex_syntax::hir::Hir;

use super::json::Json;
use super::number::{literal, optional, repeated};

/// `name: value`, and whether it has to be there.
pub(super) struct Property {
    pub name: String,
    pub value: Hir,
    pub required: bool,
}

/// An object with these properties in this order. A colon and a comma may have a space behind them.
pub(super) fn object(properties: &[Property]) -> Hir {
    let pair =
        |p: &Property| Hir::concat(vec![literal(&Json::Text(p.name.clone()).written()), colon(), p.value.clone()]);
    // What may follow once there is a first.
    let tail = |from: usize| {
        let more = properties[from..].iter().map(|p| {
            let one = Hir::concat(vec![comma(), pair(p)]);
            if p.required { one } else { optional(one) }
        });
        Hir::concat(more.collect())
    };
    // The first is one of those up to the first that has to be there.
    let last = properties.iter().position(|p| p.required);
    let heads = properties.iter().enumerate().take(last.map_or(properties.len(), |i| i + 1));
    let mut ways: Vec<Hir> = heads.map(|(i, p)| Hir::concat(vec![pair(p), tail(i + 1)])).collect();
    if last.is_none() {
        ways.push(Hir::empty());
    }
    within("{", Hir::alternation(ways), "}")
}

/// An object whose names are any, and whose values are all such.
pub(super) fn map(name: Hir, value: Hir) -> Hir {
    let pair = Hir::concat(vec![name, colon(), value]);
    within("{", listed(pair, 0, None), "}")
}

/// A list of `min` to `max` such items.
pub(super) fn list(item: Hir, min: u32, max: Option<u32>) -> Hir {
    within("[", listed(item, min, max), "]")
}

/// Items with commas between them.
fn listed(item: Hir, min: u32, max: Option<u32>) -> Hir {
    if max == Some(0) {
        return Hir::empty();
    }
    let next = Hir::concat(vec![comma(), item.clone()]);
    let all = Hir::concat(vec![item, repeated(next, min.saturating_sub(1), max.map(|m| m - 1))]);
    if min == 0 { optional(all) } else { all }
}

fn within(open: &str, inner: Hir, close: &str) -> Hir {
    Hir::concat(vec![literal(open), inner, literal(close)])
}

fn colon() -> Hir {
    Hir::concat(vec![literal(":"), optional(literal(" "))])
}

fn comma() -> Hir {
    Hir::concat(vec![literal(","), optional(literal(" "))])
}
