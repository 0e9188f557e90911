//! Lists of tensors that come with files of another format. They come from another module, and are believed as little
//! as a header.

use copywright::model::checkpoint::Checkpoint;
use copywright::model::dtype::Dtype;
use copywright::model::safetensors::{TensorInfo, parse_list};
use serde_json::json;

use crate::support::{config, parse};

const FILE: &str = "model.gguf";

#[test]
fn packed_types_and_holes() {
    let list = json!({
        "b": {"dtype": "Q4_K", "shape": [2, 256], "data_offsets": [400, 688]},
        "a": {"dtype": "Q8_0", "shape": [3, 64], "data_offsets": [100, 304]},
        "other": {"dtype": "IQ4_XS", "shape": [256], "data_offsets": [304, 310]},
    });
    let tensors = parse_list(FILE, list.to_string().as_bytes(), 1000).unwrap();
    let info = |dtype, name: &str, shape: &[u64], start, end| TensorInfo {
        dtype,
        dtype_name: name.into(),
        shape: shape.into(),
        start,
        end,
    };
    assert_eq!(tensors[&"a".to_owned()], info(Some(Dtype::Q8_0), "Q8_0", &[3, 64], 100, 304));
    assert_eq!(tensors[&"b".to_owned()], info(Some(Dtype::Q4K), "Q4_K", &[2, 256], 400, 688));
    assert_eq!(tensors[&"other".to_owned()], info(None, "IQ4_XS", &[256], 304, 310));
}

#[test]
fn hostile_lists() {
    let q8 = |shape: &[u64], from: u64, to: u64| json!({"dtype": "Q8_0", "shape": shape, "data_offsets": [from, to]});
    for (list, problem) in [
        (json!({"a": q8(&[64], 0, 68), "b": q8(&[64], 67, 135)}), "overlaps another"),
        (json!({"a": q8(&[64], 940, 1008)}), "bytes 940..1008 of 1000"),
        (json!({"a": q8(&[64], 68, 0)}), "bytes 68..0"),
        (json!({"a": q8(&[64], 0, 69)}), "does not fill"),
        // Whole blocks, but not in a row.
        (json!({"a": q8(&[4, 16], 0, 68)}), "does not fill"),
        (json!({"a": q8(&[1 << 33, 1 << 33], 0, 68)}), "does not fill"),
        (json!({"a": q8(&[1; 9], 0, 34)}), "9 dimensions"),
        (json!([]), "is not a list of tensors"),
    ] {
        let error = parse_list(FILE, list.to_string().as_bytes(), 1000).unwrap_err().to_string();
        println!("{error}");
        assert!(error.starts_with(FILE) && error.contains(problem), "{error}, not {problem}");
    }
    let twice = r#"{"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}, "a": {"dtype": "F32", "shape": [], "data_offsets": [4, 8]}}"#;
    assert!(parse_list(FILE, twice.as_bytes(), 1000).unwrap_err().to_string().contains("a is given twice"));
}

#[test]
fn every_file_has_its_list() {
    let manifest = json!({
        "name": "", "version": "", "license": "", "languages": [], "prompt": "none",
        "files": [{"path": "a.gguf", "size": 9}, {"path": "b.gguf", "size": 9}],
    });
    let manifest = copywright::model::manifest::Manifest::from_json(manifest.to_string().as_bytes()).unwrap();
    for (lists, problem) in
        [("", "a.gguf: is not described"), ("{}\n", "b.gguf: is not described"), ("{}\n{}\n", "is missing")]
    {
        let error = Checkpoint::described(&parse(&config()), &manifest, lists).map(drop).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}, not {problem}");
    }
}
