//! A tiny vocabulary of each family, with ids and pieces written down by hand in cases.json. golden.json holds what we
//! make of them, for tests/browser/gguf.test.mjs to try in the page's library; `COPYWRIGHT_BLESS=1` writes it anew.

use std::path::Path;

use copywright::error::Kind;
use copywright::model::gguf::{Header, chat_template, special, tokenizer_json, vocabulary};
use copywright::text::{HfTokenizer, Tokenizer as _};
use serde_json::{Map, Value, json};
use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer as _};

use crate::support::Gguf;
use crate::{parse, refused};

const MODEL: &str = "tokenizer.ggml.model";
const PRE: &str = "tokenizer.ggml.pre";
const TOKENS: &str = "tokenizer.ggml.tokens";
const TYPES: &str = "tokenizer.ggml.token_type";

fn byte_level(pre: &str) -> Gguf {
    let tokens = ["a", "b", "c", "Ġ", "Ċ", "Ã", "©", "ab", "Ġab", "abc", "<|im_end|>", "<tool>", "[PAD12]", "cab"];
    Gguf::new()
        .text(MODEL, "gpt2")
        .text(PRE, pre)
        .texts(TOKENS, &tokens)
        .i32s(TYPES, &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 4, 5, 1])
        .texts("tokenizer.ggml.merges", &["a b", "Ġ ab", "ab c"])
        .u32("tokenizer.ggml.eos_token_id", 10)
}

fn sentence_piece() -> Gguf {
    let mut tokens: Vec<(String, f32, i32)> =
        vec![("<unk>".into(), 0.0, 2), ("<s>".into(), 0.0, 3), ("</s>".into(), 0.0, 3)];
    tokens.extend((0..256).map(|b| (format!("<0x{b:02X}>"), 0.0, 6)));
    let singles = ["▁", "a", "b", "c"].into_iter().zip([-101.0, -102.0, -103.0, -104.0]);
    let longer = [("ab", -1.0), ("bc", -2.0), ("abc", -3.0), ("▁a", -4.0), ("▁▁", -5.0)];
    tokens.extend(singles.chain(longer).map(|(t, s)| (t.into(), s, 1)));
    tokens.extend([("<tool>".into(), 0.0, 4), ("▁abc".into(), -6.0, 1)]);
    Gguf::new()
        .text(MODEL, "llama")
        .text(PRE, "default")
        .texts(TOKENS, &tokens.iter().map(|t| &t.0).collect::<Vec<_>>())
        .f32s("tokenizer.ggml.scores", &tokens.iter().map(|t| t.1).collect::<Vec<_>>())
        .i32s(TYPES, &tokens.iter().map(|t| t.2).collect::<Vec<_>>())
        .u32("tokenizer.ggml.bos_token_id", 1)
        .u32("tokenizer.ggml.eos_token_id", 2)
        .u32("tokenizer.ggml.unknown_token_id", 0)
}

/// Gemma's: no space before a text, and runs of spaces as tokens of their own.
fn gemma() -> Gguf {
    let header = parse(&sentence_piece());
    let texts = |key| header.array(key).unwrap().unwrap();
    let mut tokens: Vec<&[u8]> = texts(TOKENS).texts().collect();
    tokens.push(b"  ");
    let kinds = texts(TYPES).values().map(|v| v.whole().unwrap() as i32).chain([4]).collect::<Vec<_>>();
    let scores = texts("tokenizer.ggml.scores").values().map(|v| v.number().unwrap() as f32).chain([-7.0]);
    sentence_piece()
        .texts(TOKENS, &tokens)
        .i32s(TYPES, &kinds)
        .f32s("tokenizer.ggml.scores", &scores.collect::<Vec<_>>())
        .flag("tokenizer.ggml.add_space_prefix", false)
}

fn bert() -> Gguf {
    let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁lamp", "s", "▁desk", "▁,", "▁l", "amp"];
    Gguf::new()
        .text(MODEL, "bert")
        .texts(TOKENS, &tokens)
        .i32s(TYPES, &[3, 3, 3, 3, 1, 1, 1, 1, 1, 1])
        .u32("tokenizer.ggml.unknown_token_id", 1)
        .u32("tokenizer.ggml.cls_token_id", 2)
        .u32("tokenizer.ggml.seperator_token_id", 3)
        .u32("tokenizer.ggml.padding_token_id", 0)
}

fn family(name: &str) -> Header {
    parse(&match name {
        "llama" => sentence_piece(),
        "gemma" => gemma(),
        "bert" => bert(),
        pre => byte_level(pre),
    })
}

