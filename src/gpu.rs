//! The adapter and its device: what it can do, whether it is still there, and how to wait for it.

use std::sync::{Arc, Mutex};

use futures_channel::oneshot;
use thiserror::Error;

use crate::error::Kind;
use crate::fields::{Fields, FromValue, Read, Value};
use crate::kernel::Mad;

/// What can go wrong between us and the GPU.
#[derive(Debug, Clone, Error)]
pub enum GpuError {
    /// There is no WebGPU here, or no adapter.
    #[error("no GPU adapter: {0}")]
    NoAdapter(String),
    /// The adapter gave no device.
    #[error("the GPU adapter gave no device: {0}")]
    NoDevice(String),
    /// `precision: "f16"` was demanded of an adapter without `shader-f16`.
    #[error("the adapter {0} has no shader-f16; use precision \"auto\" or \"f32\"")]
    NoF16(String),
    /// The device is gone (driver reset, tab discarded, adapter unplugged).
    #[error("the GPU device was lost: {0}")]
    Lost(String),
    /// The device refused a command; the driver's own words.
    #[error("the GPU reported an error: {0}")]
    Reported(String),
}

impl GpuError {
    /// The name under which a page sees this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::NoAdapter(_) | Self::NoDevice(_) | Self::NoF16(_) => Kind::NotSupported,
            Self::Lost(_) | Self::Reported(_) => Kind::Operation,
        }
    }
}

/// Whether the engine may use 16-bit arithmetic types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// f16 where the adapter has `shader-f16`, else f32.
    #[default]
    Auto,
    /// f32 throughout.
    F32,
    /// f16 cache and weight reads; an error where the adapter cannot.
    F16,
}

/// Which adapter to take.
#[derive(Debug, Clone, Default)]
pub struct GpuOptions {
    /// `"low-power"` or `"high-performance"`; when absent the browser decides, or natively the faster one is taken.
    pub power_preference: Option<PowerPreference>,
    /// See [`Precision`].
    pub precision: Precision,
    /// Most bytes of GPU memory; as much as there is when absent.
    pub max_gpu_bytes: Option<u64>,
    /// The adapter has passed the self-check a moment ago, with or without f16, and with the model that is to be loaded: the same need
    /// not be checked again.
    pub checked: Option<bool>,
}

/// WebGPU's `GPUPowerPreference`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerPreference {
    /// Spare the battery.
    LowPower,
    /// Take the fastest.
    HighPerformance,
}

impl FromValue for GpuOptions {
    fn from_value(value: Value) -> Read<Self> {
        let precisions = [Precision::Auto, Precision::F32, Precision::F16];
        let powers = [PowerPreference::LowPower, PowerPreference::HighPerformance];
        let bytes = |v: Value, at: &str| v.as_u64().map_or_else(|| v.wrong(at, "a number of bytes"), Ok);
        Fields::of(value, |f| {
            Ok(Self {
                power_preference: f.get(&["powerPreference"], |v, at| v.among(at, &powers, PowerPreference::id))?,
                precision: f.get(&["precision"], |v, at| v.among(at, &precisions, Precision::id))?.unwrap_or_default(),
                max_gpu_bytes: f.get(&["maxGpuBytes"], bytes)?,
                checked: f.get(&["checked"], |v, at| v.flag(at))?,
            })
        })
    }
}

impl Precision {
    fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::F16 => "f16",
        }
    }
}

impl PowerPreference {
    fn id(self) -> &'static str {
        match self {
            Self::LowPower => "low-power",
            Self::HighPerformance => "high-performance",
        }
    }
}

/// What the device can do, as run-time values.
#[derive(Debug, Clone)]
pub struct Caps {
    /// 16-bit floats in shaders (`shader-f16`), and wanted.
    pub f16: bool,
    /// The adapter is a software renderer.
    pub software: bool,
    /// How kernels multiply and add.
    pub mad: Mad,
    /// Largest storage binding in bytes.
    pub max_binding: u64,
    /// Storage buffers per shader stage.
    pub max_storage_buffers: u32,
    /// Workgroups per dimension.
    pub max_groups: u32,
    /// Alignment of uniform offsets in bytes.
    pub uniform_align: u32,
}

/// The names of the adapter.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AdapterInfo {
    /// The adapter's own name, as far as it gives one.
    pub name: String,
    /// Driver or vendor.
    pub vendor: String,
    /// Driver's version or architecture.
    pub architecture: String,
    /// `webgpu`, `vulkan`, `metal`, `dx12`.
    pub backend: String,
    /// A software renderer (no GPU behind it).
    pub software: bool,
    /// `shader-f16` is there and used.
    pub f16: bool,
}

/// One adapter, one device, one queue.
pub struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    /// What it can do.
    pub caps: Caps,
    /// Who it is.
    pub info: AdapterInfo,
    /// Most bytes of buffers that it is asked for.
    pub max_bytes: Option<u64>,
    /// Whether it is still there.
    pub health: Health,
}

