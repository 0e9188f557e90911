//! A GGUF file: its header read whole and from its beginning, and everything that is made of it.
#![no_main]

use std::collections::BTreeMap;

use copywright::model::checkpoint::Checkpoint;
use copywright::model::config::Config;
use copywright::model::error::ModelError;
use copywright::model::gguf::{
    Header, chat_template, check_split, config, describe, key, special, split_files, tokenizer_json, vocabulary,
};
use copywright::text::Vocabulary;
use copywright_fuzz::manifest;
use libfuzzer_sys::fuzz_target;

const NAME: &str = "model.gguf";
const PART: &str = "model-00001-of-00002.gguf";

fuzz_target!(|data: &[u8]| {
    let size = data.len() as u64;
    let whole = Header::parse(NAME, data, size);
    // Where it is cut hangs on the data, so that what was found is found again.
    let cut = data.iter().fold(0usize, |sum, &b| sum * 31 % 65_521 + usize::from(b)) % (data.len() + 1);
    match (Header::parse(NAME, &data[..cut], size), &whole) {
        (Ok(None), _) => {}
        (Ok(Some(part)), Ok(Some(whole))) => assert_eq!(part.tensors, whole.tensors),
        (Err(_), Err(_)) => {}
        (part, whole) => panic!("{cut} of {size} bytes: {part:?}, all: {whole:?}"),
    }
    let Ok(Some(header)) = whole else { return };
    for t in &header.tensors {
        assert!(header.data_start <= t.start && t.start <= t.end && t.end <= size, "{t:?}");
        for arch in ["llama", "gpt2", "bert", "gemma3"] {
            drop(key(arch, &t.name));
        }
    }
    drop((special(&header), chat_template(&header), split_files(NAME, &header), split_files(PART, &header)));
    let made = vocabulary(&header);
    if let Ok(json) = tokenizer_json(&header) {
        assert!(json.len() < 40 * data.len() + 4000, "{} bytes of {size}", json.len());
        if let (Ok(read), Ok(made)) = (Vocabulary::from_tokenizer_json(&json), made) {
            assert!(read.len() <= made.len(), "tokens that the file does not have");
        }
    }
    let one = [header];
    drop(check_split(&one));
    let described = describe(&one);
    if let Ok(json) = config(&one)
        && let Ok(config) = Config::from_json(json.as_bytes())
        && let Ok(model) = described
    {
        let whole = read(&config, &model.lists, data, data.len());
        let parts = read(&config, &model.lists, data, 1 + cut % 97);
        match (whole, parts) {
            (Ok(whole), Ok(parts)) => assert_eq!(whole, parts),
            (Err(_), Err(_)) => {}
            (whole, parts) => panic!("whole: {whole:?}, in chunks: {parts:?}"),
        }
    }
});

/// The bytes of every wanted tensor, when the file is read in chunks of this size.
fn read(config: &Config, lists: &str, data: &[u8], chunk: usize) -> Result<BTreeMap<String, Vec<u8>>, ModelError> {
    let mut checkpoint = Checkpoint::described(config, &manifest(&[(NAME, data)]), lists)?;
    let mut tensors: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for part in data.chunks(chunk) {
        checkpoint.push(NAME, part, &mut |piece| {
            let tensor = tensors.entry(piece.key.to_owned()).or_default();
            assert_eq!(tensor.len() as u64, piece.offset, "{}: a piece out of order", piece.key);
            tensor.extend_from_slice(piece.bytes);
            Ok(())
        })?;
    }
    checkpoint.finish()?;
    Ok(tensors)
}
