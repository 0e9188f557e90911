//! Headers: lengths, JSON, offsets.

use copywright::model::error::ModelError;
use copywright::model::safetensors::{MAX_HEADER, header_len, parse_header};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{self, Entry, FILE, config, file, header, model, safetensors, tensors};
use crate::{damaged, read};

const EMBED: &str = "model.embed_tokens.weight";

/// A model whose only file is this; its manifest is true.
fn of(bytes: Vec<u8>) -> support::Model {
    model(config(), &[(FILE, bytes)])
}

/// The data of a whole file behind another header.
fn behind(header: &str) -> support::Model {
    let data: Vec<u8> = tensors(&config(), "F32").into_iter().flat_map(|e| e.bytes).collect();
    of(file(header, &data))
}

#[test]
fn header_lengths() {
    let whole = safetensors(&tensors(&config(), "F32"));
    let with_length = |length: u64| {
        let mut bytes = whole.clone();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        of(bytes)
    };
    let size = whole.len() as u64;
    for length in [0, 1, size - 7, size, size + 1, MAX_HEADER + 1, 1 << 40, u64::MAX - 7, u64::MAX] {
        damaged(&with_length(length), &[FILE, &format!("a header of {length} bytes in a file of {size}")]);
    }
    // One that ends early leaves half a JSON, one that ends late takes weights for text.
    damaged(&with_length(2), &[FILE, "header"]);
    damaged(&with_length(size - 8), &[FILE, "header"]);
    // The longest header is not waited for, nor is memory taken for it: 8 bytes tell.
    assert!(header_len(FILE, (MAX_HEADER + 1).to_le_bytes(), u64::MAX).is_err());
    assert_eq!(header_len(FILE, MAX_HEADER.to_le_bytes(), u64::MAX).unwrap(), MAX_HEADER);
}

