//! How many texts break which rule, as the crate's own check sees it, and the table of it.

use copywright::copy::brief::Brief;
use copywright::copy::check::check;

use super::promises::TEMPERATURES;

/// Counts of one column.
#[derive(Debug)]
pub struct Tally {
    name: &'static str,
    texts: usize,
    /// Texts by what they break, in the order of [`RULES`].
    broken: [usize; RULES.len()],
    /// Texts that break anything, and all, by temperature.
    at: [(usize, usize); TEMPERATURES.len()],
    terms: (usize, usize),
    attempts: Vec<u32>,
    variants: Vec<(usize, usize)>,
}

/// Rows of rules: a title, and the rule as the check calls it. A name that is nearly right is apart from one that is missing.
const RULES: [(&str, &str); 9] = [
    ("foreign numbers", "number"),
    ("misspelt names", "name"),
    ("names missing", ""),
    ("banned terms", "never"),
    ("limit overruns", "length"),
    ("wrong lines", "parts"),
    ("unplanned endings", "ending"),
    ("claims without evidence", "claim"),
    ("markup", "markup"),
];

impl Tally {
    /// Nothing yet.
    pub fn new(name: &'static str) -> Self {
        let (broken, at) = ([0; RULES.len()], [(0, 0); TEMPERATURES.len()]);
        Self { name, texts: 0, broken, at, terms: (0, 0), attempts: Vec::new(), variants: Vec::new() }
    }

    /// Judges a text.
    pub fn judge(&mut self, brief: &Brief, text: &str, temperature: f32) {
        let checks = check(text, brief);
        self.texts += 1;
        for (count, (title, rule)) in self.broken.iter_mut().zip(RULES) {
            let missing = |c: &&copywright::copy::check::Check| c.rule == "name" && c.spans.is_empty();
            *count += usize::from(checks.iter().filter(|c| !c.pass).any(|c| match title {
                "names missing" => missing(&c),
                _ => c.rule == rule && !missing(&c),
            }));
        }
        for must in checks.iter().filter(|c| c.rule == "must") {
            self.terms.0 += usize::from(must.pass);
            self.terms.1 += 1;
        }
        if let Some(at) = TEMPERATURES.iter().position(|t| *t == temperature) {
            self.at[at].0 += usize::from(checks.iter().any(|c| !c.pass));
            self.at[at].1 += 1;
        }
    }

    /// A text took so many attempts.
    pub fn attempts(&mut self, attempts: u32) {
        self.attempts.push(attempts);
    }

    /// So many of a batch were different.
    pub fn variants(&mut self, distinct: usize, of: usize) {
        self.variants.push((distinct, of));
    }

    fn cells(&self) -> Vec<(&'static str, String)> {
        let share = |n: usize, of: usize| {
            if of == 0 { "–".to_owned() } else { format!("{n} ({:.2} %)", 100.0 * n as f64 / of as f64) }
        };
        let mut all = vec![("texts", self.texts.to_string())];
        all.extend(RULES.iter().zip(self.broken).map(|(rule, n)| (rule.0, share(n, self.texts))));
        let recall = match self.terms {
            (_, 0) => "–".to_owned(),
            (said, of) => format!("{:.4} ({said} of {of})", said as f64 / of as f64),
        };
        all.push(("must-recall", recall));
        let titles = ["any rule broken, at 0.7", "any rule broken, at 1.0", "any rule broken, at 2.0"];
        all.extend(titles.into_iter().zip(self.at).map(|(title, (n, of))| (title, share(n, of))));
        let took = |n: u32| self.attempts.iter().filter(|a| **a == n).count();
        let counted =
            |n: u32| if self.attempts.is_empty() { "–".to_owned() } else { share(took(n), self.attempts.len()) };
        all.extend([
            ("came at the first attempt", counted(1)),
            ("at the second", counted(2)),
            ("at the third", counted(3)),
        ]);
        let (got, of) = self.variants.iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let batches = self.variants.len().max(1) as f64;
        let of_batch = || format!("{:.2} of {:.0}", got as f64 / batches, of as f64 / batches);
        all.push(("distinct variants of a batch", if of == 0 { "–".to_owned() } else { of_batch() }));
        all
    }
}

/// What was measured, in words, and the table: a row a rule, a column a tally.
pub fn markdown(facts: &[(&str, String)], tallies: &[Tally]) -> String {
    let mut text = "# Rules\n\n".to_owned();
    for (key, value) in facts {
        text.push_str(&format!("- {key}: {value}\n"));
    }
    let names: Vec<&str> = tallies.iter().map(|t| t.name).collect();
    text.push_str(&format!(
        "\n| by the crate's check | {} |\n| --- |{}\n",
        names.join(" | "),
        " ---: |".repeat(names.len())
    ));
    let columns: Vec<_> = tallies.iter().map(Tally::cells).collect();
    for row in 0..columns[0].len() {
        let cells: Vec<&str> = columns.iter().map(|c| c[row].1.as_str()).collect();
        text.push_str(&format!("| {} | {} |\n", columns[0][row].0, cells.join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::evaluate::corpus::tests::brief;

    #[test]
    fn each_rule_has_its_row() {
        let brief = brief(json!({
            "format": "hero", "name": "Lumen Arc", "must": ["flat"], "never": ["beige"], "facts": {"price": "€49"},
        }));
        let mut tally = Tally::new("all");
        for (text, row) in [
            ("It folds flat\nThe Lumen Arc at €49.", ""),
            ("It folds flat\nThe Lumen Arc at €48.", "foreign numbers"),
            ("It folds flat\nThe Lumen Arc and Lumen Arcs.", "misspelt names"),
            ("It folds flat\nThe lamp at €49.", "names missing"),
            ("It folds flat\nThe beige Lumen Arc.", "banned terms"),
            ("It folds flat\nThe Lumen Arc dims.\nIt is lit.", "wrong lines"),
            ("It folds flat\nThe Lumen Arc and", "unplanned endings"),
            ("It folds flat\nThe Lumen Arc, the world's best.", "claims without evidence"),
            ("It folds flat\nThe <b>Lumen Arc</b>.", "markup"),
        ] {
            let before = tally.broken;
            tally.judge(&brief, text, 1.0);
            let rules = RULES.iter().zip(tally.broken.iter().zip(before));
            let changed: Vec<&str> = rules.filter(|(_, (now, was))| *now > was).map(|(r, _)| r.0).collect();
            assert_eq!(changed, row.split(", ").filter(|r| !r.is_empty()).collect::<Vec<_>>(), "{text:?}");
        }
        tally.judge(&brief, &format!("It folds flat\n{}Lumen Arc.", "so ".repeat(60)), 0.7);
        tally.attempts(2);
        tally.variants(6, 8);
        let text = markdown(&[("model", "tiny".to_owned())], &[tally]);
        println!("{text}");
        for row in ["| texts | 10 |", "| limit overruns | 1 (10.00 %) |", "| must-recall | 1.0000 (10 of 10) |"] {
            assert!(text.contains(row), "{row}");
        }
        assert!(text.contains("| at the second | 1 (100.00 %) |") && text.contains("| 6.00 of 8 |"));
    }
}
