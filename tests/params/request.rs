//! Requests for completions, in OpenAI's shape.

use copywright::generate::params::Sampling;
use copywright::writer::completion::{CompletionRequest, Prompt, Stop};
use serde_json::{Value, json};

use crate::{read, refuses};

fn request(value: &Value) -> CompletionRequest {
    read(value).unwrap_or_else(|e| panic!("{value}: {e}"))
}

fn is_plain(r: &CompletionRequest) -> bool {
    matches!(&r.prompt, Prompt::Text(text) if text == "x")
        && (r.max_tokens, r.n, r.logprobs, r.echo, r.steps_per_readback) == (None, None, None, false, 0)
        && r.stop.is_none()
        && r.stop_token_ids.is_empty()
        && r.sampling == Sampling::default()
}

/// The fields that the public types declare for a request.
fn declared() -> Vec<String> {
    let types = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/www/src/completion-types.ts")).unwrap();
    let body = types.split_once("export interface CompletionRequest {").expect("CompletionRequest").1;
    let body = body.split_once("\n}\n").unwrap().0;
    let top_level = body.lines().filter_map(|l| l.strip_prefix("  readonly "));
    top_level.map(|l| l.split(['?', ':']).next().unwrap().to_owned()).collect()
}

#[test]
fn every_declared_field_may_be_null() {
    let declared = declared();
    println!("{}", declared.join(", "));
    assert!(declared.len() >= 18, "{declared:?}");
    let mut all = json!({"prompt": "x"});
    for field in declared.iter().filter(|f| *f != "prompt") {
        assert!(is_plain(&request(&json!({"prompt": "x", field: null}))), "{field}");
        all[field] = Value::Null;
    }
    assert!(is_plain(&request(&all)));
    assert!(is_plain(&request(&json!({"prompt": "x"}))));
    // And none of them takes just anything.
    for field in &declared {
        let mut value = json!({"prompt": "x"});
        value[field] = json!([{"neither": "fish"}]);
        let message = read::<CompletionRequest>(&value).unwrap_err();
        assert!(message.starts_with(field.as_str()), "{message}");
    }
}

#[test]
fn values_arrive() {
    let r = request(&json!({
        "prompt": "Desk lamps that", "max_tokens": 40.0, "n": 2, "stop": ["\n", "END"], "temperature": 0.7, "top_p": 0.9,
        "seed": 7, "logprobs": 3, "echo": true, "logit_bias": {"5": -100}, "presence_penalty": 0.5, "stream": false,
        "stream_options": {"include_usage": true}, "model": "any", "user": "someone", "steps_per_readback": 4,
    }));
    assert!(matches!(&r.prompt, Prompt::Text(text) if text == "Desk lamps that"));
    assert_eq!((r.max_tokens, r.n, r.logprobs), (Some(40), Some(2), Some(3)));
    assert!(r.echo && r.steps_per_readback == 4);
    let expected = Sampling {
        top_p: 0.9,
        seed: Some(7),
        logit_bias: vec![(5, -100.0)],
        presence_penalty: 0.5,
        ..Sampling::default()
    };
    assert_eq!(r.sampling, expected);
    assert!(matches!(r.stop, Some(Stop::Many(s)) if s == ["\n", "END"]));
    assert!(matches!(request(&json!({"prompt": "", "stop": "\n"})).stop, Some(Stop::One(s)) if s == "\n"));
    assert!(matches!(request(&json!({"prompt": "", "stop": []})).stop, Some(Stop::Many(s)) if s.is_empty()));
    let r = request(&json!({"prompt": [3, 4.0, 5], "stop_token_ids": [2, 7]}));
    assert!(matches!(r.prompt, Prompt::Tokens(ids) if ids == [3, 4, 5]));
    assert_eq!(r.stop_token_ids, [2, 7]);
}

#[test]
fn what_is_wrong_is_named() {
    for (value, field) in [
        (json!({}), "prompt"),
        (json!({"prompt": null}), "prompt"),
        (json!({"prompt": ["x"]}), "prompt"),
        (json!({"prompt": 5}), "prompt"),
        (json!({"prompt": [5, "x"]}), "prompt"),
        (json!({"prompt": [[5]]}), "prompt"),
        (json!({"prompt": [-1]}), "prompt"),
        (json!({"prompt": "x", "stop_token_ids": 5}), "stop_token_ids"),
        (json!({"prompt": "x", "stop_token_ids": [0.5]}), "stop_token_ids[0]"),
        (json!({"prompt": "x", "max_tokens": "40"}), "max_tokens"),
        (json!({"prompt": "x", "max_tokens": -1}), "max_tokens"),
        (json!({"prompt": "x", "n": 1.5}), "n"),
        (json!({"prompt": "x", "logprobs": true}), "logprobs"),
        (json!({"prompt": "x", "echo": "yes"}), "echo"),
        (json!({"prompt": "x", "echo": 1}), "echo"),
        (json!({"prompt": "x", "stop": [["a"]]}), "stop[0]"),
        (json!({"prompt": "x", "stream": 1}), "stream"),
        (json!({"prompt": "x", "stream_options": true}), "stream_options"),
        (json!({"prompt": "x", "stream_options": {"include_usage": "yes"}}), "stream_options.include_usage"),
        (json!({"prompt": "x", "stream_options": {"usage": true}}), "stream_options.usage"),
        (json!({"prompt": "x", "model": 5}), "model"),
        (json!({"prompt": "x", "best_of": 3}), "best_of"),
        (json!({"prompt": "x", "suffix": "y"}), "suffix"),
        (json!({"prompt": "x", "messages": []}), "messages"),
        (json!({"prompt": "x", "temprature": 1}), "temprature"),
    ] {
        refuses::<CompletionRequest>(&value, field);
    }
    // What is null is not there, whatever its name.
    assert!(is_plain(&request(&json!({"prompt": "x", "best_of": null, "suffix": null}))));
}
