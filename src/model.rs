//! Models: configuration, checkpoint files, weights on the GPU, the decoder, and the encoder.

pub mod checkpoint;
pub mod config;
pub mod decoder;
pub mod dtype;
pub mod encoder;
pub mod error;
pub mod gguf;
pub mod layout;
pub mod manifest;
pub(crate) mod order;
pub mod quantize;
pub mod safetensors;
pub mod weights;
