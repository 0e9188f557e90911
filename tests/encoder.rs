//! Encoders against PyTorch: tiny random BERTs that transformers made (train/fixtures), and what they refuse.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod cpu;
#[path = "support/gpu.rs"]
mod gpu;
mod support;

use std::cell::Cell;
use std::path::Path;

use copywright::embedder::Embedder;
use copywright::engine::Engine;
use copywright::error::Kind;
use copywright::kernel::Mad;
use copywright::model::quantize::Quantize;
use copywright::text::{Frame, Scheme, Vocabulary};
use copywright::writer::WriteError;
use cpu::compare::{assert_nmse, nmse};
use pollster::block_on;
use serde_json::json;
use support::fixture;
use support::load::{Mute, pushed};

/// An encoder's text and what becomes of it.
#[derive(serde::Deserialize)]
struct Text {
    #[serde(default)]
    text: String,
    ids: Vec<u32>,
    embedding: Vec<f32>,
}

#[derive(serde::Deserialize)]
struct Expected {
    texts: Vec<Text>,
    /// Of the first text.
    #[serde(default)]
    last_hidden_state: Vec<Vec<f32>>,
}

fn expected(folder: &Path) -> Expected {
    serde_json::from_value(fixture::json(&folder.join("expected.json"))).unwrap()
}

/// So many tokens, of which two come around every text.
fn vocabulary(tokens: usize) -> Vocabulary {
    let frame = Frame { before: vec![1], behind: vec![2] };
    framed(tokens, frame)
}

fn framed(tokens: usize, frame: Frame) -> Vocabulary {
    let mut vocabulary = Vocabulary::new((0..tokens).map(|i| format!("{i}")), Scheme::Plain, &[]);
    vocabulary.frame = frame;
    vocabulary
}

fn embedder(half: bool, folder: &Path, quantize: Quantize) -> Embedder {
    embedder_on(gpu::engine(half), folder, quantize)
}

fn embedder_on(engine: Engine, folder: &Path, quantize: Quantize) -> Embedder {
    let loader = pushed(engine, folder, quantize, None);
    block_on(loader.finish_embedder(Box::new(Mute), vocabulary(3)))
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
}

fn compare(half: bool, quantize: Quantize, bound: f64) -> f64 {
    let mut worst: f64 = 0.0;
    for folder in fixture::folders_in("encoder", 3) {
        let want = expected(&folder);
        let name = format!("{} f16 {half} {quantize:?}", folder.file_name().unwrap().display());
        let mut embedder = embedder(half, &folder, quantize);
        let state = block_on(embedder.hidden(&want.texts[0].ids)).unwrap();
        assert_nmse(&format!("{name} last hidden state"), &state, &want.last_hidden_state.concat(), bound);
        let ids: Vec<_> = want.texts.iter().map(|t| t.ids.clone()).collect();
        let all = block_on(embedder.embed_tokens(&ids, &|| false)).unwrap();
        assert_eq!(all.len(), want.texts.len());
        for (i, (got, want)) in all.iter().zip(&want.texts).enumerate() {
            assert_nmse(&format!("{name} embedding {i}"), got, &want.embedding, bound);
            worst = worst.max(nmse(got, &want.embedding));
            let length: f64 = got.iter().map(|&v| f64::from(v).powi(2)).sum();
            assert!((length - 1.0).abs() < 1e-6, "{name}: |embedding {i}|² is {length}");
        }
        println!("{name}: {} texts, worst NMSE so far {worst:.1e}", all.len());
    }
    worst
}

#[test]
fn encoders_in_f32() {
    compare(false, Quantize::None, 1e-9);
}

#[test]
fn encoders_with_f16_kernels() {
    compare(true, Quantize::None, 1e-4);
}

#[test]
fn encoders_quantized() {
    // Of these only one has columns enough.
    let changed = compare(false, Quantize::Q8, 1e-4);
    assert!(changed > 1e-8, "Q8 changed nothing");
    assert!(compare(false, Quantize::Q4, 1e-2) > changed, "Q4 is no coarser than Q8");
}

/// More texts than a batch takes, in several orders and by themselves: not a bit differs.
#[test]
fn a_text_is_embedded_alike_in_any_company() {
    for (folder, mad) in fixture::folders_in("encoder", 3).iter().flat_map(|f| [(f, Mad::Fused), (f, Mad::Plain)]) {
        // The second is what adapters without a GPU do.
        let mut embedder = embedder_on(gpu::engine_with(false, mad), folder, Quantize::None);
        let texts = expected(folder).texts;
        let mut ids: Vec<Vec<u32>> = texts.iter().map(|t| t.ids.clone()).collect();
        // Cut differently, they make 20 texts and more: over eight short ones, and over the rows of a batch.
        let more: Vec<_> = ids.iter().flat_map(|t| (1..6).map(|i| t[..t.len().div_ceil(i)].to_vec())).collect();
        ids.extend(more);
        let alone: Vec<_> = ids
            .iter()
            .map(|t| block_on(embedder.embed_tokens(std::slice::from_ref(t), &|| false)).unwrap().remove(0))
            .collect();
        let before = embedder.counters().submits;
        let together = block_on(embedder.embed_tokens(&ids, &|| false)).unwrap();
        let submits = embedder.counters().submits - before;
        for (got, want) in together.iter().zip(&texts) {
            assert_nmse(&format!("{} {mad:?}", folder.display()), got, &want.embedding, 1e-9);
        }
        assert!(together == alone, "{}: together they differ", folder.display());
        assert!(submits > 1 && submits < ids.len() as u64, "{submits} submits for {} texts", ids.len());
        ids.reverse();
        let mut backwards = block_on(embedder.embed_tokens(&ids, &|| false)).unwrap();
        backwards.reverse();
        assert!(backwards == alone, "{}: backwards they differ", folder.display());
    }
}

