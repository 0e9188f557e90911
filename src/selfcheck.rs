//! The self-check: before a GPU writes for anybody, a tiny model whose numbers are known runs through every
//! kernel on it. Drivers exist that compile a shader wrongly and say nothing; their text must never be shown.
//!
//! The tiny model has two layers, odd head counts and a prompt longer than one split of the attention. Its
//! weights come from a hash, exact in every plain element type; quantised ones need rows of whole blocks, and so a
//! model of another shape. The numbers that each must give are in `expected.rs`, and `tests/selfcheck.rs`
//! computes them again with the CPU reference. Other packed types are checked by products alone.

mod expected;
mod products;

use std::rc::Rc;

use thiserror::Error;

use crate::engine::Engine;
use crate::error::Kind;
use crate::generate::params::Sampling;
use crate::generate::session::Session;
use crate::generate::{GenerateError, Job, Output};
use crate::gpu::{Gpu, GpuError, GpuOptions, Precision};
use crate::model::checkpoint::{Found, Piece};
use crate::model::config::{Config, LayerKind, Rotary};
use crate::model::decoder::Decoder;
use crate::model::dtype::Dtype;
use crate::model::error::ModelError;
use crate::model::quantize::Quantize;
use crate::model::weights::Builder;
use crate::record::Element;
use crate::text::Vocabulary;

pub use expected::{Expected, PLAIN, Q4, Q8};
pub use products::blocks;

/// Largest NMSE of the logits: rounding of an f16 cache stays a hundred times below, a wrong kernel far above.
const BOUND: f64 = 1e-3;
/// Tokens of the prompt: more than one slice of prefill on a software adapter, more than one split.
pub const PROMPT: u32 = 150;
/// Tokens that follow.
const STEPS: u32 = 6;

/// A GPU that cannot be used.
#[derive(Debug, Error)]
pub enum SelfCheckError {
    /// It computes other numbers than it must.
    #[error("this GPU computes wrong results ({adapter}: {what}); a newer driver or another browser may help")]
    Wrong {
        /// The adapter.
        adapter: String,
        /// What differs, with both numbers.
        what: String,
    },
    /// There is none, or it gave up.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The tiny model could not be loaded.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tiny model could not write.
    #[error(transparent)]
    Generate(#[from] GenerateError),
}

impl SelfCheckError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Wrong { .. } => Kind::Operation,
            Self::Gpu(e) => e.kind(),
            Self::Model(e) => e.kind(),
            Self::Generate(e) => e.kind(),
        }
    }
}

/// An engine that has passed the check. One whose f16 kernels fail is made again without them, unless f16 was
/// demanded.
///
/// # Errors
/// [`SelfCheckError`].
pub async fn checked_engine(options: &GpuOptions) -> Result<Rc<Engine>, SelfCheckError> {
    let engine = Rc::new(Engine::new(Gpu::new(options).await?));
    if options.checked == Some(engine.gpu.caps.f16) {
        engine.passed.set(true);
        return Ok(engine);
    }
    let outcome = check(&engine, Element::F16).await;
    if outcome.is_ok() || !engine.gpu.caps.f16 || options.precision != Precision::Auto {
        return outcome.map(|()| engine);
    }
    let plain = GpuOptions { precision: Precision::F32, ..options.clone() };
    let engine = Rc::new(Engine::new(Gpu::new(&plain).await?));
    check(&engine, Element::F16).await.map(|()| engine)
}

/// Runs the tiny model with weights of this type, or products with them, and compares. Leaves nothing on the engine but
/// pipelines.
///
/// # Errors
/// [`SelfCheckError`].
pub async fn check(engine: &Rc<Engine>, element: Element) -> Result<(), SelfCheckError> {
    let (dtype, quantize, expected) = match element {
        Element::F32 | Element::U32 => (Dtype::F32, Quantize::None, &PLAIN),
        Element::F16 => (Dtype::F16, Quantize::None, &PLAIN),
        Element::Bf16 => (Dtype::BF16, Quantize::None, &PLAIN),
        Element::Q8 => (Dtype::F16, Quantize::Q8, &Q8),
        Element::Q4 => (Dtype::F16, Quantize::Q4, &Q4),
        _ => return products::check(engine, element).await,
    };
    let mut session = session(engine, dtype, quantize)?;
    let outcome = compare(&mut session, expected).await;
    drop(session.close());
    outcome
}

async fn compare(session: &mut Session, expected: &Expected) -> Result<(), SelfCheckError> {
    let prompt: Vec<u32> = prompt();
    let logits = session.logits(&prompt).await?;
    let error = nmse(&logits, &expected.logits);
    if error.is_nan() || error > BOUND {
        return Err(wrong(session, format!("logits differ by an NMSE of {}", power(error))));
    }
    for (temperature, want) in [(0.0, [&expected.greedy; 2]), (1.0, [&expected.sampled[0], &expected.sampled[1]])] {
        let job = job(prompt.clone(), expected.seed, temperature);
        let (outputs, _) = session.generate(&job, &mut |_| (), &|| false).await?;
        for (output, want) in outputs.iter().zip(want) {
            same(session, output, want)?;
        }
    }
    Ok(())
}

