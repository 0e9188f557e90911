//! Runs and replays recordings: buffers, pipelines, bind groups, readbacks; and counts what it creates.
//!
//! It knows tensors and dispatches, and nothing of layers or tokens.

mod allocations;
mod memory;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use futures_channel::oneshot;
use litemap::LiteMap;
use thiserror::Error;

use crate::error::Kind;
use crate::gpu::{Gpu, GpuError};
use crate::record::{Access, Bind, Dispatch, Element, Limits, RecordError, Recording, Tensor};
pub use allocations::Allocations;
pub use memory::Guard;

/// What the engine refuses or the GPU fails at.
#[derive(Debug, Clone, Error)]
pub enum EngineError {
    /// The recording is wrong.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The GPU failed.
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// A tensor that the device cannot bind.
    #[error("the tensor {name} has {bytes} bytes, the device binds at most {limit}")]
    TooLarge {
        /// The tensor.
        name: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// More memory than there is, or than the options allow.
    #[error("out of GPU memory: {requested} bytes are needed, {quota} can be had")]
    OutOfMemory {
        /// Bytes of all buffers, with those that were asked for last.
        requested: u64,
        /// The bound; without one, bytes of the buffers that the GPU had made before.
        quota: u64,
    },
    /// A tensor that was freed.
    #[error("the tensor {0} is not there")]
    Gone(String),
}

impl EngineError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Gpu(e) => e.kind(),
            &Self::TooLarge { bytes: requested, limit: quota, .. } | &Self::OutOfMemory { requested, quota } => {
                Kind::QuotaExceeded { requested, quota }
            }
            Self::Record(_) | Self::Gone(_) => Kind::Operation,
        }
    }
}

/// Totals since the engine was made; `gpu_bytes` is what is held now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Command buffers submitted.
    pub submits: u64,
    /// Compute passes.
    pub passes: u64,
    /// Dispatches.
    pub dispatches: u64,
    /// Buffers created.
    pub buffers: u64,
    /// Bind groups created.
    pub bind_groups: u64,
    /// Pipelines created.
    pub pipelines: u64,
    /// Readbacks (one map each).
    pub readbacks: u64,
    /// Bytes sent up.
    pub uploaded_bytes: u64,
    /// Bytes read back.
    pub downloaded_bytes: u64,
    /// Weight bytes read by the kernels.
    pub weight_bytes: u64,
    /// Rows of prompts that were computed, and not found in the cache.
    pub prefilled_rows: u64,
    /// Steps that got a mask from the CPU, since the tables of their rules are too large for the GPU: one readback each.
    pub masked_steps: u64,
    /// Bytes of buffers held now.
    pub gpu_bytes: u64,
    /// Most bytes of buffers held at a time.
    pub peak_gpu_bytes: u64,
    /// Bytes of the WebAssembly module's memory, which never shrinks; 0 natively.
    pub heap_bytes: u64,
}

/// A recording made ready: pipelines, bind groups and parameters exist; replaying creates nothing.
pub struct Plan {
    steps: Vec<Step>,
    params: wgpu::Buffer,
    weight_bytes: u64,
}

impl Plan {
    /// Number of dispatches of one replay.
    #[must_use]
    pub fn dispatches(&self) -> usize {
        self.steps.len()
    }
    /// Weight bytes read by one replay.
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        self.weight_bytes
    }
}

struct Step {
    pipeline: Rc<Pipeline>,
    group: wgpu::BindGroup,
    groups: [u32; 3],
}

/// A shader's text and how it uses what is bound.
type PipelineKey = (Arc<str>, Vec<Access>);

struct Pipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

/// Part of a tensor that is to be read back: byte offset and length, multiples of 4.
#[derive(Debug, Clone)]
pub struct Slice {
    /// The tensor.
    pub tensor: Tensor,
    /// From here.
    pub offset: u64,
    /// This many bytes.
    pub bytes: u64,
}

/// A readback on its way.
pub struct Readback {
    staging: wgpu::Buffer,
    bytes: u64,
    submission: wgpu::SubmissionIndex,
    mapped: oneshot::Receiver<Result<(), wgpu::BufferAsyncError>>,
}

/// Smallest staging buffer; token readbacks all fit into it, so that a few of them serve forever.
const STAGING: u64 = 4096;

