//! From tokens to activations, and from logits to tokens.

use copywright::kernel::Rows;
use copywright::kernel::embed::Embed;
use copywright::kernel::norm::Softmax;
use copywright::kernel::sample::{Penalties, RING, Sample, TOP, Top};
use copywright::record::{Element, Tensor};

use super::kernels::{Bench, Case};
use crate::failure::Result;

/// The default model's vocabulary and a larger model's.
const VOCABULARIES: [u32; 2] = [4096, 32_000];
/// Tokens of prompt and text so far.
const LENGTH: u32 = 512;
const SLICE: u32 = 256;

pub fn run(bench: &Bench) -> Result<()> {
    if bench.wants("embed") {
        for cols in [192, 2048] {
            for rows in [Rows::Decode(1), Rows::Decode(8), Rows::Prefill(SLICE)] {
                embed(bench, cols, rows)?;
            }
        }
    }
    for v in VOCABULARIES {
        for sequences in [1, 8] {
            if bench.wants("penalties") {
                penalties(bench, v, sequences, ("temperature", Choice::default()))?;
                let choice = Choice { repetition: 1.1, frequency: 0.2, ngram: 3, ..Choice::default() };
                penalties(bench, v, sequences, ("all penalties", choice))?;
            }
            if bench.wants("sample") {
                sample(bench, v, sequences, ("greedy", Choice { temperature: 0.0, ..Choice::default() }))?;
                sample(bench, v, sequences, ("temperature", Choice::default()))?;
                let choice = Choice { top_k: 40, top_p: 0.95, min_p: 0.05, ..Choice::default() };
                sample(bench, v, sequences, ("top-k, top-p, min-p", choice))?;
            }
            if bench.wants("softmax") {
                softmax(bench, v, sequences)?;
            }
            if bench.wants("top") {
                top(bench, v, sequences)?;
            }
        }
    }
    Ok(())
}

/// How to sample, see `shaders/lib/sampling.wgsl`.
#[derive(Clone, Copy)]
struct Choice {
    temperature: f32,
    top_k: u32,
    top_p: f32,
    min_p: f32,
    repetition: f32,
    frequency: f32,
    ngram: u32,
}

impl Default for Choice {
    fn default() -> Self {
        Self { temperature: 0.7, top_k: 0, top_p: 1.0, min_p: 0.0, repetition: 1.0, frequency: 0.0, ngram: 0 }
    }
}

impl Choice {
    fn tensor(self, bench: &Bench) -> Result<Tensor> {
        let floats = [self.temperature, self.top_p, self.min_p, self.repetition, 0.0, self.frequency];
        let mut words: Vec<u32> = floats.iter().map(|f| f.to_bits()).collect();
        words.extend([self.top_k, self.ngram, LENGTH, 0, 0, 0]);
        words.resize(20, 0); // no stop tokens
        words.extend(1..=8); // seeds
        bench.words("sampling", &words)
    }
}

/// Tokens of prompt and text, all different as far as the vocabulary goes.
fn history(bench: &Bench, vocabulary: u32) -> Result<Tensor> {
    let tokens: Vec<u32> = (0..LENGTH * 8).map(|i| i.wrapping_mul(2_654_435_761) % vocabulary).collect();
    bench.words("history", &tokens)
}

/// The sequences share half of their tokens.
fn state(bench: &Bench) -> Result<Tensor> {
    bench.state(LENGTH / 2, LENGTH / 2, LENGTH - 1, (0, SLICE))
}

fn bytes(words: u32) -> u64 {
    u64::from(words) * 4
}

fn embed(bench: &Bench, cols: u32, rows: Rows) -> Result<()> {
    let vocabulary = VOCABULARIES[0];
    let f16 = bench.engine.gpu.caps.f16;
    let table = bench.random("table", vocabulary, cols, Element::F16)?;
    let (state, history) = (state(bench)?, history(bench, vocabulary)?);
    let x = bench.zeros("x", rows.count(), cols, Element::F32)?;
    let case = Case {
        kernel: "embed",
        shape: format!("{}, {cols} columns", if matches!(rows, Rows::Decode(_)) { "decode" } else { "prefill" }),
        rows: rows.count(),
        kind: if f16 { "f16" } else { "f16 packed" },
        bytes: u64::from(rows.count() * cols) * (2 + 4),
        flops: 0,
    };
    bench.case(&case, |r, _| {
        r.run(&Embed {
            table: &table,
            first: 0,
            state: &state,
            history: &history,
            x: &x,
            scale: 1.0,
            positions: None,
            rows,
            f16,
        });
    })
}

fn penalties(bench: &Bench, v: u32, sequences: u32, (what, choice): (&str, Choice)) -> Result<()> {
    let (sampling, state, history) = (choice.tensor(bench)?, state(bench)?, history(bench, v)?);
    let bias = bench.zeros("bias", 1, v, Element::F32)?;
    let logits = bench.random("logits", sequences, v, Element::F32)?;
    let z = bench.zeros("z", sequences, v, Element::F32)?;
    let case = Case {
        kernel: "penalties",
        shape: format!("{v} tokens, {what}"),
        rows: sequences,
        kind: "f32",
        bytes: bytes(v * (2 * sequences + 1)),
        flops: 0,
    };
    bench.case(&case, |r, _| {
        r.run(&Penalties {
            sampling: &sampling,
            state: &state,
            history: &history,
            bias: &bias,
            logits: &logits,
            logit_rows: sequences,
            z: &z,
            sequences,
        });
    })
}

fn sample(bench: &Bench, v: u32, sequences: u32, (what, choice): (&str, Choice)) -> Result<()> {
    let (sampling, state, history) = (choice.tensor(bench)?, state(bench)?, history(bench, v)?);
    let z = bench.random("z", sequences, v, Element::F32)?;
    let out = bench.zeros("out", RING, 8, Element::U32)?;
    let case = Case {
        kernel: "sample",
        shape: format!("{v} tokens, {what}"),
        rows: sequences,
        kind: "f32",
        bytes: bytes(v * sequences),
        flops: 0,
    };
    bench.case(&case, |r, _| {
        r.run(&Sample {
            sampling: &sampling,
            z: &z,
            state: &state,
            history: &history,
            out: &out,
            rules: None,
            sequences,
        });
    })
}

fn softmax(bench: &Bench, v: u32, rows: u32) -> Result<()> {
    let x = bench.random("x", rows, v, Element::F32)?;
    let y = bench.zeros("y", rows, v, Element::F32)?;
    let case = Case {
        kernel: "softmax",
        shape: format!("{v} tokens"),
        rows,
        kind: "f32",
        bytes: bytes(2 * v * rows),
        flops: 0,
    };
    bench.case(&case, |r, _| r.run(&Softmax { x: &x, y: &y, rows }))
}

fn top(bench: &Bench, v: u32, sequences: u32) -> Result<()> {
    let state = state(bench)?;
    let probabilities = bench.random("probabilities", sequences, v, Element::F32)?;
    let out = bench.zeros("out", RING, 8, Element::U32)?;
    let report = bench.zeros("report", RING * 8, 2 + 2 * TOP, Element::U32)?;
    let case = Case {
        kernel: "top",
        shape: format!("{v} tokens"),
        rows: sequences,
        kind: "f32",
        bytes: bytes(v * sequences),
        flops: 0,
    };
    bench.case(&case, |r, _| {
        let (rows, report) = (sequences, &report);
        r.run(&Top { state: &state, probabilities: &probabilities, rows, out: &out, report, sequences });
    })
}
