//! What a sound header says.

use copywright::model::dtype::Dtype;
use copywright::model::gguf::{Header, Value};

use crate::support::{Gguf, array};
use crate::{FILE, parse};

/// One of every type, with its bytes and what they mean.
fn every_value() -> Vec<(&'static str, u32, Vec<u8>, Value<'static>)> {
    vec![
        ("u8", 0, vec![200], Value::Unsigned(200)),
        ("i8", 1, vec![0x80], Value::Signed(-128)),
        ("u16", 2, vec![0x34, 0x12], Value::Unsigned(0x1234)),
        ("i16", 3, vec![0xfe, 0xff], Value::Signed(-2)),
        ("u32", 4, vec![0x78, 0x56, 0x34, 0x92], Value::Unsigned(0x9234_5678)),
        ("i32", 5, vec![0, 0, 0, 0x80], Value::Signed(-2_147_483_648)),
        ("f32", 6, vec![0, 0, 0xc0, 0xbf], Value::Float(-1.5)),
        ("no", 7, vec![0], Value::Flag(false)),
        ("yes", 7, vec![1], Value::Flag(true)),
        ("text", 8, [&[3, 0, 0, 0, 0, 0, 0, 0][..], b"a\xc3\xa9"].concat(), Value::Text("aé")),
        ("u64", 10, vec![255; 8], Value::Unsigned(u64::MAX)),
        ("i64", 11, vec![255; 8], Value::Signed(-1)),
        ("f64", 12, vec![0, 0, 0, 0, 0, 0, 0xe0, 0x3f], Value::Float(0.5)),
    ]
}

#[test]
fn values_of_every_type() {
    let mut file = Gguf::new();
    for (key, ty, bytes, _) in every_value() {
        file = file.raw(key, ty, bytes.clone());
        // The same three times over, as an array.
        file = file.raw(&format!("{key}s"), 9, array(ty, std::iter::repeat_n(bytes, 3)));
    }
    let header = parse(&file);
    for (key, _, _, value) in every_value() {
        assert_eq!(header.get(key), Some(value), "{key}");
        let Some(Value::Array(list)) = header.get(&format!("{key}s")) else { panic!("{key}s: no array") };
        assert_eq!(list.len(), 3);
        if let Value::Text(text) = value {
            assert_eq!(list.texts().collect::<Vec<_>>(), [text.as_bytes(); 3]);
            assert_eq!(list.values().count(), 0, "{key}");
        } else {
            assert_eq!(list.values().collect::<Vec<_>>(), [value; 3], "{key}");
            assert_eq!(list.texts().count(), 0, "{key}");
        }
    }
    println!("{} types, alone and in arrays", every_value().len());
    assert_eq!(header.get("absent"), None);
    assert_eq!(header.whole("absent").unwrap(), None);
    assert_eq!(header.whole("u16").unwrap(), Some(0x1234));
    assert_eq!(header.number("i16").unwrap(), Some(-2.0));
    assert_eq!(header.flag("yes").unwrap(), Some(true));
    assert_eq!(header.text("text").unwrap(), Some("aé"));
    for (key, what) in [("i8", "whole number"), ("text", "whole number"), ("f32", "whole number")] {
        crate::refused(header.whole(key), copywright::error::Kind::Data, &[key, what]);
    }
    crate::refused(header.text("u8"), copywright::error::Kind::Data, &["u8", "text"]);
    crate::refused(header.array("u8"), copywright::error::Kind::Data, &["u8", "array"]);
    crate::refused(header.flag("u8"), copywright::error::Kind::Data, &["u8", "truth"]);
}

