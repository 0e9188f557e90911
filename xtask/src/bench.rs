//! `cargo xtask bench`: the same measurement natively and in both browsers, side by side.
//!
//! Each place prints lines for people and one or more lines of JSON; the latter become columns here.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::build;
use crate::machine::Browser;
use crate::table::table;
use crate::tools::{self, Result, cargo, root, show};

/// Rows of the table: key, what it is, what it should be.
const ROWS: &[(&str, &str, &str)] = &[
    ("first_token_ms", "first token, ms", ""),
    ("tokens_per_second", "tokens per second", ""),
    ("dispatches_per_token", "dispatches per token", "<= 7 a layer + 4"),
    ("submits_per_token", "submits per token", "1"),
    ("passes_per_token", "passes per token", "1"),
    ("creations_per_token", "creations per token", "0"),
    ("readbacks_per_token", "readbacks per token", "1/K"),
    ("uploaded_bytes_per_token", "bytes up per token", "<= 64"),
    ("downloaded_bytes_per_token", "bytes down per token", ""),
    ("weight_bytes_ratio", "weight bytes read / minimum", "<= 1.02"),
    ("batch8_ratio", "time of 8 variants / 1", "<= 2"),
];

/// A place to measure in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Native,
    In(Browser),
}

const PLACES: [(&str, Place); 3] =
    [("native", Place::Native), ("chromium", Place::In(Browser::Chromium)), ("firefox", Place::In(Browser::Firefox))];

/// Measures everywhere, or in the places asked for. A place that fails is an error, after the table.
pub fn run(only: Vec<&str>, build: bool) -> Result<()> {
    let asked: Vec<&str> = only.iter().flat_map(|o| o.split(',')).collect();
    if let Some(unknown) = asked.iter().find(|a| !PLACES.iter().any(|p| p.0 == **a)) {
        return Err(format!("there is no place {unknown:?}; there are native, chromium, firefox"));
    }
    let chosen: Vec<_> = PLACES.iter().filter(|p| asked.is_empty() || asked.contains(&p.0)).collect();
    if build && chosen.iter().any(|p| p.1 != Place::Native) {
        build::run(false)?;
    }
    let mut results = Vec::new();
    let mut failed = Vec::new();
    for (name, place) in chosen {
        println!("\n=== {name}");
        match command(name, *place).and_then(|mut c| collect(&mut c)) {
            Ok(found) => results.extend(found),
            Err(why) => failed.push(format!("{name}: {why}")),
        }
    }
    if !results.is_empty() {
        println!("\n{}", report(&results));
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn command(name: &str, place: Place) -> Result<Command> {
    Ok(match place {
        Place::Native => {
            let mut command = cargo();
            command.args(["run", "--release", "--features", "cli", "--bin", "copywright", "--", "bench"]);
            command
        }
        Place::In(browser) => {
            let mut node = tools::node()?;
            node.current_dir(root()).args(["tests/browser/bench.mjs", name]).env(browser.variable(), browser.find()?);
            node
        }
    })
}

/// Runs a command, passes its words on, and keeps its results.
fn collect(command: &mut Command) -> Result<Vec<Value>> {
    println!("$ {}", show(command));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| format!("{}: {e}", show(command)))?;
    let mut results = Vec::new();
    for line in BufReader::new(child.stdout.take().ok_or("no output")?).lines() {
        let line = line.map_err(|e| e.to_string())?;
        println!("{line}");
        results.extend(result(&line).transpose()?);
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    match (status.success(), results.is_empty()) {
        (true, false) => Ok(results),
        (true, true) => Err(format!("{} printed no result", show(command))),
        (false, _) => Err(format!("{}: {status}", show(command))),
    }
}

/// A line of output, when it is a result.
fn result(line: &str) -> Option<Result<Value>> {
    let value: Value = serde_json::from_str(line).ok().filter(|v: &Value| v.get("where").is_some())?;
    let required = ROWS.iter().map(|r| r.0).filter(|k| *k != "downloaded_bytes_per_token");
    let wrong = required.clone().find(|k| !value[*k].is_number());
    Some(match wrong {
        Some(key) => Err(format!("a result without the number {key:?}: {line}")),
        None if !value["adapter"].is_string() || !value["software"].is_boolean() => {
            Err(format!("a result that does not name its adapter: {line}"))
        }
        None => Ok(value),
    })
}

/// One column for each result.
fn report(results: &[Value]) -> String {
    let row = |title: &str, goal: &str, of: &dyn Fn(&Value) -> String| {
        let mut cells = vec![title.to_owned()];
        cells.extend(results.iter().map(of));
        cells.push(goal.to_owned());
        cells
    };
    let text = |v: &Value, key: &str| v[key].as_str().unwrap_or("?").to_owned();
    let mut rows = vec![row("", "goal", &|v| text(v, "where"))];
    for (key, title, goal) in ROWS {
        rows.push(row(title, goal, &|v| v[*key].as_f64().map_or("-".to_owned(), number)));
    }
    let mut out = table(&rows);
    // Adapters have long names: below, not in a column.
    for v in results {
        let kind = if v["software"] == true { "software" } else { "hardware" };
        out.push_str(&format!("{}: {} ({kind})\n", text(v, "where"), text(v, "adapter")));
    }
    out
}

/// As short as it may be: three decimals for small numbers (ratios), none for large ones.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const LINE: &str = r#"{"where":"native","adapter":"A100","software":false,"first_token_ms":12.34,"tokens_per_second":456.7,
        "dispatches_per_token":46,"submits_per_token":1,"passes_per_token":1,"creations_per_token":0,"readbacks_per_token":0.125,
        "uploaded_bytes_per_token":0,"weight_bytes_ratio":1.004,"batch8_ratio":1.7}"#;

    #[test]
    fn results_and_words() {
        assert!(result("warming up").is_none());
        assert!(result("{}").is_none());
        assert!(result(LINE).unwrap().is_ok());
        let lacking = LINE.replace("batch8_ratio", "batch9_ratio");
        assert!(result(&lacking).unwrap().unwrap_err().contains("batch8_ratio"));
        assert!(result(&LINE.replace("\"A100\"", "1")).unwrap().unwrap_err().contains("adapter"));
    }

    #[test]
    fn one_column_each() {
        let first = result(LINE).unwrap().unwrap();
        let second = result(&LINE.replace("native", "firefox").replace("456.7", "9.87")).unwrap().unwrap();
        let text = report(&[first, second]);
        let line =
            |start: &str| text.lines().find(|l| l.starts_with(start)).unwrap().split_whitespace().collect::<Vec<_>>();
        assert_eq!(line(" "), ["native", "firefox", "goal"]);
        assert_eq!(line("tokens per second"), ["tokens", "per", "second", "457", "9.87"]);
        assert_eq!(line("readbacks"), ["readbacks", "per", "token", "0.125", "0.125", "1/K"]);
        assert_eq!(line("bytes down"), ["bytes", "down", "per", "token", "-", "-"]);
        assert!(text.contains("firefox: A100 (hardware)"), "{text}");
    }

    #[test]
    fn numbers_are_short() {
        let of = [46.0, 456.7, 1_200.0, 12.34, 1.004, 1.7, 0.125, 0.0].map(number);
        assert_eq!(of, ["46", "457", "1200", "12.3", "1.004", "1.7", "0.125", "0"]);
    }
}
