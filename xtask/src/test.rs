//! `cargo xtask test`: everything that must hold. Each runner speaks for itself; nothing is swallowed.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::machine::{self, Browser, Driver};
use crate::tools::{self, Result, WASM, cargo, root};
use crate::{build, size};

/// What the machine brings for the steps that were asked for.
struct Machine {
    variables: Vec<(&'static str, PathBuf)>,
    /// That trains models; asked for its packages once, which takes seconds.
    python: Result<PathBuf>,
}

/// One thing that must hold.
struct Step {
    name: &'static str,
    what: &'static str,
    /// Steps without which this one says nothing.
    needs: &'static [&'static str],
    run: fn(&Machine) -> Result<()>,
}

/// The step that wants gigabytes of Python's packages: it is run where they are, and where it is asked for.
const TRAIN: &str = "train";

const STEPS: &[Step] = &[
    Step { name: "fmt", what: "rustfmt", needs: &[], run: fmt },
    Step { name: "clippy", what: "clippy, native, every target, warnings are errors", needs: &[], run: clippy },
    Step { name: "clippy-wasm", what: "clippy for the page", needs: &[], run: clippy_wasm },
    Step { name: "native", what: "unit, integration and doc tests on a Vulkan driver", needs: &[], run: native },
    Step { name: TRAIN, what: "python -m train judge and quick, and its model in the engine", needs: &[], run: train },
    Step { name: "xtask", what: "tests of this tool", needs: &[], run: xtask },
    Step { name: "build", what: "cargo xtask build", needs: &[], run: |_| build::run(false) },
    Step { name: "size", what: "cargo xtask size", needs: &["build"], run: |_| size::run() },
    Step { name: "types", what: "tsc, prettier, links, documented API", needs: &["build"], run: types },
    Step { name: "browser", what: "node --test in Chromium and Firefox", needs: &["build"], run: browser },
];

/// The list of steps, for the help text.
pub fn steps() -> String {
    STEPS.iter().map(|s| format!("  {:<12} {}\n", s.name, s.what)).collect()
}

/// Runs the steps asked for, or all of them, and ends with a line that counts them.
pub fn run(only: Vec<&str>) -> Result<()> {
    let mut chosen = choose(&only)?;
    let mut left_out = None;
    let python = if chosen.iter().any(|s| s.name == TRAIN) { machine::python() } else { Err(String::new()) };
    if only.is_empty()
        && let Err(why) = &python
    {
        chosen.retain(|s| s.name != TRAIN);
        left_out = Some(format!("{TRAIN}: not run here. {why}"));
    }
    let machine = match look(&chosen, python) {
        Ok(machine) => machine,
        Err(why) => {
            println!("\n0 passed, {} failed", chosen.len());
            return Err(format!("no step was run.\n{why}"));
        }
    };
    let mut done: Vec<(&Step, Result<()>, f32)> = Vec::new();
    for step in chosen {
        let start = Instant::now();
        println!("\n=== {}: {}", step.name, step.what);
        let lost = |need: &&&str| done.iter().any(|(s, result, _)| s.name == **need && result.is_err());
        let result = match step.needs.iter().find(lost) {
            Some(need) => Err(format!("not run: it needs {need}, which failed")),
            None => (step.run)(&machine),
        };
        if let Err(why) = &result {
            eprintln!("{}: {why}", step.name);
        }
        done.push((step, result, start.elapsed().as_secs_f32()));
    }
    println!();
    for (step, result, seconds) in &done {
        let state = result.as_ref().map_or_else(|why| why.lines().next().unwrap_or("failed"), |()| "ok");
        println!("{:<12} {seconds:>7.1} s  {state}", step.name);
    }
    let failed = done.iter().filter(|d| d.1.is_err()).count();
    if let Some(why) = &left_out {
        println!("\n{why}");
    }
    println!("\n{} passed, {failed} failed", done.len() - failed);
    if failed == 0 { Ok(()) } else { Err(format!("{failed} of {} steps failed", done.len())) }
}

/// Steps by name, in their own order.
fn choose(only: &[&str]) -> Result<Vec<&'static Step>> {
    let asked: Vec<&str> = only.iter().flat_map(|o| o.split(',')).collect();
    if let Some(unknown) = asked.iter().find(|a| !STEPS.iter().any(|s| s.name == **a)) {
        return Err(format!("there is no step {unknown:?}; the steps are\n{}", steps()));
    }
    Ok(STEPS.iter().filter(|s| asked.is_empty() || asked.contains(&s.name)).collect())
}

