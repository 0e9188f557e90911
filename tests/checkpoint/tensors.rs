//! What a sound header may still get wrong: which tensors there are, their shapes, types and values.

use copywright::error::Kind;
use copywright::model::error::ModelError;
use serde_json::json;

use crate::support::{Entry, FILE, config, encode, model, safetensors, tensors, tiny, with};
use crate::{begin, damaged, read, refused};

const INDEX: &str = "model.safetensors.index.json";
const NORM: &str = "model.norm.weight";
const Q: &str = "model.layers.0.self_attn.q_proj.weight";

fn find<'a>(entries: &'a mut [Entry], key: &str) -> &'a mut Entry {
    entries.iter_mut().find(|e| e.key == key).unwrap()
}

#[test]
fn every_tensor_is_missed() {
    let all = tensors(&config(), "F32");
    for missing in &all {
        let rest: Vec<Entry> = all.iter().filter(|e| e.key != missing.key).cloned().collect();
        // Something else takes its room, so that only the name is missing.
        let other = Entry { key: "other".into(), ..missing.clone() };
        damaged(&with(&[rest, vec![other]].concat()), &[FILE, &missing.key, "is missing"]);
    }
}

#[test]
fn shapes() {
    for (key, shape) in [
        (Q, vec![8, 4, 2]),
        (Q, vec![4, 16]),
        (Q, vec![64]),
        (NORM, vec![1, 8]),
        (NORM, vec![8, 1]),
        ("lm_head.weight", vec![8, 6]),
        ("model.layers.0.mlp.down_proj.weight", vec![12, 8]),
    ] {
        let mut entries = tensors(&config(), "F32");
        find(&mut entries, key).shape = shape;
        damaged(&with(&entries), &[FILE, key, "shape"]);
    }
}

#[test]
fn types() {
    for dtype in ["F64", "I8", "U8", "I32", "BOOL", "F8_E4M3", "F4", "f32", "quantum"] {
        let mut entries = tensors(&config(), "F32");
        find(&mut entries, Q).dtype = dtype;
        damaged(&with(&entries), &[FILE, Q, dtype, "F32, F16 and BF16"]);
    }
    // Whole files in each type, and a file in which every product has one of its own, are fine.
    for dtype in ["F32", "F16", "BF16"] {
        read(&tiny(dtype), 3).unwrap();
    }
}

#[test]
fn numbers_that_are_not_finite() {
    for dtype in ["F32", "F16", "BF16"] {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for key in [Q, NORM, "model.embed_tokens.weight"] {
                let mut entries = tensors(&config(), dtype);
                let entry = find(&mut entries, key);
                let bytes = encode(dtype, [bad].into_iter());
                let last = entry.bytes.len() - bytes.len();
                entry.bytes[last..].copy_from_slice(&bytes);
                damaged(&with(&entries), &[FILE, key, "not finite"]);
            }
        }
        // The largest number there is, is a number.
        let mut entries = tensors(&config(), dtype);
        let most = match dtype {
            "F16" => 65504.0,
            "BF16" => half::bf16::MAX.to_f32(),
            _ => f32::MAX,
        };
        let width = encode(dtype, [most].into_iter()).len();
        find(&mut entries, Q).bytes[..width].copy_from_slice(&encode(dtype, [-most].into_iter()));
        read(&with(&entries), 5).unwrap();
    }
}

#[test]
fn unknown_tensors_are_ignored() {
    let mut entries = tensors(&config(), "F32");
    let nan = f32::NAN.to_le_bytes().to_vec();
    for (at, key, dtype) in [(0, "rotary_emb.inv_freq", "F32"), (5, "model.layers.7.weight", "I64"), (9, "x", "F4")] {
        // Whatever they hold, and of whatever type.
        let bytes = nan.repeat(2);
        entries.insert(at, Entry { key: key.into(), dtype, shape: vec![if dtype == "F32" { 2 } else { 1 }], bytes });
    }
    assert_eq!(read(&with(&entries), 9).unwrap(), read(&tiny("F32"), usize::MAX).unwrap());
}

