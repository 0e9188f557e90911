//! Page and server must read a text as the same tokens. `tests/browser/tokens.json` holds awkward texts with their
//! ids: this test holds the `tokenizers` crate to them, `tests/browser/tokens.test.mjs` the page's tokenizer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

use std::fs;
use std::path::Path;

use copywright::text::{HfTokenizer, Tokenizer as _};
use serde_json::Value;

#[test]
fn awkward_texts_have_the_tokens_that_pages_see() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tokenizer = HfTokenizer::from_bytes(&fs::read(root.join("models/default/tokenizer.json")).unwrap()).unwrap();
    let cases: Vec<Value> =
        serde_json::from_slice(&fs::read(root.join("tests/browser/tokens.json")).unwrap()).expect("a list");
    let mut wrong = Vec::new();
    for case in &cases {
        let text = case["text"].as_str().expect("text");
        let expected: Vec<u32> =
            case["ids"].as_array().expect("ids").iter().map(|id| id.as_u64().expect("an id") as u32).collect();
        let found = tokenizer.encode(text).unwrap();
        assert!(!found.is_empty(), "{text:?}");
        if found != expected {
            wrong.push(format!("{{\"text\": {}, \"ids\": {found:?}}}", Value::from(text)));
        }
    }
    println!("{} texts compared with the tokenizers crate", cases.len());
    assert!(cases.len() > 20, "only {} texts", cases.len());
    assert!(wrong.is_empty(), "the tokenizers crate says otherwise:\n{}", wrong.join(",\n"));
}
