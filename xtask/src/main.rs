//! `cargo xtask`: everything that is done with Copywright, with cargo and nothing else to learn.
#![allow(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

mod args;
mod arrange;
mod bench;
mod build;
#[cfg(feature = "evaluate")]
mod evaluate;
mod fuzz;
mod imports;
mod machine;
mod peers;
mod serve;
mod site;
mod size;
mod table;
mod tables;
mod test;
mod tools;

use std::process::ExitCode;

use args::Args;
use tools::Result;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    if matches!(command.as_str(), "" | "help" | "-h" | "--help") || words.iter().any(|w| w == "-h" || w == "--help") {
        println!("{}", help());
        return ExitCode::SUCCESS;
    }
    match dispatch(&command, &words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("\ncargo xtask {command}: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, words: &[String]) -> Result<()> {
    match command {
        "build" => {
            let args = Args::parse(words, &["--dev"], &["--only"])?;
            build::only(args.has("--dev"), &args.all("--only"))
        }
        "serve" => {
            let args = Args::parse(words, &["--no-open", "--no-build", "--dev"], &["--port"])?;
            if !args.has("--no-build") {
                build::run(args.has("--dev"))?;
                build::reference()?;
            }
            let port =
                args.last("--port").map(|p| p.parse().map_err(|_| format!("--port {p} is no port"))).transpose()?;
            serve::run(port, !args.has("--no-open"))
        }
        "test" => test::run(Args::parse(words, &[], &["--only"])?.all("--only")),
        "size" => {
            Args::parse(words, &[], &[])?;
            size::run()
        }
        "bench" => {
            let args = Args::parse(words, &["--no-build", "--peers", "--parity"], &["--only", "--rounds"])?;
            let build = !args.has("--no-build");
            let (parity, rounds) = (args.has("--parity"), args.last("--rounds"));
            match args.has("--peers") {
                true => peers::run(&peers::Options { parity, only: args.all("--only"), rounds, build }),
                false if parity || rounds.is_some() => Err("--parity and --rounds go with --peers".to_owned()),
                false => bench::run(args.all("--only"), build),
            }
        }
        "evaluate" if words == ["--insight"] => tables::run(),
        "evaluate" => evaluate(words),
        "fuzz" => {
            // Names first, as in `fuzz manifest --minutes 5`.
            let names = words.iter().take_while(|w| !w.starts_with('-')).count();
            let (only, rest) = words.split_at(names);
            let args = Args::parse(rest, &[], &["--minutes"])?;
            let minutes = args.last("--minutes").unwrap_or("20");
            fuzz::run(only, minutes.parse().map_err(|_| format!("--minutes {minutes} is no number"))?)
        }
        other => Err(format!("there is no command {other:?}; `cargo xtask help` lists them")),
    }
}

#[cfg(feature = "evaluate")]
fn evaluate(words: &[String]) -> Result<()> {
    evaluate::run(words)
}

/// The engine is large: it is built into this tool only where it is asked for.
#[cfg(not(feature = "evaluate"))]
fn evaluate(words: &[String]) -> Result<()> {
    let args = ["run", "--quiet", "--release", "--package", "xtask", "--features", "evaluate", "--", "evaluate"];
    tools::run(tools::cargo().args(args).args(words))
}

fn help() -> String {
    let mut text = String::from(
        "cargo xtask COMMAND

  build [--dev]                        the npm package in pkg/, complete with wasm and the default model
        [--only MODULE]...             (--dev: quick to build, unoptimised; --only: the other wasm modules as they are)
  serve [--port N] [--no-open]         build, then demo, studio, examples and API reference on localhost, in a browser
        [--no-build] [--dev]           (--no-build: serve what is already there)
  test [--only STEP]...                everything that must hold; a list of steps is below
  size                                 bytes and gzip -9 bytes of what a page downloads, against the budget
  bench [--only PLACE]... [--no-build] speed and counters; PLACE is native, chromium or firefox
  evaluate [--model FOLDER]            how a model writes, measured on products that nobody trains on, beside baselines
        [--seeds N] [--products N]     (5 seeds, all products)
        [--corpus FOLDER] [--fresh]    (--fresh: nothing that an earlier run has written)
        [--out FILE.md]
        [--sheet N --seed S --out F]   (--sheet: N copies by lot for readers to mark, as .csv or .md)
        [--rules N [--free M]]         (--rules: N copies under rules and M without, and which rules they break;
        [--briefs N] [--texts F]        texts go to F as JSON lines for `python -m train judge`)
        [--insight]                    (instead: a table for each use of copywright::insight, beside the baselines)
        [--sentiment FOLDER]           (instead: the lexicon's judgment of NLTK's reviews, which lie in FOLDER;
        [--encoder FOLDER [--every N]]  --encoder: the heads' beside it, on the source that they have not seen;
        [--texts FILE]                  --texts: nothing but what `train/heads.py` reads)
        [--pieces FILE --texts FILE]   (instead: texts of train/intents.py, cut as research cuts posts)
  fuzz [TARGET]... [--minutes N]       hostile files, 20 minutes for each kind (needs cargo-fuzz)
  bench --peers [--rounds N]           the same weights in other engines, in Chromium (--only ENGINE)
        [--parity]                     (--parity: whether the default model writes the same in llama.cpp)

Steps of `test`, in order:
",
    );
    text.push_str(&test::steps());
    text
}