/// Looks for everything that the steps need, before minutes are spent on the first of them.
fn look(chosen: &[&Step], python: Result<PathBuf>) -> Result<Machine> {
    let any = |names: &[&str]| chosen.iter().any(|s| names.contains(&s.name));
    let mut variables = Vec::new();
    let mut missing = Vec::new();
    if any(&["native", TRAIN, "browser"]) {
        match machine::vulkan() {
            Ok(driver) => {
                println!("Vulkan driver: {driver}");
                if driver == Driver::System && cfg!(target_os = "linux") {
                    println!("(lavapipe is not installed: results may differ from those of other machines)");
                }
                variables.extend(driver.variables());
                // Mesa's Wayland code complains on every device where this is unset, though nothing is shown.
                if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
                    variables.push(("XDG_RUNTIME_DIR", std::env::temp_dir()));
                }
            }
            Err(why) => missing.push(why),
        }
    }
    if any(&[TRAIN])
        && let Err(why) = &python
    {
        missing.push(why.clone());
    }
    if any(&["build", "types", "browser"])
        && let Err(why) = tools::node()
    {
        missing.push(why);
    }
    if any(&["browser"]) {
        for browser in [Browser::Chromium, Browser::Firefox] {
            match browser.find() {
                Ok(path) => {
                    println!("{browser:?}: {}", path.display());
                    variables.push((browser.variable(), path));
                }
                Err(why) => missing.push(why),
            }
        }
    }
    if missing.is_empty() { Ok(Machine { variables, python }) } else { Err(missing.join("\n")) }
}

fn fmt(_: &Machine) -> Result<()> {
    tools::component("rustfmt", "fmt")?;
    tools::run(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(_: &Machine) -> Result<()> {
    tools::component("clippy", "clippy")?;
    let args = ["clippy", "--workspace", "--all-targets", "--features", "copywright/cli,xtask/evaluate", "--"];
    tools::run(cargo().args(args).args(["-D", "warnings"]))
}

fn clippy_wasm(_: &Machine) -> Result<()> {
    tools::component("clippy", "clippy")?;
    tools::wasm_target()?;
    // The engine's module, the ones for GGUF, for checks and for schemas, and the two that know customers.
    for features in ["", "gguf-module", "check-module", "insight-module", "insight-texts-module", "schema-module"] {
        let args = ["clippy", "--lib", "--no-default-features", "--features", features, "--target", WASM];
        tools::run(cargo().args(args).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn native(machine: &Machine) -> Result<()> {
    tools::run(cargo().args(["test", "--features", "cli"]).envs(machine.variables.iter().cloned()))
        .map_err(|e| format!("{e}\nIf a test found no adapter: the Vulkan driver named above does not work here."))
}

fn train(machine: &Machine) -> Result<()> {
    let folder = root().join("target/train/quick");
    let mut judge = Command::new(machine.python.clone()?);
    tools::run(judge.current_dir(root()).args(["-m", "train", "judge", "train/judge_cases.jsonl", "--expect"]))?;
    let mut python = Command::new(machine.python.clone()?);
    tools::run(python.current_dir(root()).args(["-m", "train", "quick", "--out"]).arg(&folder))?;
    let mut test = cargo();
    test.args(["test", "--features", "cli", "--test", "trained", "--", "--ignored", "--nocapture"]);
    tools::run(test.env("COPYWRIGHT_TRAINED", folder.join("model")).envs(machine.variables.iter().cloned()))
}

fn xtask(_: &Machine) -> Result<()> {
    tools::run(cargo().args(["test", "--package", "xtask", "--features", "evaluate"]))
}

fn types(_: &Machine) -> Result<()> {
    build::packages()?;
    tools::run(tools::npm().args(["run", "check"]))
}

fn browser(machine: &Machine) -> Result<()> {
    build::packages()?;
    // Named one by one: what `node --test FOLDER` means has changed between versions of Node.
    let files = browser_tests()?;
    let mut node: Command = tools::node()?;
    // One file at a time: every browser has the machine, and its software GPU, to itself.
    node.current_dir(root()).args(["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    tools::run(node.args(files).envs(machine.variables.iter().cloned()))
}

fn browser_tests() -> Result<Vec<String>> {
    let entries = std::fs::read_dir(root().join("tests/browser")).map_err(|e| format!("tests/browser: {e}"))?;
    let name = |e: std::fs::DirEntry| e.file_name().to_string_lossy().into_owned();
    let mut files: Vec<String> = entries
        .flatten()
        .map(name)
        .filter(|n| n.ends_with(".test.mjs"))
        .map(|n| format!("tests/browser/{n}"))
        .collect();
    files.sort();
    if files.is_empty() { Err("tests/browser has no *.test.mjs".to_owned()) } else { Ok(files) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn steps_need_earlier_ones() {
        for (i, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(STEPS[..i].iter().any(|s| s.name == *need), "{} needs {need}", step.name);
            }
        }
    }

    #[test]
    fn steps_are_chosen_in_order() {
        let names = |only: &[&str]| choose(only).unwrap().iter().map(|s| s.name).collect::<Vec<_>>();
        assert_eq!(names(&["size", "fmt"]), ["fmt", "size"]);
        assert_eq!(names(&["size,fmt", "xtask"]), ["fmt", "xtask", "size"]);
        assert_eq!(names(&[]).len(), STEPS.len());
        assert!(choose(&["sise"]).is_err_and(|e| e.contains("sise") && e.contains("size")));
    }
}
