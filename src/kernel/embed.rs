//! Token embedding.

use super::{Fragment, Kernel, Params, Rows, expect, fragment, lib, params, read, uniform, write};
use crate::record::{Bind, Tensor};

/// x\[r\] = table\[token of row r\] · scale + position.
pub struct Embed<'a> {
    /// (count, D): rows `first..first + count` of the table.
    pub table: &'a Tensor,
    /// Token of row 0 of `table`.
    pub first: u32,
    /// State of the sequences.
    pub state: &'a Tensor,
    /// Tokens by cache row.
    pub history: &'a Tensor,
    /// (T, D)
    pub x: &'a Tensor,
    /// Multiplies the embedding.
    pub scale: f32,
    /// (P + 1, D): a row for each position, and one for every token.
    pub positions: Option<&'a Tensor>,
    /// What a row is.
    pub rows: Rows,
    /// The device has shader-f16.
    pub f16: bool,
}

impl Kernel for Embed<'_> {
    fn name(&self) -> &'static str {
        "embed"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let position =
            if self.positions.is_some() { fragment!("lib/position_table") } else { fragment!("lib/position_none") };
        let own = vec![lib::STATE, self.rows.fragment(), position, fragment!("embed")];
        [lib::weight(self.table.element, self.f16), own].concat()
    }
    fn bindings(&self) -> Vec<Bind> {
        let mut binds = vec![read(self.table), uniform(self.state), read(self.history), write(self.x)];
        binds.extend(self.positions.map(read));
        binds
    }
    fn params(&self) -> Params {
        params![cols4: self.table.cols / 4, first: self.first, count: self.table.rows, scale: self.scale]
    }
    fn groups(&self) -> [u32; 3] {
        [(self.table.cols / 4).div_ceil(64), self.rows.count(), 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of x", self.x.cols, self.table.cols)?;
        self.positions.map_or(Ok(()), |p| expect("columns of the positions", p.cols, self.x.cols))
    }
}

/// y\[0\] = x\[last row of the slice\].
pub struct LastRow<'a> {
    /// State of the sequences.
    pub state: &'a Tensor,
    /// (T, D)
    pub x: &'a Tensor,
    /// (at least 1, D)
    pub y: &'a Tensor,
}

impl Kernel for LastRow<'_> {
    fn name(&self) -> &'static str {
        "last_row"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, fragment!("last_row")]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![uniform(self.state), read(self.x), write(self.y)]
    }
    fn params(&self) -> Params {
        params![cols4: self.x.cols / 4]
    }
    fn groups(&self) -> [u32; 3] {
        [(self.x.cols / 4).div_ceil(64), 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of y", self.y.cols, self.x.cols)
    }
}
