//! Whatever the bytes are: no panic, no hang, and no more memory than a few times what was sent.

use copywright::error::Kind;
use copywright::model::gguf::{Header, check_split, config, key, special, split_files, tokenizer_json, vocabulary};
use proptest::prelude::*;

use crate::support::Gguf;
use crate::{parse, refused};

/// Everything that reads a file.
fn everything(bytes: &[u8]) -> bool {
    let Ok(Some(header)) = Header::parse("f", bytes, bytes.len() as u64) else { return false };
    for t in &header.tensors {
        assert!(header.data_start <= t.start && t.start <= t.end && t.end <= bytes.len() as u64);
        for arch in ["llama", "gpt2", "bert"] {
            let _ = key(arch, &t.name);
        }
    }
    if let Ok(json) = tokenizer_json(&header) {
        assert!(json.len() < 40 * bytes.len() + 4000, "{} bytes of {}", json.len(), bytes.len());
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
    }
    let _ = (vocabulary(&header), special(&header), split_files("f", &header));
    let one = [header];
    let _ = (config(&one), check_split(&one));
    true
}

/// A small file with all that a real one has.
fn model(kind: &str) -> Vec<u8> {
    let tokens = ["<unk>", "<s>", "</s>", "<0x41>", "▁", "a", "ab", "b"];
    let mut file = Gguf::new()
        .text("general.architecture", if kind == "bert" { "bert" } else { "llama" })
        .text("tokenizer.ggml.model", kind)
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", &tokens)
        .i32s("tokenizer.ggml.token_type", &[2, 3, 3, 6, 1, 1, 1, 1])
        .f32s("tokenizer.ggml.scores", &[0.0, 0.0, 0.0, 0.0, -1.0, f32::NAN, -3.0, -4.0])
        .texts("tokenizer.ggml.merges", &["a b"])
        .u32("tokenizer.ggml.bos_token_id", 1)
        .u32("tokenizer.ggml.unknown_token_id", 0);
    for (key, n) in [("embedding_length", 4), ("block_count", 1), ("attention.head_count", 1), ("context_length", 8)] {
        file = file.u32(&format!("llama.{key}"), n);
    }
    file.tensor("token_embd.weight", &[32, 8], 8, vec![0; 272]).named(&["output_norm.weight"]).bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        everything(&bytes);
        everything(&[b"GGUF\x03\0\0\0", &bytes[..]].concat());
        let counts = [b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0", &bytes[..]].concat();
        everything(&counts);
    }

    /// A sound file with some bytes changed, some cut out and some put in.
    #[test]
    fn sound_files_changed(
        kind in prop::sample::select(vec!["llama", "gpt2", "bert"]),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let mut bytes = model(kind);
        for (at, byte, what) in edits {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        everything(&bytes);
    }
}

/// Files that would become much longer than they are.
#[test]
fn files_that_swell() {
    let file = |tokens: &[String], scores: f32| {
        Gguf::new()
            .text("tokenizer.ggml.model", "llama")
            .texts("tokenizer.ggml.tokens", tokens)
            .f32s("tokenizer.ggml.scores", &vec![scores; tokens.len()])
    };
    let bad = |tokens: &[String], names: &[&str]| {
        refused(tokenizer_json(&parse(&file(tokens, 0.0))), Kind::Data, names);
    };
    bad(&vec![String::new(); (1 << 20) + 1], &["tokens", "1048577 are too many"]);
    // Each byte of these is six in JSON.
    bad(&["\u{1}".repeat(6 << 20), "\u{2}".repeat(6 << 20)], &["tokens", "too many"]);
    // Every part of a text is a token, and all scores are equal: each token comes about in every way.
    let mut state = 1u32;
    let text: Vec<char> = (0..1024)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if state >> 31 == 0 { 'a' } else { 'b' }
        })
        .collect();
    let parts: std::collections::BTreeSet<String> =
        (1..64).flat_map(|n| text.windows(n).map(|w| w.iter().collect())).collect();
    let parts: Vec<String> = parts.into_iter().collect();
    println!("{} tokens", parts.len());
    bad(&parts, &["scores", "equal"]);
}

/// The file before any change is a sound one, in all three kinds.
#[test]
fn the_file_itself() {
    for kind in ["llama", "gpt2", "bert"] {
        let bytes = model(kind);
        assert!(everything(&bytes), "{kind}");
        let header = Header::parse("f", &bytes, bytes.len() as u64).unwrap().unwrap();
        tokenizer_json(&header).unwrap();
        config(&[header]).unwrap();
        // One byte changed, at every place, in two ways.
        for at in 0..bytes.len() {
            for flip in [1, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                everything(&changed);
            }
        }
    }
}
