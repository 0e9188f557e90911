//! `tokenizer.json`: a vocabulary is never much larger than the file that it came from.
#![no_main]

use copywright::text::Vocabulary;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(vocabulary) = Vocabulary::from_tokenizer_json(text) else { return };
    assert!(!vocabulary.is_empty());
    assert!(vocabulary.len() <= 4 * text.len() + 1024, "more ids than the file has room for");
    let ids = 0..vocabulary.len() as u32 + 1;
    let bytes: usize = ids.clone().map(|id| vocabulary.bytes(id).len()).sum();
    assert!(bytes <= text.len(), "more bytes than the file has");
    assert!(ids.filter(|&id| vocabulary.is_special(id)).all(|id| vocabulary.bytes(id).is_empty()));
});
