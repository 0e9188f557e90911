//! `manifest.json`: paths that lead elsewhere, and lists that are no model.

use copywright::error::Kind;
use copywright::model::error::ModelError;
use copywright::model::manifest::Manifest;
use serde_json::{Value, json};

use crate::support::{FILE, tiny};
use crate::{begin, refused};

fn parse(manifest: &Value) -> Result<Manifest, ModelError> {
    Manifest::from_json(manifest.to_string().as_bytes())
}

fn refuses(manifest: &Value, names: &[&str]) {
    let message = refused(parse(manifest), ModelError::kind, Kind::Data, &[&["manifest.json"], names].concat());
    println!("{message}");
}

#[test]
fn paths_that_lead_elsewhere() {
    let good = tiny("F32").manifest;
    for path in [
        "../model.safetensors",
        "a/../../b.safetensors",
        "a/..",
        "..",
        ".",
        "./model.safetensors",
        "/etc/passwd.safetensors",
        "//host/model.safetensors",
        "a//b.safetensors",
        "a/",
        "",
        "C:\\model.safetensors",
        "c:model.safetensors",
        "..\\model.safetensors",
        "https://example.org/model.safetensors",
        "model.safetensors?x",
        "model.safetensors#x",
        "%2e%2e/model.safetensors",
        "a\nb.safetensors",
        "a\0b.safetensors",
    ] {
        let mut manifest = good.clone();
        manifest["files"][0]["path"] = json!(path);
        refuses(&manifest, &["is not a plain relative path"]);
        // Also beside a file that is fine.
        let mut manifest = good.clone();
        manifest["files"].as_array_mut().unwrap().push(json!({"path": path, "size": 4}));
        refuses(&manifest, &["is not a plain relative path"]);
    }
    for path in
        ["shards/model-00001-of-00002.safetensors", "Größe.safetensors", "a.b/c d.safetensors", "..a.safetensors"]
    {
        let mut manifest = good.clone();
        manifest["files"][0]["path"] = json!(path);
        parse(&manifest).unwrap();
    }
}

#[test]
fn files_that_cannot_be() {
    let good = tiny("F32").manifest;
    let mut twice = good.clone();
    let first = twice["files"][0].clone();
    twice["files"].as_array_mut().unwrap().push(first);
    refuses(&twice, &[FILE, "listed twice"]);

    for (size, says) in [
        (json!(0), "impossible size"),
        (json!(1u64 << 53), "impossible size"),
        (json!(u64::MAX), "impossible size"),
        (json!(-1), "-1"),
        (json!(1.5), "1.5"),
        (json!("9"), "\"9\""),
        (json!(null), "null"),
    ] {
        let mut manifest = good.clone();
        manifest["files"][0]["size"] = size;
        refuses(&manifest, &[says]);
    }
    for hash in ["", "abc", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &"é".repeat(32)] {
        let mut manifest = good.clone();
        manifest["files"][0]["sha256"] = json!(hash);
        refuses(&manifest, &[FILE, "64 hexadecimal digits"]);
    }
    for files in [json!([]), json!([{"path": "config.json", "size": 5}]), json!([{"path": "model.bin", "size": 5}])] {
        let mut manifest = good.clone();
        manifest["files"] = files;
        refuses(&manifest, &["no file of weights"]);
    }
}

/// Sizes that add up beyond 64 bits are added, not wrapped.
#[test]
fn sums_do_not_wrap() {
    let mut model = tiny("F32");
    let entry = |i: usize| json!({"path": format!("{i}.safetensors"), "size": (1u64 << 53) - 1});
    model.manifest["files"] = (0..5000).map(entry).collect();
    begin(&model).unwrap();
}

#[test]
fn fields() {
    let good = tiny("F32").manifest;
    for field in ["name", "version", "license", "languages", "prompt", "files"] {
        for value in [Some(json!(5)), Some(json!(null)), None] {
            let mut manifest = good.clone();
            match value {
                Some(value) => manifest[field] = value,
                None => drop(manifest.as_object_mut().unwrap().remove(field)),
            }
            refuses(&manifest, &[]);
        }
    }
    let mut manifest = good.clone();
    manifest["prompt"] = json!("brief-v9");
    refused(
        parse(&manifest),
        ModelError::kind,
        Kind::NotSupported,
        &["manifest.json", "prompt", "brief-v9", "brief-v1"],
    );
    // Fields of a later version are no harm.
    manifest["prompt"] = json!("brief-v1");
    manifest["homepage"] = json!({"url": "https://example.org"});
    manifest["files"][0]["mirror"] = json!(["a", "b"]);
    parse(&manifest).unwrap();
    for text in ["", "[]", "null", "{", &"[".repeat(100_000), &format!("{{\"name\": {}", "[".repeat(100_000))] {
        refused(Manifest::from_json(text.as_bytes()), ModelError::kind, Kind::Data, &["manifest.json"]);
    }
    refused(Manifest::from_json(b"\xff\xfe{}"), ModelError::kind, Kind::Data, &["manifest.json"]);
}

/// The manifest of the default model is good, and its files are there as it says.
#[test]
fn the_default_model_is_as_its_manifest_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let manifest = Manifest::from_json(&read("manifest.json")).unwrap();
    assert_eq!(manifest.prompt, "brief-v2");
    let config = copywright::model::config::Config::from_json(&read("config.json")).unwrap();
    let mut reading = copywright::model::checkpoint::Checkpoint::new(&config, &manifest).unwrap();
    let mut bytes = 0;
    for file in &manifest.files {
        for chunk in read(&file.path).chunks(1 << 16) {
            reading
                .push(&file.path, chunk, &mut |piece| {
                    bytes += piece.bytes.len();
                    Ok(())
                })
                .unwrap_or_else(|e| panic!("{e}"));
        }
    }
    reading.finish().unwrap();
    // Blocks of 32 numbers are a half and 32 bytes; vectors are in f32.
    let size = |elements: u64, vector: bool| if vector { elements * 4 } else { elements / 32 * 34 };
    let wanted: u64 = config.tensors().iter().map(|w| size(u64::from(w.rows) * u64::from(w.cols), w.vector)).sum();
    assert_eq!(bytes as u64, wanted, "every weight, in Q8_0");
}
