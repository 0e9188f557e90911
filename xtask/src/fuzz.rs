//! `cargo xtask fuzz`: hostile files, by the million. Each target reads one kind of file; a panic, a hang or memory
//! beyond the limit is a finding, and what caused it is kept.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::table::table;
use crate::tools::{Result, cargo, output, root, show};

/// Most megabytes that a target may hold, and most seconds for one input.
const LIMITS: [&str; 2] = ["-rss_limit_mb=256", "-timeout=5"];
/// Longest input that is made up.
const LENGTH: &str = "-max_len=8192";

/// Files of the tests that a target begins with, besides its own seeds: how their names end.
const FIXTURES: &[(&str, &str)] =
    &[("config", "config.json"), ("manifest", "manifest.json"), ("index_json", ".safetensors.index.json")];

/// How a target came out.
struct Outcome {
    target: String,
    executions: u64,
    seconds: u64,
    findings: Vec<String>,
}

/// Runs these targets, or all of them, each for so many minutes.
pub fn run(only: &[String], minutes: u64) -> Result<()> {
    let targets = choose(&folder(), only)?;
    if output(cargo().args(["fuzz", "--version"])).is_err() {
        return Err("there is no cargo-fuzz. Install it: cargo install cargo-fuzz --locked".to_owned());
    }
    let mut outcomes = Vec::new();
    for target in targets {
        println!("\n=== {target}: {minutes} minutes");
        outcomes.push(fuzz(target, minutes)?);
    }
    let mut rows = vec![["target", "executions", "seconds", "findings"].map(str::to_owned).to_vec()];
    for o in &outcomes {
        let findings = if o.findings.is_empty() { "none".to_owned() } else { o.findings.join("; ") };
        rows.push(vec![o.target.clone(), o.executions.to_string(), o.seconds.to_string(), findings]);
    }
    println!("\n{}", table(&rows));
    let found = outcomes.iter().filter(|o| !o.findings.is_empty()).count();
    if found == 0 { Ok(()) } else { Err(format!("{found} of {} targets have findings", outcomes.len())) }
}

fn folder() -> PathBuf {
    root().join("fuzz")
}

/// Targets by name, those asked for or all.
fn choose(fuzz: &Path, only: &[String]) -> Result<Vec<String>> {
    let targets = fuzz.join("fuzz_targets");
    let entries = fs::read_dir(&targets).map_err(|e| format!("{}: {e}", targets.display()))?;
    let mut all: Vec<String> =
        entries.flatten().filter_map(|e| Some(e.path().file_stem()?.to_str()?.to_owned())).collect();
    all.sort();
    match only.iter().find(|o| !all.contains(o)) {
        Some(unknown) => Err(format!("there is no target {unknown:?}; there are {}", all.join(", "))),
        None => Ok(all.into_iter().filter(|t| only.is_empty() || only.contains(t)).collect()),
    }
}

fn fuzz(target: String, minutes: u64) -> Result<Outcome> {
    let corpus = corpus(&target)?;
    let mut command = cargo();
    // Coverage is a flag that only nightly compilers take without being told so. No sanitizer: there is no unsafe
    // code to watch, and one would take the memory that is to be measured.
    command.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", "run", "--sanitizer", "none", &target]);
    command.arg(corpus).arg(folder().join("seeds").join(&target));
    command.arg("--").args(LIMITS).args([LENGTH, "-print_final_stats=1"]);
    command.arg(format!("-max_total_time={}", minutes * 60));
    command.arg(format!("-dict={}", folder().join("dictionaries").join(format!("{target}.dict")).display()));
    println!("$ {}", show(&command));
    watch(&mut command, target)
}

/// A folder for what the target finds interesting, with the tests' files to begin with.
fn corpus(target: &str) -> Result<PathBuf> {
    let corpus = folder().join("corpus").join(target);
    let failed = |e: std::io::Error| format!("{}: {e}", corpus.display());
    fs::create_dir_all(&corpus).map_err(failed)?;
    let Some((_, ending)) = FIXTURES.iter().find(|f| f.0 == target) else { return Ok(corpus) };
    let fixtures = root().join("tests/fixtures");
    let mut folders = vec![fixtures.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(failed)?.flatten() {
            let path = entry.path();
            let name = path.strip_prefix(&fixtures).unwrap_or(&path).display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) {
                fs::copy(&path, corpus.join(name.replace(['/', '\\'], "-"))).map_err(failed)?;
            }
        }
    }
    Ok(corpus)
}

/// Runs a fuzzer: its progress stays away, its words and what it counts do not.
fn watch(command: &mut Command, target: String) -> Result<Outcome> {
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(|e| format!("{}: {e}", show(command)))?;
    let mut outcome = Outcome { target, executions: 0, seconds: 0, findings: Vec::new() };
    let mut done = false;
    for line in BufReader::new(child.stderr.take().ok_or("no output")?).split(b'\n') {
        let line = line.map_err(|e| e.to_string())?;
        let line = String::from_utf8_lossy(&line);
        if !line.starts_with('#') {
            println!("{line}");
        }
        done |= outcome.hear(&line);
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    if status.success() && done {
        return Ok(outcome);
    }
    if outcome.findings.is_empty() {
        return Err(format!("{}: {status}", show(command)));
    }
    Ok(outcome)
}

impl Outcome {
    /// Takes in a line of the fuzzer; true when it says that the run is over.
    fn hear(&mut self, line: &str) -> bool {
        let number = |word: Option<&str>| word.and_then(|w| w.parse().ok()).unwrap_or_default();
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            self.executions = number(Some(count.trim()));
        }
        if let Some((_, path)) = line.split_once("Test unit written to ") {
            self.findings.push(path.trim().to_owned());
        }
        let Some(rest) = line.strip_prefix("Done ") else { return false };
        let mut words = rest.split(' ');
        self.executions = number(words.next());
        self.seconds = number(words.nth(2));
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn outcomes() {
        let mut o = Outcome { target: "x".to_owned(), executions: 0, seconds: 0, findings: Vec::new() };
        assert!(!o.hear("#1024\tNEW    cov: 17"));
        assert!(o.hear("Done 10000000 runs in 47 second(s)"));
        assert_eq!((o.executions, o.seconds), (10_000_000, 47));
        assert!(!o.hear("stat::number_of_executed_units: 117439"));
        assert!(!o.hear("artifact_prefix='a/'; Test unit written to a/crash-12"));
        assert_eq!((o.executions, o.findings), (117_439, vec!["a/crash-12".to_owned()]));
    }

    #[test]
    fn every_target_has_its_files() {
        let all = choose(&folder(), &[]).unwrap();
        let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        for target in &all {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not in fuzz/Cargo.toml");
            let begins = fs::read_dir(folder().join("seeds").join(target)).map_or(0, Iterator::count);
            assert!(begins > 0, "{target} has no seeds");
            assert!(folder().join(format!("dictionaries/{target}.dict")).is_file(), "{target} has no dictionary");
        }
        assert!(FIXTURES.iter().all(|f| all.iter().any(|t| t == f.0)));
        assert_eq!(choose(&folder(), &all[..1]).unwrap(), all[..1]);
        assert!(choose(&folder(), &["none".to_owned()]).unwrap_err().contains("manifest"));
    }
}