#[test]
fn headers_that_are_no_json() {
    let mut latin = safetensors(&tensors(&config(), "F32"));
    latin[9] = 0xe9;
    damaged(&of(latin), &[FILE, "not UTF-8"]);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_tensor = format!(r#"{{"x": {}1{}}}"#, r#"{"a":"#.repeat(50_000), "}".repeat(50_000));
    for header in ["  ", "null", "55", "[]", "\"x\"", "{ ", "{\"a\"}", "{}}", "{} {}", &deep, &deep_tensor] {
        damaged(&behind(header), &[FILE, "header"]);
    }
    // Metadata is nobody's business, however deep, and padding is allowed.
    let mut entries = Value::Object(header(&tensors(&config(), "F32"))).to_string();
    entries.insert_str(1, &format!(r#""__metadata__": {deep},"#));
    read(&behind(&format!("{entries}      ")), 4096).unwrap();
}

#[test]
fn fields_of_a_tensor() {
    let good = json!({"dtype": "F32", "shape": [6, 8], "data_offsets": [0, 192]});
    for (field, values) in [
        ("dtype", vec![json!(5), json!(null), json!(["F32"])]),
        ("shape", vec![json!([-1, 8]), json!([6.5, 8]), json!("6x8"), json!(null), json!([1e300])]),
        ("data_offsets", vec![json!([0]), json!([0, 192, 384]), json!([-1, 192]), json!(192), json!(["0", "192"])]),
    ] {
        for value in values.into_iter().map(Some).chain([None]) {
            let mut tensor = good.clone();
            match value {
                Some(value) => tensor[field] = value,
                None => drop(tensor.as_object_mut().unwrap().remove(field)),
            }
            damaged(&behind(&json!({EMBED: tensor}).to_string()), &[FILE, EMBED]);
        }
    }
    let long = "x".repeat(100_000);
    let message = damaged(&behind(&json!({&long: {"dtype": 1}}).to_string()), &[FILE, "xxx"]);
    assert!(message.len() < 600, "{} bytes of a message are the file's", message.len());
    let dimensions = json!({EMBED: {"dtype": "F32", "shape": vec![1; 100_000], "data_offsets": [0, 192]}});
    damaged(&behind(&dimensions.to_string()), &[FILE, EMBED, "100000 dimensions"]);
}

#[test]
fn keys_that_come_twice() {
    let entry = r#"{"dtype":"F32","shape":[6,8],"data_offsets":[0,192]}"#;
    damaged(&behind(&format!(r#"{{"{EMBED}":{entry},"{EMBED}":{entry}}}"#)), &[FILE, EMBED, "twice"]);
    let twice = r#"{"dtype":"F32","dtype":"F32","shape":[6,8],"data_offsets":[0,192]}"#;
    damaged(&behind(&format!(r#"{{"{EMBED}":{twice}}}"#)), &[FILE, EMBED, "dtype", "twice"]);
}

#[test]
fn offsets() {
    let entries = tensors(&config(), "F32");
    let size = entries.iter().map(|e| e.bytes.len()).sum::<usize>() as u64;
    let second = entries[1].key.as_str();
    let shifted = |key: &str, from: u64, to: u64| {
        let mut header = header(&entries);
        header[key]["data_offsets"] = json!([from, to]);
        behind(&Value::Object(header).to_string())
    };
    // The second tensor, 32 bytes from 192 on, elsewhere.
    let message = damaged(&shifted(second, 188, 220), &[FILE, "tensor"]);
    assert!(message.contains("overlaps"), "{message}");
    damaged(&shifted(second, 0, 32), &[FILE, "tensor", "overlaps"]);
    for (from, to) in [(192, 196), (224, 192), (192, size + 4), (u64::MAX, u64::MAX), (0, u64::MAX)] {
        damaged(&shifted(second, from, to), &[FILE, second]);
    }
    // A hole: all the others move up.
    let mut with_hole = header(&entries);
    for entry in with_hole.values_mut() {
        let [from, to] = [0, 1].map(|i| entry["data_offsets"][i].as_u64().unwrap());
        if from > 0 {
            entry["data_offsets"] = json!([from + 4, to + 4]);
        }
    }
    let mut data = vec![0; 4];
    data.extend(entries.iter().flat_map(|e| e.bytes.clone()));
    damaged(&of(file(&Value::Object(with_hole).to_string(), &data)), &[FILE, second, "hole"]);
    // Bytes behind the last tensor.
    let mut trailing = safetensors(&entries);
    trailing.extend([0; 3]);
    damaged(&of(trailing), &[FILE, "3 bytes belong to no tensor"]);
    // A shape whose product overflows.
    let mut wide = header(&entries);
    wide[EMBED]["shape"] = json!([1u64 << 40, 1u64 << 40]);
    damaged(&behind(&Value::Object(wide).to_string()), &[FILE, EMBED]);
}

#[test]
fn a_header_may_be_all() {
    let empty = Entry { key: "nothing".into(), dtype: "F32", shape: vec![0, 8], bytes: Vec::new() };
    assert_eq!(parse_header(FILE, b"{}", 10).unwrap().len(), 0);
    let json = Value::Object(header(std::slice::from_ref(&empty))).to_string();
    let parsed = parse_header(FILE, json.as_bytes(), 8 + json.len() as u64).unwrap();
    assert_eq!(parsed[&"nothing".to_owned()].start, parsed[&"nothing".to_owned()].end);
    // Tensors without bytes, before, between and behind the others, are no harm.
    let mut entries = tensors(&config(), "F32");
    for (i, at) in [0, 4, entries.len() + 2].into_iter().enumerate() {
        entries.insert(at, Entry { key: format!("nothing {i}"), ..empty.clone() });
    }
    assert_eq!(read(&support::with(&entries), 5).unwrap(), read(&support::tiny("F32"), usize::MAX).unwrap());
}

proptest! {
    /// Any flipped bits in a header: an error that names the file, or a header that is as good as before.
    #[test]
    fn flipped_bits_never_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), 0..8u32), 1..4)) {
        let entries = tensors(&config(), "F16");
        let mut json = Value::Object(header(&entries)).to_string().into_bytes();
        let size = 8 + json.len() as u64 + entries.iter().map(|e| e.bytes.len() as u64).sum::<u64>();
        for (at, bit) in flips {
            let at = at.index(json.len());
            json[at] ^= 1 << bit;
        }
        match parse_header(FILE, &json, size) {
            Ok(tensors) => prop_assert!(tensors.values().all(|t| t.start <= t.end && t.end <= size)),
            Err(e) => {
                let of_the_file = matches!(e, ModelError::File { .. } | ModelError::Tensor { .. });
                prop_assert!(of_the_file, "{}", e);
                prop_assert!(e.to_string().starts_with(FILE));
            }
        }
    }

    /// The same in a whole file and by way of the reader, which must hold to its contract with the sink.
    #[test]
    fn flipped_bits_in_a_file(at in any::<prop::sample::Index>(), bit in 0..8u32, chunk in 1usize..500) {
        let mut bytes = safetensors(&tensors(&config(), "BF16"));
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Err(e) = read(&of(bytes), chunk) {
            prop_assert!(e.to_string().contains(FILE), "{}", e);
        }
    }

    /// Any bytes at all.
    #[test]
    fn noise_is_no_checkpoint(bytes in proptest::collection::vec(any::<u8>(), 1000..1400), chunk in 1usize..300) {
        prop_assert!(read(&of(bytes), chunk).is_err());
    }
}
