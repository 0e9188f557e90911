//! Rotary positions, and the write into the key and value cache.

use super::{Fragment, Kernel, Params, Rows, expect, fragment, lib, params, read, uniform, write};
use crate::record::{Bind, Element, Tensor};

/// Heads of an attention layer: queries, keys and values lie side by side in (T, (H + 2 G) d).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// H, query heads.
    pub query: u32,
    /// G, key and value heads; divides H.
    pub kv: u32,
    /// d, elements of a head; a multiple of 4.
    pub size: u32,
}

impl Heads {
    /// (H + 2 G) d
    #[must_use]
    pub fn qkv_cols(self) -> u32 {
        (self.query + 2 * self.kv) * self.size
    }
    /// G d
    #[must_use]
    pub fn kv_cols(self) -> u32 {
        self.kv * self.size
    }
}

/// One layer's keys and values, (R, G d) each, as f32 or f16.
#[derive(Debug, Clone)]
pub struct Cache {
    /// Keys.
    pub keys: Tensor,
    /// Values.
    pub values: Tensor,
}

impl Cache {
    pub(super) fn fragment(&self) -> Fragment {
        if self.keys.element == Element::F16 { lib::CACHE_F16 } else { lib::CACHE_F32 }
    }
}

/// Rotates queries and keys by position and writes keys and values into the cache (Su et al. 2021).
pub struct Rope<'a> {
    /// State of the sequences.
    pub state: &'a Tensor,
    /// (positions, d): cos and sin of each position and pair.
    pub table: &'a Tensor,
    /// (T, (H + 2 G) d)
    pub qkv: &'a Tensor,
    /// The layer's cache.
    pub cache: &'a Cache,
    /// How qkv is divided.
    pub heads: Heads,
    /// What a row is.
    pub rows: Rows,
}

impl Kernel for Rope<'_> {
    fn name(&self) -> &'static str {
        "rope"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, self.rows.fragment(), self.cache.fragment(), fragment!("rope")]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![uniform(self.state), read(self.table), write(self.qkv), write(&self.cache.keys), write(&self.cache.values)]
    }
    fn params(&self) -> Params {
        params![heads: self.heads.query, kv_heads: self.heads.kv, half: self.heads.size / 2]
    }
    fn groups(&self) -> [u32; 3] {
        [(self.heads.qkv_cols() / 2).div_ceil(64), self.rows.count(), 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of qkv", self.qkv.cols, self.heads.qkv_cols())?;
        expect("columns of the table", self.table.cols, self.heads.size)?;
        expect("columns of the keys", self.cache.keys.cols, self.heads.kv_cols())?;
        expect("columns of the values", self.cache.values.cols, self.heads.kv_cols())?;
        expect("head size modulo 4", self.heads.size % 4, 0)
    }
}

/// The table that [`Rope`] reads: for position t and pair j, cos and sin of t · θ^(-2j/d), computed in
/// steps of f32 as the reference implementations do. positions × d values.
#[must_use]
pub fn rope_table(positions: u32, head_size: u32, theta: f32) -> Vec<f32> {
    let pairs = head_size / 2;
    let inverse: Vec<f32> =
        (0..pairs).map(|j| (1.0 / f64::from(theta).powf(f64::from(2 * j) / f64::from(head_size))) as f32).collect();
    let turn = |t: u32, f: f32| {
        let angle = f64::from(t as f32 * f);
        [angle.cos() as f32, angle.sin() as f32]
    };
    (0..positions).flat_map(|t| inverse.iter().flat_map(move |&f| turn(t, f))).collect()
}
