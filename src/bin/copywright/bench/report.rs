//! What was measured on a model, for people and for programs.

use copywright::gpu::AdapterInfo;
use serde::Serialize;

use super::decode::{Counts, Probe, Round};
use super::{median, short};
use crate::options;

/// Medians over all rounds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Speed {
    pub first_token_ms: f64,
    pub tokens_per_second: f64,
    pub step_ms: f64,
    pub batch8_step_ms: f64,
    /// Of each round, then the median.
    pub batch8_ratio: f64,
    pub batch8_tokens_per_second: f64,
    pub replayed_step_ms: f64,
    pub host_step_ms: f64,
    pub prompt_tokens: usize,
    pub prefill_tokens: usize,
    pub prefill_ms: f64,
    pub prefill_tokens_per_second: f64,
}

impl Speed {
    pub fn of(rounds: &[Round], probe: &Probe) -> Self {
        let of = |value: fn(&Round) -> f64| short(median(rounds.iter().map(value)));
        let (batch8_step_ms, prefill_ms) = (of(|r| r.batch8_step_ms), of(|r| r.prefill_ms));
        Self {
            first_token_ms: of(|r| r.first_token_ms),
            tokens_per_second: of(|r| r.tokens_per_second),
            step_ms: of(|r| r.step_ms),
            batch8_step_ms,
            batch8_ratio: of(|r| r.batch8_step_ms / r.step_ms),
            batch8_tokens_per_second: short(8e3 / batch8_step_ms),
            replayed_step_ms: of(|r| r.replayed_step_ms),
            host_step_ms: of(|r| r.host_step_ms),
            prompt_tokens: probe.prompt_tokens(),
            prefill_tokens: probe.prefill_tokens(),
            prefill_ms,
            prefill_tokens_per_second: short(probe.prefill_tokens() as f64 / prefill_ms * 1e3),
        }
    }
}

/// One line of JSON; `cargo xtask bench` reads it.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(rename = "where")]
    place: &'static str,
    adapter: String,
    software: bool,
    backend: String,
    driver: String,
    f16: bool,
    version: &'static str,
    model: String,
    rounds: usize,
    #[serde(flatten)]
    pub speed: Speed,
    #[serde(flatten)]
    pub counts: Counts,
    /// A step of eight sequences.
    pub counts_of_eight: Counts,
    /// The same GPU without shader-f16, where it was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_f16: Option<Speed>,
    /// Adapter and device.
    pub device_ms: f64,
    /// From the first file to the first possible call.
    pub load_ms: f64,
    /// Held by the GPU once the model is loaded.
    pub gpu_bytes: u64,
}

impl Report {
    pub fn new(info: &AdapterInfo, model: String, rounds: usize) -> Self {
        Self {
            place: "native",
            adapter: info.name.clone(),
            software: info.software,
            backend: info.backend.clone(),
            driver: format!("{} {}", info.vendor, info.architecture).trim().to_owned(),
            f16: info.f16,
            version: env!("CARGO_PKG_VERSION"),
            model,
            rounds,
            speed: Speed::default(),
            counts: Counts::default(),
            counts_of_eight: Counts::default(),
            without_f16: None,
            device_ms: 0.0,
            load_ms: 0.0,
            gpu_bytes: 0,
        }
    }

    /// What is known before anything is measured.
    pub fn heading(&self, info: &AdapterInfo) -> String {
        let megabytes = self.gpu_bytes as f64 / 1e6;
        let mut text = format!(
            "{}\n{}\ndevice {:.0} ms, model {:.0} ms, {megabytes:.1} MB on the GPU\n",
            self.model,
            options::adapter(info),
            self.device_ms,
            self.load_ms,
        );
        if self.software {
            text.push_str("A software adapter: counts hold anywhere, times say nothing of a GPU. The processor computes, so its\n");
            text.push_str("part of a step is nearly all of it.\n");
        }
        text
    }

    /// A column for each precision.
    pub fn lines(&self) -> String {
        let speeds: Vec<&Speed> = std::iter::once(&self.speed).chain(&self.without_f16).collect();
        let (prompt, prefill) = (self.speed.prompt_tokens, self.speed.prefill_tokens);
        let mut text = String::new();
        let mut row = |title: &str, cells: &[String]| {
            let cells: String = cells.iter().map(|c| format!("{c:>12}")).collect();
            text.push_str(&format!("{title:<44}{cells}\n"));
        };
        let own = if self.f16 { "f16" } else { "f32" };
        let names: Vec<String> = [own, "f32"].iter().take(speeds.len()).map(|&n| n.to_owned()).collect();
        row(&format!("medians of {}", self.rounds), &names);
        let mut times = |title: &str, decimals: usize, of: fn(&Speed) -> f64| {
            row(title, &speeds.iter().map(|s| format!("{:.decimals$}", of(s))).collect::<Vec<_>>());
        };
        times(&format!("first token after {prompt} tokens, ms"), 2, |s| s.first_token_ms);
        times("tokens per second", 1, |s| s.tokens_per_second);
        times("a step, ms", 3, |s| s.step_ms);
        times("  replayed without readbacks, ms", 3, |s| s.replayed_step_ms);
        times("  the processor's part of it, ms", 3, |s| s.host_step_ms);
        times("a step of 8 sequences, ms", 3, |s| s.batch8_step_ms);
        times("  to a step of 1", 3, |s| s.batch8_ratio);
        times("  tokens per second", 1, |s| s.batch8_tokens_per_second);
        times(&format!("prefill, {prefill} tokens and the first new one, ms"), 1, |s| s.prefill_ms);
        times("  tokens per second", 0, |s| s.prefill_tokens_per_second);
        let counts = [&self.counts, &self.counts_of_eight];
        row("\na step, by sequences (K = 8)", &["1".to_owned(), "8".to_owned()]);
        let mut counted = |title: &str, of: fn(&Counts) -> f64| row(title, &counts.map(|c| number(of(c))));
        counted("dispatches", |c| c.dispatches_per_token);
        counted("submits", |c| c.submits_per_token);
        counted("passes", |c| c.passes_per_token);
        counted("creations", |c| c.creations_per_token);
        counted("readbacks", |c| c.readbacks_per_token);
        counted("bytes up", |c| c.uploaded_bytes_per_token);
        counted("bytes down", |c| c.downloaded_bytes_per_token);
        counted("weight bytes read / there", |c| c.weight_bytes_ratio);
        text
    }
}

/// Whole numbers as such, others with three decimals.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
