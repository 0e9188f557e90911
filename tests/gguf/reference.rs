//! Real vocabularies: llama.cpp's `ggml-vocab-*.gguf` with the ids that the models' own tokenizers gave (`.inp`, `.out`),
//! and others as GGUF files that are written here. They are not ours to pass on, so these tests run on request:
//! `COPYWRIGHT_REFERENCE=FOLDER cargo test --test gguf -- --ignored --nocapture`. With `COPYWRIGHT_WRITE` they leave
//! what `tests/gguf/page.mjs` compares.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use copywright::model::gguf::{Header, tokenizer_json, vocabulary};
use copywright::text::{HfTokenizer, Tokenizer as _};
use serde_json::{Value, json};

use crate::parse;
use crate::support::Gguf;

fn read(name: &str) -> Vec<u8> {
    let folder = std::env::var("COPYWRIGHT_REFERENCE").expect("COPYWRIGHT_REFERENCE: a folder with tokenizers/");
    let path = PathBuf::from(folder).join("tokenizers").join(name);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn text(name: &str) -> String {
    String::from_utf8(read(name)).unwrap()
}

/// The texts and ids of a family.
fn cases(family: &str) -> Vec<(String, Vec<u32>)> {
    let inp = text(&format!("llamacpp_vocab/ggml-vocab-{family}.gguf.inp"));
    let out = text(&format!("llamacpp_vocab/ggml-vocab-{family}.gguf.out"));
    let ids = |line: &str| line.split_whitespace().map(|id| id.parse().unwrap()).collect();
    let out: Vec<Vec<u32>> = out.lines().map(ids).collect();
    let texts: Vec<&str> = inp.split_terminator("\n__ggml_vocab_test__\n").collect();
    assert!(texts.len() == out.len() && out.len() > 40, "{} texts, {} answers", texts.len(), out.len());
    texts.into_iter().map(String::from).zip(out).collect()
}

/// Compares every text, and prints all that differ.
fn agrees(family: &str, json: &str, cases: &[(String, Vec<u32>)]) {
    if let Some(folder) = std::env::var_os("COPYWRIGHT_WRITE") {
        let folder = Path::new(&folder);
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(format!("{family}.json")), json).unwrap();
        fs::write(folder.join(format!("{family}.cases.json")), json!(cases).to_string()).unwrap();
    }
    let tokenizer = HfTokenizer::from_bytes(json.as_bytes()).unwrap();
    let mut wrong = 0;
    for (text, expected) in cases {
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
#[ignore = "needs vocabularies that are not ours to pass on; the top of this file has the command"]
fn vocabularies_of_llama_cpp() {
    for family in ["gpt-2", "llama-spm", "phi-3", "bert-bge"] {
        let bytes = read(&format!("llamacpp_vocab/ggml-vocab-{family}.gguf"));
        let header = Header::parse(family, &bytes, bytes.len() as u64).unwrap().expect("the whole file");
        agrees(family, &tokenizer_json(&header).unwrap(), &cases(family));
        assert!(vocabulary(&header).unwrap().len() > 30_000);
    }
}

/// A GGUF vocabulary of byte-level BPE.
fn byte_level(pre: &str, tokens: &[String], control: &[String], merges: &[String]) -> Header {
    let kinds: Vec<i32> = tokens.iter().map(|t| if control.contains(t) { 3 } else { 1 }).collect();
    parse(
        &Gguf::new()
            .text("tokenizer.ggml.model", "gpt2")
            .text("tokenizer.ggml.pre", pre)
            .texts("tokenizer.ggml.tokens", tokens)
            .i32s("tokenizer.ggml.token_type", &kinds)
            .texts("tokenizer.ggml.merges", merges),
    )
}

/// Tokens by id, control tokens, and merges of a folder in GPT-2's old layout.
fn old_layout(folder: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let map =
        |name: &str| -> HashMap<String, u32> { serde_json::from_slice(&read(&format!("{folder}/{name}"))).unwrap() };
    let mut ids = map("vocab.json");
    let control: Vec<String> = if folder == "qwen2" {
        let added = map("added_tokens.json");
        ids.extend(added.clone());
        added.into_keys().collect()
    } else {
        vec!["<|endoftext|>".into()]
    };
    let mut tokens: Vec<(String, u32)> = ids.into_iter().collect();
    tokens.sort_by_key(|t| t.1);
    let merges = text(&format!("{folder}/merges.txt"));
    let merges = merges.lines().filter(|l| !l.is_empty() && !l.starts_with("#version")).map(String::from).collect();
    (tokens.into_iter().map(|t| t.0).collect(), control, merges)
}

#[test]
#[ignore = "needs vocabularies that are not ours to pass on; the top of this file has the command"]
fn qwen2() {
    let (tokens, control, merges) = old_layout("qwen2");
    for family in ["qwen2", "deepseek-r1-qwen"] {
        agrees(family, &tokenizer_json(&byte_level(family, &tokens, &control, &merges)).unwrap(), &cases(family));
    }
}

/// GPT-2's alphabet: how a byte is written.
fn letter(byte: u8) -> char {
    let plain = |b: u32| matches!(b, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    match u32::from(byte) {
        b if plain(b) => char::from(byte),
        b => char::from_u32(0x100 + (0..b).filter(|&b| !plain(b)).count() as u32).unwrap(),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let value = |c| "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".find(c).unwrap() as u32;
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0, 0);
    for c in text.trim_end_matches('=').chars() {
        (bits, count) = (bits << 6 | value(c), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// Llama 3's file has ranks and no merges: each token's is the last one among those of lower rank.
#[test]
#[ignore = "needs vocabularies that are not ours to pass on; the top of this file has the command"]
fn llama_3() {
    let file = text("llama3_tiktoken/tokenizer.model");
    let tokens: Vec<Vec<u8>> = file.lines().map(|line| base64(line.split(' ').next().unwrap())).collect();
    let ranks: HashMap<&[u8], usize> = tokens.iter().enumerate().map(|(i, t)| (&t[..], i)).collect();
    let mut merges = Vec::new();
    let shown = |bytes: &[u8]| bytes.iter().map(|&b| letter(b)).collect::<String>();
    for (rank, token) in tokens.iter().enumerate().filter(|t| t.1.len() > 1) {
        let mut parts: Vec<&[u8]> = token.chunks(1).collect();
        while parts.len() > 2 {
            let joined = |i: usize| ranks.get(&parts[i..i + 2].concat()[..]).copied().filter(|&r| r < rank);
            let Some((_, i)) = (0..parts.len() - 1).filter_map(|i| Some((joined(i)?, i))).min() else { break };
            let start = parts[..i].iter().map(|p| p.len()).sum::<usize>();
            let end = start + parts[i].len() + parts[i + 1].len();
            parts.splice(i..i + 2, [&token[start..end]]);
        }
        // Some tokens come about by no merge; that is what `ignore_merges` is for.
        if let [left, right] = parts[..] {
            merges.push(format!("{} {}", shown(left), shown(right)));
        }
    }
    let tokens: Vec<String> = tokens.iter().map(|t| shown(t)).collect();
    agrees("llama-bpe", &tokenizer_json(&byte_level("llama-bpe", &tokens, &[], &merges)).unwrap(), &cases("llama-bpe"));
}

/// The `tokenizer.json` that Hugging Face has for these vocabularies, and ours by way of GGUF: one library, the same ids.
#[test]
#[ignore = "needs vocabularies that are not ours to pass on; the top of this file has the command"]
fn tokenizer_json_of_hugging_face() {
    let qwen = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    let bytes =
        |regex| json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": regex });
    let split = json!({ "type": "Split", "pattern": { "Regex": qwen }, "behavior": "Isolated", "invert": false });
    let kinds = [
        ("gpt2", "gpt-2", Value::Null, bytes(true)),
        (
            "qwen2",
            "qwen2",
            json!({ "type": "NFC" }),
            json!({ "type": "Sequence", "pretokenizers": [split, bytes(false)] }),
        ),
    ];
    let awkward: Vec<Value> = serde_json::from_str(include_str!("../browser/tokens.json")).unwrap();
    let texts: Vec<String> = awkward
        .iter()
        .map(|case| case["text"].as_str().unwrap().to_owned())
        .chain(cases("gpt-2").into_iter().map(|case| case.0))
        .chain(
            ["<|endoftext|>a<|im_start|>user\n", "e\u{301}\u{323} \u{212b}\u{85}\u{feff}x", "I'M 'Ll ٣٤½"]
                .map(String::from),
        )
        .collect();
    for (folder, pre, normalizer, cut) in kinds {
        let (tokens, control, merges) = old_layout(folder);
        let ids: HashMap<&String, usize> = tokens.iter().enumerate().map(|(i, t)| (t, i)).collect();
        let added: Vec<Value> = control
            .iter()
            .map(|t| {
                json!({ "id": ids[t], "content": t, "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true })
            })
            .collect();
        let theirs = json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": added, "normalizer": normalizer,
            "pre_tokenizer": cut, "post_processor": null, "decoder": bytes(true),
            "model": { "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false, "vocab": ids, "merges": merges },
        });
        let theirs = theirs.to_string();
        let tokenizer = HfTokenizer::from_bytes(theirs.as_bytes()).unwrap();
        let expected: Vec<(String, Vec<u32>)> =
            texts.iter().map(|t| (t.clone(), tokenizer.encode(t).unwrap())).collect();
        agrees(&format!("{folder}-own"), &theirs, &expected);
        let ours = tokenizer_json(&byte_level(pre, &tokens, &control, &merges)).unwrap();
        agrees(&format!("{folder}-gguf"), &ours, &expected);
    }
}
