//! `manifest.json`: what is sound is the same after it was written and read again, and a checkpoint takes it.
#![no_main]

use copywright::model::checkpoint::Checkpoint;
use copywright::model::manifest::Manifest;
use copywright_fuzz::config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(manifest) = Manifest::from_json(data) else { return };
    let written = serde_json::to_vec(&manifest).expect("a manifest is JSON");
    assert_eq!(Manifest::from_json(&written).as_ref().ok(), Some(&manifest));
    let Ok(mut checkpoint) = Checkpoint::new(&config(), &manifest) else { return };
    assert!(checkpoint.finish().is_err(), "nothing has come yet");
    for file in &manifest.files {
        // Whatever the file: nothing in it is a reason to fail otherwise than with an error.
        drop(checkpoint.push(&file.path, data, &mut |_| Ok(())));
    }
});
