//! Options and requests from outside: names, types, ranges, and what they do at the edges.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "../support/checkpoint.rs"]
mod checkpoint;
#[path = "../support/gpu.rs"]
mod gpu;
mod limits;
mod ranges;
mod request;

use copywright::generate::params::Sampling;
use copywright::writer::Options;
use copywright::writer::completion::CompletionRequest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|e| e.to_string())
}

fn options(value: &Value) -> Options {
    read(value).unwrap_or_else(|e| panic!("{value}: {e}"))
}

/// Refused with a message that begins with the field.
fn refuses<T: DeserializeOwned>(value: &Value, field: &str) -> String {
    let Err(message) = read::<T>(value) else { panic!("accepted: {value}") };
    assert!(message.starts_with(&format!("{field} ")), "{message:?} does not begin with {field:?}");
    message
}

/// The fields of sampling: camelCase, snake_case, a value of each that is not the default.
const FIELDS: [(&str, &str, f64); 9] = [
    ("temperature", "temperature", 0.5),
    ("topK", "top_k", 40.0),
    ("topP", "top_p", 0.9),
    ("minP", "min_p", 0.05),
    ("repetitionPenalty", "repetition_penalty", 1.2),
    ("presencePenalty", "presence_penalty", -0.5),
    ("frequencyPenalty", "frequency_penalty", 0.25),
    ("noRepeatNgramSize", "no_repeat_ngram_size", 3.0),
    ("seed", "seed", 7.0),
];

fn all_set() -> Sampling {
    Sampling {
        temperature: 0.5,
        top_k: 40,
        top_p: 0.9,
        min_p: 0.05,
        repetition_penalty: 1.2,
        presence_penalty: -0.5,
        frequency_penalty: 0.25,
        no_repeat_ngram_size: 3,
        logit_bias: vec![(17, -100.0), (4, 1.5)],
        seed: Some(7),
    }
}

#[test]
fn both_spellings() {
    for snake in [false, true] {
        let fields = FIELDS.iter().map(|&(camel, other, v)| ((if snake { other } else { camel }).to_owned(), json!(v)));
        let mut value = json!(fields.collect::<serde_json::Map<_, _>>());
        value[if snake { "logit_bias" } else { "logitBias" }] = json!({"17": -100, "4": 1.5});
        let alone: Sampling = read(&value).unwrap();
        assert_eq!(alone, all_set());
        // And flat among the options of a write, and in a request.
        value["n"] = json!(3);
        value["stop"] = json!(["a", "b"]);
        value[if snake { "max_tokens" } else { "maxTokens" }] = json!(50);
        value[if snake { "steps_per_readback" } else { "stepsPerReadback" }] = json!(2);
        let o = options(&value);
        assert_eq!(
            (o.n, o.max_tokens, o.steps_per_readback, &o.stop[..]),
            (Some(3), Some(50), 2, &["a".into(), "b".into()][..])
        );
        assert_eq!(o.sampling, all_set());
        value["prompt"] = json!("x");
        let r: CompletionRequest = read(&value).unwrap();
        assert_eq!((r.n, r.max_tokens, r.steps_per_readback, r.sampling), (Some(3), Some(50), 2, all_set()));
    }
    for (camel, snake, v) in FIELDS.into_iter().filter(|(camel, snake, _)| camel != snake) {
        let message = refuses::<Options>(&json!({camel: v, snake: v}), snake);
        assert!(message.contains(&format!("is given beside {camel}")), "{message}");
        options(&json!({camel: v, snake: null}));
    }
}

#[test]
fn absent_and_null_are_the_defaults() {
    for none in [json!({}), json!(null)] {
        assert_eq!(read::<Sampling>(&none).unwrap(), Sampling::default());
        let o = options(&none);
        assert_eq!((o.n, o.max_tokens, o.steps_per_readback, o.stop.len()), (None, None, 0, 0));
        assert_eq!(o.sampling, Sampling::default());
    }
    let names = FIELDS.iter().flat_map(|f| [f.0, f.1]).chain(["logitBias", "logit_bias"]);
    for name in
        names.chain(["n", "attempts", "maxTokens", "max_tokens", "stop", "stepsPerReadback", "steps_per_readback"])
    {
        let o = options(&json!({name: null}));
        assert_eq!((o.n, o.max_tokens, o.stop.len(), o.sampling), (None, None, 0, Sampling::default()), "{name}");
    }
    let d = Sampling::default();
    assert_eq!((d.temperature, d.top_k, d.top_p, d.min_p, d.repetition_penalty), (0.7, 0, 1.0, 0.0, 1.0));
    assert_eq!((d.presence_penalty, d.frequency_penalty, d.no_repeat_ngram_size, d.seed), (0.0, 0.0, 0, None));
}

