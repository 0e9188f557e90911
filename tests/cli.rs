//! The program `copywright`: what it prints, what it refuses, and with which exit code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "support/gpu.rs"]
mod support;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_copywright"));
    command.args(args).stdin(Stdio::null());
    command
}

/// What it says for these words, with this text on its standard input.
fn run_with(args: &[&str], input: &str) -> Output {
    let mut command = program(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses its command line does not read: a broken pipe is no fault here.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

/// Standard output of a run that must succeed.
fn says(args: &[&str], input: &str) -> String {
    let output = run_with(args, input);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("no GPU adapter"), "{}\n{err}", support::INSTALL);
    assert!(output.status.success(), "{args:?}: {}\n{err}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Standard error of a run that must end with this code and print no result.
fn refuses(args: &[&str], input: &str, code: i32) -> String {
    let output = run_with(args, input);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("{args:?}: {err}");
    assert_eq!(output.status.code(), Some(code), "{args:?}: {err}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?} printed a result");
    err
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e} in {l:?}"))).collect()
}

fn brief(name: &str) -> Value {
    json!({
        "format": "tagline", "tone": "plain", "name": name, "category": "desk lamp",
        "features": ["dims with a tap", "folds flat"], "facts": {"price": "€49"},
    })
}

fn write(options: &[&str], input: &str) -> String {
    says(&[&["write", "--model", MODEL], options].concat(), input)
}

#[test]
fn help_and_version() {
    for args in [&["help"][..], &["--help"], &["write", "--help"], &["bench", "-h"]] {
        let text = says(args, "");
        for word in ["write", "complete", "bench", "--brief", "--model", "--kernels", "--json-only"] {
            assert!(text.contains(word), "{args:?} does not speak of {word}");
        }
    }
    assert_eq!(says(&["version"], "").trim(), concat!("copywright ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_named_and_ends_with_2() {
    assert!(refuses(&[], "", 2).contains("no command"));
    assert!(refuses(&["wirte"], "", 2).contains("wirte"));
    for command in ["write", "complete", "bench"] {
        assert!(refuses(&[command, "--jsn"], "", 2).contains("--jsn"));
        assert!(refuses(&[command, "lamp"], "", 2).contains("lamp"));
        assert!(refuses(&[command, "--model"], "", 2).contains("--model needs a value"));
    }
    assert!(refuses(&["write", "--n", "five"], "", 2).contains("--n"));
    assert!(refuses(&["write", "--json=yes"], "", 2).contains("--json takes no value"));
    assert!(refuses(&["complete"], "", 2).contains("--prompt"));
    assert!(refuses(&["bench", "--only", "rope"], "", 2).contains("--kernels"));
    let both = ["write", "--model", MODEL, "--f32", "--f16"];
    assert!(refuses(&both, &brief("x").to_string(), 2).contains("--f16"));
}

#[test]
fn a_bad_brief_is_a_type_error_that_names_the_field() {
    let good = brief("Lumen Arc");
    let spoilt = |field: &str, value: Value| {
        let mut brief = good.clone();
        brief[field] = value;
        brief
    };
    for (brief, names) in [
        (spoilt("name", json!("")), "name is empty"),
        (spoilt("name", json!(5)), "name is 5"),
        (spoilt("nmae", json!("x")), "nmae"),
        (spoilt("format", json!("poem")), "format"),
        (spoilt("maxChars", json!(5000)), "maxChars is 5000"),
        (spoilt("features", json!(["", "x"])), "features[0] is empty"),
        (json!({"name": "x"}), "format"),
    ] {
        // Seen before anything is loaded: there is no such model.
        let error = refuses(&["write", "--model", "/nowhere"], &brief.to_string(), 1);
        assert!(error.contains("TypeError") && error.contains(names), "{error}");
        // In a catalogue the message also says which.
        let error = refuses(&["write", "--model", "/nowhere"], &json!([good, brief]).to_string(), 1);
        assert!(error.contains("TypeError: brief 2: ") && error.contains(names), "{error}");
    }
    assert!(refuses(&["write"], "{\"format\":", 1).contains("TypeError"));
    assert!(refuses(&["write"], "", 1).contains("no brief"));
}

#[test]
fn other_failures_have_their_kinds() {
    let input = brief("Lumen Arc").to_string();
    let error = refuses(&["write", "--brief", "/nowhere.json"], "", 1);
    assert!(error.contains("DataError: /nowhere.json"), "{error}");
    let error = refuses(&["write", "--model", "/nowhere"], &input, 1);
    assert!(error.contains("DataError") && error.contains("manifest.json"), "{error}");
    // A language that the model does not write, in the last brief: the first is not written either.
    let mut german = brief("Lumen Arc");
    german["language"] = json!("de");
    let error = refuses(&["write", "--model", MODEL], &format!("{input}\n{german}"), 1);
    assert!(error.contains("NotSupportedError: brief 2: ") && error.contains("de"), "{error}");
    let error = refuses(&["write", "--model", MODEL, "--n", "9"], &input, 1);
    assert!(error.contains("TypeError"), "{error}");
    let error = refuses(&["complete", "--model", MODEL, "--prompt", "x", "--max-tokens", "5000"], "", 1);
    assert!(error.contains("QuotaExceededError"), "{error}");
}

#[test]
fn the_default_model_is_that_of_the_crate_that_cargo_runs() {
    let input = brief("Lumen Arc").to_string();
    let folder = tempfile("brief.json", &input);
    let args = ["write", "--seed", "1", "--brief", &folder];
    let run = |root: Option<&str>| {
        let mut command = program(&args);
        match root {
            Some(root) => command.env("CARGO_MANIFEST_DIR", root),
            None => command.env_remove("CARGO_MANIFEST_DIR"),
        };
        command.output().unwrap()
    };
    let found = run(Some(env!("CARGO_MANIFEST_DIR")));
    assert!(found.status.success() && !found.stdout.is_empty(), "{}", String::from_utf8_lossy(&found.stderr));
    for root in [None, Some("/nowhere")] {
        let lost = run(root);
        assert_eq!(lost.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&lost.stderr).contains("--model"));
    }
}

#[test]
fn the_same_seed_writes_the_same_text() {
    let input = brief("Lumen Arc").to_string();
    let text = write(&["--seed", "7"], &input);
    assert!(!text.trim().is_empty());
    assert_eq!(write(&["--seed", "7"], &input), text);
    let others: Vec<String> = ["8", "9", "10"].iter().map(|s| write(&["--seed", s], &input)).collect();
    assert!(others.iter().any(|other| *other != text), "no other seed gave another text than {text:?}");
    let greedy = |seed| write(&["--temperature", "0", "--seed", seed], &input);
    assert_eq!(greedy("1"), greedy("2"), "without chance there is no seed");
}

#[test]
fn lines_of_json_carry_what_is_known() {
    let mut asked = brief("Lumen Arc");
    asked["tone"] = json!("playful"); // Plain taglines begin alike, and are no variants of each other.
    let input = asked.to_string();
    let copies = lines(&write(&["--json", "--n", "3", "--seed", "7"], &input));
    assert!((2..=3).contains(&copies.len()), "{copies:?}");
    for copy in &copies {
        let seed = &copy["seed"];
        assert!(copy["attempts"].as_u64().unwrap() >= 1 && copy["score"].is_f64(), "{copy}");
        assert_eq!(copy["briefHash"], copies[0]["briefHash"]);
        assert!(copy["model"].as_str().unwrap().starts_with("copywright-default@"), "{copy}");
        let checks = copy["checks"].as_array().unwrap();
        assert!(checks.iter().any(|c| c["rule"] == "length" && c["pass"] == true), "{copy}");
        assert!(copy["usage"]["completionTokens"].as_u64().unwrap() > 0, "{copy}");
        assert!(["stop", "length"].contains(&copy["finishReason"].as_str().unwrap()), "{copy}");
        // A variant is what its seed alone gives, and JSON has the text that is printed without it.
        let alone = write(&["--seed", &seed.to_string()], &input);
        assert_eq!(alone, format!("{}\n", copy["text"].as_str().unwrap()));
    }
}

#[test]
fn a_catalogue_is_written_in_order() {
    let briefs = ["Lumen Arc", "Loft27", "Mistral Kettle"].map(brief);
    let texts = |input: &str, options: &[&str]| -> Vec<(Value, Value)> {
        let copies = lines(&write(&[&["--json", "--seed", "3"], options].concat(), input));
        copies.into_iter().map(|mut c| (c["briefHash"].take(), c["text"].take())).collect()
    };
    let alone: Vec<_> = briefs.iter().flat_map(|b| texts(&b.to_string(), &[])).collect();
    assert_ne!(alone[0].0, alone[1].0, "the hash is the brief's");
    let array = json!(briefs).to_string();
    assert_eq!(texts(&array, &[]), alone);
    let rows = briefs.iter().map(|b| format!("{b}\n")).collect::<String>();
    assert_eq!(texts(&rows, &["--brief", "-"]), alone);
    assert_eq!(texts("", &["--brief", &tempfile("catalogue.jsonl", &rows)]), alone);

    // Without JSON: texts with a blank line between.
    let plain = write(&["--seed", "3"], &array);
    let joined: Vec<&str> = alone.iter().map(|(_, text)| text.as_str().unwrap()).collect();
    assert_eq!(plain, format!("{}\n", joined.join("\n\n")));
}

#[test]
fn a_completion_has_openais_shape() {
    let args = ["complete", "--model", MODEL, "--prompt", "Desk lamps that", "--seed", "1", "--max-tokens", "12"];
    let say = |more: &[&str]| says(&[&args[..], more].concat(), "");
    let answer = lines(&say(&["--json", "--n", "2", "--logprobs", "2"]));
    let [answer] = &answer[..] else { panic!("one line, not {answer:?}") };
    assert_eq!(answer["object"], "text_completion");
    assert_eq!(answer["choices"].as_array().unwrap().len(), 2);
    assert_eq!(answer["usage"]["total_tokens"], {
        let of = |key: &str| answer["usage"][key].as_u64().unwrap();
        of("prompt_tokens") + of("completion_tokens")
    });
    assert!(answer["choices"][0]["logprobs"]["token_logprobs"].is_array());

    let text = say(&[]);
    assert_eq!(text, format!("{}\n", answer["choices"][0]["text"].as_str().unwrap()));
    assert_eq!(say(&["--echo"]), format!("Desk lamps that{text}"));
    let word = text.split_whitespace().nth(2).unwrap();
    assert_eq!(say(&["--stop", word]).trim_end(), text[..text.find(word).unwrap()].trim_end());
    let piped = says(&["complete", "--model", MODEL, "--prompt", "-", "--seed", "1"], "Desk lamps that");
    assert!(piped.starts_with(text.trim_end()), "16 tokens go on where 12 ended: {piped:?}, {text:?}");
}

#[test]
fn bench_prints_one_line_of_json() {
    let text = says(&["bench", "--model", MODEL, "--json-only", "--f32", "--rounds", "1"], "");
    let result = lines(&text);
    let [result] = &result[..] else { panic!("one line, not {text}") };
    println!("{result}");
    assert_eq!(result["where"], "native");
    assert!(!result["adapter"].as_str().unwrap().is_empty());
    assert!(result["software"].is_boolean());
    assert_eq!(result["f16"], false);
    assert!(result.get("without_f16").is_none(), "there is nothing to compare f32 with");
    let number = |key: &str| result[key].as_f64().unwrap_or_else(|| panic!("{key} in {result}"));
    let keys = "first_token_ms tokens_per_second batch8_ratio step_ms prefill_tokens_per_second load_ms gpu_bytes";
    for key in keys.split(' ') {
        assert!(number(key).is_finite() && number(key) > 0.0, "{key} is {}", result[key]);
    }
    assert_eq!(number("creations_per_token"), 0.0);
    assert_eq!(number("submits_per_token"), 1.0);
    assert_eq!(number("passes_per_token"), 1.0);
    assert_eq!(number("readbacks_per_token"), 1.0 / 8.0);
    assert_eq!(number("uploaded_bytes_per_token"), 0.0);
    assert_eq!(number("downloaded_bytes_per_token"), 4.0);
    assert_eq!(number("prefill_tokens"), 512.0);
    let ratio = number("weight_bytes_ratio");
    assert!((1.0..=1.02).contains(&ratio), "{ratio}");
    // Six layers.
    let dispatches = number("dispatches_per_token");
    assert!((6.0..=f64::from(7 * 6 + 4)).contains(&dispatches), "{dispatches}");
    assert_eq!(result["counts_of_eight"]["dispatches_per_token"], dispatches);
    assert_eq!(result["counts_of_eight"]["downloaded_bytes_per_token"], 32.0);
    assert_eq!(result["counts_of_eight"]["weight_bytes_ratio"], ratio, "a batch reads each weight once");
}

#[test]
fn bench_measures_kernels_by_name() {
    let args = ["bench", "--kernels", "--rounds", "1", "--json-only"];
    let text = says(&[&args[..], &["--only", "rope", "--only", "empty"]].concat(), "");
    let cases = lines(&text);
    for name in ["empty", "rope"] {
        assert!(cases.iter().any(|c| c["kernel"] == name), "no {name} in {text}");
    }
    for case in &cases {
        assert!(["empty", "rope"].contains(&case["kernel"].as_str().unwrap()), "{case}");
        assert!(case["us"].as_f64().unwrap() > 0.0 && case["dispatches"].as_u64().unwrap() > 0, "{case}");
        assert!(case.get("where").is_none(), "a kernel is no column of the other table");
    }
    // One sequence, 6 query and 2 kv heads of 32 in f32: queries both ways, keys and values in and out, angles.
    let rope = cases.iter().find(|c| c["kernel"] == "rope" && c["rows"] == 1).unwrap();
    assert_eq!(rope["bytes"], 192 * 8 + 128 * 8 + 32 * 4);
    assert!(refuses(&[&args[..], &["--only", "nothing"]].concat(), "", 2).contains("nothing"));
}

/// A full disk is an error, not a panic.
#[cfg(target_os = "linux")]
#[test]
fn output_that_is_not_taken_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program(&["help"]).stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("standard output"), "{error}");
}

/// A file in cargo's folder for tests.
fn tempfile(name: &str, text: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
