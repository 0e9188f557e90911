//! What is to run, in terms that name no graphics API: tensors, bindings, and the list of dispatches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use thiserror::Error;

use crate::kernel::{Kernel, Mad, link};

/// How a tensor's elements lie in its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// 32-bit float.
    F32,
    /// IEEE half.
    F16,
    /// bfloat16.
    Bf16,
    /// 32-bit unsigned integer.
    U32,
    /// 8 bits, and a scale (f16) for each 32.
    Q8,
    /// 4 bits, and a scale (f16) for each 32.
    Q4,
    /// 4 bits, and a scale and a minimum (f16) for each 32.
    Q4Min,
    /// 5 bits, and a scale and a minimum (f16) for each 32.
    Q5Min,
    /// 4 bits; scales and minima of 6 bits for each 32, with factors (f16) for each 256.
    Q4K,
    /// 5 bits; scales as in [`Element::Q4K`].
    Q5K,
    /// 6 bits; scales of 8 bits for each 16, with a factor (f16) for each 256.
    Q6K,
}

/// Planes of a tensor, one behind the other: low bits (or whole elements), high bits, scales.
pub const PLANES: usize = 3;

impl Element {
    /// Every type of quantised weights.
    pub const QUANTIZED: [Self; 7] = [Self::Q8, Self::Q4, Self::Q4Min, Self::Q5Min, Self::Q4K, Self::Q5K, Self::Q6K];

    /// Bytes of 256 elements in each plane.
    const fn layout(self) -> [u64; PLANES] {
        match self {
            Self::F32 | Self::U32 => [1024, 0, 0],
            Self::F16 | Self::Bf16 => [512, 0, 0],
            Self::Q8 => [256, 0, 16],
            Self::Q4 => [128, 0, 16],
            Self::Q4Min => [128, 0, 32],
            Self::Q5Min => [128, 32, 32],
            Self::Q4K => [128, 0, 20],
            Self::Q5K => [128, 32, 20],
            Self::Q6K => [128, 64, 20],
        }
    }

    /// Elements that cannot be told apart: quantised ones come in whole units of so many.
    #[must_use]
    pub const fn unit(self) -> u64 {
        match self {
            Self::F32 | Self::U32 => 1,
            Self::F16 | Self::Bf16 => 2,
            // Two scales fill a word.
            Self::Q8 | Self::Q4 => 64,
            Self::Q4Min | Self::Q5Min => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of `count` elements; of quantised ones there are whole units.
    #[must_use]
    pub fn size(self, count: u64) -> u64 {
        count * self.layout().iter().sum::<u64>() / 256
    }

    /// Bytes of `count` elements in one plane.
    #[must_use]
    pub fn plane(self, plane: usize, count: u64) -> u64 {
        count * self.layout()[plane] / 256
    }
}

/// A handle on a row-major matrix that the engine holds: (rows, cols).
#[derive(Debug, Clone)]
pub struct Tensor {
    pub(crate) id: usize,
    /// For messages.
    pub name: Arc<str>,
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub cols: u32,
    /// Type of an element.
    pub element: Element,
}

impl Tensor {
    /// A handle without memory, to record or reflect kernels where there is no device.
    #[must_use]
    pub fn detached(name: &str, rows: u32, cols: u32, element: Element) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(usize::MAX);
        Self { id: NEXT.fetch_sub(1, Ordering::Relaxed), name: name.into(), rows, cols, element }
    }

    /// Size in bytes, rounded up to a whole word.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.element.size(u64::from(self.rows) * u64::from(self.cols)).next_multiple_of(4)
    }
}

/// How a kernel uses a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// `var<storage, read>`
    Read,
    /// `var<storage, read_write>`
    Write,
    /// `var<uniform>`: small, and uniform for control flow.
    Uniform,
}

/// One binding of a kernel: a tensor and its use. Binding numbers follow the order, from 1; 0 is `params`.
#[derive(Debug, Clone)]
pub struct Bind {
    /// The tensor.
    pub tensor: Tensor,
    /// Its use.
    pub access: Access,
}

/// A kernel ready to run: its linked text, its bindings, its parameters, its grid.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// The kernel's name.
    pub label: &'static str,
    /// Linked WGSL.
    pub source: Arc<str>,
    /// In binding order, from 1.
    pub binds: Vec<Bind>,
    /// The bytes of `params`.
    pub params: Vec<u8>,
    /// Workgroups in x, y, z.
    pub groups: [u32; 3],
    /// Bytes of weights that this dispatch reads.
    pub weight_bytes: u64,
}

