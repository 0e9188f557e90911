//! `cargo xtask bench --peers`: Copywright beside other engines, and beside llama.cpp's opinion of the default model.
//!
//! For development only. What it needs is installed into folders that git ignores.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build;
use crate::machine::Browser;
use crate::tools::{self, Result, find, root};

/// Where models and results go, seen from the root.
const FOLDER: &str = "target/peers";

/// What to do with the engines.
pub struct Options<'a> {
    /// Compare texts of the default model instead of speed.
    pub parity: bool,
    /// Engines to measure; all when empty.
    pub only: Vec<&'a str>,
    /// How often each is measured.
    pub rounds: Option<&'a str>,
    /// Build the package first.
    pub build: bool,
}

/// Installs, makes the models, and runs the comparison in Chromium.
pub fn run(options: &Options<'_>) -> Result<()> {
    let chromium = Browser::Chromium.find()?;
    let mut node = tools::node()?;
    if options.build {
        build::run(false)?;
    } else {
        build::packages()?;
    }
    let here = root().join("bench/peers");
    packages(&here)?;
    let python = python(&here)?;
    let model = root().join(FOLDER).join("model");
    let make =
        |script: &Path, words: &[&Path]| tools::run(Command::new(&python).current_dir(root()).arg(script).args(words));
    node.current_dir(root()).env(Browser::Chromium.variable(), chromium);
    if options.parity {
        for kind in ["f32", "f16"] {
            let file = model.join(format!("default-{kind}.gguf"));
            make(&here.join("make/default_model.py"), &[Path::new("models/default"), &file, Path::new(kind)])?;
        }
        return tools::run(node.arg("bench/peers/parity.mjs"));
    }
    // Written last, so it stands for all of them.
    if !build::newer(&model.join("prompt.json"), &newest(&here.join("make"))?) {
        make(&here.join("make"), &[&model])?;
    }
    node.arg("bench/peers/bench.mjs");
    if let Some(rounds) = options.rounds {
        node.args(["--rounds", rounds]);
    }
    if !options.only.is_empty() {
        node.args(["--only", &options.only.join(",")]);
    }
    tools::run(&mut node)
}

/// The engines, as `package-lock.json` names them.
fn packages(here: &Path) -> Result<()> {
    if build::newer(&here.join("node_modules/.package-lock.json"), &here.join("package-lock.json")) {
        return Ok(());
    }
    tools::run(tools::npm().current_dir(here).arg("ci"))
}

/// A Python of our own with the packages that write the models.
fn python(here: &Path) -> Result<PathBuf> {
    let folder = here.join(".venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let (wanted, installed) = (here.join("requirements.txt"), folder.join("installed"));
    if !build::newer(&installed, &wanted) {
        let base = find(&["python3.11", "python3", "python"]).ok_or(
            "Python 3.11 or newer is needed, with venv:
  Debian, Ubuntu  sudo apt-get install python3 python3-venv
  Fedora          sudo dnf install python3
  macOS           brew install python
  Windows         winget install Python.Python.3.11",
        )?;
        tools::run(Command::new(base).args(["-m", "venv"]).arg(&folder))?;
        tools::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&wanted))?;
        fs::write(&installed, "").map_err(|e| format!("{}: {e}", installed.display()))?;
    }
    Ok(python)
}

/// The file of a folder that was changed last.
fn newest(folder: &Path) -> Result<PathBuf> {
    let files = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let files = files.filter_map(std::result::Result::ok).map(|f| f.path()).filter(|p| p.is_file());
    let newest = files.max_by_key(|p| p.metadata().and_then(|m| m.modified()).ok());
    newest.ok_or_else(|| format!("{} is empty", folder.display()))
}
