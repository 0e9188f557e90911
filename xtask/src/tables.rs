//! `cargo xtask evaluate --insight`: a table for each use of `copywright::insight`, ours beside the baselines. They are those of the
//! tests that hold the numbers, on data that is in the repository or made from a seed.

use std::process::Stdio;

use crate::tools::{self, Result};

/// The tests that print tables.
const TESTS: &[&str] = &[
    "posts_are_judged_by_their_sense",
    "messages_are_known_by_what_they_want",
    "answers_and_declines",
    "better_than_popularity_and_tags",
    "precision_and_recall",
];

/// Runs them and prints their tables.
pub fn run() -> Result<()> {
    let mut cargo = tools::cargo();
    cargo.args(["test", "--quiet", "--test", "insight", "--test", "recommend", "--test", "privacy", "--"]);
    cargo.args(["--nocapture", "--test-threads", "1"]).args(TESTS).stderr(Stdio::inherit());
    let output = cargo.output().map_err(|e| format!("cargo test: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let tables = tables(&text);
    println!("{tables}");
    let found = tables.lines().filter(|line| line.starts_with("###")).count();
    if !output.status.success() || found < TESTS.len() {
        return Err(format!("a test failed, or printed no table:\n{text}"));
    }
    Ok(())
}

/// Headings and rows, with an empty line before what is no row.
fn tables(text: &str) -> String {
    let mut out = String::new();
    let mut row = false;
    for line in text.lines().map(str::trim_end) {
        if line.starts_with("### ") {
            out.push_str(&format!("\n{line}\n"));
        } else if line.starts_with("| ") {
            out.push_str(if row { "" } else { "\n" });
            out.push_str(&format!("{line}\n"));
        }
        row = line.starts_with("| ");
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_tables() {
        let text = "running 1 test\n\n### One\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\nmissed it\n### Two\n| c |\n.\n";
        assert_eq!(tables(text), "### One\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n### Two\n\n| c |");
    }
}
