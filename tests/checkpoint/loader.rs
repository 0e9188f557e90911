//! Onto the GPU and off it: what arrives there is what the file holds, and a load that fails leaves the engine
//! as it was.

use std::rc::Rc;

use copywright::copy::brief::Input;
use copywright::engine::Engine;
use copywright::error::Kind;
use copywright::model::weights::Matrix;
use copywright::text::{Scheme, Vocabulary};
use copywright::writer::load::Loader;
use copywright::writer::{Options, WriteError, Writer};
use pollster::block_on;
use serde_json::json;

use crate::gpu;
use crate::refused;
use crate::support::{
    Bytes, Entry, FILE, Model, config, encode, file, header, load, model, safetensors, tensors, tiny, with,
};

/// Of most models here: with other types a load also runs the self-check.
const TYPE: &str = "F16";

fn logits(writer: &mut Writer) -> Vec<f32> {
    let logits = block_on(writer.session().logits(&[1, 5, 0, 3])).unwrap_or_else(|e| panic!("{e}"));
    assert!(logits.iter().all(|l| l.is_finite()) && logits.iter().any(|l| *l != logits[0]), "{logits:?}");
    logits
}

/// An engine that has loaded a model once: readbacks keep a staging buffer. And that model's logits.
fn engine() -> (Rc<Engine>, Vec<f32>) {
    let mut writer = load(Rc::new(gpu::engine(false)), &tiny(TYPE), 1000).unwrap_or_else(|e| panic!("{e}"));
    let first = logits(&mut writer);
    (writer.close(), first)
}

/// The load fails so, and nothing is left on the engine.
fn fails(engine: &Rc<Engine>, model: &Model, kind: Kind, names: &[&str]) {
    let held = engine.counters().gpu_bytes;
    for chunk in [1, 97, usize::MAX] {
        let message = refused(load(engine.clone(), model, chunk).map(drop), WriteError::kind, kind, names);
        assert_eq!(engine.counters().gpu_bytes, held, "after {message}");
        engine.gpu.healthy().unwrap_or_else(|e| panic!("after {message}: {e}"));
    }
}

/// The bytes of a matrix, parts joined; a paired one section after section.
fn bytes_of(engine: &Engine, matrix: &Matrix, sections: usize) -> Vec<u8> {
    let mut whole = vec![Vec::new(); sections];
    for part in &matrix.parts {
        let bytes = block_on(engine.read(&part.tensor)).unwrap();
        for (section, bytes) in whole.iter_mut().zip(bytes.chunks(bytes.len() / sections)) {
            section.extend_from_slice(bytes);
        }
    }
    whole.concat()
}

#[test]
fn the_gpu_holds_what_the_file_holds() {
    for (dtype, limited, chunk) in [
        ("F32", false, 1),
        ("F16", false, 1),
        ("BF16", false, 3),
        ("F16", true, 5),
        ("BF16", true, 1),
        ("F32", true, 1000),
    ] {
        let mut engine = gpu::engine(false);
        if limited {
            // Room for what a slice needs, but not for the product of gate and up.
            engine.gpu.caps.max_binding = 256 * 512 * 4;
        }
        let limit = engine.gpu.caps.max_binding;
        let mut config = config();
        for (field, size) in [("hidden_size", 512), ("intermediate_size", 512)] {
            config[field] = json!(size);
        }
        let entries = tensors(&config, dtype);
        let big = model(config, &[(FILE, safetensors(&entries))]);
        let engine = Rc::new(engine);
        let mut writer = load(engine.clone(), &big, chunk).unwrap_or_else(|e| panic!("{e}"));
        let w = &writer.session().decoder.weights;
        let of = |names: &[&str]| -> Vec<u8> {
            let find = |name: &&str| &entries.iter().find(|e| e.key.contains(*name)).unwrap().bytes;
            names.iter().flat_map(find).copied().collect()
        };
        let layer = &w.layers[0];
        assert_eq!(bytes_of(&engine, &w.embed_tokens, 1), of(&["embed"]));
        assert_eq!(bytes_of(&engine, &layer.qkv_proj.weight, 1), of(&["q_proj", "k_proj", "v_proj"]));
        assert_eq!(bytes_of(&engine, &layer.o_proj.weight, 1), of(&["o_proj"]));
        assert_eq!(bytes_of(&engine, &layer.up_proj.weight, 2), of(&["gate_proj", "up_proj"]));
        assert_eq!(bytes_of(&engine, &layer.down_proj.weight, 1), of(&["down_proj"]));
        assert_eq!(bytes_of(&engine, &w.lm_head, 1), of(&["lm_head"]));
        let parts = layer.up_proj.weight.parts.len();
        println!("{dtype}: gate and up under a limit of {limit}, in {parts} parts");
        assert_eq!(parts > 1, limited);
        // Gains are f32, whatever the file has.
        let norm = gpu::down(&engine, &w.norm.as_ref().unwrap().gain);
        let index = entries.iter().position(|e| e.key == "model.norm.weight").unwrap();
        assert_eq!(norm, (0..512).map(|i| crate::support::value(index, i)).collect::<Vec<_>>());
    }
}