#[test]
fn calls_end_between_batches_and_refuse_what_cannot_be() {
    let folder = &fixture::folder("encoder/bert");
    let mut embedder = embedder(false, folder, Quantize::None);
    let (texts, asked) = (vec![vec![5; 60]; 40], Cell::new(0));
    let stop = || asked.replace(asked.get() + 1) == 2;
    let before = embedder.counters().submits;
    let e = block_on(embedder.embed_tokens(&texts, &stop)).map(drop).unwrap_err();
    assert_eq!((e.kind(), embedder.counters().submits - before), (Kind::Abort, 2), "{e}");
    assert_eq!(block_on(embedder.embed_tokens(&[], &|| false)).unwrap(), Vec::<Vec<f32>>::new());
    for (ids, kind, word) in [
        (vec![], Kind::Type, "no tokens"),
        (vec![1, 131], Kind::Type, "131"),
        (vec![1; 65], Kind::QuotaExceeded { requested: 65, quota: 64 }, "64"),
    ] {
        let e = block_on(embedder.embed_tokens(&[vec![3], ids], &|| false)).unwrap_err();
        assert!(e.kind() == kind && e.to_string().contains(word), "{e}");
    }
    // And it goes on.
    let want = &expected(folder).texts[0];
    let got = block_on(embedder.embed_tokens(std::slice::from_ref(&want.ids), &|| false)).unwrap().remove(0);
    assert_nmse("afterwards", &got, &want.embedding, 1e-9);
    // What a model takes is given back.
    let engine = embedder.close();
    let rest = engine.counters().gpu_bytes;
    assert!(rest < 100_000, "{rest} bytes are still held");
}

#[test]
fn encoders_and_writers_are_told_apart() {
    let e = |outcome: Result<(), WriteError>| outcome.expect_err("it must be refused");
    let encoder = || pushed(gpu::engine(false), &fixture::folder("encoder/bert"), Quantize::None, None);
    let writer = || pushed(gpu::engine(false), &fixture::folder("one-layer"), Quantize::None, None);
    let as_writer = e(block_on(encoder().finish(Box::new(Mute), vocabulary(3))).map(drop));
    let as_encoder = e(block_on(writer().finish_embedder(Box::new(Mute), vocabulary(3))).map(drop));
    for (e, word) in [(as_writer, "Embedder takes it"), (as_encoder, "makes no embeddings")] {
        assert!(e.kind() == Kind::NotSupported && e.to_string().contains(word), "{e}");
    }
    // Known before the first chunk.
    assert!(encoder().expect_encoder(false).is_err() && writer().expect_encoder(true).is_err());
    assert!(encoder().expect_encoder(true).is_ok() && writer().expect_encoder(false).is_ok());
    let e = e(block_on(encoder().finish_embedder(Box::new(Mute), vocabulary(132))).map(drop));
    assert!(e.kind() == Kind::Data && e.to_string().contains("132"), "{e}");
    // Nothing would be left of an empty text.
    for frame in [Frame::default(), Frame { before: vec![1; 17], behind: vec![] }] {
        let e = block_on(encoder().finish_embedder(Box::new(Mute), framed(3, frame))).map(drop).unwrap_err();
        assert!(e.kind() == Kind::NotSupported && e.to_string().contains("post_processor"), "{e}");
    }
}

#[test]
fn estimates_come_true() {
    for folder in fixture::folders_in("encoder", 3) {
        let loader = pushed(gpu::engine(false), &folder, Quantize::None, None);
        let estimate = loader.estimate().unwrap();
        let embedder =
            block_on(loader.finish_embedder(Box::new(Mute), vocabulary(3))).unwrap_or_else(|e| panic!("{e}"));
        let bytes = embedder.counters().gpu_bytes;
        println!("{}: {estimate} bytes by the estimate, {bytes} held", folder.display());
        assert!(bytes <= estimate && estimate < bytes + (2 << 20));
    }
}

/// A tokenizer over words, as BERT's are, for a fixture that has none: words are w0, w1, ...
fn tokenizer() -> Vec<u8> {
    let mut vocab: serde_json::Map<_, _> = (4..131).map(|i| (format!("w{}", i - 4), json!(i))).collect();
    for (id, name) in ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].into_iter().enumerate() {
        vocab.insert(name.into(), json!(id));
    }
    let special = |id: u32, name: &str| {
        json!({"id": id, "content": name, "special": true, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false})
    };
    let file = json!({
        "version": "1.0",
        // As files on the hub have them; nothing of it may show.
        "truncation": {"max_length": 6, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 6}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
            "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [special(2, "[CLS]"), special(3, "[SEP]")],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocab},
    });
    serde_json::to_vec(&file).unwrap()
}

