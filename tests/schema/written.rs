//! The default model under schemas: it was made for copy and knows no JSON, and writes nothing else.

use std::rc::Rc;

use copywright::generate::Finish;
use copywright::writer::Writer;
use copywright::writer::completion::{Completion, CompletionRequest};
use pollster::block_on;
use serde_json::Value;

use crate::{gpu, judge};

fn writer() -> Writer {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
    block_on(Writer::open_on(Rc::new(gpu::engine(false)), folder)).unwrap()
}

fn complete(writer: &mut Writer, request: &str) -> Result<Completion, String> {
    let request: CompletionRequest = serde_json::from_str(request).map_err(|e| e.to_string())?;
    block_on(writer.complete(&request, &mut |_| (), &|| false)).map_err(|e| e.to_string())
}

const SCHEMA: &str = r#"{
    "type": "object", "required": ["tone", "headline", "stars"], "additionalProperties": false,
    "properties": {
        "tone": {"enum": ["warm", "bold"]}, "headline": {"type": "string", "minLength": 3, "maxLength": 30},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5}, "tags": {"type": "array", "items": {"type": "string", "maxLength": 8}, "maxItems": 3}
    }
}"#;

#[test]
fn answers_have_their_form() {
    let mut writer = writer();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let ask = |more: &str| {
        let format = format!(
            r#"{{"type": "json_schema", "json_schema": {{"name": "ad", "strict": true, "schema": {SCHEMA}}}}}"#
        );
        format!(r#"{{"prompt": "Desk lamps that", "n": 4, "seed": 5, "response_format": {format}{more}}}"#)
    };
    let mut texts: Vec<Vec<String>> = Vec::new();
    // By tables on the GPU, and by masks.
    for gpu_words in [u32::MAX, 0] {
        writer.session().gpu_words = gpu_words;
        let mut all = Vec::new();
        for more in [r#", "temperature": 0"#, r#", "temperature": 2.0, "max_tokens": 90"#] {
            for choice in complete(&mut writer, &ask(more)).unwrap().choices {
                let value: Value =
                    serde_json::from_str(&choice.text).unwrap_or_else(|e| panic!("{:?}: {e}", choice.text));
                judge::valid(&schema, &schema, &value).unwrap_or_else(|why| panic!("{:?}: {why}", choice.text));
                // In the order of the schema, not of the alphabet.
                let places = ["\"tone\":", "\"headline\":", "\"stars\":"].map(|name| choice.text.find(name).unwrap());
                assert!(places.is_sorted(), "{:?}", choice.text);
                assert!(matches!(choice.finish_reason, Finish::Stop | Finish::Length));
                all.push(choice.text);
            }
        }
        println!("{}", all.join("\n"));
        texts.push(all);
    }
    assert_eq!(texts[0], texts[1], "by tables and by masks");
    // Too few tokens are an error before anything is written; as many as are said to be enough are enough.
    let message = complete(&mut writer, &ask(r#", "max_tokens": 20"#)).unwrap_err();
    let least: u32 = message.split_once("; ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    println!("{message}");
    for choice in complete(&mut writer, &ask(&format!(r#", "max_tokens": {least}"#))).unwrap().choices {
        let value: Value = serde_json::from_str(&choice.text).unwrap_or_else(|e| panic!("{:?}: {e}", choice.text));
        judge::valid(&schema, &schema, &value).unwrap();
    }
}

#[test]
fn expressions_choices_and_objects() {
    let mut writer = writer();
    let mut ask = |form: &str| {
        let request =
            format!(r#"{{"prompt": "Desk lamps", "n": 4, "seed": 2, "temperature": 1.3, "max_tokens": 80, {form}}}"#);
        complete(&mut writer, &request).map(|c| c.choices.into_iter().map(|c| c.text).collect::<Vec<_>>())
    };
    for text in ask(r#""structured_outputs": {"regex": "[A-Z][a-z]{2,9}, €\\d{1,3}"}"#).unwrap() {
        println!("{text}");
        let (word, price) = text.split_once(", €").unwrap();
        assert!((3..=10).contains(&word.len()) && price.len() <= 3 && price.parse::<u32>().is_ok(), "{text:?}");
    }
    for text in ask(r#""structured_outputs": {"choice": ["warm", "bold"]}"#).unwrap() {
        assert!(["warm", "bold"].contains(&text.as_str()), "{text:?}");
    }
    for text in ask(r#""response_format": {"type": "json_object"}"#).unwrap() {
        println!("{text}");
        assert!(serde_json::from_str::<Value>(&text).unwrap().is_object(), "{text:?}");
    }
    assert!(ask(r#""response_format": {"type": "text"}"#).is_ok());
    let message = ask(r#""response_format": {"type": "json_object"}, "no_repeat_ngram_size": 2"#).unwrap_err();
    assert!(message.contains("no_repeat_ngram_size"), "{message}");
    let message = ask(r#""response_format": {"type": "xml"}"#).unwrap_err();
    assert!(message.contains("response_format.type"), "{message}");
}
