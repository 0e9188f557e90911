//! `config.json`: absurd sizes, and models of other kinds.

use copywright::error::Kind;
use copywright::model::config::{Activation, Config, Rotary};
use copywright::model::error::ModelError;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{config, parse, tensors, with};
use crate::{begin, refused};

const FILE: &str = "config.json";

fn changed(field: &str, value: Value) -> Value {
    let mut config = config();
    match value {
        Value::String(s) if s == "absent" => drop(config.as_object_mut().unwrap().remove(field)),
        value => config[field] = value,
    }
    config
}

fn refuses(field: &str, value: Value, kind: Kind) {
    let shown = value.to_string();
    let outcome = Config::from_json(changed(field, value).to_string().as_bytes());
    let message = refused(outcome, ModelError::kind, kind, &[FILE, field]);
    println!("{field} = {shown}: {message}");
}

/// The same of a field inside another.
fn refuses_with(field: &str, value: Value, named: &str, kind: Kind) {
    let outcome = Config::from_json(changed(field, value).to_string().as_bytes());
    refused(outcome, ModelError::kind, kind, &[FILE, named]);
}

#[test]
fn sizes() {
    let must = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"];
    let may = ["num_key_value_heads", "head_dim", "max_position_embeddings"];
    let absurd = [json!(0), json!(-1), json!(1e18), json!(u64::MAX), json!("8"), json!(8.5), json!([8]), json!({})];
    for field in must.into_iter().chain(may) {
        for value in absurd.clone() {
            refuses(field, value, Kind::Data);
        }
    }
    for field in must {
        refuses(field, json!("absent"), Kind::Data);
        refuses(field, json!(null), Kind::Data);
    }
    let plain = parse(&changed("head_dim", json!(null)));
    assert_eq!((plain.head_dim, plain.max_position_embeddings), (4, 32));
    assert_eq!(parse(&changed("num_key_value_heads", json!("absent"))).num_key_value_heads, 2);
    let huge = format!(r#"{{"architectures": ["LlamaForCausalLM"], "hidden_size": {}}}"#, "9".repeat(100_000));
    refused(Config::from_json(huge.as_bytes()), ModelError::kind, Kind::Data, &[FILE]);
}

#[test]
fn sizes_that_do_not_fit_together() {
    refuses("num_key_value_heads", json!(3), Kind::Data);
    refuses("hidden_size", json!(6), Kind::NotSupported);
    refuses("intermediate_size", json!(13), Kind::NotSupported);
    refuses("head_dim", json!(6), Kind::NotSupported);
    refuses("head_dim", json!(1028), Kind::Data);
    refuses("num_hidden_layers", json!(1025), Kind::Data);
    // Fewer columns than heads, and a head of none.
    let mut config = changed("head_dim", json!(null));
    config["num_attention_heads"] = json!(16);
    config["num_key_value_heads"] = json!(16);
    let outcome = Config::from_json(config.to_string().as_bytes());
    refused(outcome, ModelError::kind, Kind::NotSupported, &[FILE, "head_dim"]);
    // Products do not overflow.
    let mut config = changed("head_dim", json!(1024));
    config["num_attention_heads"] = json!(1 << 20);
    config["num_key_value_heads"] = json!(1 << 20);
    let outcome = Config::from_json(config.to_string().as_bytes());
    refused(outcome, ModelError::kind, Kind::Data, &[FILE, "head_dim"]);
}

/// Sizes that are allowed each, but not with this file: known before a byte is fetched or a buffer made.
#[test]
fn more_than_the_files_can_hold() {
    for (field, value) in [("vocab_size", 1 << 20), ("num_hidden_layers", 1024), ("intermediate_size", 1 << 20)] {
        let mut model = with(&tensors(&config(), "F32"));
        model.config[field] = json!(value);
        refused(begin(&model).map(drop), ModelError::kind, Kind::Data, &["manifest.json", "config.json asks for"]);
    }
}

#[test]
fn numbers() {
    for field in ["rms_norm_eps", "rope_theta"] {
        for value in [json!(0), json!(-1e-6), json!("1e-6"), json!(1e-60), json!(1e60), json!([])] {
            refuses(field, value, Kind::Data);
        }
        parse(&changed(field, json!(null)));
    }
    // The newer place of the base comes first; an empty one does not hide the older.
    let mut both = changed("rope_theta", json!(5000.0));
    both["rope_parameters"] = json!({"rope_type": "default", "rope_theta": 7000});
    let turns = |theta: f64| vec![Rotary::new(theta, 4)];
    assert_eq!(parse(&both).rotary, turns(7000.0));
    both["rope_parameters"]["rope_theta"] = json!(null);
    assert_eq!(parse(&both).rotary, turns(5000.0));
    assert_eq!(parse(&config()).rotary, turns(10_000.0));
    for value in [json!(6), json!(-1), json!("0"), json!([0, 9]), json!(0.5), json!([[0]]), json!(u64::MAX)] {
        let outcome = Config::from_json(changed("eos_token_id", value).to_string().as_bytes());
        refused(outcome, ModelError::kind, Kind::Data, &[FILE, "token"]);
    }
    let many: Vec<u32> = (0..6).collect();
    assert_eq!(parse(&changed("eos_token_id", json!(many))).eos_token_ids, many);
    assert_eq!(parse(&changed("eos_token_id", json!(null))).eos_token_ids, [0u32; 0]);
    assert_eq!(parse(&changed("bos_token_id", json!(1))).bos_token_id, Some(1));
}

#[test]
fn other_models() {
    for other in ["MambaForCausalLM", "T5ForConditionalGeneration", "llamaforcausallm", ""] {
        refuses("architectures", json!([other]), Kind::NotSupported);
    }
    refuses("architectures", json!([5]), Kind::Data);
    refuses("architectures", json!("absent"), Kind::Data);
    let mut by_type = changed("architectures", json!(null));
    by_type["model_type"] = json!("llama");
    parse(&by_type);
    by_type["model_type"] = json!("qwen4");
    let outcome = Config::from_json(by_type.to_string().as_bytes());
    refused(outcome, ModelError::kind, Kind::NotSupported, &[FILE, "qwen4"]);

    assert!(parse(&changed("mlp_bias", json!(true))).mlp_bias);
    assert!(parse(&changed("attention_bias", json!(true))).o_bias);
    for bias in ["attention_bias", "mlp_bias"] {
        refuses(bias, json!("true"), Kind::Data);
        refuses(bias, json!(1), Kind::Data);
        parse(&changed(bias, json!(false)));
        parse(&changed(bias, json!(null)));
    }
    refuses("tie_word_embeddings", json!("no"), Kind::Data);
    refuses("hidden_act", json!("relu"), Kind::NotSupported);
    refuses("position_embedding_type", json!("relative_key"), Kind::NotSupported);
    assert_eq!(parse(&changed("hidden_act", json!("gelu_pytorch_tanh"))).activation, Activation::GeGlu);
    refuses("hidden_act", json!(5), Kind::Data);
    parse(&changed("hidden_act", json!("silu")));
    refuses("quantization_config", json!({"quant_method": "awq"}), Kind::NotSupported);
}

#[test]
fn rope_types() {
    for field in ["rope_scaling", "rope_parameters"] {
        for kind in ["dynamic", "proportional", ""] {
            refuses_with(field, json!({"rope_type": kind, "factor": 2.0}), "rope_type", Kind::NotSupported);
            refuses_with(field, json!({"type": kind, "factor": 2.0}), "rope_type", Kind::NotSupported);
        }
        refuses_with(field, json!({"rope_type": 5}), "rope_type", Kind::Data);
        refuses_with(field, json!({"rope_type": "linear", "factor": -1}), "factor", Kind::Data);
        refuses_with(field, json!({"rope_type": "longrope"}), "short_factor", Kind::Data);
        let short = json!({"rope_type": "longrope", "short_factor": [1.0]});
        refuses_with(field, short, "short_factor", Kind::Data);
        refuses(field, json!("linear"), Kind::Data);
        refuses(field, json!([1]), Kind::Data);
        parse(&changed(field, json!(null)));
        parse(&changed(field, json!({})));
        let part = parse(&changed(field, json!({"rope_type": "default", "partial_rotary_factor": 0.5})));
        assert_eq!(part.rotary, [Rotary::new(1e4, 2)]);
        // Every angle becomes smaller by the factor.
        let linear = parse(&changed(field, json!({"rope_type": "linear", "factor": 4})));
        assert_eq!(linear.rotary[0].inverse, [0.25, 0.0025]);
    }
    assert_eq!(parse(&changed("partial_rotary_factor", json!(0.5))).rotary, [Rotary::new(1e4, 2)]);
}

#[test]
fn texts_that_are_no_configuration() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_field = format!(r#"{{"hidden_size": {deep}}}"#);
    for text in ["", "{", "[]", "null", "5", "\"LlamaForCausalLM\"", "{}", &deep, &deep_field] {
        refused(Config::from_json(text.as_bytes()), ModelError::kind, Kind::Data, &[FILE]);
    }
    refused(Config::from_json(b"{\"a\": \"\xff\"}"), ModelError::kind, Kind::Data, &[FILE]);
}

proptest! {
    /// Any numbers: a configuration whose sizes fit together, or an error that names the file.
    #[test]
    fn any_sizes(fields in proptest::collection::btree_map(
        prop::sample::select(vec![
            "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
            "head_dim", "vocab_size", "max_position_embeddings",
        ]),
        prop_oneof![0u64..70, (0u64..64).prop_map(|n| 1 << n), any::<u64>()],
        0..8,
    )) {
        let mut json = config();
        for (field, value) in fields {
            json[field] = json!(value);
        }
        match Config::from_json(json.to_string().as_bytes()) {
            Ok(c) => {
                prop_assert!(c.num_attention_heads.is_multiple_of(c.num_key_value_heads));
                // What the decoder multiplies in 32 bits.
                prop_assert!(c.num_attention_heads.checked_add(2 * c.num_key_value_heads)
                    .and_then(|h| h.checked_mul(c.head_dim)).is_some());
                prop_assert!(c.tensors().iter().all(|w| w.rows > 0 && w.cols > 0));
            }
            Err(e) => prop_assert!(e.to_string().starts_with(FILE)),
        }
    }
}