/// The tokens, and the log-probabilities that belong to them: another kernel's view of the same logits.
fn same(session: &Session, output: &Output, want: &[u32]) -> Result<(), SelfCheckError> {
    if output.tokens != want {
        return Err(wrong(session, format!("tokens are {:?} instead of {want:?}", output.tokens)));
    }
    let sound = |l: &crate::generate::Logprobs| l.logprob <= 0.0 && l.top.windows(2).all(|w| w[0].1 >= w[1].1);
    match output.logprobs.iter().find(|l| !sound(l)) {
        Some(l) => Err(wrong(session, format!("a log-probability is {}", l.logprob))),
        None => Ok(()),
    }
}

fn wrong(session: &Session, what: String) -> SelfCheckError {
    SelfCheckError::Wrong { adapter: session.engine.gpu.info.name.clone(), what }
}

/// Σ (a - b)² / Σ b²
fn nmse(got: &[f32], want: &[f32]) -> f64 {
    if got.len() != want.len() {
        return f64::INFINITY;
    }
    let squares = |v: f32| f64::from(v) * f64::from(v);
    let error: f64 = got.iter().zip(want).map(|(a, b)| squares(a - b)).sum();
    error / want.iter().map(|&b| squares(b)).sum::<f64>()
}

/// A small number to the next power of ten.
fn power(mut number: f64) -> String {
    if !number.is_finite() {
        return "no number".into();
    }
    let mut exponent = 0;
    while number < 1.0 && exponent > -30 {
        number *= 10.0;
        exponent -= 1;
    }
    while number >= 10.0 {
        number /= 10.0;
        exponent += 1;
    }
    format!("1e{exponent}")
}

/// Two sequences: each kernel of a decode step meets more than one row.
fn job(prompt: Vec<u32>, seed: u32, temperature: f32) -> Job {
    Job {
        prompt,
        n: 2,
        seed,
        max_tokens: STEPS,
        sampling: sampling(temperature),
        stop_tokens: Vec::new(),
        stop: Vec::new(),
        trim_lines: false,
        rules: None,
        logprobs: true,
        steps_per_readback: STEPS,
    }
}

/// How the tiny model's tokens are chosen: everything that sampling can do.
#[must_use]
pub fn sampling(temperature: f32) -> Sampling {
    Sampling {
        temperature,
        top_k: 20,
        top_p: 0.95,
        min_p: 0.01,
        repetition_penalty: 1.1,
        presence_penalty: 0.1,
        frequency_penalty: 0.1,
        no_repeat_ngram_size: 3,
        ..Sampling::default()
    }
}

/// The tiny model's shape.
#[must_use]
pub fn config(quantize: Quantize) -> Config {
    let plain = quantize == Quantize::None;
    let head_dim = if plain { 8 } else { 32 };
    Config {
        rotary: vec![Rotary::new(1e4, head_dim)],
        attention_scale: 1.0 / (head_dim as f32).sqrt(),
        hidden_size: if plain { 36 } else { 64 },
        intermediate_size: if plain { 40 } else { 64 },
        num_hidden_layers: 2,
        layers: vec![LayerKind::FULL; 2],
        num_attention_heads: if plain { 3 } else { 2 },
        num_key_value_heads: 1,
        head_dim,
        vocab_size: 97,
        max_position_embeddings: 160,
        ..Config::llama()
    }
}

/// The prompt: every token of the vocabulary at least once, in no order.
#[must_use]
pub fn prompt() -> Vec<u32> {
    let vocabulary = config(Quantize::None).vocab_size;
    (0..PROMPT).map(|i| i * 37 % vocabulary).collect()
}

/// The weights of the `index`-th tensor of [`Config::tensors`]: multiples of 1/64 (gains: around 1), which
/// f32, f16 and bf16 hold exactly.
pub fn weights(index: u32, len: u32, gain: bool) -> impl Iterator<Item = f32> {
    (0..len).map(move |i| {
        // Mixes the bits of (index, i); the constants are those of the finaliser of MurmurHash3 (Appleby).
        let mut h = (index << 20 | i).wrapping_mul(0x9e37_79b9);
        h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
        h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
        let step = ((h >> 16) % 65) as f32 - 32.0;
        if gain { 1.0 + step / 128.0 } else { step / 64.0 }
    })
}

fn session(engine: &Rc<Engine>, dtype: Dtype, quantize: Quantize) -> Result<Session, SelfCheckError> {
    let config = config(quantize);
    let mut builder = Builder::new(engine.clone(), &config, quantize);
    fill(&mut builder, &config, dtype)?;
    let weights = builder.finish()?;
    let context = config.max_position_embeddings;
    let decoder = Decoder::new(engine, config, weights, context).map_err(ModelError::from)?;
    Ok(Session::new(engine.clone(), decoder, Vocabulary::default()).map_err(ModelError::from)?)
}

fn fill(builder: &mut Builder, config: &Config, dtype: Dtype) -> Result<(), ModelError> {
    let found = Found::new();
    for (index, wanted) in config.tensors().iter().enumerate() {
        let bytes: Vec<u8> = weights(index as u32, wanted.rows * wanted.cols, wanted.vector)
            .flat_map(|w| match dtype {
                Dtype::F32 => w.to_le_bytes().to_vec(),
                Dtype::F16 => half::f16::from_f32(w).to_le_bytes().to_vec(),
                _ => half::bf16::from_f32(w).to_le_bytes().to_vec(),
            })
            .collect();
        builder.take(&Piece {
            file: "self-check",
            key: &wanted.key,
            dtype,
            offset: 0,
            bytes: &bytes,
            found: &found,
        })?;
    }
    Ok(())
}