#[test]
fn a_load_that_fails_leaves_the_engine_as_it_was() {
    let (engine, before) = engine();
    let whole = tiny(TYPE);
    let key = |i: usize| tensors(&config(), TYPE)[i].key.clone();

    let mut nan = tensors(&config(), TYPE);
    let last = nan.len() - 1;
    nan[last].bytes[..2].copy_from_slice(&encode(TYPE, [f32::NAN].into_iter()));
    fails(&engine, &with(&nan), Kind::Data, &[FILE, &key(last), "not finite"]);

    let mut hash = whole.clone();
    *hash.files[0].1.last_mut().unwrap() ^= 1;
    fails(&engine, &hash, Kind::Data, &[FILE, "SHA-256"]);

    let mut short = whole.clone();
    short.files[0].1.truncate(1500);
    fails(&engine, &short, Kind::Data, &[FILE, "ends after 1500"]);

    let without = tensors(&config(), TYPE)[..last].to_vec();
    fails(&engine, &with(&without), Kind::Data, &[FILE, &key(last), "is missing"]);

    fails(&engine, &model(config(), &[(FILE, file("[]", &[0; 4000]))]), Kind::Data, &[FILE, "header"]);

    let mut other = whole.clone();
    other.config["architectures"] = json!(["MambaForCausalLM"]);
    fails(&engine, &other, Kind::NotSupported, &["config.json", "architectures", "MambaForCausalLM"]);

    // After all this it loads and writes as before.
    let held = engine.counters().gpu_bytes;
    let mut writer = load(engine.clone(), &whole, 1000).unwrap();
    assert_eq!(logits(&mut writer), before);
    drop(writer.close());
    assert_eq!(engine.counters().gpu_bytes, held);
}

#[test]
fn a_tokenizer_of_another_model() {
    let (engine, _) = engine();
    let held = engine.counters().gpu_bytes;
    for (tokens, fits) in [(7, false), (6, true), (3, true)] {
        let whole = tiny(TYPE);
        let (manifest, config) = (whole.manifest.to_string(), whole.config.to_string());
        let mut loader = Loader::new(engine.clone(), manifest.as_bytes(), config.as_bytes()).unwrap();
        loader.push(FILE, &whole.files[0].1).unwrap();
        let vocabulary = Vocabulary::new((0..tokens).map(|i| i.to_string()), Scheme::Plain, &[]);
        match block_on(loader.finish(Box::new(Bytes), vocabulary)) {
            Ok(writer) => {
                assert!(fits, "{tokens} tokens");
                drop(writer.close());
            }
            outcome => drop(refused(outcome.map(drop), WriteError::kind, Kind::Data, &["tokenizer.json", "7", "6"])),
        }
        assert_eq!(engine.counters().gpu_bytes, held);
    }
}

