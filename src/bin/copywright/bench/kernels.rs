//! `copywright bench --kernels`: each main kernel by itself.
//!
//! A recording of one dispatch many times over is replayed until the work is long enough for its end to be
//! waited for; time is that of all of it. Dispatches that write one tensor run one after the other, as they
//! do in a decode step; what that costs shows in the empty dispatches. "Bytes" are those that a dispatch must
//! touch, each once; so a kernel that reads twice shows a lower rate, and one that lives in a cache a higher
//! rate than the memory's.

use std::cell::{Cell, RefCell};

use copywright::engine::{Engine, Plan};
use copywright::error::Kind;
use copywright::gpu::now_ms;
use copywright::kernel::{Fragment, Kernel, Param, Params};
use copywright::record::{Access, Bind, Element, Recording, Tensor};
use half::f16;
use pollster::block_on;
use serde::Serialize;

use super::{Out, attention, median, products, short, tokens};
use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::options;

/// Milliseconds that one sample should take, so that waiting for its end does not count.
const SAMPLE_MS: f64 = 40.0;
/// Most dispatches of a recording, and most replays of it before a wait.
const MOST_DISPATCHES: usize = 64;
const MOST_REPLAYS: usize = 500;
/// Bytes of weights that dispatches take turns in: more than the caches of a large GPU hold.
const SPREAD: u64 = 192 << 20;

pub fn run(args: &Args, out: &Out) -> Result<()> {
    let engine = options::engine(options::precision(args)?)?;
    options::introduce(args, &engine.gpu.info);
    let info = &engine.gpu.info;
    out.say(&options::adapter(info))?;
    if info.software {
        out.say("A software adapter: these times say nothing of a GPU.")?;
    }
    out.say("\nus: time of a dispatch, the median; host: the processor's part of it. Where they are close, the")?;
    out.say("processor is what is measured. GB/s: bytes that must be touched, each once.\n")?;
    out.say(&format!(
        "{:<16}{:<34}{:>4} {:<11}{:>10}{:>8}{:>9}{:>9}",
        "kernel", "shape", "rows", "type", "us", "host", "GB/s", "GFLOP/s"
    ))?;
    let bench = Bench {
        engine: &engine,
        out,
        samples: super::rounds(args, info.software)?,
        only: args.all("--only").map(str::to_owned).collect(),
        held: RefCell::default(),
        measured: Cell::new(0),
        random: Cell::new(0x9e37_79b9),
    };
    empty(&bench)?;
    products::run(&bench)?;
    attention::run(&bench)?;
    tokens::run(&bench)?;
    if bench.measured.get() == 0 {
        return Err(Failure::Usage(format!("no kernel is called {}", bench.only.join(" or "))));
    }
    Ok(())
}

/// What is measured: a kernel on a shape.
pub struct Case {
    pub kernel: &'static str,
    pub shape: String,
    pub rows: u32,
    /// Types of weights or cache.
    pub kind: &'static str,
    /// Bytes that a dispatch must touch, each once.
    pub bytes: u64,
    /// Additions and multiplications.
    pub flops: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    kernel: &'static str,
    shape: &'a str,
    rows: u32,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Medians and the least, in microseconds.
    us: f64,
    best_us: f64,
    host_us: f64,
    gb_per_s: f64,
    gflop_per_s: f64,
    bytes: u64,
    flops: u64,
    /// Dispatches of a sample.
    dispatches: usize,
    adapter: &'a str,
    software: bool,
}

/// Measures cases, and holds their tensors while it does.
pub struct Bench<'a> {
    pub engine: &'a Engine,
    out: &'a Out,
    samples: usize,
    only: Vec<String>,
    held: RefCell<Vec<Tensor>>,
    measured: Cell<usize>,
    random: Cell<u32>,
}

