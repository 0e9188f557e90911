//! The GPU side of the tests: an engine on whatever adapter there is, tensors up and down.
#![allow(dead_code, reason = "each integration test uses its own part")]

use copywright::engine::Engine;
use copywright::gpu::{Gpu, GpuOptions, Precision};
use copywright::kernel::{Kernel, Mad};
use copywright::model::quantize::pack;
use copywright::record::{Element, Tensor};
use half::{bf16, f16};
use pollster::block_on;

pub const INSTALL: &str = "No GPU adapter. Tests need one, a software one will do: \
    on Debian or Ubuntu `apt-get install mesa-vulkan-drivers`, on Fedora `dnf install mesa-vulkan-drivers`.";

/// An engine in f32 or f16, multiplying as GPUs do even where the adapter is a software one. No adapter is a
/// failure, not a reason to skip.
pub fn engine(half: bool) -> Engine {
    engine_with(half, Mad::Fused)
}

/// The same with the multiplication of one's choice.
pub fn engine_with(half: bool, mad: Mad) -> Engine {
    let precision = if half { Precision::F16 } else { Precision::F32 };
    let mut gpu = block_on(Gpu::new(&GpuOptions { precision, ..Default::default() }))
        .unwrap_or_else(|e| panic!("{INSTALL}\n{e}"));
    gpu.caps.mad = mad;
    gpu.caps.software = mad == Mad::Plain;
    Engine::new(gpu)
}

/// A tensor with these values, in the element type asked for.
pub fn up(engine: &Engine, name: &str, cols: usize, values: &[f32], element: Element) -> Tensor {
    assert_eq!(values.len() % cols, 0, "{name}");
    let tensor = engine.alloc(name, (values.len() / cols) as u32, cols as u32, element).expect("alloc");
    let mut bytes: Vec<u8> = match element {
        Element::F32 => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        Element::F16 => values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect(),
        Element::Bf16 => values.iter().flat_map(|v| bf16::from_f32(*v).to_le_bytes()).collect(),
        Element::U32 => panic!("{name}: use words()"),
        _ => packed(values, element),
    };
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    engine.write(&tensor, 0, &bytes).expect("write");
    tensor
}

/// The values as the element type keeps them.
pub fn rounded(values: &[f32], element: Element) -> Vec<f32> {
    let round = |v: &f32| match element {
        Element::F16 => f16::from_f32(*v).to_f32(),
        Element::Bf16 => bf16::from_f32(*v).to_f32(),
        Element::F32 | Element::U32 => *v,
        _ => panic!("a block rounds as a whole: use cpu::quant"),
    };
    values.iter().map(round).collect()
}

/// Quants, and behind them all scales.
fn packed(values: &[f32], element: Element) -> Vec<u8> {
    let (units, rest) = values.as_chunks();
    assert!(rest.is_empty(), "quantised weights come in units of 64");
    let (quants, scales): (Vec<_>, Vec<_>) = units.iter().map(|unit| pack(element, unit)).unzip();
    [quants.concat(), scales.concat()].concat()
}

/// A tensor of integers.
pub fn words(engine: &Engine, name: &str, cols: usize, values: &[u32]) -> Tensor {
    let tensor = engine.alloc(name, (values.len() / cols) as u32, cols as u32, Element::U32).expect("alloc");
    engine.write(&tensor, 0, bytemuck::cast_slice(values)).expect("write");
    tensor
}

/// A tensor full of NaN: what a kernel leaves out shows.
pub fn poisoned(engine: &Engine, name: &str, rows: usize, cols: usize, element: Element) -> Tensor {
    up(engine, name, cols, &vec![f32::NAN; rows * cols], element)
}

/// Runs kernels in order.
pub fn run(engine: &Engine, kernels: &[&dyn Kernel]) {
    let mut recording = engine.recording();
    for kernel in kernels {
        recording.run(*kernel);
    }
    let plan = block_on(engine.prepare(recording)).unwrap_or_else(|e| panic!("{e}"));
    engine.replay(&plan, &[]).expect("replay");
    engine.gpu.healthy().expect("healthy");
}

/// All values of a tensor, as f32.
pub fn down(engine: &Engine, tensor: &Tensor) -> Vec<f32> {
    let bytes = block_on(engine.read(tensor)).unwrap_or_else(|e| panic!("{e}"));
    let count = (tensor.rows * tensor.cols) as usize;
    let pairs = || bytes.chunks_exact(2).take(count).map(|b| [b[0], b[1]]);
    match tensor.element {
        Element::F16 => pairs().map(|b| f16::from_le_bytes(b).to_f32()).collect(),
        Element::Bf16 => pairs().map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
        Element::F32 | Element::U32 => bytemuck::pod_collect_to_vec(&bytes),
        _ => panic!("no kernel writes quantised weights"),
    }
}

/// All words of an integer tensor.
pub fn down_words(engine: &Engine, tensor: &Tensor) -> Vec<u32> {
    bytemuck::pod_collect_to_vec(&block_on(engine.read(tensor)).unwrap_or_else(|e| panic!("{e}")))
}

/// State of a decode step: a shared prompt, own tails, each sequence's newest position.
pub fn decode_state(engine: &Engine, shared: u32, tail: u32, positions: &[u32]) -> Tensor {
    let mut state = vec![shared, tail, 0, 0];
    state.extend((0..8).flat_map(|b| [positions.get(b).copied().unwrap_or(0), 0, 0, 0]));
    words(engine, "state", state.len(), &state)
}

/// State of a prefill slice.
pub fn prefill_state(engine: &Engine, start: u32, rows: u32) -> Tensor {
    let mut state = vec![1 << 20, 0, start, rows];
    state.resize(36, 0);
    words(engine, "state", state.len(), &state)
}

/// State of an encoder: texts of these lengths, one behind the other.
pub fn encode_state(engine: &Engine, lengths: &[u32]) -> Tensor {
    let mut state = vec![u32::MAX; 36];
    state[3] = lengths.iter().sum();
    let mut start = 0;
    for (b, length) in lengths.iter().enumerate() {
        state[4 + 4 * b] = start;
        start += length;
        state[5 + 4 * b] = start;
    }
    words(engine, "state", state.len(), &state)
}

/// The cache row of position t of sequence b, as the shaders define it.
pub fn cache_row(shared: u32, tail: u32, b: usize, t: u32) -> usize {
    (if t < shared { t } else { t + b as u32 * tail }) as usize
}
