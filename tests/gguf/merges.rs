//! A list of merges does what SentencePiece does without one: held to a textbook, on random vocabularies and texts.

use std::collections::HashMap;

use copywright::model::gguf::tokenizer_json;
use copywright::text::{HfTokenizer, Tokenizer as _};
use proptest::prelude::*;

use crate::parse;
use crate::support::Gguf;

/// SentencePiece's BPE as its paper and its source have it: of all neighbours the pair whose token scores best, the
/// leftmost of equals, until none is left.
fn textbook(text: &str, scores: &HashMap<String, f32>) -> Vec<String> {
    let mut pieces: Vec<String> = text.chars().map(String::from).collect();
    loop {
        let mut best: Option<(usize, f32)> = None;
        for i in 1..pieces.len() {
            if let Some(&score) = scores.get(&(pieces[i - 1].clone() + &pieces[i]))
                && best.is_none_or(|(_, b)| score > b)
            {
                best = Some((i, score));
            }
        }
        let Some((i, _)) = best else { return pieces };
        let right = pieces.remove(i);
        pieces[i - 1] += &right;
    }
}

fn agree(tokens: &[(String, f32)], texts: &[String]) {
    let scores: HashMap<String, f32> = tokens.iter().cloned().collect();
    let all: Vec<(String, f32)> = [("<unk>".to_owned(), 0.0)].into_iter().chain(tokens.iter().cloned()).collect();
    let names: Vec<&String> = all.iter().map(|t| &t.0).collect();
    let file = Gguf::new()
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", &names)
        .f32s("tokenizer.ggml.scores", &all.iter().map(|t| t.1).collect::<Vec<_>>())
        .i32s("tokenizer.ggml.token_type", &all.iter().map(|t| if t.0 == "<unk>" { 2 } else { 1 }).collect::<Vec<_>>())
        .flag("tokenizer.ggml.add_space_prefix", false)
        .flag("tokenizer.ggml.add_bos_token", false)
        .u32("tokenizer.ggml.unknown_token_id", 0);
    let tokenizer = HfTokenizer::from_bytes(tokenizer_json(&parse(&file)).unwrap().as_bytes()).unwrap();
    for text in texts {
        let expected: Vec<u32> = textbook(text, &scores)
            .iter()
            .map(|piece| names.iter().position(|n| *n == piece).unwrap() as u32)
            .collect();
        assert_eq!(tokenizer.encode(text).unwrap(), expected, "{text} with {tokens:?}");
    }
}

/// Every letter, and some longer tokens, all with scores of their own.
fn vocabulary() -> impl Strategy<Value = Vec<(String, f32)>> {
    let longer = proptest::collection::hash_set("[ab▁]{2,6}", 1..30);
    let all = longer.prop_map(|set| set.into_iter().chain(["a", "b", "▁"].map(String::from)).collect::<Vec<_>>());
    all.prop_shuffle().prop_map(|tokens| tokens.into_iter().enumerate().map(|(i, t)| (t, -(i as f32))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_vocabulary(tokens in vocabulary(), texts in proptest::collection::vec("[ab▁]{1,40}", 8)) {
        agree(&tokens, &texts);
    }
}

/// Llama's runs of spaces have one score between them.
#[test]
fn equal_scores() {
    let mut tokens: Vec<(String, f32)> = (2..17).map(|n| ("▁".repeat(n), -1e9)).collect();
    tokens.reverse();
    tokens.extend([("▁a", -1.0), ("aa", -2.0), ("▁", -1e9), ("a", -3.0)].map(|(t, s)| (t.to_owned(), s)));
    let texts: Vec<String> = (0..40).flat_map(|n| ["", "a", "aa▁"].map(|end| "▁".repeat(n) + end)).collect();
    agree(&tokens, &texts[1..]);
}

/// Tokens of letters that are none themselves come about in no list of merges; the file is still read.
#[test]
fn letters_that_are_no_tokens() {
    let tokens = [("xy", -1.0), ("a", -2.0), ("axy", -3.0)].map(|(t, s)| (t.to_owned(), s));
    agree(&tokens, &["aaa".to_owned()]);
}

/// No token is long enough to hang on.
#[test]
fn very_long_tokens() {
    let long = "a".repeat(1 << 20);
    let tokens: Vec<(String, f32)> = [("a", -1.0), ("aa", 0.0), (&long, -2.0)].map(|(t, s)| (t.to_owned(), s)).into();
    agree(&tokens, &["aaaaa".to_owned()]);
}
