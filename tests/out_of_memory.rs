//! A GPU without memory, truly: this process gets an address space in which the software adapter cannot make the
//! buffers that a model asks for. A file of its own, since the limit is the whole process's.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking and says what it compared"
)]

#[path = "support/gpu.rs"]
mod gpu;

use std::process::Command;
use std::rc::Rc;

use copywright::engine::Engine;
use copywright::error::Kind;
use copywright::model::config::Config;
use copywright::text::{Scheme, TextError, Tokenizer, Vocabulary};
use copywright::writer::load::Loader;
use copywright::writer::{Options, WriteError, Writer};
use pollster::block_on;
use serde_json::json;

const DEFAULT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/default");
/// What the process may have beyond what it has: enough for a small model, not for a large one.
const ROOM: u64 = 300 << 20;

struct Mute;
impl Tokenizer for Mute {
    fn encode(&self, _: &str) -> Result<Vec<u32>, TextError> {
        Ok(Vec::new())
    }
}

/// Loads a model of zeros, its weights of 1 GB in 14 matrices; it never lies whole in memory here.
fn large(engine: &Rc<Engine>) -> Result<Writer, WriteError> {
    let config = json!({
        "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "intermediate_size": 4096,
        "num_hidden_layers": 2, "num_attention_heads": 32, "head_dim": 128, "vocab_size": 16384,
        "max_position_embeddings": 64, "tie_word_embeddings": true,
    })
    .to_string();
    let (mut header, mut at) = (serde_json::Map::new(), 0u64);
    for w in Config::from_json(config.as_bytes()).unwrap().tensors() {
        let end = at + 4 * u64::from(w.rows) * u64::from(w.cols);
        let shape = if w.vector { vec![w.cols] } else { vec![w.rows, w.cols] };
        header.insert(w.key, json!({"dtype": "F32", "shape": shape, "data_offsets": [at, end]}));
        at = end;
    }
    let header = serde_json::Value::Object(header).to_string();
    let file = json!({"path": "model.safetensors", "size": 8 + header.len() as u64 + at});
    let manifest = json!({
        "name": "large", "version": "1", "license": "MIT", "languages": ["en"], "prompt": "none", "files": [file],
    });
    let mut loader = Loader::new(engine.clone(), manifest.to_string().as_bytes(), config.as_bytes())?;
    println!("a model of {at} bytes, by the estimate {}", loader.estimate().unwrap());
    loader.push("model.safetensors", &(header.len() as u64).to_le_bytes())?;
    loader.push("model.safetensors", header.as_bytes())?;
    let zeros = vec![0; 1 << 20];
    while at > 0 {
        let bytes = at.min(zeros.len() as u64);
        loader.push("model.safetensors", &zeros[..bytes as usize])?;
        block_on(loader.settle())?;
        at -= bytes;
    }
    let vocabulary = Vocabulary::new((0..16384).map(|i| format!("<{i}>")), Scheme::Plain, &[]);
    block_on(loader.finish(Box::new(Mute), vocabulary))
}

/// Sets this process's limit of address space, in bytes.
fn limit(bytes: &str) {
    let pid = std::process::id().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--as={bytes}:")]).status();
    assert!(set.expect("prlimit (util-linux) is needed").success());
}

fn size() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmSize:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

fn write(engine: &Rc<Engine>) -> String {
    let mut writer = block_on(Writer::open_on(engine.clone(), DEFAULT)).unwrap_or_else(|e| panic!("{e}"));
    let input = serde_json::from_value(json!({"format": "tagline", "name": "Lumen Arc"})).unwrap();
    let mut options = Options { max_tokens: Some(8), unconstrained: true, ..Options::default() };
    options.sampling.seed = Some(1);
    let copies = block_on(writer.write(&input, &options, &mut |_| (), &|| false)).unwrap_or_else(|e| panic!("{e}"));
    drop(writer.close());
    copies[0].text.clone()
}

#[test]
fn a_model_that_does_not_fit_leaves_room_for_one_that_does() {
    let engine = Rc::new(gpu::engine(false));
    if !engine.gpu.caps.software {
        println!("{} has memory of its own, which no limit of this process reaches", engine.gpu.info.name);
        return;
    }
    let before = write(&engine);
    let held = engine.counters().gpu_bytes;
    limit(&(size() + ROOM).to_string());
    let error = large(&engine).map(|_| ()).unwrap_err();
    println!("{error}");
    let counters = engine.counters();
    let Kind::QuotaExceeded { requested, quota } = error.kind() else { panic!("{error:?}") };
    assert!(requested > quota && quota <= ROOM && requested <= counters.peak_gpu_bytes, "{requested} {quota}");
    assert_eq!(counters.gpu_bytes, held, "what the failed load had is free again");
    engine.gpu.healthy().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(write(&engine), before, "a smaller model loads and writes on the same engine, under the same limit");
    limit("unlimited");
}
