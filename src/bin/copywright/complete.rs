//! `copywright complete`: plain continuations of a text.

use std::io::{IsTerminal as _, Write as _};

use copywright::generate::Delta;
use copywright::writer::completion::{CompletionRequest, Prompt, Stop};
use pollster::block_on;

use crate::args::Args;
use crate::briefs;
use crate::failure::{Failure, Result};
use crate::options;

pub fn run(words: &[String]) -> Result<()> {
    let args = Args::parse(
        words,
        &[&["--json", "--echo"], options::GPU],
        &[&["--model", "--quantize", "--prompt", "--max-tokens", "--n", "--stop", "--logprobs"], options::SAMPLING],
    )?;
    let prompt = match args.last("--prompt") {
        None => return Err(Failure::Usage("there is nothing to continue: give --prompt TEXT".into())),
        Some("-") => briefs::text("-")?,
        Some(text) => text.to_owned(),
    };
    let stop: Vec<String> = args.all("--stop").map(str::to_owned).collect();
    let request = CompletionRequest {
        prompt: Prompt::Text(prompt.clone()),
        max_tokens: args.number("--max-tokens")?,
        n: args.number("--n")?,
        stop: Some(Stop::Many(stop)),
        stop_token_ids: Vec::new(),
        logprobs: args.number("--logprobs")?,
        echo: args.has("--echo"),
        steps_per_readback: 0,
        sampling: options::sampling(&args)?,
        table: None,
    };
    let json = args.has("--json");
    let out = std::io::stdout();
    let live = out.is_terminal() && !json && request.n.unwrap_or(1) == 1;
    let mut writer = options::writer(&args)?;

    let mut outcome = Ok(());
    if live && request.echo {
        outcome = (&out).write_all(prompt.as_bytes());
    }
    let mut on = |piece: Delta| {
        if live && outcome.is_ok() {
            outcome = (&out).write_all(piece.text.as_bytes()).and_then(|()| (&out).flush());
        }
    };
    let completion = block_on(writer.complete(&request, &mut on, &|| false))?;
    outcome?;

    let mut out = &out;
    if json {
        writeln!(out, "{}", serde_json::to_string(&completion).map_err(std::io::Error::from)?)?;
    } else if live {
        writeln!(out)?;
    } else {
        let texts: Vec<&str> = completion.choices.iter().map(|c| c.text.as_str()).collect();
        writeln!(out, "{}", texts.join("\n\n"))?;
    }
    Ok(())
}
