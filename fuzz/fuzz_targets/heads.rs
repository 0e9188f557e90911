//! A file of heads: an error with a name, or heads that give each class a share, together 1, whatever the vector.
//!
//! An input is either a file as it is, or text for one: a line with a number of bytes of zeros, a line with the header's JSON,
//! and the first bytes of the data.
#![no_main]

use copywright::insight::heads::{Heads, HeadsError, Input, MOST_BYTES};
use copywright_fuzz::file;
use libfuzzer_sys::fuzz_target;

/// Most bytes of zeros.
const MOST: usize = 1 << 14;

fuzz_target!(|data: &[u8]| {
    let bytes = written(data).unwrap_or_else(|| data.to_vec());
    let heads = match Heads::read(&bytes) {
        Ok(heads) => heads,
        Err(wrong) => return assert!(!wrong.to_string().is_empty()),
    };
    assert!(bytes.len() <= MOST_BYTES && heads.width() > 0 && !heads.encoder().is_empty());
    let words = ["good", "at", "it"].map(str::to_owned);
    let vector: Vec<f32> = (0..heads.width()).map(|i| (i % 7) as f32 - 2.5).collect();
    for name in ["sentiment", "aspect", "intent"] {
        let Ok(head) = heads.head(name) else { continue };
        let input = Input { vector: &vector, evidence: &[0.5, -0.25, 1.0, 0.0], words: &words };
        let shares = heads.probabilities(head, input).expect("the vector is as long as they say");
        assert!(shares.len() > 1 && shares.len() == head.classes().len());
        assert!(shares.iter().all(|s| (0.0..=1.0).contains(s)), "{shares:?}");
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{shares:?}");
        let short = Input { vector: &vector[1..], ..input };
        assert!(matches!(heads.probabilities(head, short), Err(HeadsError::Vectors(_))));
    }
});

fn written(data: &[u8]) -> Option<Vec<u8>> {
    let mut lines = data.splitn(3, |&b| b == b'\n');
    let zeros: usize = std::str::from_utf8(lines.next()?).ok()?.parse().ok().filter(|&n| n <= MOST)?;
    let mut bytes = file(lines.next()?, 0);
    bytes.extend_from_slice(lines.next()?);
    bytes.resize(bytes.len() + zeros, 0);
    Some(bytes)
}
