//! Rotary positions, and the write into the key and value cache.

use super::{Fragment, Kernel, Params, Rows, expect, fragment, lib, params, read, uniform, write};
use crate::math;
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
    /// (positions, 2 · turning pairs): cos and sin of each position and pair. None: nothing turns.
    pub table: Option<&'a Tensor>,
    /// Neighbours make a pair, instead of the halves of a head.
    pub interleaved: bool,
    /// (2, d): gains of the queries and of the keys, which are normalised first; and what is added to the mean square.
    pub norm: Option<(&'a Tensor, f32)>,
    /// (T, (H + 2 G) d)
    pub qkv: &'a Tensor,
    /// The layer's cache.
    pub cache: &'a Cache,
    /// How qkv is divided.
    pub heads: Heads,
    /// What a row is.
    pub rows: Rows,
    /// For adapters without a GPU behind them: fewer threads.
    pub serial: bool,
}

impl Kernel for Rope<'_> {
    fn name(&self) -> &'static str {
        "rope"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let pair = if self.interleaved { fragment!("lib/pair_neighbours") } else { fragment!("lib/pair_halves") };
        let turn = if self.table.is_some() { fragment!("lib/turn_table") } else { fragment!("lib/turn_none") };
        let mut all = vec![lib::STATE, self.rows.fragment(), self.cache.fragment(), pair, turn, fragment!("rope")];
        match self.norm {
            Some(_) => all.extend([fragment!("lib/head_norm"), lib::REDUCE]),
            None => all.push(fragment!("lib/head_plain")),
        }
        all
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("WG", if self.serial { 4 } else { 64 })]
    }
    fn bindings(&self) -> Vec<Bind> {
        let Self { state, qkv, cache, .. } = self;
        let mut binds = vec![uniform(state), write(qkv), write(&cache.keys), write(&cache.values)];
        binds.extend(self.table.map(read));
        binds.extend(self.norm.map(|n| read(n.0)));
        binds
    }
    fn params(&self) -> Params {
        params![
            heads: self.heads.query,
            kv_heads: self.heads.kv,
            size: self.heads.size,
            turning: self.table.map_or(0, |t| t.cols / 2),
            eps: self.norm.map_or(0.0, |n| n.1),
        ]
    }
    fn groups(&self) -> [u32; 3] {
        [self.heads.query + 2 * self.heads.kv, self.rows.count(), 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of qkv", self.qkv.cols, self.heads.qkv_cols())?;
        expect("columns of the keys", self.cache.keys.cols, self.heads.kv_cols())?;
        expect("columns of the values", self.cache.values.cols, self.heads.kv_cols())?;
        expect("head size modulo 4", self.heads.size % 4, 0)?;
        if let Some(table) = self.table {
            expect("columns of the table", table.cols, table.cols.min(self.heads.size))?;
        }
        match self.norm {
            None => Ok(()),
            Some(_) if self.table.is_none() => Err("heads that are normalised but do not turn".into()),
            Some((gains, _)) => expect("columns of the gains", gains.cols, self.heads.size),
        }
    }
}

/// The table that [`Rope`] reads: for position t and each pair, cos and sin of t times its frequency, times `factor`; in
/// steps of f32 as the reference implementations do. positions × 2 · pairs values.
#[must_use]
pub fn rope_table(positions: u32, inverse: &[f32], factor: f32) -> Vec<f32> {
    let turn = |t: u32, f: f32| {
        let angle = f64::from(t as f32 * f);
        [math::cos(angle) as f32 * factor, math::sin(angle) as f32 * factor]
    };
    (0..positions).flat_map(|t| inverse.iter().flat_map(move |&f| turn(t, f))).collect()
}
