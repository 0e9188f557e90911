//! Ranges, and the forms of a logit bias.

use copywright::error::Kind;
use copywright::generate::params::Sampling;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{all_set, read, refuses};

const VOCABULARY: u32 = 100;

fn check(value: &Value) -> Result<(), String> {
    let sampling: Sampling = read(value).unwrap();
    sampling.check(VOCABULARY).map_err(|e| {
        assert_eq!(e.kind(), Kind::Type);
        e.to_string()
    })
}

#[test]
fn ranges() {
    let above = |n: f64| n + n.abs().max(1.0) * 1e-5;
    let below = |n: f64| n - n.abs().max(1.0) * 1e-5;
    for (field, low, high) in [
        ("temperature", 0.0, 2.0),
        ("topP", 0.0, 1.0),
        ("minP", 0.0, 1.0),
        ("repetitionPenalty", 0.01, 100.0),
        ("presencePenalty", -2.0, 2.0),
        ("frequencyPenalty", -2.0, 2.0),
    ] {
        for fine in [low, high, (low + high) / 2.0] {
            check(&json!({field: fine})).unwrap_or_else(|e| panic!("{field} = {fine}: {e}"));
        }
        for wrong in [below(low), above(high), -1e30, 1e30, f64::MAX] {
            let message = check(&json!({field: wrong})).unwrap_err();
            assert!(message.starts_with(&format!("{field}: ")) && message.contains("between"), "{message}");
        }
    }
    for fine in [0, 1, 64] {
        check(&json!({"noRepeatNgramSize": fine})).unwrap();
    }
    for wrong in [65u32, u32::MAX] {
        assert!(check(&json!({"noRepeatNgramSize": wrong})).unwrap_err().starts_with("noRepeatNgramSize: "));
    }
    for fine in [0, 1, VOCABULARY + 1, u32::MAX] {
        check(&json!({"topK": fine, "seed": fine})).unwrap();
    }
    all_set().check(VOCABULARY).unwrap();
    Sampling::default().check(1).unwrap();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for sampling in [
            Sampling { temperature: bad, ..all_set() },
            Sampling { top_p: bad, ..all_set() },
            Sampling { min_p: bad, ..all_set() },
            Sampling { repetition_penalty: bad, ..all_set() },
            Sampling { presence_penalty: bad, ..all_set() },
            Sampling { frequency_penalty: bad, ..all_set() },
            Sampling { logit_bias: vec![(1, bad)], ..all_set() },
        ] {
            assert!(sampling.check(VOCABULARY).is_err(), "{sampling:?}");
        }
    }
}

#[test]
fn logit_bias() {
    let read_bias = |value: Value| read::<Sampling>(&json!({"logitBias": value})).map(|s| s.logit_bias);
    assert_eq!(read_bias(json!({})).unwrap(), []);
    assert_eq!(read_bias(json!({"0": 1, "99": -100.0, "7": 0.5})).unwrap(), [(0, 1.0), (7, 0.5), (99, -100.0)]);
    for key in ["x", "", " 7", "7 ", "-7", "+7", "07", "7.0", "1e1", "4294967296", "0x7", "７"] {
        let message = refuses::<Sampling>(&json!({"logit_bias": {key: 1}}), "logit_bias");
        assert!(message.contains("which is no token id"), "{message}");
    }
    for value in [json!("1"), json!(true), json!([1]), json!(null)] {
        refuses::<Sampling>(&json!({"logit_bias": {"7": value}}), "logit_bias.7");
    }
    for value in [json!([[7, 1]]), json!("7"), json!(7), json!([])] {
        refuses::<Sampling>(&json!({"logitBias": value}), "logitBias");
    }
    check(&json!({"logitBias": {"99": 100, "0": -100}})).unwrap();
    for (bias, says) in [
        (json!({"99": 100.1}), "between -100 and 100"),
        (json!({"99": -101}), "between -100 and 100"),
        (json!({"100": 1}), "a token of the vocabulary"),
        (json!({"4294967295": 1}), "a token of the vocabulary"),
    ] {
        let message = check(&json!({"logitBias": bias})).unwrap_err();
        assert!(message.starts_with("logitBias: ") && message.contains(says), "{message}");
    }
}

/// JSON of any shape, not only of objects that look like options.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 40, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "temperature",
                "topK",
                "top_p",
                "seed",
                "n",
                "stop",
                "logitBias",
                "prompt",
                "name",
                "facts"
            ])
            .prop_map(str::to_owned),
            "\\PC{0,5}"
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..5).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    /// Whatever a page hands over: values, or an error that says something. Never a panic.
    #[test]
    fn any_value(value in any_json()) {
        use copywright::copy::brief::Input;
        use copywright::writer::{Options, completion::CompletionRequest};
        for message in [
            read::<Sampling>(&value).err(),
            read::<Options>(&value).err(),
            read::<CompletionRequest>(&value).err(),
            read::<Input>(&value).err(),
        ] {
            prop_assert!(message.is_none_or(|m| !m.is_empty() && m.len() < 2000));
        }
    }
}
