//! The same tensors arrive whatever the chunks are, and a file that ends early is never taken for whole.

use copywright::error::Kind;
use copywright::model::error::ModelError;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Entry, FILE, Model, config, encode, model, safetensors, tensors, tiny, value, with};
use crate::{Arrived, Collector, begin, damaged, read, refused};

/// What the tensors of a model are, by the way they were made.
fn expected(dtype: &'static str) -> Arrived {
    use copywright::model::safetensors::Dtype;
    let of = |name| match name {
        "F32" => Dtype::F32,
        "F16" => Dtype::F16,
        _ => Dtype::BF16,
    };
    tensors(&config(), dtype).into_iter().map(|e| (e.key, (of(dtype), e.bytes))).collect()
}

#[test]
fn chunks_of_every_size() {
    for dtype in ["F32", "F16", "BF16"] {
        let model = tiny(dtype);
        for chunk in (1..40).chain([100, 1000, 4096, usize::MAX]) {
            assert_eq!(read(&model, chunk).unwrap(), expected(dtype), "{dtype}, chunks of {chunk}");
        }
    }
}

#[test]
fn empty_chunks_change_nothing() {
    let model = tiny("F16");
    let mut reading = begin(&model).unwrap();
    let mut collector = Collector::default();
    for chunk in model.files[0].1.chunks(13) {
        collector.push(&mut reading, FILE, &[]).unwrap();
        collector.push(&mut reading, FILE, chunk).unwrap();
        collector.push(&mut reading, FILE, &[]).unwrap();
    }
    reading.finish().unwrap();
    assert_eq!(collector.0, expected("F16"));
}

/// Truncated at every byte: by a server that breaks off, and by a manifest that believes the rest.
#[test]
fn truncated_at_every_byte() {
    let whole = tiny("BF16");
    let size = whole.files[0].1.len();
    println!("a file of {size} bytes, cut at each");
    let mut by_reader = 0;
    for length in 1..size {
        let cut = whole.files[0].1[..length].to_vec();
        let broken = Model { files: vec![(FILE.into(), cut.clone())], ..whole.clone() };
        damaged(&broken, &[FILE, &format!("ends after {length} of {size} bytes")]);
        // The manifest of the whole bounds what must come, so a short one is refused at once or by its header.
        let outcome = read(&model(config(), &[(FILE, cut)]), 16);
        let message = refused(outcome, ModelError::kind, Kind::Data, &[]);
        assert!(message.starts_with(FILE) || message.starts_with("manifest.json"), "{message}");
        by_reader += usize::from(message.starts_with(FILE));
    }
    println!("{by_reader} cuts found by the reader, the others in the manifest");
    // 600 weights in nine tensors and three norms, at four and a half bits: below 336 bytes the manifest cannot be right.
    assert!(by_reader > 500);
    assert_eq!(size - 1 - by_reader, 335);
    let nothing = Model { files: Vec::new(), ..whole };
    damaged(&nothing, &[FILE, &format!("ends after 0 of {size} bytes")]);
}

#[test]
fn more_than_the_manifest_says() {
    let whole = tiny("F32");
    let mut longer = whole.clone();
    longer.files[0].1.push(0);
    damaged(&longer, &[FILE, "is longer than"]);
    // The file a second time.
    let mut again = whole.clone();
    again.files.push(again.files[0].clone());
    damaged(&again, &[FILE, "is longer than"]);
    let mut stranger = whole;
    stranger.files[0].0 = "other.safetensors".into();
    damaged(&stranger, &["other.safetensors", "not in the manifest"]);
}

#[test]
fn hashes() {
    let whole = tiny("F32");
    // Upper case is as good.
    let mut upper = whole.clone();
    let hash = upper.manifest["files"][0]["sha256"].as_str().unwrap().to_uppercase();
    upper.manifest["files"][0]["sha256"] = json!(hash);
    read(&upper, 100).unwrap();
    // The lowest bit of a weight: nothing but the hash can tell.
    let mut flipped = whole.clone();
    *flipped.files[0].1.last_mut().unwrap() ^= 1;
    let at = flipped.files[0].1.len() - 4;
    flipped.files[0].1[at] ^= 1;
    damaged(&flipped, &[FILE, "SHA-256", &hash.to_lowercase()]);
    // Without one it is not checked; `null` is absent.
    flipped.manifest["files"][0]["sha256"] = json!(null);
    read(&flipped, 100).unwrap();
    drop(flipped.manifest["files"][0].as_object_mut().unwrap().remove("sha256"));
    read(&flipped, 100).unwrap();
    // Files without weights are hashed too.
    let mut two = model(config(), &[(FILE, whole.files[0].1.clone()), ("tokenizer.json", b"{}".to_vec())]);
    two.files[1].1 = b"[]".to_vec();
    damaged(&two, &["tokenizer.json", "SHA-256"]);
    two.files[1].1 = b"{} ".to_vec();
    damaged(&two, &["tokenizer.json", "longer"]);
    two.files[1].1 = b"{".to_vec();
    damaged(&two, &["tokenizer.json", "ends after 1 of 2 bytes"]);
}

/// The wanted tensors in some order, each with its own type, and others among them.
fn any_file() -> impl Strategy<Value = Vec<Entry>> {
    let wanted = tensors(&config(), "F32");
    let types = proptest::collection::vec(prop::sample::select(vec!["F32", "F16", "BF16"]), wanted.len());
    let others = proptest::collection::vec((any::<u16>(), proptest::collection::vec(any::<u8>(), 0..9)), 0..4);
    (types, others, Just(wanted)).prop_map(|(types, others, wanted)| {
        let typed = wanted.into_iter().zip(types).enumerate().map(|(i, (e, dtype))| {
            let count = e.bytes.len() / 4;
            Entry { dtype, bytes: encode(dtype, (0..count).map(|k| value(i, k))), ..e }
        });
        let strange = others.into_iter().map(|(name, bytes)| Entry {
            key: format!("other.{name}"),
            dtype: "U8",
            shape: vec![bytes.len() as u64],
            bytes,
        });
        let mut all: Vec<Entry> = typed.chain(strange).collect();
        let mut seen = std::collections::HashSet::new();
        all.retain(|e| seen.insert(e.key.clone()));
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any file, its tensors in any order, in chunks of any sizes: what arrives is what is in it.
    #[test]
    fn any_file_in_any_chunks(entries in any_file().prop_shuffle(), sizes in proptest::collection::vec(0usize..70, 1..50)) {
        let bytes = safetensors(&entries);
        let model = with(&entries);
        let mut reading = begin(&model).unwrap();
        let mut collector = Collector::default();
        let (mut at, mut turn) = (0, 0);
        while at < bytes.len() {
            // Not all sizes are 0: one byte more every round.
            let size = (sizes[turn % sizes.len()] + turn / sizes.len()).min(bytes.len() - at);
            collector.push(&mut reading, FILE, &bytes[at..at + size]).unwrap();
            at += size;
            turn += 1;
        }
        reading.finish().unwrap();
        let wanted = entries.iter().filter(|e| !e.key.starts_with("other."));
        let mut count = 0;
        for e in wanted {
            prop_assert_eq!(&collector.0[&e.key].1, &e.bytes, "{}", e.key);
            count += 1;
        }
        prop_assert_eq!(collector.0.len(), count, "nothing else arrives");
    }
}
