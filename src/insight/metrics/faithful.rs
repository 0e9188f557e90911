//! Whether a text says what its brief says: the features, and no number or name of its own.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::Share;
use crate::copy::brief::Brief;
use crate::copy::check::{check, number};
use crate::insight::words::stems;

/// Which features of a brief a text covers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// Covered features of all.
    pub share: Share,
    /// Those that are not.
    pub missing: Vec<String>,
}

/// A feature is covered when more than half of its content words are in the text, by their stems; numbers as digits.
#[must_use]
pub fn coverage(text: &str, brief: &Brief) -> Coverage {
    covered(text, &brief.features)
}

/// As [`coverage`], of any features.
#[must_use]
pub fn covered(text: &str, features: &[String]) -> Coverage {
    let said: HashSet<String> = stems(text).into_iter().collect();
    let mut coverage = Coverage { share: Share::default(), missing: Vec::new() };
    for feature in features {
        let wanted: BTreeSet<String> = stems(feature).into_iter().collect();
        let hit = 2 * wanted.iter().filter(|w| said.contains(*w)).count() > wanted.len();
        coverage.share.count(hit);
        if !hit {
            coverage.missing.push(feature.clone());
        }
    }
    coverage
}

/// The numbers and names of a text, and those that its brief has not.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Faithfulness {
    /// No foreign number, no misspelt name.
    pub faithful: bool,
    /// Numbers that the brief has, of all that the text says.
    pub numbers: Share,
    /// Numbers that the brief has not, as they stand in the text.
    pub foreign_numbers: Vec<String>,
    /// What is nearly the name or the brand.
    pub misspelt_names: Vec<String>,
}

/// By the rules `number` and `name` of [`check`]. A text without numbers is faithful in its numbers; a name that is missing
/// where the format needs it is another matter.
#[must_use]
pub fn faithfulness(text: &str, brief: &Brief) -> Faithfulness {
    let checks = check(text, brief);
    let broken = |rule: &str| -> Vec<String> {
        let failed = checks.iter().filter(|c| c.rule == rule && !c.pass);
        failed.flat_map(|c| c.spans.iter().map(|s| text[s[0]..s[1]].to_owned())).collect()
    };
    let (foreign_numbers, misspelt_names) = (broken("number"), broken("name"));
    let of = number::scan(text).len().max(foreign_numbers.len()) as f64;
    let numbers = Share { hits: of - foreign_numbers.len() as f64, of };
    Faithfulness {
        faithful: foreign_numbers.is_empty() && misspelt_names.is_empty(),
        numbers,
        foreign_numbers,
        misspelt_names,
    }
}
