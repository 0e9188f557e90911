//! Marketing text written on the visitor's own GPU.
//!
//! A transformer's forward pass as WGSL compute shaders, driven by wgpu, in a browser (WebAssembly and
//! WebGPU) or natively (Vulkan, Metal, DX12). The rooms of the house:
//!
//! - [`gpu`]: adapter, device, what the device can do.
//! - [`record`] and [`kernel`]: what is to run, in terms that name no graphics API.
//! - [`engine`]: runs and replays recordings, and counts what it creates.
//! - [`model`]: configuration, checkpoint files, weights, and the decoder that reads like the paper.
//! - [`generate`]: sampling, stop rules, and the decode loop.
//! - [`copy`]: the domain: briefs, formats and their limits, prompts, checks.
//! - `insight`: support answers, market research, measures of text (kept out of the engine's wasm module).
//! - `schema`: what an answer has to look like, as an automaton: in the page a module of its own.
//! - [`text`]: tokens and the bytes they stand for.
//! - [`selfcheck`]: whether a GPU computes what it must, found out before it writes.
//! - [`writer`]: all of it together: from a brief to checked copy.
//! - [`embedder`]: the same for encoders: from texts to vectors.
//! - `insight`: what a shop knows of its customers, and what it must not: in the page a module of its own.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use copywright::{copy::brief::Input, writer::{Options, Writer}};
//!
//! let mut writer = Writer::open("models/default", &Default::default()).await?;
//! let brief: Input = serde_json::from_str(
//!     r#"{"format": "tagline", "name": "Lumen Arc", "features": ["dims with a tap", "folds flat"]}"#,
//! )?;
//! let copies = writer.write(&brief, &Options::default(), &mut |_| (), &|| false).await?;
//! println!("{}", copies[0].text);
//! # Ok(()) }
//! ```

pub mod copy;
pub mod embedder;
pub mod engine;
pub mod error;
mod fields;
pub mod generate;
pub mod gpu;
#[cfg(any(not(target_arch = "wasm32"), feature = "insight-module"))]
pub mod insight;
mod json;
pub mod kernel;
pub mod map;
mod math;
pub mod model;
pub mod record;
#[cfg(any(not(target_arch = "wasm32"), feature = "schema-module"))]
pub mod schema;
pub mod selfcheck;
pub mod text;
pub mod writer;

#[cfg(all(
    target_arch = "wasm32",
    not(any(
        feature = "gguf-module",
        feature = "check-module",
        feature = "insight-module",
        feature = "schema-module"
    ))
))]
mod web;
#[cfg(all(target_arch = "wasm32", feature = "check-module"))]
#[path = "web/check.rs"]
mod web;
#[cfg(all(target_arch = "wasm32", feature = "gguf-module"))]
#[path = "web/gguf.rs"]
mod web;
#[cfg(all(target_arch = "wasm32", feature = "insight-module", not(feature = "insight-texts-module")))]
#[path = "web/insight.rs"]
mod web;
#[cfg(all(target_arch = "wasm32", feature = "insight-texts-module"))]
#[path = "web/insight_texts.rs"]
mod web;
#[cfg(all(target_arch = "wasm32", feature = "schema-module"))]
#[path = "web/schema.rs"]
mod web;
