//! One vector for each text.

use super::{Fragment, Kernel, Params, expect, fragment, lib, params, read, uniform, write};
use crate::record::{Bind, Tensor};

/// Most texts of a batch: those that the state of the sequences has room for.
pub const TEXTS: u32 = 8;

/// y\[b\] = mean of the rows of text b; one workgroup per text.
pub struct Pool<'a> {
    /// Where texts lie.
    pub state: &'a Tensor,
    /// (T, D)
    pub x: &'a Tensor,
    /// (8, D)
    pub y: &'a Tensor,
    /// Make them one long.
    pub unit: bool,
}

impl Kernel for Pool<'_> {
    fn name(&self) -> &'static str {
        "pool"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![lib::STATE, lib::REDUCE, lib::DOT, fragment!("pool")]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        vec![("WG", 64)]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![uniform(self.state), read(self.x), write(self.y)]
    }
    fn params(&self) -> Params {
        params![cols4: self.x.cols / 4, unit: u32::from(self.unit)]
    }
    fn groups(&self) -> [u32; 3] {
        [TEXTS, 1, 1]
    }
    fn check(&self) -> Result<(), String> {
        expect("columns of y", self.y.cols, self.x.cols)?;
        expect("rows of y", self.y.rows, self.y.rows.max(TEXTS))
    }
}
