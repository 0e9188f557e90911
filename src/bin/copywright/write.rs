//! `copywright write`: copy for one brief, or for a catalogue of them.

use std::io::{IsTerminal as _, Stdout, Write as _};

use copywright::copy::brief::Input;
use copywright::writer::{Copies, Copy, Options, Writer};
use pollster::block_on;

use crate::args::Args;
use crate::briefs;
use crate::failure::Result;
use crate::options;

pub fn run(words: &[String]) -> Result<()> {
    let args = Args::parse(
        words,
        &[&["--json", "--unconstrained", "--explain"], options::GPU],
        &[&["--model", "--quantize", "--brief", "--n", "--attempts", "--max-tokens"], options::SAMPLING],
    )?;
    let options = Options {
        n: args.number("--n")?,
        attempts: args.number("--attempts")?,
        unconstrained: args.has("--unconstrained"),
        explain: args.has("--explain"),
        max_tokens: args.number("--max-tokens")?,
        sampling: options::sampling(&args)?,
        ..Options::default()
    };
    let briefs = briefs::read(args.last("--brief"))?;
    let mut writer = options::writer(&args)?;
    let about = |i: usize| briefs::name(i, briefs.len());
    // What is wrong with the last brief is said before the first is written.
    for (i, brief) in briefs.iter().enumerate() {
        writer.measure(brief).map_err(|e| crate::Failure::from(e).about(&about(i)))?;
    }
    let mut page = Page {
        out: std::io::stdout(),
        json: args.has("--json"),
        live: std::io::stdout().is_terminal() && briefs.len() == 1 && options.n.unwrap_or(1) == 1,
        written: 0,
    };
    for (i, brief) in briefs.iter().enumerate() {
        let copies = page.write(&mut writer, brief, &options).map_err(|e| e.about(&about(i)))?;
        for copy in copies.iter() {
            page.put(copy, &about(i))?;
        }
        missing(&copies, &about(i));
    }
    Ok(())
}

/// Where texts go.
struct Page {
    out: Stdout,
    json: bool,
    /// Text is shown as it comes.
    live: bool,
    written: usize,
}

impl Page {
    fn write(&mut self, writer: &mut Writer, brief: &Input, options: &Options) -> Result<Copies> {
        let (mut out, live) = (&self.out, self.live && !self.json);
        let mut outcome = Ok(());
        let mut on = |piece: copywright::generate::Delta| {
            if live && outcome.is_ok() {
                outcome = out.write_all(piece.text.as_bytes()).and_then(|()| out.flush());
            }
        };
        let copies = block_on(writer.write(brief, options, &mut on, &|| false))?;
        outcome?;
        Ok(copies)
    }

    /// A finished text: a line of JSON, or the text itself with a blank line before all but the first.
    fn put(&mut self, copy: &Copy, about: &str) -> Result<()> {
        if self.json {
            let line = serde_json::to_string(copy).map_err(std::io::Error::from)?;
            writeln!(self.out, "{line}")?;
            return Ok(());
        }
        if self.live {
            writeln!(self.out)?;
        } else {
            let gap = if self.written > 0 { "\n" } else { "" };
            writeln!(self.out, "{gap}{}", copy.text)?;
        }
        self.written += 1;
        self.out.flush()?;
        warn(copy, about);
        Ok(())
    }
}

/// Rules that a text without rules broke. JSON has them among the checks.
#[expect(clippy::print_stderr, reason = "beside the results, not among them")]
fn warn(copy: &Copy, about: &str) {
    let about = clause(about);
    for check in copy.checks.iter().filter(|c| !c.pass) {
        eprintln!("copywright: {about}seed {}: the check {:?} failed ({})", copy.seed, check.rule, check.detail);
    }
}

/// Variants that are not there.
#[expect(clippy::print_stderr, reason = "beside the results, not among them")]
fn missing(copies: &Copies, about: &str) {
    let about = clause(about);
    for missing in &copies.missing {
        eprintln!("copywright: {about}a variant is missing (seed {}: {})", missing.seed, missing.reason);
    }
}

fn clause(about: &str) -> String {
    if about.is_empty() { String::new() } else { format!("{about}, ") }
}