/// What a device has reported since it was made. Clones look at the same device.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<Option<GpuError>>>);

impl Health {
    /// Nothing, or the first loss or uncaptured error; it stays.
    ///
    /// # Errors
    /// That error.
    pub fn check(&self) -> Result<(), GpuError> {
        match self.0.lock() {
            Ok(trouble) => trouble.clone().map_or(Ok(()), Err),
            Err(_) => Err(GpuError::Reported("an error handler failed".into())),
        }
    }

    /// The device is gone.
    #[must_use]
    pub fn lost(&self) -> bool {
        matches!(self.check(), Err(GpuError::Lost(_)))
    }

    pub(crate) fn note(&self, error: GpuError) {
        if let Ok(mut slot) = self.0.lock() {
            // A loss outranks what was reported before it: it is the cause.
            if slot.is_none() || matches!(error, GpuError::Lost(_)) {
                *slot = Some(error);
            }
        }
    }
}

impl Gpu {
    /// Asks for an adapter and a device with WebGPU's default limits.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`], [`GpuError::NoDevice`], [`GpuError::NoF16`].
    pub async fn new(options: &GpuOptions) -> Result<Self, GpuError> {
        #[cfg(target_arch = "wasm32")]
        platform::require_webgpu()?;
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: match options.power_preference {
                    None => platform::POWER,
                    Some(PowerPreference::LowPower) => wgpu::PowerPreference::LowPower,
                    Some(PowerPreference::HighPerformance) => wgpu::PowerPreference::HighPerformance,
                },
                ..Default::default()
            })
            .await
            .map_err(|e| GpuError::NoAdapter(platform::no_adapter(&e)))?;
        let about = adapter.get_info();
        let has_f16 = adapter.features().contains(wgpu::Features::SHADER_F16);
        let f16 = match options.precision {
            Precision::F32 => false,
            Precision::Auto => has_f16,
            Precision::F16 if has_f16 => true,
            Precision::F16 => return Err(GpuError::NoF16(about.name)),
        };
        let limits = wgpu::Limits::defaults();
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("copywright"),
                required_features: if f16 { wgpu::Features::SHADER_F16 } else { wgpu::Features::empty() },
                required_limits: limits.clone(),
                ..Default::default()
            })
            .await
            .map_err(|e| GpuError::NoDevice(e.to_string()))?;

        let health = Health::default();
        let (lost, refused) = (health.clone(), health.clone());
        device.set_device_lost_callback(move |reason, message| {
            lost.note(GpuError::Lost(format!("{reason:?}: {message}")));
        });
        device.on_uncaptured_error(Arc::new(move |e: wgpu::Error| {
            refused.note(GpuError::Reported(e.to_string()));
        }));
        let software = about.device_type == wgpu::DeviceType::Cpu || names_software(&about);
        Ok(Self {
            caps: Caps {
                f16,
                software,
                mad: if software { Mad::Plain } else { Mad::Fused },
                max_binding: limits.max_storage_buffer_binding_size,
                max_storage_buffers: limits.max_storage_buffers_per_shader_stage,
                max_groups: limits.max_compute_workgroups_per_dimension,
                uniform_align: limits.min_uniform_buffer_offset_alignment,
            },
            info: AdapterInfo {
                name: about.name,
                vendor: about.driver,
                architecture: about.driver_info,
                backend: format!("{:?}", about.backend).to_ascii_lowercase(),
                software,
                f16,
            },
            max_bytes: options.max_gpu_bytes,
            device,
            queue,
            health,
        })
    }

    /// What the device reported since it was made, if anything.
    ///
    /// # Errors
    /// As [`Health::check`].
    pub fn healthy(&self) -> Result<(), GpuError> {
        self.health.check()
    }

    /// Waits until the GPU answers `answer`, keeping the queue moving meanwhile.
    /// Natively no longer than until `after` is done, or the newest submission where there is none.
    pub(crate) async fn wait<T>(
        &self,
        answer: oneshot::Receiver<T>,
        after: Option<wgpu::SubmissionIndex>,
    ) -> Result<T, GpuError> {
        let got = platform::wait(self, answer, after).await;
        self.healthy()?;
        got.ok_or_else(|| GpuError::Lost("the device dropped a request".into()))
    }

    /// Waits until everything submitted so far is done.
    ///
    /// # Errors
    /// [`GpuError::Lost`] or [`GpuError::Reported`].
    pub async fn idle(&self) -> Result<(), GpuError> {
        let (tell, done) = oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = tell.send(());
        });
        self.wait(done, None).await
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // Frees the memory at once, where dropping handles would leave it to the garbage collector.
        self.device.destroy();
    }
}

