//! Products with weight matrices: matrix-vector for the rows of a decode step, tiled for prefill.

use super::{Fragment, Kernel, Params, expect, fold_groups, fragment, lib, params, read, uniform, write};
use crate::record::{Bind, Element, Tensor};

/// What becomes of a product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Out {
    /// y = v
    Store,
    /// y = y + v
    Add,
    /// y = silu(gate) · up; the weights are gate's rows, then up's.
    SwiGlu,
    /// y = gelu(gate) · up, gelu by tanh.
    GeGlu,
    /// y = gelu(v), by tanh.
    Gelu,
    /// y = gelu(v), by the error function.
    GeluErf,
    /// y = c · tanh(v / c)
    Cap(f32),
}

impl Out {
    fn fragments(self) -> Vec<Fragment> {
        let (tanh, erf) = (fragment!("lib/gelu_tanh"), fragment!("lib/gelu_erf"));
        match self {
            Self::Store => vec![fragment!("lib/out_store")],
            Self::Add => vec![fragment!("lib/out_add")],
            Self::SwiGlu => vec![fragment!("lib/out_swiglu")],
            Self::GeGlu => vec![fragment!("lib/out_geglu"), tanh],
            Self::Gelu => vec![fragment!("lib/out_gelu"), tanh],
            Self::GeluErf => vec![fragment!("lib/out_gelu"), erf],
            Self::Cap(_) => vec![fragment!("lib/out_cap"), lib::SOFT_CAP],
        }
    }
    /// Rows of weights behind one output.
    #[must_use]
    pub fn parts(self) -> u32 {
        if matches!(self, Self::SwiGlu | Self::GeGlu) { 2 } else { 1 }
    }
    fn constants(self) -> Vec<(&'static str, u32)> {
        match self {
            Self::Cap(c) => vec![("CAP", c.to_bits())],
            _ => Vec::new(),
        }
    }
}

/// RMSNorm before a product: its gain (1, K) and epsilon.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// (1, K)
    pub gain: &'a Tensor,
    /// Added to the mean square.
    pub eps: f32,
}

/// y\[r\]\[first + n\] = Σₖ W\[n\]\[k\] · norm(x)\[r\]\[k\] for up to 8 rows; each weight is read once.
pub struct MatVec<'a> {
    /// (N · parts, K), one part of a matrix.
    pub w: &'a Tensor,
    /// (B, K)
    pub x: &'a Tensor,
    /// (B, stride)
    pub y: &'a Tensor,
    /// Fused normalisation of x.
    pub norm: Option<Norm<'a>>,
    /// (1, all outputs · parts)
    pub bias: Option<&'a Tensor>,
    /// What becomes of the product.
    pub out: Out,
    /// Column of y of the first output.
    pub first: u32,
    /// B, 1 to 8.
    pub rows: u32,
    /// The device has shader-f16.
    pub f16: bool,
    /// Without barriers: for adapters without a GPU behind them.
    pub serial: bool,
}

/// Rows of weights of a workgroup without barriers: four threads of sixteen.
const SERIAL: u32 = 64;

/// Rows of the compiled variant: 1, 2, 4 or 8, so that eight batch sizes share four pipelines.
fn row_bucket(rows: u32) -> u32 {
    rows.next_power_of_two()
}

/// How so many rows meet each weight, and how their sums go to workgroup memory.
pub(super) fn batch(rows: u32) -> (Fragment, Fragment) {
    match rows {
        1 => (fragment!("lib/batch_1"), fragment!("lib/keep_1")),
        2 => (fragment!("lib/batch_2"), fragment!("lib/keep_2")),
        4 => (fragment!("lib/batch_4"), fragment!("lib/keep_4")),
        _ => (fragment!("lib/batch_8"), fragment!("lib/keep_8")),
    }
}

/// The product without barriers, with what its rows are.
fn serial(w: &Tensor, rows: Fragment) -> [Fragment; 3] {
    let scale = match w.element {
        Element::Q4 | Element::Q8 => fragment!("lib/scale_32"),
        _ => fragment!("lib/scale_none"),
    };
    [rows, scale, fragment!("product_serial")]
}

impl MatVec<'_> {
    fn outputs(&self) -> u32 {
        self.w.rows / self.out.parts()
    }
}