/// All tensors over two files, with an index.
fn sharded() -> (Vec<Entry>, Vec<Entry>, serde_json::Value) {
    let mut first = tensors(&config(), "F16");
    let second = first.split_off(5);
    let home = |entries: &[Entry], file: &str| entries.iter().map(|e| (e.key.clone(), json!(file))).collect::<Vec<_>>();
    let map: serde_json::Map<_, _> =
        [home(&first, "a.safetensors"), home(&second, "b.safetensors")].concat().into_iter().collect();
    (first, second, json!({"metadata": {"total_size": 1}, "weight_map": map}))
}

#[test]
fn shards() {
    let (first, second, index) = sharded();
    let of = |first: &[Entry], second: &[Entry], index: &serde_json::Value| {
        let files = [
            (INDEX, index.to_string().into_bytes()),
            ("a.safetensors", safetensors(first)),
            ("b.safetensors", safetensors(second)),
        ];
        model(config(), &files)
    };
    let whole = read(&tiny("F16"), usize::MAX).unwrap();
    let good = of(&first, &second, &index);
    assert_eq!(read(&good, 11).unwrap(), whole);
    // Files in any order.
    let mut turned = good.clone();
    turned.files.reverse();
    assert_eq!(read(&turned, 11).unwrap(), whole);

    // A tensor in both.
    let twice = [second.clone(), vec![first[2].clone()]].concat();
    damaged(&of(&first, &twice, &index), &["b.safetensors", &first[2].key, "a.safetensors too"]);
    // The index names the wrong shard, another file, or none.
    for said in [json!("b.safetensors"), json!("c.safetensors"), json!(null)] {
        let mut index = index.clone();
        let shown = said.as_str().unwrap_or("nowhere").to_owned();
        match said.is_null() {
            true => drop(index["weight_map"].as_object_mut().unwrap().remove(&first[3].key)),
            false => index["weight_map"][&first[3].key] = said,
        }
        damaged(&of(&first, &second, &index), &[INDEX, &first[3].key, &shown]);
    }
    // A tensor that is nowhere is missed in the file that should have it.
    damaged(&of(&first[1..], &second, &index), &["a.safetensors", &first[0].key, "is missing"]);
    for bad in [json!([]), json!({"weight_map": []}), json!({"weight_map": {"x": 5}}), json!({})] {
        damaged(&of(&first, &second, &bad), &[INDEX]);
    }
    let mut deep = good.clone();
    deep.files[0].1 = "[".repeat(200_000).into_bytes();
    deep.manifest["files"][0] = json!({"path": INDEX, "size": 200_000});
    damaged(&deep, &[INDEX]);
    // An index beyond reason is refused before it is fetched.
    deep.manifest["files"][0]["size"] = json!(1u64 << 40);
    refused(begin(&deep).map(drop), ModelError::kind, Kind::Data, &[INDEX, "at most"]);
}

#[test]
fn shards_that_come_by_turns() {
    let (first, second, _) = sharded();
    let two = model(config(), &[("a.safetensors", safetensors(&first)), ("b.safetensors", safetensors(&second))]);
    let mut reading = begin(&two).unwrap();
    let mut collector = crate::Collector::default();
    let mut chunks = two.files.iter().map(|(path, bytes)| (path, bytes.chunks(7))).collect::<Vec<_>>();
    let mut left = true;
    while left {
        left = false;
        for (path, chunks) in &mut chunks {
            if let Some(chunk) = chunks.next() {
                collector.push(&mut reading, path, chunk).unwrap();
                left = true;
            }
        }
    }
    reading.finish().unwrap();
    assert_eq!(collector.0, read(&tiny("F16"), usize::MAX).unwrap());
    // A tensor that both have is found as soon as both headers are there.
    let both = model(config(), &[("a.safetensors", safetensors(&first)), ("b.safetensors", safetensors(&first))]);
    let mut reading = begin(&both).unwrap();
    let header = both.files[0].1.len() - first.iter().map(|e| e.bytes.len()).sum::<usize>();
    let mut collector = crate::Collector::default();
    collector.push(&mut reading, "a.safetensors", &both.files[0].1[..header]).unwrap();
    let outcome = collector.push(&mut reading, "b.safetensors", &both.files[1].1[..header]);
    refused(outcome, ModelError::kind, Kind::Data, &["b.safetensors", "a.safetensors too"]);
}
