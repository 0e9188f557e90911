//! A damaged `tokenizer.json` gives an error of the right name; nothing panics.

use copywright::error::Kind;
use copywright::text::{HfTokenizer, Vocabulary};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::default_json;

/// Refused by both readers: the page's, which only makes a vocabulary, and the native one.
fn refused(json: &str, says: &str) {
    for error in [Vocabulary::from_tokenizer_json(json).err(), HfTokenizer::from_bytes(json.as_bytes()).err()] {
        let error = error.unwrap_or_else(|| panic!("accepted: {}", &json[..json.len().min(200)]));
        assert_eq!(error.kind(), Kind::Data, "{error}");
        assert!(error.to_string().starts_with("tokenizer.json: "), "{error}");
    }
    let error = Vocabulary::from_tokenizer_json(json).unwrap_err().to_string();
    assert!(error.contains(says), "{error:?} does not say {says:?}");
}

#[test]
fn texts_that_are_no_tokenizer() {
    let deep = "[".repeat(100_000);
    for text in ["", "{", "null", "5", "[]", "\"x\"", "{}", &deep, r#"{"model": {}}"#, r#"{"model": {"vocab": 5}}"#] {
        refused(text, "");
    }
    let whole: Value = serde_json::from_str(&default_json()).unwrap();
    let whole = serde_json::to_string_pretty(&whole).unwrap();
    for length in [1, 100, 5000, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..length], "");
    }
    // A line break in a string of the decoder, at which the crate panics.
    refused(&whole.replacen("\"decoder\": {", "\"decoder\": {\"a\nb\": 1,", 1), "control character");
    let error = HfTokenizer::from_bytes(b"{\"model\": \"\xff\"}").err().unwrap();
    assert_eq!(error.kind(), Kind::Data, "{error}");
}

#[test]
fn fields() {
    let whole: Value = serde_json::from_str(&default_json()).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut json = whole.clone();
        *json.pointer_mut(pointer).unwrap() = value;
        json.to_string()
    };
    refused(&changed("/model/vocab", json!({})), "model.vocab");
    refused(&changed("/model/vocab", json!(null)), "model.vocab");
    refused(&changed("/model/vocab", json!("text")), "model.vocab");
    for id in [json!(-1), json!(1.5), json!("7"), json!(null), json!(u64::MAX), json!(1u64 << 32)] {
        refused(&changed("/model/vocab/the", id.clone()), "model.vocab");
        refused(&changed("/added_tokens/0/id", id), "added token");
    }
    refused(&changed("/added_tokens", json!("none")), "added_tokens");
    refused(&changed("/added_tokens/1/content", json!(5)), "added token");
    // An id far beyond the others would be memory for nothing. (The crate does not mind.)
    let far = changed("/model/vocab/the", json!(u32::MAX));
    let error = Vocabulary::from_tokenizer_json(&far).unwrap_err();
    assert_eq!(error.kind(), Kind::Data);
    assert!(error.to_string().contains("largest id"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Flipped bits: a vocabulary or an error, of which the crate's opinion may differ.
    #[test]
    fn flipped_bits_never_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), 0..8u32), 1..4)) {
        let mut json = default_json().into_bytes();
        for (at, bit) in flips {
            let at = at.index(json.len());
            json[at] ^= 1 << bit;
        }
        if let Err(error) = HfTokenizer::from_bytes(&json) {
            prop_assert!(matches!(error.kind(), Kind::Data | Kind::NotSupported), "{}", error);
        }
        if let Ok(text) = String::from_utf8(json)
            && let Ok(vocabulary) = Vocabulary::from_tokenizer_json(&text)
        {
            prop_assert!(vocabulary.len() < 30_000);
        }
    }
}
