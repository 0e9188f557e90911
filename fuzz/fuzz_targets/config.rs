//! `config.json`: what is sound asks for tensors that are neither empty nor beyond counting.
#![no_main]

use std::collections::HashSet;

use copywright::model::checkpoint::Checkpoint;
use copywright::model::config::Config;
use copywright_fuzz::manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(config) = Config::from_json(data) else { return };
    let wanted = config.tensors();
    assert!(wanted.iter().all(|w| w.rows > 0 && w.cols > 0), "an empty tensor");
    let keys: HashSet<&str> = wanted.iter().map(|w| w.key.as_str()).collect();
    assert_eq!(keys.len(), wanted.len(), "two tensors of one name");
    let bytes: u128 = wanted.iter().map(|w| u128::from(w.rows) * u128::from(w.cols) * 4).sum();
    assert!(bytes < 1 << 64, "more bytes than can be counted");
    drop(Checkpoint::new(&config, &manifest(&[("model.safetensors", data)])));
});
