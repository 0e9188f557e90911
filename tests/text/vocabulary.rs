//! The bytes of tokens against what the `tokenizers` crate makes of them.

use copywright::text::{HfTokenizer, Scheme, Tokenizer as _, Vocabulary};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::default_json;

fn decode(vocabulary: &Vocabulary, ids: &[u32]) -> String {
    let bytes: Vec<u8> = ids.iter().flat_map(|&id| vocabulary.bytes(id)).copied().collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Both {
    ours: HfTokenizer,
    vocabulary: Vocabulary,
    theirs: tokenizers::Tokenizer,
}

fn both(json: &str) -> Both {
    let ours = HfTokenizer::from_bytes(json.as_bytes()).unwrap();
    let vocabulary = ours.vocabulary();
    Both { ours, vocabulary, theirs: tokenizers::Tokenizer::from_bytes(json).unwrap() }
}

impl Both {
    fn agree(&self, text: &str) {
        let ids = self.ours.encode(text).unwrap();
        assert_eq!(decode(&self.vocabulary, &ids), text, "what goes in comes out");
        assert_eq!(self.theirs.decode(&ids, true).unwrap(), text, "so says the crate");
    }
}

const TEXTS: [&str; 12] = [
    "",
    "Lumen Arc: a desk lamp that folds flat.",
    "  two spaces,\ttab,\r\nline\n\n\nlines  ",
    "Größe, Straße, ÄÖÜ, naïve café, Ōkawa, Łódź",
    "日本語のテキスト 한국어 中文，标点。",
    "😀👩‍👩‍👧‍👦🏳️‍🌈🇩🇪 emoji",
    "\u{0}\u{1}\u{7f}\u{80}\u{a0}\u{ad} control",
    "zero\u{200b}width\u{feff}bom\u{2028}line\u{2029}paragraph",
    "e\u{301} combining, \u{fffd} replaced",
    "Ġ Ċ ▁ <0x0A> are text here",
    "€49, 1.5 l, 100 %, §5, №7",
    "مرحبا שלום नमस्ते ไทย",
];

#[test]
fn the_default_tokenizer() {
    let both = both(&default_json());
    for text in TEXTS {
        both.agree(text);
    }
    assert_eq!(both.vocabulary.len(), 4096);
    for id in 0..3 {
        assert!(both.vocabulary.is_special(id) && both.vocabulary.bytes(id).is_empty(), "special tokens have no text");
    }
    assert!((3..4096).all(|id| !both.vocabulary.is_special(id) && !both.vocabulary.bytes(id).is_empty()));
    assert!(both.vocabulary.bytes(4096).is_empty() && both.vocabulary.bytes(u32::MAX).is_empty());
    assert!(!both.vocabulary.is_special(4096));
    // Every byte has a token: nothing cannot be written.
    let single: std::collections::BTreeSet<u8> =
        (0..4096).map(|id| both.vocabulary.bytes(id)).filter(|b| b.len() == 1).map(|b| b[0]).collect();
    assert_eq!(single.len(), 256);
    // Token by token, as far as a token is whole characters.
    for id in 0..4096 {
        if let Ok(text) = std::str::from_utf8(both.vocabulary.bytes(id)) {
            assert_eq!(both.theirs.decode(&[id], true).unwrap(), text, "token {id}");
        }
    }
}

/// A tokenizer of words, with this decoder and these added tokens.
fn words(decoder: Value, added: &[(u32, &str, bool)]) -> String {
    let vocabulary =
        ["<unk>", "▁The", "▁lamp", "<0xE2>", "<0x82>", "<0xAC>", "<0x0A>", "s", "▁", "Ġfolds", "Ċ", "Ã©", "naïve x"];
    let vocab: serde_json::Map<String, Value> =
        vocabulary.iter().zip(0..).map(|(t, i)| ((*t).into(), json!(i))).collect();
    let added: Vec<Value> = added
        .iter()
        .map(|(id, content, special)| {
            json!({"id": id, "content": content, "special": special, "single_word": false, "lstrip": false,
                   "rstrip": false, "normalized": false})
        })
        .collect();
    json!({
        "version": "1.0", "added_tokens": added, "decoder": decoder,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
    })
    .to_string()
}

/// Where the crate decodes a whole text it drops the space before the first word; a stream keeps it. So a
/// token that is no word comes first.
fn agrees(json: &str, ids: &[u32], text: &str) {
    let both = both(json);
    assert_eq!(decode(&both.vocabulary, ids), text);
    assert_eq!(both.theirs.decode(ids, true).unwrap(), text, "so says the crate");
}

#[test]
fn decoders() {
    let replace = json!({"type": "Replace", "pattern": {"String": "▁"}, "content": " "});
    let (fallback, fuse) = (json!({"type": "ByteFallback"}), json!({"type": "Fuse"}));
    let llama = json!({"type": "Sequence", "decoders": [replace, fallback, fuse]});
    agrees(&words(llama.clone(), &[]), &[7, 1, 2, 7, 8, 3, 4, 5, 6, 1], "s The lamps €\n The");
    let metaspace = json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
    agrees(&words(metaspace, &[]), &[7, 1, 2, 8, 7], "s The lamp s");
    let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
    agrees(&words(bytes.clone(), &[]), &[7, 9, 10, 11], "s folds\né");
    // A token of which one character is no byte is text as a whole, also where others would be bytes.
    agrees(&words(bytes.clone(), &[]), &[7, 12, 9], "snaïve x folds");
    agrees(&words(bytes, &[(13, "« café »", false), (14, "<|sep|>", true)]), &[7, 13, 14, 9], "s« café » folds");
    agrees(&words(fuse.clone(), &[]), &[7, 1, 6], "s▁The<0x0A>");
    // Special tokens have no text; an added token stands before the model's own of the same id.
    agrees(&words(llama, &[(0, "<unk>", true), (7, "s", true), (13, "extra", false)]), &[7, 2, 0, 13], " lampextra");
    // Without a decoder the crate joins with spaces, which no stream can know of: the tokens' texts are ours.
    let both = both(&words(Value::Null, &[]));
    assert_eq!(decode(&both.vocabulary, &[1, 6]), "▁The<0x0A>");
}

#[test]
fn decoders_that_are_not_ours() {
    for decoder in [
        json!({"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": true}),
        json!({"type": "BPEDecoder", "suffix": "</w>"}),
        json!({"type": "Replace", "pattern": {"String": "_"}, "content": " "}),
        json!({"type": "Replace", "pattern": {"Regex": "▁"}, "content": " "}),
        json!({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "BPEDecoder", "suffix": "</w>"}]}),
    ] {
        let error = HfTokenizer::from_bytes(words(decoder.clone(), &[]).as_bytes()).err().unwrap();
        assert_eq!(error.kind(), copywright::error::Kind::NotSupported, "{error}");
        let name = decoder["decoders"][1]["type"].as_str().or(decoder["type"].as_str()).unwrap();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_list_of_pairs() {
    let json = json!({
        "version": "1.0", "added_tokens": [], "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁a", -1.0], ["b", -2.5]]},
    })
    .to_string();
    agrees(&json, &[2, 1, 2], "b ab");
}