/// Types of weights with their numbers, elements and bytes of a block, as ggml's tables have them.
const TYPES: [(Dtype, u32, &str, u64, usize); 11] = [
    (Dtype::F32, 0, "F32", 1, 4),
    (Dtype::F16, 1, "F16", 1, 2),
    (Dtype::Q4_0, 2, "Q4_0", 32, 2 + 16),
    (Dtype::Q4_1, 3, "Q4_1", 32, 2 + 2 + 16),
    (Dtype::Q5_0, 6, "Q5_0", 32, 2 + 4 + 16),
    (Dtype::Q5_1, 7, "Q5_1", 32, 2 + 2 + 4 + 16),
    (Dtype::Q8_0, 8, "Q8_0", 32, 2 + 32),
    (Dtype::Q4K, 12, "Q4_K", 256, 2 + 2 + 12 + 128),
    (Dtype::Q5K, 13, "Q5_K", 256, 2 + 2 + 12 + 32 + 128),
    (Dtype::Q6K, 14, "Q6_K", 256, 2 + 16 + 64 + 128),
    (Dtype::BF16, 30, "BF16", 1, 2),
];

#[test]
fn tensors_of_every_type() {
    for alignment in [32, 64, 4, 4096] {
        let mut file = Gguf { alignment, ..Gguf::new() };
        if alignment != 32 {
            file = file.u32("general.alignment", alignment as u32);
        }
        for (_, number, name, block, bytes) in TYPES {
            file = file.tensor(name, &[2 * block, 3], number, vec![number as u8; 6 * bytes]);
        }
        let whole = file.bytes();
        let header = parse(&file);
        assert_eq!(header.data_start, (file.header().len() as u64).next_multiple_of(alignment as u64));
        assert_eq!(header.tensors.len(), TYPES.len());
        for (ty, number, name, block, bytes) in TYPES {
            let t = header.tensor(name).unwrap();
            assert_eq!((t.ty, t.ty_name, &t.dims[..]), (Some(ty), name, &[2 * block, 3][..]));
            assert_eq!(ty.block(), (block as usize, bytes));
            let held = &whole[t.start as usize..t.end as usize];
            assert_eq!(held, vec![number as u8; 6 * bytes], "{name} at {alignment}");
        }
    }
    // A type that weights cannot have is still measured.
    let header = parse(&Gguf::new().tensor("ids", &[5], 26, vec![0; 20]).tensor("q2", &[256], 10, vec![0; 84]));
    let kinds: Vec<_> = header.tensors.iter().map(|t| (t.ty, t.ty_name, t.end - t.start)).collect();
    assert_eq!(kinds, [(None, "I32", 20), (None, "Q2_K", 84)]);
}

/// Cut at every byte: with the rest to come it asks for more until the header is whole, and without it is damaged.
#[test]
fn cut_at_every_byte() {
    let file = Gguf::new()
        .text("general.architecture", "llama")
        .texts("tokens", &["a", "", "longer"])
        .f32s("scores", &[0.5, -1.0])
        .flag("flag", true)
        .tensor("one", &[3], 0, vec![0; 12])
        .tensor("two", &[32, 2], 8, vec![0; 68]);
    let (bytes, header) = (file.bytes(), file.header().len());
    let whole = parse(&file);
    for cut in 0..=bytes.len() {
        let outcome = Header::parse(FILE, &bytes[..cut], bytes.len() as u64).unwrap();
        assert_eq!(outcome.is_some(), cut >= header, "{cut} of {header}");
        if let Some(found) = outcome {
            assert_eq!((found.tensors, found.data_start), (whole.tensors.clone(), whole.data_start));
        }
        let short = Header::parse(FILE, &bytes[..cut], cut as u64);
        assert_eq!(short.is_ok(), cut == bytes.len(), "a file of {cut}");
        if let Err(e) = short {
            assert!(e.to_string().starts_with(FILE), "{e}");
        }
    }
    println!("{} cuts, the header ends at {header}", bytes.len() + 1);
}

#[test]
fn both_versions() {
    for version in [2, 3] {
        let header = parse(&Gguf { version, ..Gguf::new() }.text("k", "v"));
        assert_eq!(header.text("k").unwrap(), Some("v"));
    }
}
