//! The tokens that an encoder wants around a text.

use copywright::error::Kind;
use copywright::text::Frame;
use serde_json::{Value, json};

fn frame(post_processor: &Value) -> Result<Frame, copywright::text::TextError> {
    Frame::from_tokenizer_json(&json!({"post_processor": post_processor, "model": {}}).to_string())
}

#[test]
fn both_ways_to_write_it() {
    let want = Frame { before: vec![101], behind: vec![102] };
    let plain = json!({"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]});
    let special = |name: &str| json!({"SpecialToken": {"id": name, "type_id": 0}});
    let text = json!({"Sequence": {"id": "A", "type_id": 0}});
    let template = json!({
        "type": "TemplateProcessing",
        "single": [special("[CLS]"), text, special("[SEP]")],
        "special_tokens": {"[CLS]": {"ids": [101]}, "[SEP]": {"ids": [102]}},
    });
    let several = json!({"type": "Sequence", "processors": [{"type": "ByteLevel"}, template]});
    for step in [plain, template, several] {
        let got = frame(&step).unwrap();
        assert_eq!((got.len(), &got), (2, &want), "{step}");
    }
}

#[test]
fn what_is_no_frame() {
    let long = json!({"single": [{"SpecialToken": {"id": "x"}}], "special_tokens": {"x": {"ids": vec![1; 17]}}});
    let negative = json!({"cls": ["[CLS]", -1], "sep": ["[SEP]", 1.5]});
    for step in [Value::Null, json!([]), json!({"single": 7}), json!({"cls": 3}), long, negative] {
        let e = frame(&step).unwrap_err();
        assert!(e.kind() == Kind::NotSupported && e.to_string().contains("post_processor"), "{step}: {e}");
    }
    let e = Frame::from_tokenizer_json("{").unwrap_err();
    assert_eq!(e.kind(), Kind::Data, "{e}");
}
