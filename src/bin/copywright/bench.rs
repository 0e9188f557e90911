//! `copywright bench`: lines for people, and one line of JSON for `cargo xtask bench`.

mod attention;
mod decode;
mod kernels;
mod products;
mod report;
mod rules;
mod tokens;

use std::io::Write as _;

use copywright::error::Kind;
use copywright::gpu::Precision;
use copywright::writer::Writer;
use pollster::block_on;
use serde::Serialize;

use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::options;

use decode::Probe;
use report::{Report, Speed};

pub fn run(words: &[String]) -> Result<()> {
    let args = Args::parse(
        words,
        &[&["--json-only", "--kernels", "--rules"], options::GPU],
        &[&["--model", "--quantize", "--rounds", "--only"]],
    )?;
    let out = Out { people: !args.has("--json-only") };
    if args.has("--kernels") {
        return kernels::run(&args, &out);
    }
    if args.has("--only") {
        return Err(Failure::Usage("--only chooses among kernels: it needs --kernels".into()));
    }
    model(&args, &out)
}

/// Rounds of each measurement: as asked for, or fewer where they take long and say little.
fn rounds(args: &Args, software: bool) -> Result<usize> {
    Ok(args.number("--rounds")?.unwrap_or(if software { 3 } else { 7 }).max(1))
}

/// Both kinds of lines.
pub struct Out {
    people: bool,
}

impl Out {
    /// A line for people.
    pub fn say(&self, line: &str) -> Result<()> {
        if self.people {
            writeln!(std::io::stdout(), "{line}")?;
        }
        Ok(())
    }

    /// A line for programs.
    pub fn json(&self, value: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(value).map_err(std::io::Error::from)?;
        Ok(writeln!(std::io::stdout(), "{line}")?)
    }
}

/// As many decimals as a measurement of milliseconds deserves.
pub fn short(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// The median; there is at least one value.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

fn model(args: &Args, out: &Out) -> Result<()> {
    let folder = options::model(args)?;
    let (precision, quantize) = (options::precision(args)?, options::quantize(args)?);
    let begun = copywright::gpu::now_ms();
    let engine = options::engine(precision)?;
    options::introduce(args, &engine.gpu.info);
    let opened = copywright::gpu::now_ms();
    let writer = block_on(Writer::open_quantized(engine.clone(), &folder, quantize))?;
    let loaded = copywright::gpu::now_ms();

    let info = engine.gpu.info.clone();
    let rounds = rounds(args, info.software)?;
    let mut report = Report::new(&info, writer.model(), rounds);
    (report.device_ms, report.load_ms) = (short(opened - begun), short(loaded - opened));
    report.gpu_bytes = engine.counters().gpu_bytes;
    out.say(&report.heading(&info))?;

    let mut probes = vec![Probe::new(writer)?];
    // f16 was chosen because it is there: what would the same GPU do without it?
    if precision == Precision::Auto && info.f16 {
        let plain = options::engine(Precision::F32)?;
        probes.push(Probe::new(block_on(Writer::open_quantized(plain, &folder, quantize))?)?);
    }
    if args.has("--rules") {
        return rules::run(&mut probes[0], rounds, out);
    }
    report.counts = probes[0].counts(1)?;
    report.counts_of_eight = probes[0].counts(8)?;
    // Whatever else the machine does meets both alike: they take turns.
    let mut measured: Vec<Vec<decode::Round>> = probes.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (probe, rounds) in probes.iter_mut().zip(&mut measured) {
            rounds.push(probe.round()?);
        }
    }
    let mut speeds = measured.iter().zip(&probes).map(|(rounds, probe)| Speed::of(rounds, probe));
    report.speed = speeds.next().ok_or_else(|| Failure::work(Kind::Operation, "nothing was measured"))?;
    report.without_f16 = speeds.next();
    out.say(&report.lines())?;
    out.json(&report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median([7.0]), 7.0);
    }
}
