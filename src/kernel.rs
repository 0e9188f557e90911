//! Kernels: one struct and one `.wgsl` each. Variants are linked fragments, never conditionals.

pub mod attention;
pub mod constrain;
pub mod embed;
pub mod linear;
pub mod norm;
pub mod pool;
pub mod rope;
pub mod sample;

use std::fmt::Write as _;

use crate::record::{Access, Bind, Tensor};

/// A piece of WGSL. WGSL ignores the order of declarations, so pieces are simply joined.
#[derive(Debug, Clone, Copy)]
pub struct Fragment {
    /// File name, without `.wgsl`.
    pub name: &'static str,
    /// Text.
    pub text: &'static str,
    /// Needs `enable f16;`.
    pub f16: bool,
}

/// Makes a [`Fragment`] of a file in `shaders/`, as `build.rs` strips it.
macro_rules! fragment {
    ($name:literal) => {
        $crate::kernel::Fragment {
            name: $name,
            text: include_str!(concat!(env!("OUT_DIR"), "/shaders/", $name, ".wgsl")),
            f16: false,
        }
    };
    ($name:literal, f16) => {
        $crate::kernel::Fragment { f16: true, ..$crate::kernel::fragment!($name) }
    };
}
pub(crate) use fragment;

/// The fragments that kernels share.
pub mod lib {
    use super::Fragment;
    use crate::record::Element;

    /// Sums and maxima over a workgroup.
    pub const REDUCE: Fragment = fragment!("lib/reduce");
    /// The state of the sequences.
    pub const STATE: Fragment = fragment!("lib/state");
    /// Rows are sequences, each at its own position.
    pub const ROWS_DECODE: Fragment = fragment!("lib/rows_decode");
    /// Rows are neighbouring positions of the prompt.
    pub const ROWS_PREFILL: Fragment = fragment!("lib/rows_prefill");
    /// Rows are positions of texts that lie one behind the other.
    pub const ROWS_ENCODE: Fragment = fragment!("lib/rows_encode");
    /// Cache elements as f32.
    pub const CACHE_F32: Fragment = fragment!("lib/cache_f32");
    /// Cache elements as f16.
    pub const CACHE_F16: Fragment = fragment!("lib/cache_f16", f16);
    /// Dot products; [`super::link`] adds the multiplication that they are made of.
    pub const DOT: Fragment = fragment!("lib/dot");

    /// Caps by tanh.
    pub const SOFT_CAP: Fragment = fragment!("lib/soft_cap");

    /// How four neighbouring weights of this type are read. `f16`: the device has `shader-f16`.
    #[must_use]
    pub fn weight(element: Element, f16: bool) -> Vec<Fragment> {
        let blocks = |quants, scales| vec![fragment!("lib/weight_blocks"), quants, scales];
        match element {
            Element::F32 | Element::U32 => vec![fragment!("lib/weight_f32")],
            Element::F16 if f16 => vec![fragment!("lib/weight_f16", f16)],
            Element::F16 => vec![fragment!("lib/weight_f16_packed")],
            Element::Bf16 => vec![fragment!("lib/weight_bf16")],
            Element::Q8 => vec![fragment!("lib/weight_q8")],
            Element::Q4 => vec![fragment!("lib/weight_q4")],
            Element::Q4Min => blocks(fragment!("lib/quants_4"), fragment!("lib/scales_min")),
            Element::Q5Min => blocks(fragment!("lib/quants_5"), fragment!("lib/scales_min")),
            Element::Q4K => blocks(fragment!("lib/quants_4"), fragment!("lib/scales_k")),
            Element::Q5K => blocks(fragment!("lib/quants_5"), fragment!("lib/scales_k")),
            Element::Q6K => blocks(fragment!("lib/quants_6"), fragment!("lib/scales_6k")),
        }
    }
}

/// What a row of activations is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Row r is sequence r, at its own position: one new token each. Holds the number of sequences.
    Decode(u32),
    /// Row r is position `state.start + r` of the shared prompt. Holds the most rows that a slice has.
    Prefill(u32),
    /// Rows of up to eight texts, one behind the other, each of which sees all of its own text. Holds the most rows.
    Encode(u32),
}

impl Rows {
    /// The most rows.
    #[must_use]
    pub fn count(self) -> u32 {
        match self {
            Self::Decode(n) | Self::Prefill(n) | Self::Encode(n) => n,
        }
    }