#[test]
fn texts_from_a_folder() {
    let folder = std::env::temp_dir().join(format!("copywright-encoder-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["config.json", "manifest.json", "model.safetensors"] {
        std::fs::copy(fixture::folder("encoder/bert").join(name), folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("tokenizer.json"), tokenizer()).unwrap();
    let engine = std::rc::Rc::new(gpu::engine(false));
    let opened = block_on(Embedder::open_on(engine, &folder, Quantize::None));
    std::fs::remove_dir_all(&folder).unwrap();
    let mut embedder = opened.unwrap();
    assert_eq!((embedder.dimensions(), embedder.max_tokens()), (28, 64));
    assert_eq!(embedder.model(), "fixture-bert@1");
    let words = |n: usize| (0..n).map(|i| format!("W{i}")).collect::<Vec<_>>().join(" ");
    let ids = |n: u32| [vec![2], (4..4 + n).collect(), vec![3]].concat();
    assert_eq!(embedder.encode("w0  W1, w2").unwrap(), [2, 4, 5, 1, 6, 3]);
    assert_eq!(embedder.encode("").unwrap(), [2, 3]);
    // What is too long keeps its end token.
    assert_eq!(embedder.encode(&words(62)).unwrap(), ids(62));
    assert_eq!(embedder.encode(&words(90)).unwrap(), ids(62));
    let (long, short) = (words(90), words(9));
    let got = block_on(embedder.embed(&["", &short, &long], &|| false)).unwrap();
    let want = block_on(embedder.embed_tokens(&[ids(0), ids(9), ids(62)], &|| false)).unwrap();
    assert!(got == want, "texts and their tokens differ");
    embedder.set_max_tokens(10);
    assert_eq!(embedder.encode(&long).unwrap(), ids(8));
    embedder.set_max_tokens(0);
    assert_eq!(embedder.encode(&long).unwrap(), ids(1));
    embedder.set_max_tokens(1000);
    assert_eq!(embedder.max_tokens(), 64);
}

#[test]
fn a_minilm_in_gguf() {
    let file = fixture::folder("gguf").join("minilm.gguf");
    let want: Expected = serde_json::from_value(fixture::json(&file.with_extension("json"))).unwrap();
    let engine = std::rc::Rc::new(gpu::engine(false));
    let mut embedder = block_on(Embedder::open_on(engine, &file, Quantize::None)).unwrap();
    let ids: Vec<_> = want.texts.iter().map(|t| t.ids.clone()).collect();
    let all = block_on(embedder.embed_tokens(&ids, &|| false)).unwrap();
    for (i, (got, want)) in all.iter().zip(&want.texts).enumerate() {
        assert_nmse(&format!("minilm.gguf embedding {i}"), got, &want.embedding, 1e-9);
    }
    let text = embedder.encode("a text").unwrap();
    assert!(text.len() > 2 && embedder.encode("").unwrap() == [text[0], text[text.len() - 1]], "{text:?}");
    let frame = block_on(embedder.embed(&[""], &|| false)).unwrap().remove(0);
    assert_eq!(frame.len(), embedder.dimensions() as usize);
}

/// A real MiniLM, made by train/minilm.py: its embeddings are those of the package that it comes from.
#[test]
#[ignore = "needs COPYWRIGHT_MINILM, a folder that train/minilm.py makes"]
fn a_real_minilm() {
    let folder = std::env::var("COPYWRIGHT_MINILM").expect("COPYWRIGHT_MINILM names a folder");
    let want = expected(Path::new(&folder)).texts;
    assert!(want.len() > 10, "only {} texts", want.len());
    for (half, quantize, bound) in [
        (false, Quantize::None, 0.9999),
        (true, Quantize::None, 0.9999),
        (false, Quantize::Q8, 0.999),
        (false, Quantize::Q4, 0.8),
    ] {
        let engine = std::rc::Rc::new(gpu::engine(half));
        let mut embedder = block_on(Embedder::open_on(engine, &folder, quantize)).unwrap();
        embedder.set_max_tokens(256); // its max_seq_length
        let texts: Vec<&str> = want.iter().map(|t| t.text.as_str()).collect();
        for t in &want {
            assert_eq!(embedder.encode(&t.text).unwrap(), t.ids, "{:?}", t.text);
        }
        let got = block_on(embedder.embed(&texts, &|| false)).unwrap();
        let cosine = |a: &[f32], b: &[f32]| {
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        let cosines: Vec<f64> = got.iter().zip(&want).map(|(got, want)| cosine(got, &want.embedding)).collect();
        let least = cosines.iter().copied().fold(f64::INFINITY, f64::min);
        println!("f16 {half} {quantize:?}: {} texts, least cosine {least:.9}", got.len());
        assert!(least >= bound, "{cosines:?}");
    }
}
