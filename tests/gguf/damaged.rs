//! Headers that are damaged, each in one way, and the message that says so.

use copywright::error::Kind;
use copywright::model::gguf::{Header, MAX_HEADER};

use crate::support::{Gguf, Tensor, array};
use crate::{FILE, refused};

fn bytes_are(bytes: &[u8], names: &[&str]) {
    refused(Header::parse(FILE, bytes, bytes.len() as u64), Kind::Data, names);
}

fn is(file: &Gguf, names: &[&str]) {
    bytes_are(&file.bytes(), names);
}

#[test]
fn other_files() {
    bytes_are(b"GGML0000000000000000", &["no GGUF"]);
    bytes_are(b"\x40\0\0\0\0\0\0\0{}", &["no GGUF"]);
    for version in [0, 1, 4, u32::MAX] {
        is(&Gguf { version, ..Gguf::new() }, &["version", &version.to_string()]);
    }
    is(&Gguf { version: 3u32.swap_bytes(), ..Gguf::new() }, &["big-endian"]);
}

/// A file that begins like one, with these counts of tensors and entries.
fn counts(tensors: u64, entries: u64) -> Vec<u8> {
    [b"GGUF\x03\0\0\0", &tensors.to_le_bytes()[..], &entries.to_le_bytes()].concat()
}

#[test]
fn counts_that_lie() {
    for n in [65_537, 1 << 40, u64::MAX] {
        bytes_are(&counts(n, 0), &["tensors", "too many"]);
        bytes_are(&counts(0, n), &["entries", "too many"]);
    }
    // Within bounds, but not in the file; and where the rest is still to come, more is asked for.
    bytes_are(&counts(65_536, 65_536), &["does not end"]);
    assert!(Header::parse(FILE, &counts(65_536, 65_536), u64::MAX).unwrap().is_none());
    // A text, and an array, longer than any header.
    for len in [MAX_HEADER, u64::MAX] {
        let text = [counts(0, 1), len.to_le_bytes().into()].concat();
        refused(Header::parse(FILE, &text, u64::MAX), Kind::Data, &["does not end"]);
        for ty in [0u8, 12] {
            let array = [&[ty, 0, 0, 0][..], &len.to_le_bytes()].concat();
            let file = Gguf::new().raw("list", 9, array).bytes();
            refused(Header::parse(FILE, &file, u64::MAX), Kind::Data, &["does not end"]);
        }
    }
}

#[test]
fn entries() {
    let twice = |g: Gguf| Gguf { entries: [g.entries.clone(), g.entries].concat(), ..Gguf::new() };
    is(&twice(Gguf::new().text("general.name", "x")), &["general.name", "twice"]);
    let key = Gguf { entries: vec![(vec![b'k', 0xff], 0, vec![1])], ..Gguf::new() };
    is(&key, &["key", "UTF-8"]);
    is(&Gguf::new().raw("k", 8, vec![1, 0, 0, 0, 0, 0, 0, 0, 0xff]), &["k: ", "UTF-8"]);
    is(&Gguf::new().raw("k", 7, vec![2]), &["k: ", "neither true nor false"]);
    is(&Gguf::new().raw("k", 9, array(7, [vec![1], vec![7]].into_iter())), &["k: ", "neither true nor false"]);
    for ty in [13, 100, u32::MAX] {
        is(&Gguf::new().raw("k", ty, vec![0; 8]), &["k: ", "type", &ty.to_string()]);
        is(&Gguf::new().raw("k", 9, array(ty, [vec![]].into_iter())), &["k: ", "type", &ty.to_string()]);
    }
    let nested = array(9, [array(0, [vec![1]].into_iter())].into_iter());
    is(&Gguf::new().raw("k", 9, nested), &["k: ", "arrays of arrays"]);
    for n in [0, 1, 2, 3, 48, 1 << 21] {
        is(&Gguf::new().u32("general.alignment", n), &["general.alignment"]);
    }
    is(&Gguf::new().text("general.alignment", "32"), &["general.alignment"]);
}

#[test]
fn tensors() {
    let one = |dims: &[u64], ty, bytes: usize| Gguf::new().tensor("w", dims, ty, vec![0; bytes]);
    let bad = |file: Gguf, names: &[&str]| is(&file, &[&["tensor w"], names].concat());
    bad(one(&[1; 5], 0, 4), &["5 dimensions"]);
    bad(one(&[4], 99, 16), &["type", "99"]);
    // Rows of whole blocks.
    bad(one(&[33, 32], 8, 33 * 34), &["Q8_0"]);
    bad(one(&[128, 2], 12, 144), &["Q4_K"]);
    // Nothing, and more than there can be.
    bad(one(&[4, 0], 0, 0), &["[4, 0]"]);
    bad(one(&[1 << 32, 1 << 32], 0, 4), &["F32"]);
    bad(one(&[1 << 62], 0, 4), &["F32"]);
    bad(one(&[1 << 40], 0, 4), &["within the file"]);
    bad(one(&[2], 0, 4), &["within the file"]);
    let placed = |offsets: [u64; 2]| {
        let tensor = |name: &str, offset| Tensor {
            name: name.into(),
            dims: vec![16],
            ty: 0,
            bytes: vec![0; 64],
            offset: Some(offset),
        };
        Gguf { tensors: vec![tensor("w", offsets[0]), tensor("v", offsets[1])], ..Gguf::new() }
    };
    crate::parse(&placed([0, 64]));
    crate::parse(&placed([64, 0]));
    is(&placed([0, 32]), &["tensor v", "overlaps"]);
    is(&placed([32, 0]), &["tensor w", "overlaps"]);
    is(&placed([0, 0]), &["overlaps"]);
    is(&placed([8, 64]), &["tensor w", "offset 8"]);
    is(&placed([0, 96]), &["tensor v", "within the file"]);
    is(&placed([u64::MAX - 31, 0]), &["tensor w"]);
    is(&Gguf::new().named(&["w", "v", "w"]), &["tensor w", "twice"]);
    let name = Tensor { name: vec![0xc3], dims: vec![1], ty: 0, bytes: vec![0; 4], offset: None };
    is(&Gguf { tensors: vec![name], ..Gguf::new() }, &["UTF-8"]);
    // A name of any length does not become a message of that length.
    is(&Gguf::new().tensor(&"n".repeat(100_000), &[1; 5], 0, vec![0; 4]), &["nnn…"]);
}
