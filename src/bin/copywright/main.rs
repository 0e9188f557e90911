//! `copywright`: marketing copy, plain completions and measurements, from the command line.

mod args;
mod bench;
mod briefs;
mod complete;
mod failure;
mod options;
mod write;

use std::io::Write as _;
use std::process::ExitCode;

use failure::{Failure, Result};

const HELP: &str = "\
copywright COMMAND

  write      copy for a brief, or for a whole catalogue of briefs
    --brief FILE|-       one brief, an array of briefs, or one brief a line, all JSON; - (the default) is
                         standard input
    --n N                variants of each, 1 to 8, the best first; near-copies are written anew
    --attempts N         how often a text that breaks a rule of its brief is written, 3 where this is absent;
                         what fails then is left out, and said on standard error
    --explain            with --json: of each token its probability, what else was likely, and the rules that
                         struck that out
    --unconstrained      without the brief's rules, once, in pieces as it comes
    --max-tokens N       most tokens of a text; the format's limit decides where this is absent
  complete   plain continuation of a text
    --prompt TEXT        the text; - is standard input
    --max-tokens N       most new tokens, 16 where this is absent
    --n N                choices, 1 to 8
    --stop TEXT          where to stop; may be given again
    --logprobs K         log-probabilities with K alternatives, up to 5 (with --json)
    --echo               the prompt before the text
  bench      speed and counters of the decode loop
    --rounds N           rounds of every measurement, 7 or 3 (on a software adapter) where this is absent;
                         medians are reported
    --kernels            every kernel by itself instead: time, bytes and operations of a dispatch
    --rules              a brief's rules instead: time to compile them, and a step with them to one without
    --only NAME          with --kernels: those whose names contain this; may be given again
    --json-only          no lines for people
  help, version

write and complete:
    --seed S             the same seed, model and brief give the same text again on the same device
    --temperature T      0 takes the likeliest token; 0.7 where this is absent, at most 2
    --top-k K, --top-p P, --min-p P, --repetition-penalty R, --no-repeat-ngram-size N
    --json               a line of JSON for each result, with seed, model, checks and times

All three:
    --model DIR          a model in Hugging Face layout with a manifest.json
    --quantize q8|q4     pack the weights into 8 or 4 bits on their way to the GPU
    --f32, --f16         without or with shader-f16; by default with it where the GPU has it
    --adapter-info       says on standard error which GPU is used

Errors go to standard error with their kind. Exit codes: 0, 1 (what was asked failed), 2 (the command line
is wrong).
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run() -> Result<()> {
    let not_unicode = |word: std::ffi::OsString| Failure::Usage(format!("{} is not Unicode", word.display()));
    let words =
        std::env::args_os().skip(1).map(|w| w.into_string().map_err(not_unicode)).collect::<Result<Vec<String>>>()?;
    let Some((command, words)) = words.split_first() else {
        return Err(Failure::Usage("there is no command".into()));
    };
    let asks_help = |w: &String| w == "--help" || w == "-h";
    match command.as_str() {
        "write" | "complete" | "bench" if words.iter().any(asks_help) => say(HELP),
        "write" => write::run(words),
        "complete" => complete::run(words),
        "bench" => bench::run(words),
        "help" | "--help" | "-h" => say(HELP),
        "version" | "--version" | "-V" => say(concat!("copywright ", env!("CARGO_PKG_VERSION"), "\n")),
        other => Err(Failure::Usage(format!("there is no command {other:?}"))),
    }
}

fn say(text: &str) -> Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
