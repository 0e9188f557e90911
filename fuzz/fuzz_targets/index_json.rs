//! `model.safetensors.index.json` beside two files that hold all that is wanted: the index is right, or an error.
#![no_main]

use std::sync::LazyLock;

use copywright_fuzz::{read, safetensors};
use libfuzzer_sys::fuzz_target;

const INDEX: &str = "model.safetensors.index.json";
const FILES: [&str; 2] = ["a.safetensors", "b.safetensors"];
static SHARDS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| [safetensors(first), safetensors(|key| !first(key))]);

/// What lies in the first file.
fn first(key: &str) -> bool {
    key.contains("attn")
}

fuzz_target!(|data: &[u8]| {
    if data.is_empty() {
        return; // no manifest lists such a file
    }
    let [a, b] = &*SHARDS;
    let files = [(FILES[0], &a[..]), (FILES[1], &b[..]), (INDEX, data)];
    let chunk = 64 + data.len() % 61;
    match read(&files, chunk) {
        Ok(tensors) => {
            // What the index holds besides is skipped, also what no `Value` can be.
            let Ok(index) = serde_json::from_slice::<serde_json::Value>(data) else { return };
            for key in tensors.keys() {
                let home = if first(key) { FILES[0] } else { FILES[1] };
                assert_eq!(index["weight_map"][key], home, "{key}");
            }
        }
        Err(e) => assert!(e.to_string().contains(INDEX), "{e}"),
    }
});