/// JavaScript has one type of numbers; a whole one may come as a float.
#[test]
fn whole_numbers() {
    let fields =
        ["n", "attempts", "maxTokens", "max_tokens", "stepsPerReadback", "topK", "top_k", "noRepeatNgramSize", "seed"];
    for field in fields {
        for (value, is) in [
            (json!(3), 3),
            (json!(3.0), 3),
            (json!(0), 0),
            (json!(-0.0), 0),
            (json!(4294967295u32), u32::MAX),
            (json!(4294967295.0), u32::MAX),
        ] {
            let o = options(&json!({field: value}));
            let s = &o.sampling;
            let got = match field {
                "n" => o.n,
                "maxTokens" | "max_tokens" => o.max_tokens,
                "stepsPerReadback" => Some(o.steps_per_readback),
                "attempts" => o.attempts,
                "topK" | "top_k" => Some(s.top_k),
                "seed" => s.seed,
                _ => Some(s.no_repeat_ngram_size),
            };
            assert_eq!(got, Some(is), "{field} = {value}");
        }
        for value in [
            json!(3.5),
            json!(-1),
            json!(-1.0),
            json!(4294967296u64),
            json!(4294967296.0),
            json!(1e300),
            json!("3"),
            json!(true),
            json!([3]),
            json!({}),
            json!(u64::MAX),
            json!(i64::MIN),
        ] {
            let message = refuses::<Options>(&json!({field: value}), field);
            assert!(message.contains("not a whole number from 0 to 4294967295"), "{message}");
        }
    }
}

#[test]
fn numbers_and_flags() {
    for (camel, snake, _) in FIELDS {
        for value in [json!("0.5"), json!(true), json!([0.5]), json!({"a": 1})] {
            refuses::<Options>(&json!({camel: value}), camel);
            refuses::<Options>(&json!({snake: value}), snake);
            refuses::<CompletionRequest>(&json!({"prompt": "x", snake: value}), snake);
        }
    }
    assert_eq!(options(&json!({"temperature": 1})).sampling.temperature, 1.0);
    for (value, field) in [
        (json!({"stop": 5}), "stop"),
        (json!({"stop": {"a": 1}}), "stop"),
        (json!({"stop": ["a", 5]}), "stop[1]"),
        (json!({"stop": [null]}), "stop[0]"),
    ] {
        refuses::<Options>(&value, field);
    }
    assert_eq!(options(&json!({"stop": "\n"})).stop, ["\n"]);
    for value in [json!(5), json!("x"), json!([]), json!(true)] {
        assert!(read::<Options>(&value).unwrap_err().contains("not an object"));
    }
}

/// What page hands over may hold numbers that JSON cannot: they are no numbers here.
#[test]
fn numbers_that_are_none() {
    use serde::Deserialize as _;
    use serde::de::IntoDeserializer as _;
    use serde::de::value::{Error, MapDeserializer};
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for field in ["temperature", "topK", "seed", "n"] {
            let map = MapDeserializer::<_, Error>::new([(field, number.into_deserializer())].into_iter());
            let message = Options::deserialize(map).unwrap_err().to_string();
            assert!(message.starts_with(&format!("{field} is {number}, not ")), "{message}");
        }
    }
}

#[test]
fn unknown_names() {
    for (value, field) in [
        (json!({"temprature": 1}), "temprature"),
        (json!({"Temperature": 1}), "Temperature"),
        (json!({"top-k": 1}), "top-k"),
        (json!({"n": 2, "best_of": 2}), "best_of"),
        (json!({"seed": 1, "": 2}), ""),
        (json!({"prompt": "x"}), "prompt"),
    ] {
        let message = refuses::<Options>(&value, field);
        assert!(message.contains("is unknown; there are n, attempts, maxTokens, stop"), "{message}");
    }
    let message = refuses::<Sampling>(&json!({"n": 1}), "n");
    assert!(message.contains("temperature, topK"), "{message}");
    let long = "x".repeat(10_000);
    assert!(read::<Options>(&json!({long: 1})).unwrap_err().len() < 500);
}
