//! The programs that xtask calls: where they are, how they are run, what to do when one is missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine;

/// What went wrong, in words for the terminal.
pub type Result<T> = std::result::Result<T, String>;

/// The target that pages run.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The repository.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Cargo, the one that runs us, in the repository.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(root());
    command
}

/// Shows a command, runs it with our terminal, and waits. Failure is an error.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", show(command));
    let status = command.status().map_err(|e| format!("{}: {e}", show(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", show(command))) }
}

/// What a command prints, without its terminal.
pub fn output(command: &mut Command) -> Result<String> {
    let out = command.output().map_err(|e| format!("{}: {e}", show(command)))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!("{}: {}\n{}", show(command), out.status, String::from_utf8_lossy(&out.stderr).trim()))
    }
}

/// A command as one would type it; paths in the repository are shown from its root.
pub fn show(command: &Command) -> String {
    let word = |w: &std::ffi::OsStr| {
        let path = Path::new(w);
        path.strip_prefix(root()).unwrap_or(path).display().to_string()
    };
    let program = Path::new(command.get_program()).file_stem().map(word).unwrap_or_default();
    std::iter::once(program).chain(command.get_args().map(word)).collect::<Vec<_>>().join(" ")
}

/// The first of these programs on the PATH.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = env::split_paths(&path).collect();
    let file = |name: &&str| format!("{name}{}", env::consts::EXE_SUFFIX);
    names.iter().map(file).flat_map(|f| dirs.iter().map(move |d| d.join(&f))).find(|p| p.is_file())
}

/// Where cargo builds.
pub fn target_dir() -> Result<PathBuf> {
    let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))?;
    json["target_directory"].as_str().map(PathBuf::from).ok_or("cargo metadata names no target directory".to_owned())
}

/// A folder that the toolchain in use has below `lib/rustlib`.
fn in_toolchain(folder: &str) -> Result<bool> {
    let sysroot = output(Command::new(env::var_os("RUSTC").unwrap_or("rustc".into())).args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(folder).is_dir())
}

/// Adds the wasm target to the toolchain in use, unless it is there.
pub fn wasm_target() -> Result<()> {
    if in_toolchain(&format!("{WASM}/lib"))? { Ok(()) } else { rustup(&["target", "add", WASM]) }
}

/// Adds the sources of the standard library to the toolchain in use, unless they are there.
pub fn rust_src() -> Result<()> {
    if in_toolchain("src/rust/library")? { Ok(()) } else { rustup(&["component", "add", "rust-src"]) }
}

/// Adds rustfmt or clippy to the toolchain in use, unless it is there.
pub fn component(name: &str, subcommand: &str) -> Result<()> {
    if output(cargo().args([subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    rustup(&["component", "add", name])
}

fn rustup(args: &[&str]) -> Result<()> {
    run(Command::new("rustup").args(args)).map_err(|e| {
        let what = args.last().copied().unwrap_or_default();
        format!(
            "{e}\nThe Rust toolchain lacks {what}: install rustup (https://rustup.rs), or your system's package of it"
        )
    })
}

/// Node, new enough.
pub fn node() -> Result<Command> {
    let found = output(Command::new("node").arg("--version")).unwrap_or_default();
    match version(&found) {
        Some(v) if v >= machine::NODE => Ok(Command::new("node")),
        Some(_) => Err(format!("node {} is too old. {}", found.trim(), machine::install_node())),
        None => Err(format!("there is no node on the PATH. {}", machine::install_node())),
    }
}

/// npm, in `www/`.
pub fn npm() -> Command {
    // On Windows npm is a script, which is only found by its whole name.
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(root().join("www"));
    // Browsers are the machine's own: nothing is downloaded behind the user's back.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("PUPPETEER_SKIP_DOWNLOAD", "1");
    command
}

/// `v20.19.1` as (20, 19).
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions() {
        assert_eq!(version("v20.19.1\n"), Some((20, 19)));
        assert_eq!(version("v8.0.0"), Some((8, 0)));
        assert_eq!(version("20.19.1"), None);
        assert_eq!(version(""), None);
        assert!(version("v20.9.0") < Some(machine::NODE));
        assert!(version("v22.0.0") > Some(machine::NODE));
    }

    #[test]
    fn commands_are_shown_as_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.arg("build").arg(root().join("www"));
        assert_eq!(show(&command), "cargo build www");
    }

    #[test]
    fn programs_are_found() {
        assert!(find(&["no-such-program-here", "cargo"]).is_some());
        assert!(find(&["no-such-program-here"]).is_none());
    }
}