/// See the module.
pub struct Engine {
    /// The device.
    pub gpu: Gpu,
    slots: RefCell<Vec<Option<wgpu::Buffer>>>,
    pipelines: RefCell<LiteMap<PipelineKey, Rc<Pipeline>>>,
    staging: RefCell<Vec<wgpu::Buffer>>,
    counters: Rc<Cell<Counters>>,
    /// Bytes asked for while [`Engine::measure`] is at it.
    measured: Cell<Option<u64>>,
    /// The adapter has passed the self-check, with the model that is to be loaded ([`crate::gpu::GpuOptions::checked`]).
    pub(crate) passed: Cell<bool>,
}

impl Engine {
    /// An engine on this device.
    #[must_use]
    pub fn new(gpu: Gpu) -> Self {
        Self {
            gpu,
            slots: RefCell::default(),
            pipelines: RefCell::default(),
            staging: RefCell::default(),
            counters: Rc::default(),
            measured: Cell::default(),
            passed: Cell::default(),
        }
    }

    /// The counters now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters.get()
    }

    /// A view of the counters that outlives borrows of the engine.
    #[must_use]
    pub fn counters_handle(&self) -> Rc<Cell<Counters>> {
        self.counters.clone()
    }

    /// Notes that rows of a prompt were computed.
    pub fn prefilled(&self, rows: u32) {
        self.count(|c| c.prefilled_rows += u64::from(rows));
    }

    /// Notes that the next step's mask was made on the CPU.
    pub fn masked(&self) {
        self.count(|c| c.masked_steps += 1);
    }

    /// The limits for recordings on this device.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let caps = &self.gpu.caps;
        Limits { binding: caps.max_binding, storage_buffers: caps.max_storage_buffers, groups: caps.max_groups }
    }

    /// An empty recording under this device's limits.
    #[must_use]
    pub fn recording(&self) -> Recording {
        Recording::new(self.limits()).with(self.gpu.caps.mad)
    }

    /// A new tensor (rows, cols), zeroed as WebGPU promises.
    ///
    /// # Errors
    /// [`EngineError::TooLarge`], [`EngineError::OutOfMemory`] beyond the bound. Whether the GPU has the memory is
    /// for a [`Guard`] to tell.
    pub fn alloc(&self, name: &str, rows: u32, cols: u32, element: Element) -> Result<Tensor, EngineError> {
        let mut tensor = Tensor { id: 0, name: name.into(), rows, cols, element };
        let limit = self.gpu.caps.max_binding;
        if tensor.bytes() > limit {
            return Err(EngineError::TooLarge { name: name.into(), bytes: tensor.bytes(), limit });
        }
        if let Some(bytes) = self.measured.get() {
            self.measured.set(Some(bytes + tensor.bytes()));
            return Ok(Tensor::detached(name, rows, cols, element));
        }
        let usage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::UNIFORM
            | wgpu::BufferUsages::COPY_DST
            | wgpu::BufferUsages::COPY_SRC;
        // 16 bytes at least, so that a vec4 fits.
        let buffer = self.buffer(name, tensor.bytes().max(16), usage)?;
        let mut slots = self.slots.borrow_mut();
        tensor.id = slots.iter().position(Option::is_none).unwrap_or(slots.len());
        if tensor.id == slots.len() {
            slots.push(Some(buffer));
        } else {
            slots[tensor.id] = Some(buffer);
        }
        Ok(tensor)
    }

    /// Frees a tensor's memory at once. Plans that use it must not be replayed any more.
    pub fn free(&self, tensor: &Tensor) {
        if let Some(buffer) = self.slots.borrow_mut().get_mut(tensor.id).and_then(Option::take) {
            self.count(|c| c.gpu_bytes -= buffer.size());
            buffer.destroy();
        }
    }

    /// Frees a plan's own memory.
    pub fn free_plan(&self, plan: Plan) {
        self.count(|c| c.gpu_bytes -= plan.params.size());
        plan.params.destroy();
    }

    /// Writes bytes at a byte offset; both multiples of 4.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn write(&self, tensor: &Tensor, offset: u64, bytes: &[u8]) -> Result<(), EngineError> {
        if self.measured.get().is_some() {
            return Ok(());
        }
        let slots = self.slots.borrow();
        self.gpu.queue.write_buffer(slot(&slots, tensor)?, offset, bytes);
        self.count(|c| c.uploaded_bytes += bytes.len() as u64);
        Ok(())
    }

    /// Makes a recording ready: compiles what is new, binds, uploads the parameters.
    ///
    /// # Errors
    /// What the recording or the device refuses.
    pub async fn prepare(&self, recording: Recording) -> Result<Plan, EngineError> {
        let dispatches = recording.finish()?;
        let align = u64::from(self.gpu.caps.uniform_align);
        let mut params = Vec::new();
        let mut offsets = Vec::with_capacity(dispatches.len());
        for d in &dispatches {
            params.resize((params.len() as u64).next_multiple_of(align) as usize, 0);
            offsets.push(params.len() as u64);
            params.extend_from_slice(&d.params);
        }
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let guard = self.guard();
        let uniform = self.buffer("params", (params.len() as u64).max(16), usage)?;
        self.gpu.queue.write_buffer(&uniform, 0, &params);
        self.count(|c| c.uploaded_bytes += params.len() as u64);
        let steps: Result<Vec<Step>, EngineError> =
            dispatches.iter().zip(&offsets).map(|(d, &at)| self.step(d, &uniform, at)).collect();
        let refused = guard.end().await;
        let weight_bytes = dispatches.iter().map(|d| d.weight_bytes).sum();
        let plan = |steps| Plan { steps, params: uniform, weight_bytes };
        match (refused, steps) {
            (Ok(()), Ok(steps)) => Ok(plan(steps)),
            (Err(e), _) | (Ok(()), Err(e)) => {
                self.free_plan(plan(Vec::new()));
                Err(e)
            }
        }
    }

    /// Runs a plan: one encoder, one pass, one submit. What `slices` name is copied to a staging buffer in
    /// the same submit, to be had from [`Engine::receive`].
    ///
    /// # Errors
    /// [`EngineError::Gone`] when a slice's tensor was freed.
    pub fn replay(&self, plan: &Plan, slices: &[Slice]) -> Result<Option<Readback>, EngineError> {
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for step in &plan.steps {
                pass.set_pipeline(&step.pipeline.pipeline);
                pass.set_bind_group(0, &step.group, &[]);
                pass.dispatch_workgroups(step.groups[0], step.groups[1], step.groups[2]);
            }
        }
        self.count(|c| {
            c.submits += 1;
            c.passes += 1;
            c.dispatches += plan.steps.len() as u64;
            c.weight_bytes += plan.weight_bytes;
        });
        self.submit(encoder, slices)
    }

    /// Copies parts of tensors to a staging buffer, outside a plan.
    ///
    /// # Errors
    /// As [`Engine::replay`] and [`Engine::receive`].
    pub async fn fetch(&self, slices: &[Slice]) -> Result<Vec<u8>, EngineError> {
        let encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.count(|c| c.submits += 1);
        match self.submit(encoder, slices)? {
            Some(readback) => self.receive(readback).await,
            None => Ok(Vec::new()),
        }
    }

    /// All bytes of a tensor.
    ///
    /// # Errors
    /// As [`Engine::fetch`].
    pub async fn read(&self, tensor: &Tensor) -> Result<Vec<u8>, EngineError> {
        self.fetch(&[Slice { tensor: tensor.clone(), offset: 0, bytes: tensor.bytes() }]).await
    }

    /// Waits for a readback and gives its bytes, slices one after the other.
    ///
    /// # Errors
    /// A lost device, or an error that the device reported since.
    pub async fn receive(&self, readback: Readback) -> Result<Vec<u8>, EngineError> {
        let Readback { staging, bytes, submission, mapped } = readback;
        let outcome = self.gpu.wait(mapped, Some(submission)).await?;
        if let Err(e) = outcome {
            // A buffer that was mapped rightly can only fail with its device; the news of that may come later.
            let lost = GpuError::Lost(e.to_string());
            self.gpu.health.note(lost.clone());
            return Err(lost.into());
        }
        let data = {
            let view = staging.get_mapped_range(0..bytes).map_err(|e| GpuError::Reported(e.to_string()))?;
            view.to_vec()
        };
        staging.unmap();
        self.staging.borrow_mut().push(staging);
        self.count(|c| {
            c.readbacks += 1;
            c.downloaded_bytes += bytes;
        });
        Ok(data)
    }

    fn submit(&self, mut encoder: wgpu::CommandEncoder, slices: &[Slice]) -> Result<Option<Readback>, EngineError> {
        let bytes: u64 = slices.iter().map(|s| s.bytes).sum();
        if bytes == 0 {
            self.gpu.queue.submit([encoder.finish()]);
            return Ok(None);
        }
        let staging = self.take_staging(bytes)?;
        let slots = self.slots.borrow();
        let mut at = 0;
        for s in slices {
            encoder.copy_buffer_to_buffer(slot(&slots, &s.tensor)?, s.offset, &staging, at, s.bytes);
            at += s.bytes;
        }
        let submission = self.gpu.queue.submit([encoder.finish()]);
        let (tell, mapped) = oneshot::channel();
        staging.map_async(wgpu::MapMode::Read, 0..bytes, move |outcome| drop(tell.send(outcome)));
        Ok(Some(Readback { staging, bytes, submission, mapped }))
    }

    /// A staging buffer from the ring, or a new one: after the first few readbacks none is created.
    fn take_staging(&self, bytes: u64) -> Result<wgpu::Buffer, EngineError> {
        let mut ring = self.staging.borrow_mut();
        if let Some(i) = ring.iter().position(|b| b.size() >= bytes) {
            return Ok(ring.swap_remove(i));
        }
        let size = bytes.max(STAGING).next_power_of_two();
        self.buffer("staging", size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST)
    }

    fn buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer, EngineError> {
        self.room(size)?;
        self.count(|c| {
            c.buffers += 1;
            c.gpu_bytes += size;
            c.peak_gpu_bytes = c.peak_gpu_bytes.max(c.gpu_bytes);
        });
        Ok(self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation: false,
        }))
    }

    fn step(&self, d: &Dispatch, params: &wgpu::Buffer, offset: u64) -> Result<Step, EngineError> {
        let pipeline = self.pipeline(d);
        let slots = self.slots.borrow();
        let mut entries = vec![wgpu::BindGroupEntry {
            binding: 0,
            resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: params,
                offset,
                size: std::num::NonZeroU64::new(d.params.len() as u64),
            }),
        }];
        for (i, bind) in d.binds.iter().enumerate() {
            entries.push(wgpu::BindGroupEntry {
                binding: i as u32 + 1,
                resource: slot(&slots, &bind.tensor)?.as_entire_binding(),
            });
        }
        let group = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(d.label),
            layout: &pipeline.layout,
            entries: &entries,
        });
        self.count(|c| c.bind_groups += 1);
        Ok(Step { pipeline, group, groups: d.groups })
    }

    fn pipeline(&self, d: &Dispatch) -> Rc<Pipeline> {
        let accesses: Vec<Access> = d.binds.iter().map(|b: &Bind| b.access).collect();
        let key = (d.source.clone(), accesses);
        if let Some(found) = self.pipelines.borrow().get(&key) {
            return found.clone();
        }
        let device = &self.gpu.device;
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        };
        let mut entries = vec![entry(0, wgpu::BufferBindingType::Uniform)];
        entries.extend(key.1.iter().enumerate().map(|(i, access)| {
            let ty = match access {
                Access::Read => wgpu::BufferBindingType::Storage { read_only: true },
                Access::Write => wgpu::BufferBindingType::Storage { read_only: false },
                Access::Uniform => wgpu::BufferBindingType::Uniform,
            };
            entry(i as u32 + 1, ty)
        }));
        let layout = device
            .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(d.label), entries: &entries });
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(d.label),
            source: wgpu::ShaderSource::Wgsl(d.source.as_ref().into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(d.label),
            layout: Some(&device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(d.label),
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            })),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                // Every kernel writes its workgroup memory before it reads it.
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        self.count(|c| c.pipelines += 1);
        let made = Rc::new(Pipeline { pipeline, layout });
        self.pipelines.borrow_mut().insert(key, made.clone());
        made
    }

    fn count(&self, change: impl FnOnce(&mut Counters)) {
        let mut counters = self.counters.get();
        change(&mut counters);
        self.counters.set(counters);
    }
}

fn slot<'a>(slots: &'a [Option<wgpu::Buffer>], tensor: &Tensor) -> Result<&'a wgpu::Buffer, EngineError> {
    slots.get(tensor.id).and_then(Option::as_ref).ok_or_else(|| EngineError::Gone(tensor.name.to_string()))
}
