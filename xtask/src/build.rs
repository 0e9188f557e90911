//! `cargo xtask build`: Rust to wasm, wasm to bindings, TypeScript to JavaScript, all of it into `pkg/`.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::arrange::arrange;
use crate::imports;
use crate::tools::{self, Result, WASM, root};

/// What rustc's wasm target uses by default; wasm-opt refuses a module that uses what it was not told of.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The standard library is built with us, for size, and a panic ends the module without a word: decision 25 in
/// CONTRIBUTING.md. A compiler that is no nightly one takes these flags only where RUSTC_BOOTSTRAP says so.
const SMALL_STD: [&str; 4] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    "target.wasm32-unknown-unknown.rustflags=['-Zunstable-options', '-Cpanic=immediate-abort']",
];

/// The modules of the package, with the Cargo feature of each.
const MODULES: [(&str, &[&str]); 6] = [
    ("copywright", &[]),
    ("gguf", &["--features", "gguf-module"]),
    ("check", &["--features", "check-module"]),
    ("insight", &["--features", "insight-module"]),
    ("insight-texts", &["--features", "insight-texts-module"]),
    ("schema", &["--features", "schema-module"]),
];

/// Builds the package. `dev`: quick, unoptimised.
pub fn run(dev: bool) -> Result<()> {
    only(dev, &[])
}

/// The same with these modules compiled anew (none: all); the others are as an earlier build has left them.
pub fn only(dev: bool, names: &[&str]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !MODULES.iter().any(|(known, _)| known == *name)) {
        let known = MODULES.map(|(known, _)| known).join(", ");
        return Err(format!("there is no module {unknown:?}; there are {known}"));
    }
    // What may be missing is asked first: nobody wants to hear it after minutes of compiling.
    let mut node = tools::node()?;
    tools::wasm_target()?;
    if !dev {
        tools::rust_src()?;
    }
    packages()?;

    let target = tools::target_dir()?;
    let bindgen = target.join("bindgen");
    // What an earlier build left must not pass for this one's.
    if names.is_empty() && bindgen.exists() {
        fs::remove_dir_all(&bindgen).map_err(|e| format!("{}: {e}", bindgen.display()))?;
    }
    for (name, features) in MODULES.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        module(dev, features, &target, name)?;
    }

    node.current_dir(root()).arg("www/build.mjs").env("BINDGEN_DIR", &bindgen);
    if dev {
        node.arg("--dev");
    }
    tools::run(&mut node)?;
    model(&root().join("models/default"), &root().join("pkg/models/default"))?;
    heads(&root().join("models/heads"), &root().join("pkg/models/heads"))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root().join(licence), &root().join("pkg").join(licence))?;
    }
    println!("pkg/ is complete");
    Ok(())
}

/// The API reference, out of the types that the build has made.
pub fn reference() -> Result<()> {
    tools::run(tools::npm().args(["run", "--silent", "docs"]))
}

/// The npm packages that `www/package-lock.json` names, unless they are there.
pub fn packages() -> Result<()> {
    let www = root().join("www");
    // npm writes this file at the end of an installation.
    if newer(&www.join("node_modules/.package-lock.json"), &www.join("package-lock.json")) {
        return Ok(());
    }
    its_own(&www.join("node_modules"))?;
    tools::node()?;
    tools::run(tools::npm().args(["ci", "--no-audit", "--no-fund"]))
        .map_err(|e| format!("{e}\nnpm comes with Node: {}", crate::machine::install_node()))
}

/// `npm ci` empties the folder before it fills it: behind a link, that would be the folder of somebody else.
fn its_own(modules: &Path) -> Result<()> {
    match fs::symlink_metadata(modules) {
        Ok(about) if about.file_type().is_symlink() => {
            let to = fs::read_link(modules).unwrap_or_default();
            Err(format!(
                "{} is a link to {}, and older than package-lock.json. `npm ci` would empty the folder behind it: \
                 run npm ci there, or remove the link, and packages are installed here",
                modules.display(),
                to.display()
            ))
        }
        _ => Ok(()),
    }
}

/// `made` exists and is at least as new as `from`.
pub fn newer(made: &Path, from: &Path) -> bool {
    let time = |p: &Path| fs::metadata(p).and_then(|m| m.modified());
    match (time(made), time(from)) {
        (Ok(made), Ok(from)) => made >= from,
        _ => false,
    }
}

/// Compiles the crate with these features into a module of this name.
fn module(dev: bool, features: &[&str], target: &Path, name: &str) -> Result<()> {
    let profile = if dev { "dev" } else { "web" };
    let lib = ["build", "--lib", "--no-default-features", "--target", WASM, "--profile", profile];
    let mut cargo = tools::cargo();
    cargo.args(lib).args(features);
    if !dev {
        cargo.env("RUSTC_BOOTSTRAP", "1").args(SMALL_STD);
    }
    tools::run(&mut cargo)?;
    let (folder, bindgen) = (if dev { "debug" } else { profile }, target.join("bindgen"));
    bindings(&target.join(WASM).join(folder).join("copywright.wasm"), &bindgen, name)?;
    if dev {
        return Ok(());
    }
    println!("{} imports of {name} have short names", imports::shorten(&bindgen, name)?);
    let wasm = bindgen.join(format!("{name}_bg.wasm"));
    optimise(&wasm)?;
    arrange(&wasm)
}

