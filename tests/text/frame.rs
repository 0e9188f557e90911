//! The tokens that an encoder wants around a text.

use copywright::text::{Frame, Vocabulary};
use serde_json::{Value, json};

fn frame(post_processor: &Value) -> Frame {
    let json = json!({"post_processor": post_processor, "model": {"vocab": {"a": 0}}});
    Vocabulary::from_tokenizer_json(&json.to_string()).unwrap().frame
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
        let got = frame(&step);
        assert_eq!((got.len(), &got), (2, &want), "{step}");
    }
}

#[test]
fn what_is_no_frame() {
    let negative = json!({"cls": ["[CLS]", -1], "sep": ["[SEP]", 1.5]});
    for step in [Value::Null, json!([]), json!({"single": 7}), json!({"cls": 3}), negative] {
        assert!(frame(&step).is_empty(), "{step}");
    }
}