/// Browsers do not always mark their software adapters; their names do.
fn names_software(about: &wgpu::AdapterInfo) -> bool {
    let names = format!("{} {} {}", about.name, about.driver, about.driver_info).to_ascii_lowercase();
    ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "basic render", "warp"].iter().any(|n| names.contains(n))
}

/// Milliseconds on a clock that only goes forward.
#[must_use]
pub fn now_ms() -> f64 {
    platform::now_ms()
}

/// Seconds since 1970.
#[must_use]
pub fn unix_seconds() -> u64 {
    (platform::unix_ms() / 1e3) as u64
}

/// Bits of both clocks that differ from call to call: for seeds and names, not for secrets.
#[must_use]
pub fn wall_clock_bits() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let call = CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0xd134_2543_de82_ef95);
    platform::unix_ms().to_bits().rotate_left(20) ^ platform::now_ms().to_bits() ^ call
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use super::{Gpu, oneshot};

    pub fn no_adapter(e: &wgpu::RequestAdapterError) -> String {
        e.to_string()
    }

    /// Without a preference a software adapter may come before a GPU.
    pub const POWER: wgpu::PowerPreference = wgpu::PowerPreference::HighPerformance;
    use std::sync::OnceLock;
    use std::time::{Instant, SystemTime};

    pub fn unix_ms() -> f64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1e3)
    }

    pub fn now_ms() -> f64 {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
    }

    pub async fn wait<T>(gpu: &Gpu, answer: oneshot::Receiver<T>, after: Option<wgpu::SubmissionIndex>) -> Option<T> {
        // Natively callbacks run inside poll(). A lost device answers with an error.
        drop(gpu.device.poll(wgpu::PollType::Wait { submission_index: after, timeout: None }));
        answer.await.ok()
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use super::{Gpu, GpuError, oneshot};

    /// Here the library's reasons are about what it was compiled without.
    pub fn no_adapter(_: &wgpu::RequestAdapterError) -> String {
        "the browser knows WebGPU and offers no GPU that it may use".into()
    }

    /// The browser knows best: it may be running on a battery.
    pub const POWER: wgpu::PowerPreference = wgpu::PowerPreference::None;
    use js_sys::{Function, Promise, Reflect};
    use std::future::Future;
    use std::pin::pin;
    use std::task::Poll;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

    pub fn unix_ms() -> f64 {
        js_sys::Date::now()
    }

    fn global(path: &[&str]) -> Option<JsValue> {
        let mut value: JsValue = js_sys::global().into();
        for name in path {
            value = Reflect::get(&value, &(*name).into()).ok()?;
            if value.is_undefined() || value.is_null() {
                return None;
            }
        }
        Some(value)
    }

    pub fn require_webgpu() -> Result<(), GpuError> {
        match global(&["navigator", "gpu"]) {
            Some(_) => Ok(()),
            None => Err(GpuError::NoAdapter("this browser or context has no WebGPU (navigator.gpu)".into())),
        }
    }

    pub fn now_ms() -> f64 {
        let Some(clock) = global(&["performance"]) else { return js_sys::Date::now() };
        global(&["performance", "now"])
            .and_then(|f| f.dyn_into::<Function>().ok())
            .and_then(|f| f.call0(&clock).ok())
            .and_then(|ms| ms.as_f64())
            .unwrap_or_else(js_sys::Date::now)
    }

    /// Firefox completes maps on a 100 ms timer unless the queue is fed (Mozilla bug 1870699): empty
    /// submissions make it look sooner. No other browser needs them, so no other gets them.
    fn needs_pump() -> bool {
        global(&["navigator", "userAgent"]).and_then(|a| a.as_string()).is_some_and(|a| a.contains("Firefox"))
    }

    async fn pause(ms: i32) {
        let promise = Promise::new(&mut |resolve: Function, _| {
            let timer = global(&["setTimeout"]).and_then(|f| f.dyn_into::<Function>().ok());
            let set = timer.and_then(|f| f.call2(&JsValue::UNDEFINED, &resolve, &ms.into()).ok());
            if set.is_none() {
                drop(resolve.call0(&JsValue::UNDEFINED));
            }
        });
        drop(JsFuture::from(promise).await);
    }

    pub async fn wait<T>(gpu: &Gpu, answer: oneshot::Receiver<T>, _after: Option<wgpu::SubmissionIndex>) -> Option<T> {
        if !needs_pump() {
            return answer.await.ok();
        }
        let mut answer = pin!(answer);
        loop {
            let mut tick = pin!(pause(1));
            // Whichever comes first: the answer, or the tick.
            let first = std::future::poll_fn(|cx| match answer.as_mut().poll(cx) {
                Poll::Ready(got) => Poll::Ready(Some(got.ok())),
                Poll::Pending => tick.as_mut().poll(cx).map(|()| None),
            });
            if let Some(got) = first.await {
                return got;
            }
            gpu.queue.submit([]);
        }
    }
}
