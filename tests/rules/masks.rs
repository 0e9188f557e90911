//! Rules whose tables are too large for the GPU are walked on the CPU, and give the same text.

use std::rc::Rc;

use copywright::copy::check::check;
use copywright::copy::constrain::constraint;
use copywright::engine::Counters;
use copywright::generate::constraint::GPU_WORDS;
use copywright::generate::{Job, Output};
use copywright::writer::{Options, Writer};
use pollster::block_on;
use serde_json::{Value, json};

use crate::machine::{FORMATS, whole, writer};
use crate::random::Rng;
use crate::{asked, brief};

/// Sequences of one call.
const BATCH: u32 = 8;

/// Texts by the tables of a brief, walked on the GPU unless they have more than so many words.
fn texts(writer: &mut Writer, value: &Value, seed: u32, max_tokens: u32, gpu_words: u32) -> (Vec<Output>, Counters) {
    let brief = brief(value);
    let rules = Rc::new(constraint(&brief, false).unwrap());
    let options: Options = serde_json::from_value(json!({"temperature": 1.2, "topP": 0.98})).unwrap();
    let job = Job {
        prompt: writer.prompt(&brief).unwrap(),
        n: BATCH,
        seed,
        max_tokens: max_tokens.max(rules.least_tokens()),
        sampling: options.sampling,
        stop_tokens: writer.session().decoder.config.eos_token_ids.clone(),
        stop: Vec::new(),
        trim_lines: false,
        rules: Some(rules),
        logprobs: false,
        steps_per_readback: 0,
    };
    let session = writer.session();
    session.gpu_words = gpu_words;
    let before = session.engine.counters();
    let (outputs, _) = block_on(session.generate(&job, &mut |_| (), &|| false)).unwrap();
    let after = session.engine.counters();
    let spent = Counters {
        readbacks: after.readbacks - before.readbacks,
        masked_steps: after.masked_steps - before.masked_steps,
        ..after
    };
    (outputs, spent)
}

/// Token by token, for 64 seeds or `COPYWRIGHT_SEEDS` of them.
#[test]
fn both_ways_give_the_same_text() {
    let seeds = asked("COPYWRIGHT_SEEDS", 64) as u32;
    let mut writer = writer();
    let (mut same, mut tokens, mut readbacks) = (0, 0, [0, 0]);
    for seed in (0..seeds).step_by(BATCH as usize) {
        // Short ones most of the time; now and then one of every format.
        let format = match seed / BATCH % 8 {
            7 => FORMATS[(seed / BATCH / 8) as usize % FORMATS.len()],
            turn => ["tagline", "ad-headline"][turn as usize % 2],
        };
        let mut value = whole(format);
        if ["tagline", "ad-headline"].contains(&format) {
            value["maxChars"] = json!(30);
            value["must"] = json!([]);
        }
        // Room, or hardly any.
        let most = if seed / BATCH % 4 < 2 { 24 } else { 0 };
        let (gpu, by_tables) = texts(&mut writer, &value, seed, most, GPU_WORDS);
        let (cpu, by_masks) = texts(&mut writer, &value, seed, most, 0);
        assert_eq!(by_tables.masked_steps, 0);
        assert_eq!(by_masks.masked_steps, by_masks.readbacks, "one readback a step");
        for (i, (gpu, cpu)) in gpu.iter().zip(&cpu).enumerate() {
            assert_eq!(gpu.text, cpu.text, "{format}, seed {}", seed + i as u32);
            assert_eq!((&gpu.tokens, gpu.finish), (&cpu.tokens, cpu.finish));
            same += 1;
            tokens += cpu.tokens.len();
        }
        readbacks[0] += by_tables.readbacks;
        readbacks[1] += by_masks.readbacks;
    }
    println!(
        "{same} texts of {tokens} tokens are the same; in batches of {BATCH}, {} readbacks by tables and {} by masks",
        readbacks[0], readbacks[1]
    );
    assert!(same >= seeds && tokens as u32 > same);
}

/// A brief that asks for more than the GPU's tables can hold is written under its rules all the same.
#[test]
fn large_tables_are_walked_here() {
    let mut value = whole("blog-intro");
    // Long phrases that have little in common.
    let mut rng = Rng::new(1);
    let mut word = || (0..9).map(|_| char::from(b'a' + (rng.next_u64() % 26) as u8)).collect::<String>();
    let phrases: Vec<String> = (0..32).map(|_| (0..15).map(|_| word()).collect::<Vec<_>>().join(" ")).collect();
    value["never"] = json!(phrases);
    let brief = brief(&value);
    let rules = constraint(&brief, false).unwrap();
    println!("{} words of tables", rules.words());
    assert!(rules.words() > GPU_WORDS as usize, "{} words", rules.words());
    let mut writer = writer();
    let options: Options = serde_json::from_value(json!({"seed": 3, "attempts": 4})).unwrap();
    let input = serde_json::from_value(value).unwrap();
    let copies = block_on(writer.write(&input, &options, &mut |_| (), &|| false)).unwrap();
    let counters = writer.session().engine.counters();
    println!("{:?}, {} masked steps, {} readbacks", copies[0].text, counters.masked_steps, counters.readbacks);
    assert!(counters.masked_steps > 0 && check(&copies[0].text, &brief).iter().all(|c| c.pass));
}