    pub(crate) fn fragment(self) -> Fragment {
        match self {
            Self::Decode(_) => lib::ROWS_DECODE,
            Self::Prefill(_) => lib::ROWS_PREFILL,
            Self::Encode(_) => lib::ROWS_ENCODE,
        }
    }
}

/// A uniform parameter: `u32` or `f32`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param {
    /// `u32`
    U(u32),
    /// `f32`
    F(f32),
}

impl From<u32> for Param {
    fn from(v: u32) -> Self {
        Self::U(v)
    }
}
impl From<f32> for Param {
    fn from(v: f32) -> Self {
        Self::F(v)
    }
}

/// The fields of a shader's `struct Params`, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Params(pub Vec<(&'static str, Param)>);

impl Params {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let word = |p: &Param| match p {
            Param::U(v) => v.to_le_bytes(),
            Param::F(v) => v.to_le_bytes(),
        };
        self.0.iter().flat_map(|(_, p)| word(p)).collect()
    }
}

macro_rules! params {
    ($($name:ident: $value:expr),* $(,)?) => {
        $crate::kernel::Params(vec![$((stringify!($name), $crate::kernel::Param::from($value))),*])
    };
}
pub(crate) use params;

/// A compute shader with what it is bound to.
pub trait Kernel {
    /// Name for labels, errors and counters.
    fn name(&self) -> &'static str;
    /// The pieces to link.
    fn wgsl(&self) -> Vec<Fragment>;
    /// Constants that `link()` writes before the text; they specialise the pipeline.
    fn constants(&self) -> Vec<(&'static str, u32)> {
        Vec::new()
    }
    /// Bindings from 1, in order; 0 is `params`.
    fn bindings(&self) -> Vec<Bind>;
    /// The uniform at binding 0.
    fn params(&self) -> Params;
    /// Workgroups. The only place with workgroup arithmetic.
    fn groups(&self) -> [u32; 3];
    /// Shapes that fit together.
    ///
    /// # Errors
    /// Both shapes in words.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
    /// Bytes of weights that one run reads from memory, by this kernel's construction.
    fn weight_bytes(&self) -> u64 {
        0
    }
}

/// How a · b + c is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mad {
    /// Rounded once, by `fma`: the same number in every variant of a kernel, whatever a compiler contracts.
    #[default]
    Fused,
    /// Rounded twice. For adapters without a GPU behind them, where `fma` is slow and nothing is contracted.
    Plain,
}

/// Joins a kernel's fragments into one module. Only here are `enable` lines and constants written, and `mad`
/// is added where it is called.
#[must_use]
pub fn link(kernel: &dyn Kernel, mad: Mad) -> String {
    let mut fragments = kernel.wgsl();
    if fragments.iter().any(|f| f.text.contains("mad(")) {
        fragments.push(match mad {
            Mad::Fused => fragment!("lib/mad_fused"),
            Mad::Plain => fragment!("lib/mad_plain"),
        });
    }
    let mut text = String::new();
    if fragments.iter().any(|f| f.f16) {
        text.push_str("enable f16;\n");
    }
    for (name, value) in kernel.constants() {
        let _ = writeln!(text, "const {name}: u32 = {value}u;");
    }
    for f in fragments {
        let _ = writeln!(text, "\n// --- {}.wgsl", f.name);
        text.push_str(f.text);
    }
    text
}

pub(crate) fn read(tensor: &Tensor) -> Bind {
    Bind { tensor: tensor.clone(), access: Access::Read }
}
pub(crate) fn write(tensor: &Tensor) -> Bind {
    Bind { tensor: tensor.clone(), access: Access::Write }
}
pub(crate) fn uniform(tensor: &Tensor) -> Bind {
    Bind { tensor: tensor.clone(), access: Access::Uniform }
}

/// A one-dimensional number of workgroups folded into two dimensions, both within WebGPU's 65,535.
/// Shaders undo it with `group.y * groups.x + group.x`.
#[must_use]
pub fn fold_groups(groups: u32) -> [u32; 3] {
    const MOST: u32 = 65_535;
    let y = groups.div_ceil(MOST).max(1);
    [groups.div_ceil(y), y, 1]
}

pub(crate) fn expect(what: &str, got: u32, want: u32) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{what} is {got}, expected {want}")) }
}
