//! A safetensors file, read whole and in chunks: both give the same tensors, or both an error.
//!
//! An input is either a file as it is, or text for a header: a first line of two numbers (bytes of zeros behind the
//! header, and the size of a chunk), then the JSON.
#![no_main]

use copywright_fuzz::{file, read};
use libfuzzer_sys::fuzz_target;

const NAME: &str = "model.safetensors";
/// Most bytes of zeros.
const MOST: usize = 1 << 14;

fuzz_target!(|data: &[u8]| {
    let (bytes, chunk) = match header(data) {
        Some((zeros, chunk, json)) => (file(json, zeros), chunk),
        None => (data.to_vec(), data.len() % 23),
    };
    let whole = read(&[(NAME, &bytes)], bytes.len());
    let parts = read(&[(NAME, &bytes)], chunk);
    match (whole, parts) {
        (Ok(whole), Ok(parts)) => assert_eq!(whole, parts),
        (Err(_), Err(_)) => {}
        (whole, parts) => panic!("whole: {whole:?}, in chunks of {chunk}: {parts:?}"),
    }
});

fn header(data: &[u8]) -> Option<(usize, usize, &[u8])> {
    let end = data.iter().position(|&b| b == b'\n')?;
    let (zeros, chunk) = std::str::from_utf8(&data[..end]).ok()?.split_once(' ')?;
    let zeros: usize = zeros.parse().ok().filter(|&n| n <= MOST)?;
    Some((zeros, chunk.parse().ok()?, &data[end + 1..]))
}
