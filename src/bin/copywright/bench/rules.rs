//! What a brief's rules cost: to compile them, and to hold to them while writing.

use std::rc::Rc;

use copywright::copy::brief::{Brief, Input};
use copywright::copy::constrain::constraint;
use copywright::copy::format::Format;
use copywright::error::Kind;
use copywright::gpu::now_ms;
use serde::Serialize;
use serde_json::json;

use super::decode::Probe;
use super::{Out, median, short};
use crate::failure::{Failure, Result};

/// Times a brief is compiled.
const TIMES: usize = 20;

#[derive(Serialize)]
struct Report {
    /// Milliseconds to compile a brief's rules, the median of each format, and of all formats the middle and the most.
    compile_ms: f64,
    slowest_compile_ms: f64,
    /// Words of the largest tables.
    table_words: usize,
    /// A step under rules to one without, for one sequence and for eight, and readbacks of a token in both.
    step_ratio: f64,
    batch8_step_ratio: f64,
    readbacks_per_token: [f64; 2],
}

/// A brief that has something of everything.
pub fn brief(format: Format) -> Result<Brief> {
    let mut brief = json!({
        "format": format.id(), "tone": "warm", "name": "Lumen Arc", "brand": "Halden & Roe", "category": "desk lamp",
        "features": ["dims with a tap", "USB-C charging", "folds flat", "40-hour battery", "two-year guarantee"],
        "facts": {"price": "€49", "weight": "380 g"}, "audience": "students in small flats",
        "must": ["folds flat"], "never": ["cheap", "state of the art", "game changer"],
    });
    match format {
        Format::Recommendation => brief["context"] = json!({"interest": "reads at night"}),
        Format::SupportReply => brief["context"] = json!({"question": "does it fold?"}),
        _ => {}
    }
    let input: Input = serde_json::from_value(brief).map_err(|e| Failure::work(Kind::Type, e))?;
    Ok(input.brief()?)
}

pub fn run(probe: &mut Probe, rounds: usize, out: &Out) -> Result<()> {
    let (mut times, mut words) = (Vec::new(), 0);
    for format in Format::ALL {
        let brief = brief(format)?;
        let mut once = Vec::new();
        for _ in 0..TIMES {
            let begun = now_ms();
            let rules = constraint(&brief, true).map(|rules| rules.tables().len());
            once.push(now_ms() - begun);
            words = words.max(rules.unwrap_or_default());
        }
        times.push(median(once));
    }
    let rules = Rc::new(
        constraint(&brief(Format::EmailBody)?, true)
            .ok_or_else(|| Failure::work(Kind::Operation, "the rules of the brief are too large"))?,
    );
    let mut ratio = |n: u32| -> Result<f64> {
        let mut ratios = Vec::new();
        probe.step(n, Some(&rules))?;
        for _ in 0..rounds {
            // Whatever else the machine does meets both alike.
            let (free, ruled) = (probe.step(n, None)?, probe.step(n, Some(&rules))?);
            ratios.push(ruled / free);
        }
        Ok(median(ratios))
    };
    let (one, eight) = (ratio(1)?, ratio(8)?);
    let report = Report {
        compile_ms: short(median(times.iter().copied())),
        slowest_compile_ms: short(times.iter().copied().fold(0.0, f64::max)),
        table_words: words,
        step_ratio: short(one),
        batch8_step_ratio: short(eight),
        readbacks_per_token: [probe.readbacks(None)?, probe.readbacks(Some(&rules))?],
    };
    out.say(&format!(
        "rules: compiled in {} ms ({} at most), {} words; a step is {} times one without, {} for eight; readbacks per token \
         {} without, {} with",
        report.compile_ms,
        report.slowest_compile_ms,
        report.table_words,
        report.step_ratio,
        report.batch8_step_ratio,
        report.readbacks_per_token[0],
        report.readbacks_per_token[1],
    ))?;
    out.json(&report)
}
