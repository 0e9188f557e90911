//! Models in several files.

use copywright::error::Kind;
use copywright::model::gguf::{Header, check_split, split_files};

use crate::support::Gguf;
use crate::{FILE, parse, refused};

fn part(no: u32, count: u32, tensors: &[&str]) -> Header {
    parse(&Gguf::new().u32("split.no", no).u32("split.count", count).u32("split.tensors.count", 3).named(tensors))
}

#[test]
fn names() {
    let single = parse(&Gguf::new());
    assert_eq!(split_files("any name", &single).unwrap(), ["any name"]);
    let first = part(0, 3, &["a"]);
    let names = split_files("https://host/m-Q4_K-00001-of-00003.gguf", &first).unwrap();
    let expected = [1, 2, 3].map(|n| format!("https://host/m-Q4_K-0000{n}-of-00003.gguf"));
    assert_eq!(names, expected);
    let bad =
        [FILE, "model-00002-of-00003.gguf", "model-00001-of-00004.gguf", "model-1-of-3.gguf", "model-00001-of-00003"];
    for name in bad {
        let error = split_files(name, &first).unwrap_err();
        assert!(error.to_string().contains("-00001-of-00003.gguf"), "{error}");
    }
    // The name is right, the file is not.
    let error = split_files("m-00001-of-00003.gguf", &part(1, 3, &[])).unwrap_err();
    assert!(error.to_string().contains("first of 3"), "{error}");
    refused(split_files(FILE, &part(0, 60_000, &[])), Kind::Data, &["split.count", "60000"]);
}

#[test]
fn files_that_belong_together() {
    let parts = || vec![part(0, 3, &["a"]), part(1, 3, &["b"]), part(2, 3, &["c"])];
    check_split(&parts()).unwrap();
    check_split(&[parse(&Gguf::new().named(&["a", "b"]))]).unwrap();
    let wrong = |at: usize, with: Header, names: &[&str]| {
        let mut all = parts();
        all[at] = with;
        refused(check_split(&all), Kind::Data, names);
    };
    wrong(1, part(2, 3, &["b"]), &["file 3 of 3, not 2 of 3"]);
    wrong(2, part(2, 4, &["c"]), &["file 3 of 4, not 3 of 3"]);
    wrong(2, part(2, 3, &["a"]), &["tensor a", "earlier"]);
    wrong(2, part(2, 3, &[]), &["2 tensors, not 3"]);
    wrong(2, part(2, 3, &["c", "d"]), &["4 tensors, not 3"]);
    refused(check_split(&parts()[..2]), Kind::Data, &["of 3, not 1 of 2"]);
}