/// A module as a page imports it: `NAME.js`, its types, `NAME_bg.wasm`.
fn bindings(wasm: &Path, out: &Path, name: &str) -> Result<()> {
    println!("$ wasm-bindgen {}", wasm.strip_prefix(root()).unwrap_or(wasm).display());
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name).typescript(true).remove_producers_section(true);
    bindgen.web(true).and_then(|b| b.generate(out)).map_err(|e| format!("wasm-bindgen: {e:#}"))
}

/// Size first. In place, by way of a second file: a failure leaves the first one whole.
fn optimise(wasm: &Path) -> Result<()> {
    let small = wasm.with_extension("opt");
    let name = if cfg!(windows) { "wasm-opt.cmd" } else { "wasm-opt" };
    let program = root().join("www/node_modules/.bin").join(name);
    if !program.exists() {
        return Err("wasm-opt is missing: `binaryen` belongs into the devDependencies of www/package.json".into());
    }
    let mut command = std::process::Command::new(program);
    command
        // The lowest kilobyte is the end of the stack: nothing has its address there.
        .args(["-Oz", "--converge", "--low-memory-unused"])
        .args(FEATURES)
        .arg("--strip-producers")
        .arg("--strip-target-features")
        .arg(wasm)
        .arg("-o")
        .arg(&small);
    tools::run(&mut command)?;
    fs::rename(&small, wasm).map_err(|e| format!("{}: {e}", small.display()))
}

/// The default model: its manifest, its card, and the files that the manifest names.
fn model(from: &Path, to: &Path) -> Result<()> {
    let text =
        fs::read_to_string(from.join("manifest.json")).map_err(|e| format!("models/default/manifest.json: {e}"))?;
    for (name, size) in listed(&text)? {
        let bytes = copy(&from.join(&name), &to.join(&name))?;
        if bytes != size {
            return Err(format!("models/default/{name} has {bytes} bytes, its manifest says {size}"));
        }
    }
    for name in ["manifest.json", "README.md"] {
        copy(&from.join(name), &to.join(name))?;
    }
    Ok(())
}

/// Heads for `copywright/insight`, which pages fetch by themselves, and their card.
fn heads(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).map_err(|e| format!("{}: {e}", from.display()))?.flatten() {
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Names and sizes in a manifest.
fn listed(manifest: &str) -> Result<Vec<(String, u64)>> {
    let json: serde_json::Value = serde_json::from_str(manifest).map_err(|e| format!("manifest.json: {e}"))?;
    let file = |f: &serde_json::Value| Some((f["path"].as_str()?.to_owned(), f["size"].as_u64()?));
    let files: Option<Vec<_>> = json["files"].as_array().and_then(|files| files.iter().map(file).collect());
    files.filter(|f| !f.is_empty()).ok_or("manifest.json lists no files with path and size".to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<u64> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    fs::copy(from, to).map_err(|e| format!("{}: {e}", from.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn manifests() {
        let files = listed(r#"{"files": [{"path": "config.json", "size": 12}, {"path": "a/b", "size": 3}]}"#).unwrap();
        assert_eq!(files, [("config.json".to_owned(), 12), ("a/b".to_owned(), 3)]);
        for bad in ["", "{}", r#"{"files": []}"#, r#"{"files": [{"path": "x"}]}"#, r#"{"files": [{"size": 1}]}"#] {
            assert!(listed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_model_of_another_size_is_refused() {
        let dir = std::env::temp_dir().join(format!("copywright-model-{}", std::process::id()));
        let (from, to) = (dir.join("from"), dir.join("to"));
        fs::create_dir_all(&from).unwrap();
        fs::write(from.join("README.md"), "card").unwrap();
        fs::write(from.join("config.json"), "{}").unwrap();
        fs::write(from.join("manifest.json"), r#"{"files": [{"path": "config.json", "size": 2}]}"#).unwrap();
        model(&from, &to).unwrap();
        for name in ["README.md", "config.json", "manifest.json"] {
            assert!(to.join(name).is_file(), "{name}");
        }
        fs::write(from.join("config.json"), "{ }").unwrap();
        assert!(model(&from, &to).unwrap_err().contains("config.json has 3 bytes"));
        fs::remove_dir_all(&dir).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn packages_behind_a_link_are_left_alone() {
        let dir = std::env::temp_dir().join(format!("copywright-modules-{}", std::process::id()));
        fs::create_dir_all(dir.join("others")).unwrap();
        let modules = dir.join("node_modules");
        assert_eq!(its_own(&modules), Ok(()), "not there yet");
        std::os::unix::fs::symlink(dir.join("others"), &modules).unwrap();
        let why = its_own(&modules).unwrap_err();
        assert!(why.contains("others") && why.contains("npm ci"), "{why}");
        fs::remove_dir(dir.join("others")).unwrap();
        assert!(its_own(&modules).is_err(), "a link to nowhere is one, too");
        fs::remove_file(&modules).unwrap();
        fs::create_dir(&modules).unwrap();
        assert_eq!(its_own(&modules), Ok(()), "a folder of its own");
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn age_of_node_modules() {
        let here = root().join("Cargo.toml");
        assert!(newer(&here, &here));
        assert!(!newer(&root().join("no-such-file"), &here));
    }
}