fn cases(what: &str) -> Map<String, Value> {
    let all: Value = serde_json::from_str(include_str!("cases.json")).unwrap();
    all[what].as_object().unwrap().clone()
}

#[test]
fn ids() {
    for (name, list) in cases("ids") {
        let tokenizer = HfTokenizer::from_bytes(tokenizer_json(&family(&name)).unwrap().as_bytes()).unwrap();
        for case in list.as_array().unwrap() {
            let found = tokenizer.encode(case[0].as_str().unwrap()).unwrap();
            assert_eq!(json!(found), case[1], "{name}: {}", case[0]);
        }
        println!("{name}: {} texts", list.as_array().unwrap().len());
    }
}

#[test]
fn pieces() {
    for (name, list) in cases("pieces") {
        let json = tokenizer_json(&family(&name)).unwrap();
        let tokenizer = tokenizers::Tokenizer::from_bytes(json.as_bytes()).unwrap();
        for case in list.as_array().unwrap() {
            let text = case[0].as_str().unwrap();
            let mut pieces = PreTokenizedString::from(text);
            tokenizer.get_pre_tokenizer().unwrap().pre_tokenize(&mut pieces).unwrap();
            let found: Vec<&str> = pieces
                .get_splits(OffsetReferential::Original, OffsetType::Byte)
                .into_iter()
                .map(|(_, (from, to), _)| &text[from..to])
                .collect();
            assert_eq!(json!(found), case[1], "{name}: {text:?}");
        }
        println!("{name}: {} texts", list.as_array().unwrap().len());
    }
}

/// Phi-3's added tokens take the spaces that follow.
#[test]
fn phi_3() {
    let ids = |name: &str| {
        let json = tokenizer_json(&parse(&sentence_piece().text("general.name", name))).unwrap();
        HfTokenizer::from_bytes(json.as_bytes()).unwrap().encode("c<tool>  c<s>  c").unwrap()
    };
    // A space before each text, and the two of the text; the first token of all keeps them.
    assert_eq!(ids("Tiny"), [259, 262, 268, 267, 259, 262, 1, 267, 259, 262]);
    assert_eq!(ids("Phi-3 tiny"), [259, 262, 268, 259, 262, 1, 267, 259, 262]);
}

/// The page's test reads what this one has compared.
#[test]
fn golden() {
    let read = |name: &str| serde_json::from_str::<Value>(&tokenizer_json(&family(name)).unwrap()).unwrap();
    let families: Map<String, Value> = cases("ids").into_iter().map(|(name, _)| (name.clone(), read(&name))).collect();
    let pre: Map<String, Value> =
        cases("pieces").into_iter().map(|(name, _)| (name.clone(), read(&name)["pre_tokenizer"].clone())).collect();
    let made = json!({ "families": families, "pre": pre });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gguf/golden.json");
    if std::env::var_os("COPYWRIGHT_BLESS").is_some() {
        std::fs::write(&path, format!("{made}\n")).unwrap();
    }
    let golden: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(golden == made, "golden.json is not what is made now; COPYWRIGHT_BLESS=1 writes it anew");
}

/// What stands around a text.
#[test]
fn special_tokens() {
    let around = |file: &Gguf, text: &str| {
        let json = tokenizer_json(&parse(file)).unwrap();
        tokenizers::Tokenizer::from_bytes(json.as_bytes()).unwrap().encode(text, true).unwrap().get_ids().to_vec()
    };
    assert_eq!(around(&bert(), "desk"), [2, 6, 3]);
    assert_eq!(around(&sentence_piece(), "a"), [1, 266]);
    assert_eq!(around(&sentence_piece().flag("tokenizer.ggml.add_bos_token", false), "a"), [266]);
    assert_eq!(around(&sentence_piece().flag("tokenizer.ggml.add_eos_token", true), "a"), [1, 266, 2]);
    assert_eq!(around(&byte_level("gpt-2"), "a"), [0]);
    // Llama 3's texts begin with a token, when the file names one.
    assert_eq!(around(&byte_level("llama-bpe"), "a"), [0]);
    assert_eq!(around(&byte_level("llama-bpe").u32("tokenizer.ggml.bos_token_id", 10), "a"), [10, 0]);

    let s = special(&parse(&bert())).unwrap();
    assert_eq!(
        (s.bos, s.eos, s.unknown, s.pad, s.add_bos, s.add_eos),
        (Some(2), Some(3), Some(1), Some(0), true, true)
    );
    assert!(s.ends.is_empty());
    let s = special(&parse(&sentence_piece())).unwrap();
    assert_eq!((s.bos, s.unknown, s.pad, s.add_bos, s.add_eos), (Some(1), Some(0), None, true, false));
    assert_eq!(s.ends, [2]);
    // The file names one end; the vocabulary has another; and an id that no token has is none.
    let more = byte_level("gpt-2").u32("tokenizer.ggml.eos_token_id", 0).u32("tokenizer.ggml.eot_token_id", 2);
    let s = special(&parse(&more.u32("tokenizer.ggml.bos_token_id", 99))).unwrap();
    assert_eq!((s.bos, s.eos, &s.ends[..]), (None, Some(0), &[0, 2, 10][..]));
}