#[test]
fn a_load_that_is_given_up() {
    let (engine, before) = engine();
    let held = engine.counters().gpu_bytes;
    let whole = tiny(TYPE);
    let (manifest, config) = (whole.manifest.to_string(), whole.config.to_string());
    for length in [0, 9, 1500, 2000, whole.files[0].1.len()] {
        for abandon in [false, true] {
            let mut loader = Loader::new(engine.clone(), manifest.as_bytes(), config.as_bytes()).unwrap();
            assert_eq!(engine.counters().gpu_bytes, held, "nothing is taken before it comes");
            loader.push(FILE, &whole.files[0].1[..length]).unwrap();
            match abandon {
                true => drop(loader.abandon()),
                false => drop(loader),
            }
            assert_eq!(engine.counters().gpu_bytes, held, "after {length} bytes");
        }
    }
    assert_eq!(logits(&mut load(engine, &whole, 64).unwrap()), before);
}

/// A device that binds little refuses somewhere on the way, at each limit elsewhere.
#[test]
fn a_device_that_refuses() {
    let mut outcomes = std::collections::BTreeSet::new();
    for binding in [16, 28, 32, 100, 200, 500, 600, 1000, 1030, 1500, 2000, 5000, 20_000, 24_575, 24_576, 30_000] {
        let mut engine = gpu::engine(false);
        engine.gpu.caps.max_binding = binding;
        let engine = Rc::new(engine);
        match load(engine.clone(), &tiny(TYPE), 1000) {
            Ok(writer) => {
                drop(writer.close());
                outcomes.insert("loaded".to_owned());
            }
            Err(e) => {
                let kind = e.kind();
                assert!(matches!(kind, Kind::QuotaExceeded { .. } | Kind::Operation), "{e}: {kind:?}");
                println!("at most {binding} bytes: {e}");
                outcomes.insert(e.to_string().split(" has ").next().unwrap().to_owned());
            }
        }
        assert_eq!(engine.counters().gpu_bytes, 0, "at most {binding} bytes");
        engine.gpu.healthy().unwrap_or_else(|e| panic!("{e}"));
    }
    assert!(outcomes.len() > 4 && outcomes.contains("loaded"), "{outcomes:?}");
    // And one that allocates everything, but runs none of it.
    for (groups, buffers) in [(1, 8), (65_535, 2)] {
        let mut engine = gpu::engine(false);
        (engine.gpu.caps.max_groups, engine.gpu.caps.max_storage_buffers) = (groups, buffers);
        let engine = Rc::new(engine);
        let outcome = load(engine.clone(), &tiny(TYPE), 1000).map(drop);
        refused(outcome, WriteError::kind, Kind::Operation, &["the device allows"]);
        assert_eq!(engine.counters().gpu_bytes, 0);
    }
}

/// A header that promises gigabytes costs nothing until they come.
#[test]
fn memory_follows_the_bytes_that_came() {
    let mut engine = gpu::engine(false);
    engine.gpu.caps.max_binding = 1 << 20;
    let engine = Rc::new(engine);
    let mut huge = tiny(TYPE);
    (huge.config["vocab_size"], huge.config["hidden_size"]) = (json!(1 << 20), json!(1024));
    let embed = "model.embed_tokens.weight";
    let size = (1u64 << 30) * 4;
    let mut claims = header(&[Entry { key: "x".into(), dtype: "F32", shape: vec![1], bytes: vec![0; 4] }]);
    claims.remove("x");
    claims.insert(embed.into(), json!({"dtype": "F32", "shape": [1 << 20, 1024], "data_offsets": [0, size]}));
    let head = file(&serde_json::Value::Object(claims).to_string(), &[]);
    huge.manifest["files"] = json!([
        {"path": FILE, "size": head.len() as u64 + size},
        {"path": "rest.safetensors", "size": size},
    ]);
    let (manifest, config) = (huge.manifest.to_string(), huge.config.to_string());
    let mut loader = Loader::new(engine.clone(), manifest.as_bytes(), config.as_bytes()).unwrap();
    loader.push(FILE, &head).unwrap();
    assert_eq!(engine.counters().gpu_bytes, 0);
    loader.push(FILE, &[0; 4096]).unwrap();
    assert_eq!(engine.counters().gpu_bytes, 1 << 20, "one part");
    loader.push(FILE, &vec![0; 2 << 20]).unwrap();
    assert_eq!(engine.counters().gpu_bytes, 3 << 20);
    block_on(loader.settle()).unwrap();
    let outcome = block_on(loader.finish(Box::new(Bytes), Vocabulary::default()));
    refused(outcome.map(drop), WriteError::kind, Kind::Data, &[FILE, "ends after"]);
    assert_eq!(engine.counters().gpu_bytes, 0);
}

