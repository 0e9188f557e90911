//! Models: configuration, checkpoint files, weights on the GPU, and the decoder.

pub mod checkpoint;
pub mod config;
pub mod decoder;
pub mod dtype;
pub mod error;
pub mod gguf;
pub mod layout;
pub mod manifest;
pub mod quantize;
pub mod safetensors;
pub mod weights;
