//! Normalisations over rows.

use super::{Fragment, Kernel, Params, expect, fragment, lib, params, read, write};
use crate::record::{Bind, Tensor};

/// Rows of a workgroup without barriers, a thread each.
const SERIAL: u32 = 4;

/// How the threads of a row add up.
fn sums(serial: bool) -> Fragment {
    if serial { fragment!("lib/alone") } else { lib::REDUCE }
}

/// Threads of a row, and rows of a workgroup.
fn shares(serial: bool) -> Vec<(&'static str, u32)> {
    let (threads, rows) = if serial { (1, SERIAL) } else { (64, 1) };
    vec![("WG", threads), ("ROWS", rows)]
}

/// y = x / rms(x) · w, or that added to y (Zhang & Sennrich 2019).
pub struct RmsNorm<'a> {
    /// (T, D)
    pub x: &'a Tensor,
    /// (1, D)
    pub w: &'a Tensor,
    /// (T, D)
    pub y: &'a Tensor,
    /// Added to the mean square.
    pub eps: f32,
    /// T, at most the rows of `x`.
    pub rows: u32,
    /// Add to y.
    pub add: bool,
    /// Without barriers: for adapters without a GPU behind them.
    pub serial: bool,
}

impl Kernel for RmsNorm<'_> {
    fn name(&self) -> &'static str {
        "rms_norm"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let put = if self.add { fragment!("lib/put_add") } else { fragment!("lib/put_store") };
        vec![sums(self.serial), lib::DOT, put, fragment!("rms_norm")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        shares(self.serial)
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![read(self.x), read(self.w), write(self.y)]
    }
    fn params(&self) -> Params {
        params![cols4: self.x.cols / 4, eps: self.eps, rows: self.rows]
    }
    fn groups(&self) -> [u32; 3] {
        [self.rows.div_ceil(if self.serial { SERIAL } else { 1 }), 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of w", self.w.cols, self.x.cols)?;
        expect("columns of y", self.y.cols, self.x.cols)?;
        expect("x's columns modulo 4", self.x.cols % 4, 0)
    }
}

/// y = (x - mean) / √(variance + eps) · w + b (Ba et al. 2016).
pub struct LayerNorm<'a> {
    /// (T, D)
    pub x: &'a Tensor,
    /// (1, D)
    pub w: &'a Tensor,
    /// (1, D)
    pub b: &'a Tensor,
    /// (T, D)
    pub y: &'a Tensor,
    /// Added to the variance.
    pub eps: f32,
    /// T, at most the rows of `x`.
    pub rows: u32,
    /// Without barriers: for adapters without a GPU behind them.
    pub serial: bool,
}

impl Kernel for LayerNorm<'_> {
    fn name(&self) -> &'static str {
        "layer_norm"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![sums(self.serial), lib::DOT, fragment!("layer_norm")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        shares(self.serial)
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![read(self.x), read(self.w), read(self.b), write(self.y)]
    }
    fn params(&self) -> Params {
        params![cols4: self.x.cols / 4, eps: self.eps, rows: self.rows]
    }
    fn groups(&self) -> [u32; 3] {
        [self.rows.div_ceil(if self.serial { SERIAL } else { 1 }), 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of w", self.w.cols, self.x.cols)?;
        expect("columns of b", self.b.cols, self.x.cols)?;
        expect("columns of y", self.y.cols, self.x.cols)?;
        expect("x's columns modulo 4", self.x.cols % 4, 0)
    }
}

/// y = softmax of each row of x.
pub struct Softmax<'a> {
    /// (T, N)
    pub x: &'a Tensor,
    /// (T, N)
    pub y: &'a Tensor,
    /// T, at most the rows of `x`.
    pub rows: u32,
}

impl Kernel for Softmax<'_> {
    fn name(&self) -> &'static str {
        "softmax"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::REDUCE, fragment!("softmax")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("WG", 256)]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![read(self.x), write(self.y)]
    }
    fn params(&self) -> Params {
        params![cols: self.x.cols]
    }
    fn groups(&self) -> [u32; 3] {
        [self.rows, 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of y", self.y.cols, self.x.cols)
    }
}
