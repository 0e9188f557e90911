//! Attention over the cache with a streaming softmax.

use super::rope::{Cache, Heads};
use super::{Fragment, Kernel, Params, Rows, expect, fragment, lib, linear, params, read, uniform, write};
use crate::record::{Bind, Tensor};

/// o = softmax(q · Kᵀ / √d) V, causal, grouped queries.
pub struct Attention<'a> {
    /// State of the sequences.
    pub state: &'a Tensor,
    /// (T, (H + 2 G) d), rotated.
    pub qkv: &'a Tensor,
    /// The layer's cache.
    pub cache: &'a Cache,
    /// `splits` 1: (T, H d). Otherwise the parts for [`AttentionMerge`]: (T · H, splits · (d + 2)).
    pub o: &'a Tensor,
    /// How qkv is divided.
    pub heads: Heads,
    /// What a row is.
    pub rows: Rows,
    /// Workgroups that share the keys of one head.
    pub splits: u32,
    /// Keys of one workgroup; `splits` times this covers every position.
    pub split: u32,
    /// Multiplies queries, usually 1 / √d.
    pub scale: f32,
    /// Keys back from a query, itself among them; `u32::MAX` for all.
    pub window: u32,
    /// Scores s become c · tanh(s / c); 0: they do not.
    pub cap: f32,
    /// Without barriers, whole: for adapters without a GPU behind them.
    pub serial: bool,
}

const WG: u32 = 64;

impl Attention<'_> {
    /// Rows of a thread without barriers: of a prompt some, since they see the same keys.
    fn own_rows(&self) -> u32 {
        if matches!(self.rows, Rows::Prefill(_)) { 4 } else { 1 }
    }
}

impl Kernel for Attention<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let put = if self.splits == 1 { fragment!("lib/attention_whole") } else { fragment!("lib/attention_split") };
        let mut all = vec![lib::STATE, self.rows.fragment(), self.cache.fragment(), lib::DOT, put];
        match self.serial {
            true => all.extend([linear::batch(self.own_rows()).0, fragment!("attention_serial")]),
            false => all.extend([lib::REDUCE, fragment!("attention")]),
        }
        match self.cap {
            0.0 => all.push(fragment!("lib/score_plain")),
            _ => all.extend([fragment!("lib/score_cap"), lib::SOFT_CAP]),
        }
        all
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        let mut all = vec![("WG", WG), ("HEAD", self.heads.size), ("SPLITS", self.splits)];
        if self.serial {
            all.push(("ROWS", self.own_rows()));
        }
        if self.cap != 0.0 {
            all.push(("CAP", self.cap.to_bits()));
        }
        all
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![uniform(self.state), read(self.qkv), read(&self.cache.keys), read(&self.cache.values), write(self.o)]
    }
    fn params(&self) -> Params {
        params![
            heads: self.heads.query,
            kv_heads: self.heads.kv,
            split: if self.serial { self.rows.count() } else { self.split },
            scale: self.scale,
            window: self.window,
        ]
    }
    fn groups(&self) -> [u32; 3] {
        match self.serial {
            true => [(self.heads.query * self.rows.count().div_ceil(self.own_rows())).div_ceil(4), 1, 1],
            false => [self.splits, self.heads.query, self.rows.count()],
        }
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of qkv", self.qkv.cols, self.heads.qkv_cols())?;
        expect("columns of the keys", self.cache.keys.cols, self.heads.kv_cols())?;
        expect("head size modulo 4", self.heads.size % 4, 0)?;
        expect("query heads modulo kv heads", self.heads.query % self.heads.kv.max(1), 0)?;
        if self.splits == 1 {
            expect("columns of o", self.o.cols, self.heads.query * self.heads.size)
        } else {
            expect("columns of the parts", self.o.cols, self.splits * (self.heads.size + 2))?;
            expect("rows of the parts", self.o.rows, self.o.rows.max(self.rows.count() * self.heads.query))
        }
    }
}

/// Adds up the parts of a split [`Attention`].
pub struct AttentionMerge<'a> {
    /// State of the sequences.
    pub state: &'a Tensor,
    /// (T · H, splits · (d + 2))
    pub parts: &'a Tensor,
    /// (T, H d)
    pub o: &'a Tensor,
    /// How the heads are divided.
    pub heads: Heads,
    /// What a row is.
    pub rows: Rows,
    /// As in [`Attention`].
    pub splits: u32,
    /// As in [`Attention`].
    pub split: u32,
    /// As in [`Attention`].
    pub window: u32,
}

impl Kernel for AttentionMerge<'_> {
    fn name(&self) -> &'static str {
        "attention_merge"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, self.rows.fragment(), fragment!("attention_merge")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("WG", WG), ("HEAD", self.heads.size), ("SPLITS", self.splits)]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![uniform(self.state), read(self.parts), write(self.o)]
    }
    fn params(&self) -> Params {
        params![heads: self.heads.query, split: self.split, window: self.window]
    }
    fn groups(&self) -> [u32; 3] {
        [self.heads.query, self.rows.count(), 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of the parts", self.parts.cols, self.splits * (self.heads.size + 2))?;
        expect("columns of o", self.o.cols, self.heads.query * self.heads.size)
    }
}
