//! What the targets share: the smallest configuration, and the reading of a checkpoint in pieces.

use std::collections::BTreeMap;

use copywright::model::checkpoint::Checkpoint;
use copywright::model::config::Config;
use copywright::model::error::ModelError;
use copywright::model::manifest::{FileEntry, Manifest};

/// A Llama of 132 weights.
pub const CONFIG: &str = r#"{
    "architectures": ["LlamaForCausalLM"], "hidden_size": 4, "intermediate_size": 4, "num_hidden_layers": 1,
    "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 4, "vocab_size": 2,
    "max_position_embeddings": 16, "tie_word_embeddings": true
}"#;

/// The configuration that [`CONFIG`] is.
pub fn config() -> Config {
    Config::from_json(CONFIG.as_bytes()).expect("CONFIG is a configuration")
}

/// A manifest that is true to these files.
pub fn manifest(files: &[(&str, &[u8])]) -> Manifest {
    let entry =
        |&(path, bytes): &(&str, &[u8])| FileEntry { path: path.into(), size: bytes.len() as u64, sha256: None };
    Manifest {
        name: "fuzz".into(),
        version: "1".into(),
        license: "MIT".into(),
        languages: Vec::new(),
        prompt: "none".into(),
        files: files.iter().map(entry).collect(),
    }
}

/// The bytes of every wanted tensor, when the files are read in chunks of this size. Pieces of a tensor must come
/// in order and hold whole numbers.
pub fn read(files: &[(&str, &[u8])], chunk: usize) -> Result<BTreeMap<String, Vec<u8>>, ModelError> {
    let mut tensors: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut checkpoint = Checkpoint::new(&config(), &manifest(files))?;
    for &(path, bytes) in files {
        for part in bytes.chunks(chunk.max(1)) {
            checkpoint.push(path, part, &mut |piece| {
                let tensor = tensors.entry(piece.key.to_owned()).or_default();
                assert_eq!(tensor.len() as u64, piece.offset, "{}: a piece out of order", piece.key);
                assert!((piece.bytes.len() as u64).is_multiple_of(piece.dtype.block().1 as u64), "half a number");
                tensor.extend_from_slice(piece.bytes);
                Ok(())
            })?;
        }
    }
    checkpoint.finish()?;
    Ok(tensors)
}

/// A whole file of the tensors that are wanted, or of those that `these` names, in half precision.
pub fn safetensors(these: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut at = 0;
    for w in config().tensors().into_iter().filter(|w| these(&w.key)) {
        let end = at + 2 * w.rows * w.cols;
        let shape = if w.vector { vec![w.cols] } else { vec![w.rows, w.cols] };
        header.insert(w.key, serde_json::json!({"dtype": "F16", "shape": shape, "data_offsets": [at, end]}));
        at = end;
    }
    let json = serde_json::Value::Object(header).to_string();
    file(json.as_bytes(), at as usize)
}

/// Length, header, and so many bytes of zeros.
pub fn file(header: &[u8], data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    bytes.resize(bytes.len() + data, 0);
    bytes
}
