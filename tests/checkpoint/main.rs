//! Checkpoints that are whole arrive whole, however they are cut; damaged and hostile ones give an error that
//! names the file and the tensor. Nothing panics, nothing hangs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

mod chunks;
mod config;
#[path = "../support/gpu.rs"]
mod gpu;
mod header;
mod list;
mod loader;
mod manifest;
#[path = "../support/checkpoint.rs"]
mod support;
mod tensors;

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use copywright::error::Kind;
use copywright::model::checkpoint::Checkpoint;
use copywright::model::config::Config;
use copywright::model::error::ModelError;
use copywright::model::manifest::Manifest;
use copywright::model::safetensors::Dtype;
use support::Model;

/// What arrived of each tensor.
type Arrived = BTreeMap<String, (Dtype, Vec<u8>)>;

/// Takes pieces and holds them to the contract: whole elements, in order, without gaps.
#[derive(Default)]
struct Collector(Arrived);

impl Collector {
    fn push(&mut self, reading: &mut Checkpoint, file: &str, chunk: &[u8]) -> Result<(), ModelError> {
        reading.push(file, chunk, &mut |piece| {
            assert_eq!(piece.file, file);
            let (dtype, bytes) = self.0.entry(piece.key.into()).or_insert((piece.dtype, Vec::new()));
            assert_eq!(*dtype, piece.dtype, "{}", piece.key);
            assert_eq!(bytes.len() as u64, piece.offset, "{}: pieces in order, without gaps", piece.key);
            assert!(!piece.bytes.is_empty() && piece.bytes.len().is_multiple_of(dtype.block().1), "{}", piece.key);
            bytes.extend_from_slice(piece.bytes);
            Ok(())
        })
    }
}

fn begin(model: &Model) -> Result<Checkpoint, ModelError> {
    let manifest = Manifest::from_json(model.manifest.to_string().as_bytes())?;
    let config = Config::from_json(model.config.to_string().as_bytes())?;
    Checkpoint::new(&config, &manifest)
}

/// Reads a model, every file in chunks of this size.
fn read(model: &Model, chunk: usize) -> Result<Arrived, ModelError> {
    let mut reading = begin(model)?;
    let mut collector = Collector::default();
    for (path, bytes) in &model.files {
        for chunk in bytes.chunks(chunk) {
            collector.push(&mut reading, path, chunk)?;
        }
    }
    reading.finish()?;
    Ok(collector.0)
}

/// The error of an outcome that must be one, of this kind, naming all of these.
fn refused<T, E: Display + Debug>(
    outcome: Result<T, E>,
    kind_of: impl Fn(&E) -> Kind,
    kind: Kind,
    names: &[&str],
) -> String {
    let Err(error) = outcome else { panic!("accepted; it should name {names:?}") };
    let message = error.to_string();
    assert_eq!(kind_of(&error), kind, "{message}");
    for name in names {
        assert!(message.contains(name), "{message:?} does not name {name:?}");
    }
    assert!(message.len() < 2000, "a message of {} bytes", message.len());
    message
}

/// The model is refused, whatever the chunks.
fn damaged(model: &Model, names: &[&str]) -> String {
    let whole = refused(read(model, usize::MAX), ModelError::kind, Kind::Data, names);
    for chunk in [1, 7, 64] {
        assert_eq!(refused(read(model, chunk), ModelError::kind, Kind::Data, names), whole, "chunks of {chunk}");
    }
    whole
}