/// What cannot be recorded; found before anything reaches the GPU.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum RecordError {
    /// A shape that the kernel does not take.
    #[error("{kernel}: {problem}")]
    Shape {
        /// The kernel.
        kernel: &'static str,
        /// Both shapes, in words.
        problem: String,
    },
    /// One tensor bound twice while one use writes it.
    #[error("{kernel}: the tensor {tensor} is bound twice and written")]
    Aliased {
        /// The kernel.
        kernel: &'static str,
        /// The tensor.
        tensor: String,
    },
    /// More than the device allows.
    #[error("{kernel}: {what} is {wanted}, the device allows {limit}")]
    Limit {
        /// The kernel.
        kernel: &'static str,
        /// Which limit, naming the tensor where there is one.
        what: String,
        /// What the kernel needs.
        wanted: u64,
        /// What there is.
        limit: u64,
    },
}

/// The limits that recordings keep.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a storage binding.
    pub binding: u64,
    /// Storage buffers of a kernel.
    pub storage_buffers: u32,
    /// Workgroups of a dimension.
    pub groups: u32,
}

/// A list of dispatches that always runs in this order. The first error is kept for [`Recording::finish`],
/// so that a model can be written without a `?` in every line.
pub struct Recording {
    limits: Limits,
    mad: Mad,
    dispatches: Vec<Dispatch>,
    error: Option<RecordError>,
}

impl Recording {
    /// An empty recording under `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, mad: Mad::default(), dispatches: Vec::new(), error: None }
    }

    /// The same, its kernels linked with this multiplication.
    #[must_use]
    pub fn with(self, mad: Mad) -> Self {
        Self { mad, ..self }
    }

    /// Adds a kernel.
    pub fn run(&mut self, kernel: &dyn Kernel) {
        if self.error.is_some() {
            return;
        }
        match self.check(kernel) {
            Err(e) => self.error = Some(e),
            Ok(()) => self.dispatches.push(Dispatch {
                label: kernel.name(),
                source: link(kernel, self.mad).into(),
                binds: kernel.bindings(),
                params: kernel.params().bytes(),
                groups: kernel.groups(),
                weight_bytes: kernel.weight_bytes(),
            }),
        }
    }

    /// The dispatches, or the first error.
    ///
    /// # Errors
    /// The first [`RecordError`] of any [`Recording::run`].
    pub fn finish(self) -> Result<Vec<Dispatch>, RecordError> {
        self.error.map_or(Ok(self.dispatches), Err)
    }

    fn check(&self, kernel: &dyn Kernel) -> Result<(), RecordError> {
        let name = kernel.name();
        kernel.check().map_err(|problem| RecordError::Shape { kernel: name, problem })?;
        let binds = kernel.bindings();
        for (i, a) in binds.iter().enumerate() {
            let shared =
                |b: &&Bind| b.tensor.id == a.tensor.id && (a.access == Access::Write || b.access == Access::Write);
            if binds[i + 1..].iter().any(|b| shared(&b)) {
                return Err(RecordError::Aliased { kernel: name, tensor: a.tensor.name.to_string() });
            }
            self.limit(
                name,
                || format!("the size of {} in bytes", a.tensor.name),
                a.tensor.bytes(),
                self.limits.binding,
            )?;
        }
        let storage = binds.iter().filter(|b| b.access != Access::Uniform).count() as u64;
        self.limit(name, || "the number of storage buffers".into(), storage, self.limits.storage_buffers.into())?;
        for (axis, &groups) in ["x", "y", "z"].iter().zip(&kernel.groups()) {
            self.limit(
                name,
                || format!("the number of workgroups in {axis}"),
                groups.into(),
                self.limits.groups.into(),
            )?;
            if groups == 0 {
                return Err(RecordError::Shape { kernel: name, problem: format!("no workgroup in {axis}") });
            }
        }
        Ok(())
    }

    fn limit(
        &self,
        kernel: &'static str,
        what: impl Fn() -> String,
        wanted: u64,
        limit: u64,
    ) -> Result<(), RecordError> {
        if wanted <= limit {
            return Ok(());
        }
        Err(RecordError::Limit { kernel, what: what(), wanted, limit })
    }
}