#[test]
fn a_model_that_only_completes() {
    let mut writer = load(Rc::new(gpu::engine(false)), &tiny(TYPE), 1000).unwrap();
    let input = Input::Text("A lamp, quiet".into());
    let names = ["tiny@1", "briefs"];
    refused(writer.measure(&input), WriteError::kind, Kind::NotSupported, &names);
    let outcome = block_on(writer.write(&input, &Options::default(), &mut |_| (), &|| false));
    refused(outcome, WriteError::kind, Kind::NotSupported, &names);
}

/// The same by way of a folder.
#[test]
fn a_folder_with_something_missing() {
    let (engine, before) = engine();
    let held = engine.counters().gpu_bytes;
    let whole = tiny(TYPE);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("a_folder_with_something_missing");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    let tokens: serde_json::Map<_, _> = (0..6).map(|i| (format!("t{i}"), json!(i))).collect();
    let tokenizer = json!({"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": tokens, "unk_token": "t0"}});
    let files = [
        ("manifest.json", whole.manifest.to_string().into_bytes()),
        ("config.json", whole.config.to_string().into_bytes()),
        (FILE, whole.files[0].1.clone()),
        ("tokenizer.json", tokenizer.to_string().into_bytes()),
    ];
    let write = |name: &str, content: &[u8]| std::fs::write(folder.join(name), content).unwrap();
    files.iter().for_each(|(name, content)| write(name, content));
    for (name, content) in &files {
        for broken in [None, Some(&content[..0]), Some(&content[..content.len() - 1])] {
            match broken {
                Some(part) => write(name, part),
                None => std::fs::remove_file(folder.join(name)).unwrap(),
            }
            let outcome = block_on(Writer::open_on(engine.clone(), &folder));
            refused(outcome.map(drop), WriteError::kind, Kind::Data, &[name]);
            assert_eq!(engine.counters().gpu_bytes, held, "{name}: {broken:?}");
        }
        write(name, content);
    }
    let mut writer = block_on(Writer::open_on(engine, &folder)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(logits(&mut writer), before);
}

/// Types may differ from tensor to tensor, within one product too: the model computes what it computes in one type that
/// holds all of them.
#[test]
fn tensors_of_different_types() {
    let engine = Rc::new(gpu::engine(false));
    for (first, second, named) in [("F32", "F16", "k_proj"), ("F16", "BF16", "v_proj"), ("BF16", "F32", "up_proj")] {
        // Numbers that every type holds.
        let number = |i: usize| (i * 7 % 16) as f32 / 8.0 - 1.0;
        let of = |first: &'static str, second: &'static str| {
            let mut entries = tensors(&config(), first);
            for entry in &mut entries {
                let dtype = if entry.key.contains(named) { second } else { first };
                let count = entry.shape.iter().product::<u64>() as usize;
                *entry = Entry { dtype, bytes: encode(dtype, (0..count).map(number)), ..entry.clone() };
            }
            with(&entries)
        };
        let mut same = load(engine.clone(), &of("F32", "F32"), 1000).unwrap();
        let want = logits(&mut same);
        drop(same.close());
        let mut mixed = load(engine.clone(), &of(first, second), 7).unwrap();
        assert_eq!(logits(&mut mixed), want, "{first} with {named} in {second}");
        drop(mixed.close());
    }
}