impl Kernel for MatVec<'_> {
    fn name(&self) -> &'static str {
        "matvec"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let gain = if self.norm.is_some() { fragment!("lib/gain_rms") } else { fragment!("lib/gain_none") };
        let (batch, keep) = batch(row_bucket(self.rows));
        let bias = match (self.bias, self.norm) {
            (None, _) => fragment!("lib/bias_none"),
            (_, Some(_)) => fragment!("lib/bias"),
            (_, None) => fragment!("lib/bias_plain"),
        };
        let mut own = vec![lib::DOT, gain, bias, batch, fragment!("lib/matvec_args")];
        match self.serial {
            true => own.extend(serial(self.w, fragment!("lib/serial_matvec"))),
            false => own.extend([keep, fragment!("matvec")]),
        }
        [lib::weight(self.w.element, self.f16), self.out.fragments(), own].concat()
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        [vec![("ROWS", row_bucket(self.rows))], self.out.constants()].concat()
    }
    fn bindings(&self) -> Vec<Bind> {
        let mut binds = vec![read(self.w), read(self.x), write(self.y)];
        binds.extend(self.norm.map(|n| read(n.gain)));
        binds.extend(self.bias.map(read));
        binds
    }
    fn params(&self) -> Params {
        params![
            cols4: self.w.cols / 4,
            outputs: self.outputs(),
            first: self.first,
            stride: self.y.cols,
            rows: self.rows,
            width: self.groups()[0],
            eps: self.norm.map_or(0.0, |n| n.eps),
        ]
    }
    fn groups(&self) -> [u32; 3] {
        match self.serial {
            true => [self.w.rows.div_ceil(SERIAL), 1, 1],
            false => fold_groups(self.outputs().div_ceil(4)),
        }
    }
    fn check(&self) -> Result<(), String> {
        product_shapes(self.w, self.x, self.y, self.first, self.out, self.bias)?;
        if !(1..=8).contains(&self.rows) || self.rows > self.x.rows || self.rows > self.y.rows {
            return Err(format!("{} rows, x has {}, y has {}, 8 at most", self.rows, self.x.rows, self.y.rows));
        }
        self.norm.map_or(Ok(()), |n| expect("columns of the gain", n.gain.cols, self.x.cols))
    }
    fn weight_bytes(&self) -> u64 {
        self.w.bytes()
    }
}

/// y\[t\]\[first + n\] = Σₖ x\[t\]\[k\] · W\[n\]\[k\] for the rows of a prefill slice, in tiles of 32 × 32.
pub struct MatMul<'a> {
    /// (N · parts, K), one part of a matrix.
    pub w: &'a Tensor,
    /// (T, K)
    pub x: &'a Tensor,
    /// (T, stride)
    pub y: &'a Tensor,
    /// State of the sequences: how many rows count.
    pub state: &'a Tensor,
    /// (1, all outputs · parts)
    pub bias: Option<&'a Tensor>,
    /// What becomes of the product.
    pub out: Out,
    /// Column of y of the first output.
    pub first: u32,
    /// Most rows of a slice.
    pub rows: u32,
    /// The device has shader-f16.
    pub f16: bool,
    /// Without barriers: for adapters without a GPU behind them.
    pub serial: bool,
}

impl Kernel for MatMul<'_> {
    fn name(&self) -> &'static str {
        "matmul"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let bias = if self.bias.is_some() { fragment!("lib/bias") } else { fragment!("lib/bias_none") };
        let mut own = vec![lib::DOT, lib::STATE, bias, fragment!("lib/matmul_args")];
        match self.serial {
            true => {
                own.extend([batch(8).0, fragment!("lib/gain_none")]);
                own.extend(serial(self.w, fragment!("lib/serial_matmul")));
            }
            false => own.push(fragment!("matmul")),
        }
        [lib::weight(self.w.element, self.f16), self.out.fragments(), own].concat()
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        self.out.constants()
    }
    fn bindings(&self) -> Vec<Bind> {
        let mut binds = vec![read(self.w), read(self.x), write(self.y), uniform(self.state)];
        binds.extend(self.bias.map(read));
        binds
    }
    fn params(&self) -> Params {
        params![
            cols4: self.w.cols / 4,
            outputs: self.w.rows / self.out.parts(),
            first: self.first,
            stride: self.y.cols,
            eps: 0.0, // of no norm
        ]
    }
    fn groups(&self) -> [u32; 3] {
        match self.serial {
            true => [self.w.rows.div_ceil(SERIAL), self.rows.div_ceil(8), 1],
            false => [(self.w.rows / self.out.parts()).div_ceil(32), self.rows.div_ceil(32), 1],
        }
    }
    fn check(&self) -> Result<(), String> {
        product_shapes(self.w, self.x, self.y, self.first, self.out, self.bias)?;
        if self.rows > self.x.rows || self.rows > self.y.rows {
            return Err(format!("{} rows, x has {}, y has {}", self.rows, self.x.rows, self.y.rows));
        }
        Ok(())
    }
    fn weight_bytes(&self) -> u64 {
        self.w.bytes() * u64::from(self.groups()[1])
    }
}

fn product_shapes(
    w: &Tensor,
    x: &Tensor,
    y: &Tensor,
    first: u32,
    out: Out,
    bias: Option<&Tensor>,
) -> Result<(), String> {
    expect("columns of x", x.cols, w.cols)?;
    expect("columns of W modulo 4", w.cols % 4, 0)?;
    expect("rows of W modulo the parts", w.rows % out.parts(), 0)?;
    let end = first + w.rows / out.parts();
    if end > y.cols {
        return Err(format!("W ({}, {}) ends at column {end} of y ({}, {})", w.rows, w.cols, y.rows, y.cols));
    }
    if let Some(bias) = bias {
        // Those of what gates let through follow those of all gates.
        let most = if out.parts() == 2 { y.cols + end } else { end };
        expect("biases", bias.cols, bias.cols.max(most))?;
    }
    Ok(())
}