#[test]
fn bytes_of_tokens() {
    let v = vocabulary(&family("gpt-2")).unwrap();
    assert_eq!((v.len(), v.bytes(8), v.bytes(5), v.bytes(4)), (14, &b" ab"[..], &[0xc3][..], &b"\n"[..]));
    assert_eq!((v.is_special(10), v.bytes(10), v.is_special(11), v.bytes(11)), (true, &b""[..], false, &b"<tool>"[..]));
    let v = vocabulary(&family("llama")).unwrap();
    assert_eq!((v.bytes(269), v.bytes(198), v.bytes(0), v.is_special(0)), (&b" abc"[..], &[0xc3][..], &b""[..], true));
    // The same by way of the tokenizer.json.
    for name in ["gpt-2", "llama", "gemma"] {
        let direct = vocabulary(&family(name)).unwrap();
        let json = HfTokenizer::from_bytes(tokenizer_json(&family(name)).unwrap().as_bytes()).unwrap().vocabulary();
        for id in (0..direct.len() as u32).filter(|id| (name, *id) != ("gpt-2", 12)) {
            assert_eq!(
                (direct.bytes(id), direct.is_special(id)),
                (json.bytes(id), json.is_special(id)),
                "{name}: {id}"
            );
        }
    }
}

#[test]
fn templates() {
    let file = byte_level("gpt-2");
    assert_eq!(chat_template(&parse(&file)), None);
    assert_eq!(chat_template(&parse(&file.clone().text("tokenizer.chat_template", "{{ x }}"))), Some("{{ x }}"));
    assert_eq!(chat_template(&parse(&file.u32("tokenizer.chat_template", 1))), None);
}

#[test]
fn tokenizers_that_are_damaged() {
    let bad = |file: Gguf, kind, names: &[&str]| refused(tokenizer_json(&parse(&file)), kind, names);
    let without = |file: Gguf, key: &str| {
        let mut file = file;
        file.entries.retain(|e| e.0 != key.as_bytes());
        file
    };
    for model in ["t5", "rwkv", "no_vocab"] {
        bad(byte_level("gpt-2").text(MODEL, model), Kind::NotSupported, &[MODEL, model]);
        refused(vocabulary(&parse(&byte_level("gpt-2").text(MODEL, model))), Kind::NotSupported, &[MODEL, model]);
    }
    bad(byte_level("viking"), Kind::NotSupported, &[PRE, "viking"]);
    bad(without(byte_level("gpt-2"), TOKENS), Kind::Data, &[TOKENS, "missing"]);
    bad(byte_level("gpt-2").u32(TOKENS, 3), Kind::Data, &[TOKENS, "array"]);
    bad(byte_level("gpt-2").i32s(TOKENS, &[3]), Kind::Data, &["tokens"]);
    bad(byte_level("gpt-2").texts(TOKENS, &[&b"a"[..], b"\xff"]), Kind::Data, &[TOKENS, "token 1", "UTF-8"]);
    bad(byte_level("gpt-2").i32s(TYPES, &[1]), Kind::Data, &[TYPES, "1 for 14"]);
    bad(without(byte_level("gpt-2"), "tokenizer.ggml.merges"), Kind::Data, &["merges", "missing"]);
    bad(byte_level("gpt-2").texts("tokenizer.ggml.merges", &[b"\xff"]), Kind::Data, &["merge 0", "UTF-8"]);
    bad(without(sentence_piece(), "tokenizer.ggml.scores"), Kind::Data, &["scores", "0 for 270"]);
    bad(sentence_piece().text("tokenizer.ggml.add_space_prefix", "no"), Kind::Data, &["add_space_prefix"]);
    bad(sentence_piece().f32("tokenizer.ggml.bos_token_id", 1.0), Kind::Data, &["bos_token_id"]);
    // Without kinds every token is a plain one.
    let plain =
        HfTokenizer::from_bytes(tokenizer_json(&parse(&without(byte_level("gpt-2"), TYPES))).unwrap().as_bytes());
    assert_eq!(plain.unwrap().encode(" ab").unwrap(), [8]);
}