/// GPT-2's alphabet by its own description: printable Latin-1 stands for itself, the rest from U+0100 on.
#[test]
fn every_byte_of_the_alphabet() {
    let printable = |b: u32| (0x21..=0x7e).contains(&b) || (0xa1..=0xac).contains(&b) || (0xae..=0xff).contains(&b);
    let mut next = 0x100;
    let letters = (0..=255u32).map(|b| {
        if printable(b) {
            return char::from_u32(b).unwrap();
        }
        next += 1;
        char::from_u32(next - 1).unwrap()
    });
    let vocabulary = Vocabulary::new(letters.map(String::from), Scheme::ByteLevel, &[]);
    for byte in 0..=255u8 {
        assert_eq!(vocabulary.bytes(byte.into()), [byte]);
    }
    assert_eq!(next, 0x100 + 68);
}

#[test]
fn bytes_are_written_with_two_digits() {
    let tokens = ["<0x0A>", "<0x0a>", "<0x+A>", "<0xA>", "<0x00A>"].map(String::from);
    let vocabulary = Vocabulary::new(tokens.into_iter(), Scheme::SentencePiece, &[]);
    let bytes: Vec<&[u8]> = (0..5).map(|id| vocabulary.bytes(id)).collect();
    assert_eq!(bytes, [b"\n", b"\n", &b"<0x+A>"[..], b"<0xA>", b"<0x00A>"]);
}

#[test]
fn ids_that_come_twice() {
    let added = |tokens| words(json!({"type": "Fuse"}), tokens);
    let vocabulary = Vocabulary::from_tokenizer_json(&added(&[(1, "first", false), (1, "last", false)])).unwrap();
    assert_eq!(vocabulary.bytes(1), b"last", "of added tokens the last one counts, and before the model's own");
    let own = r#"{"model": {"vocab": {"a": 0, "b": 1, "c": 1}}}"#;
    assert_eq!(Vocabulary::from_tokenizer_json(own).unwrap().bytes(1), b"b");
}

#[test]
fn gaps_and_many_special_tokens() {
    let special: Vec<u32> = (0..100_000).collect();
    let many = Vocabulary::new((0..200_000).map(|i| i.to_string()), Scheme::Plain, &special);
    assert!(many.is_special(99_999) && !many.is_special(100_000));
    assert_eq!(many.bytes(100_000), b"100000");
    let empty = Vocabulary::default();
    assert!(empty.is_empty() && empty.bytes(0).is_empty());
    let gap = words(json!({"type": "Fuse"}), &[(40, "far", false)]);
    let vocabulary = Vocabulary::from_tokenizer_json(&gap).unwrap();
    assert_eq!(vocabulary.len(), 41);
    assert!(vocabulary.bytes(30).is_empty() && vocabulary.bytes(40) == b"far");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any text comes back as it was.
    #[test]
    fn any_text(text in "\\PC{0,40}|[ -~\n\t]{0,60}|(.|\n){0,20}") {
        use std::sync::OnceLock;
        static BOTH: OnceLock<Both> = OnceLock::new();
        let both = BOTH.get_or_init(|| both(&default_json()));
        let ids = both.ours.encode(&text).unwrap();
        prop_assert_eq!(decode(&both.vocabulary, &ids), &*text);
        prop_assert_eq!(both.theirs.decode(&ids, true).unwrap(), text);
    }
}