impl Bench<'_> {
    /// Whether this kernel is asked for. Ask before making its tensors.
    pub fn wants(&self, kernel: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| kernel.contains(name.as_str()))
    }

    /// A tensor of zeros, freed after the case.
    pub fn zeros(&self, name: &str, rows: u32, cols: u32, element: Element) -> Result<Tensor> {
        let tensor = self.engine.alloc(name, rows, cols, element)?;
        self.held.borrow_mut().push(tensor.clone());
        Ok(tensor)
    }

    /// A tensor of numbers in ±1, f32 or f16.
    pub fn random(&self, name: &str, rows: u32, cols: u32, element: Element) -> Result<Tensor> {
        const TILE: usize = 1 << 18;
        let tensor = self.zeros(name, rows, cols, element)?;
        let count = (rows as usize * cols as usize).min(TILE);
        let values = (0..count).map(|_| self.next());
        let mut tile: Vec<u8> = match element {
            // Quants may be any bytes; scales are halves.
            Element::F16 | Element::Q8 | Element::Q4 => values.flat_map(|v| f16::from_f32(v).to_le_bytes()).collect(),
            _ => values.flat_map(f32::to_le_bytes).collect(),
        };
        tile.resize(tile.len().next_multiple_of(4), 0);
        for at in (0..tensor.bytes()).step_by(tile.len()) {
            let rest = (tensor.bytes() - at).min(tile.len() as u64);
            self.engine.write(&tensor, at, &tile[..rest as usize])?;
        }
        Ok(tensor)
    }

    /// A matrix of weights, in as many copies as it takes to be out of every cache by the time it is read
    /// again: a model larger than the caches meets each of its weights that way. In software one is enough.
    pub fn weights(&self, rows: u32, cols: u32, element: Element) -> Result<Vec<Tensor>> {
        let bytes = element.size(u64::from(rows) * u64::from(cols));
        let copies =
            if self.engine.gpu.caps.software { 1 } else { SPREAD.div_ceil(bytes).clamp(1, MOST_DISPATCHES as u64) };
        (0..copies).map(|_| self.random("weights", rows, cols, element)).collect()
    }

    /// Words as they are.
    pub fn words(&self, name: &str, words: &[u32]) -> Result<Tensor> {
        let tensor = self.zeros(name, 1, words.len() as u32, Element::U32)?;
        self.engine.write(&tensor, 0, bytemuck::cast_slice(words))?;
        Ok(tensor)
    }

    /// State in which `sequences` have a prompt of `shared` tokens, own tails of `tail`, and stand at
    /// `position`; a prefill slice of `rows` rows begins at `start`. All have ended: `sample` moves none.
    pub fn state(&self, shared: u32, tail: u32, position: u32, slice: (u32, u32)) -> Result<Tensor> {
        let mut words = vec![shared, tail, slice.0, slice.1];
        words.extend((0..8).flat_map(|_| [position, 0, 1, 0]));
        self.words("state", &words)
    }

    /// Measures dispatches that `record` adds one by one, told their number, then frees the case's tensors.
    pub fn case(&self, case: &Case, record: impl Fn(&mut Recording, usize)) -> Result<()> {
        let outcome = self.measure(case, &record);
        for tensor in self.held.borrow_mut().drain(..) {
            self.engine.free(&tensor);
        }
        outcome
    }

    fn measure(&self, case: &Case, record: &dyn Fn(&mut Recording, usize)) -> Result<()> {
        let engine = self.engine;
        let plan_of = |count| {
            let mut recording = engine.recording();
            (0..count).for_each(|i| record(&mut recording, i));
            block_on(engine.prepare(recording))
        };
        let sample = |plan: &Plan, replays: usize| -> Result<(f64, f64)> {
            let begun = now_ms();
            for _ in 0..replays {
                engine.replay(plan, &[])?;
            }
            let submitted = now_ms();
            block_on(engine.gpu.idle())?;
            Ok((now_ms() - begun, submitted - begun))
        };
        let times = |once: f64, most: usize| ((SAMPLE_MS / once.max(1e-3)) as usize).clamp(1, most);
        let mut plan = plan_of(1)?;
        sample(&plan, 1)?; // uploads, zeroes, compiles
        let mut once = sample(&plan, 1)?.0;
        let count = times(once, MOST_DISPATCHES);
        if count > 1 {
            engine.free_plan(plan);
            plan = plan_of(count)?;
            sample(&plan, 1)?;
            once = sample(&plan, 1)?.0;
        }
        let replays = times(once, MOST_REPLAYS);
        let samples = (0..self.samples).map(|_| sample(&plan, replays)).collect::<Result<Vec<_>>>()?;
        engine.free_plan(plan);

        let dispatches = replays * count;
        let each = |ms: f64| ms * 1e3 / dispatches as f64;
        let us = each(median(samples.iter().map(|s| s.0)));
        let best_us = each(samples.iter().map(|s| s.0).fold(f64::INFINITY, f64::min));
        let host_us = each(median(samples.iter().map(|s| s.1)));
        if us <= 0.0 {
            return Err(Failure::work(Kind::Operation, format!("{}: the clock stood still", case.kernel)));
        }
        let line = Line {
            kernel: case.kernel,
            shape: &case.shape,
            rows: case.rows,
            kind: case.kind,
            us: short(us),
            best_us: short(best_us),
            host_us: short(host_us),
            gb_per_s: short(case.bytes as f64 / us / 1e3),
            gflop_per_s: short(case.flops as f64 / us / 1e3),
            bytes: case.bytes,
            flops: case.flops,
            dispatches,
            adapter: &engine.gpu.info.name,
            software: engine.gpu.info.software,
        };
        let rate = |of: u64, value: f64| match (of, value) {
            (0, _) => "-".to_owned(),
            (_, value) if value >= 100.0 => format!("{value:.0}"),
            (_, value) => format!("{value:.2}"),
        };
        self.out.say(&format!(
            "{:<16}{:<34}{:>4} {:<11}{us:>10.2}{host_us:>8.2}{:>9}{:>9}",
            case.kernel,
            case.shape,
            case.rows,
            case.kind,
            rate(case.bytes, line.gb_per_s),
            rate(case.flops, line.gflop_per_s),
        ))?;
        self.measured.set(self.measured.get() + 1);
        self.out.json(&line)
    }

    /// xorshift32 (Marsaglia 2003), in ±1.
    fn next(&self) -> f32 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.random.set(x);
        (x >> 8) as f32 / 8_388_608.0 - 1.0
    }
}

/// One workgroup that does nothing.
struct Empty<'a> {
    y: &'a Tensor,
    access: Access,
}

impl Kernel for Empty<'_> {
    fn name(&self) -> &'static str {
        "empty"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        vec![Fragment { name: "empty", text: "@compute @workgroup_size(64) fn main() {}", f16: false }]
    }
    fn bindings(&self) -> Vec<Bind> {
        vec![Bind { tensor: self.y.clone(), access: self.access }]
    }
    fn params(&self) -> Params {
        Params(vec![("unused", Param::U(0))])
    }
    fn groups(&self) -> [u32; 3] {
        [1, 1, 1]
    }
}

/// What a dispatch costs before it does anything: with and without a wait for the one before.
fn empty(bench: &Bench) -> Result<()> {
    if !bench.wants("empty") {
        return Ok(());
    }
    for (access, shape) in [(Access::Read, "one after another or at once"), (Access::Write, "one after another")] {
        let y = bench.zeros("y", 1, 64, Element::F32)?;
        let case = Case { kernel: "empty", shape: shape.into(), rows: 1, kind: "", bytes: 0, flops: 0 };
        bench.case(&case, |r, _| r.run(&Empty { y: &y, access }))?;
    }
    Ok(())
}
