//! Real vocabularies with the ids that their own tokenizers gave, as llama.cpp keeps them: `ggml-vocab-*.gguf` with
//! `.inp` (texts) and `.out` (ids). They are not ours to pass on, so these tests run on request:
//! `COPYWRIGHT_REFERENCE=FOLDER cargo test --test gguf -- --ignored`.

use std::fs;
use std::path::{Path, PathBuf};

use copywright::model::gguf::{Header, tokenizer_json, vocabulary};
use copywright::text::{HfTokenizer, Tokenizer as _};

fn folder() -> PathBuf {
    let folder = std::env::var("COPYWRIGHT_REFERENCE").expect("COPYWRIGHT_REFERENCE: a folder with tokenizers/");
    Path::new(&folder).join("tokenizers")
}

/// The texts and ids of a family.
fn cases(family: &str) -> Vec<(String, Vec<u32>)> {
    let file = |kind: &str| {
        let path = folder().join(format!("llamacpp_vocab/ggml-vocab-{family}.gguf.{kind}"));
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    let ids = |line: &str| line.split_whitespace().map(|id| id.parse().unwrap()).collect();
    let texts = file("inp");
    let texts: Vec<&str> = texts.split("\n__ggml_vocab_test__\n").collect();
    let out = file("out");
    let out: Vec<Vec<u32>> = out.lines().map(ids).collect();
    assert!(texts.len() >= out.len() && out.len() > 40, "{} texts, {} answers", texts.len(), out.len());
    texts.into_iter().map(String::from).zip(out).collect()
}

fn header(family: &str) -> Header {
    let path = folder().join(format!("llamacpp_vocab/ggml-vocab-{family}.gguf"));
    let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Header::parse(family, &bytes, bytes.len() as u64).unwrap().expect("the whole file")
}

/// Compares every text; prints all that differ.
fn agrees(family: &str, json: &str) {
    let tokenizer = HfTokenizer::from_bytes(json.as_bytes()).unwrap();
    let cases = cases(family);
    let mut wrong = 0;
    for (text, expected) in &cases {
        let found = tokenizer.encode(text).unwrap();
        if found != *expected {
            wrong += 1;
            println!("{family}: {text:?}\n  expected {expected:?}\n  found    {found:?}");
        }
    }
    println!("{family}: {} texts compared", cases.len());
    assert_eq!(wrong, 0, "{family}");
}

#[test]
#[ignore = "needs vocabularies that are not ours to pass on"]
fn vocabularies_of_llama_cpp() {
    for family in ["gpt-2", "llama-spm", "phi-3", "bert-bge"] {
        let header = header(family);
        let json = tokenizer_json(&header).unwrap();
        if let Ok(out) = std::env::var("COPYWRIGHT_WRITE") {
            fs::create_dir_all(&out).unwrap();
            fs::write(Path::new(&out).join(format!("{family}.json")), &json).unwrap();
        }
        agrees(family, &json);
        let _ = vocabulary(&header).unwrap();
    }
}
