//! Rotary positions as numbers: whatever a model does to stretch its context ends in one frequency a pair and one
//! factor. The ways to it are those of the papers and of the reference implementations.

use std::f64::consts::PI;

use super::raw::{Raw, unsupported};
use crate::math::{ln, pow};
use crate::model::error::ModelError;

/// The rotary positions of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rotary {
    /// Angle a position, for each pair that turns; the other pairs of a head stay as they are.
    pub inverse: Vec<f32>,
    /// Multiplies cosines and sines.
    pub factor: f32,
}

/// θ^(-2j/d) for each pair of `dims` turning elements (Su et al. 2021).
fn plain(theta: f64, dims: u32) -> Vec<f64> {
    (0..dims / 2).map(|j| pow(theta, -f64::from(2 * j) / f64::from(dims))).collect()
}

impl Rotary {
    /// No position at all.
    #[must_use]
    pub fn none() -> Self {
        Self { inverse: Vec::new(), factor: 1.0 }
    }

    /// The usual frequencies.
    #[must_use]
    pub fn new(theta: f64, dims: u32) -> Self {
        Self::of(&plain(theta, dims), 1.0)
    }

    fn of(inverse: &[f64], factor: f64) -> Self {
        Self { inverse: inverse.iter().map(|&f| f as f32).collect(), factor: factor as f32 }
    }

    /// Reads `rope_parameters` or `rope_scaling`. `context` is what the model was made for, `original` what it was
    /// first trained with; `divided`: a tensor has the short factors.
    pub(super) fn read(
        rope: Option<Raw>,
        theta: f64,
        dims: u32,
        (context, original): (u32, u32),
        divided: bool,
    ) -> Result<Self, ModelError> {
        let inverse = plain(theta, dims);
        let Some(rope) = rope else { return Ok(Self::of(&inverse, 1.0)) };
        let kind = match rope.string("rope_type")? {
            Some(kind) => Some(kind),
            None => rope.string("type")?,
        };
        let number = |field: &str, default: f64| Ok::<_, ModelError>(rope.positive(field)?.unwrap_or(default));
        let stretch = f64::from(context) / f64::from(original);
        match kind.unwrap_or("default") {
            "default" => Ok(Self::of(&inverse, 1.0)),
            "linear" => {
                let factor = number("factor", 1.0)?;
                Ok(Self::of(&inverse.iter().map(|f| f / factor).collect::<Vec<_>>(), 1.0))
            }
            "llama3" => {
                let (low, high) = (number("low_freq_factor", 1.0)?, number("high_freq_factor", 4.0)?);
                let factor = number("factor", 8.0)?;
                let turns = |f: f64| f64::from(original) * f / (2.0 * PI);
                // Fast pairs stay, slow ones are stretched, those between go over smoothly.
                let keep = |f: f64| ((turns(f) - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
                let mix = |&f: &f64| f * (keep(f) + (1.0 - keep(f)) / factor);
                Ok(Self::of(&inverse.iter().map(mix).collect::<Vec<_>>(), 1.0))
            }
            "yarn" => {
                let factor = rope.positive("factor")?.unwrap_or(stretch);
                let (fast, slow) = (number("beta_fast", 32.0)?, number("beta_slow", 1.0)?);
                // The pair that turns so often within the original context (Peng et al. 2023, section 3.2).
                let pair =
                    |turns: f64| f64::from(dims) * ln(f64::from(original) / (turns * 2.0 * PI)) / (2.0 * ln(theta));
                let (mut low, mut high) = (pair(fast), pair(slow));
                if rope.flag("truncate")?.unwrap_or(true) {
                    (low, high) = (low.floor(), high.ceil());
                }
                let (low, high) = (low.max(0.0), high.min(f64::from(dims) - 1.0));
                let high = if high == low { high + 0.001 } else { high };
                let mixed = inverse.iter().enumerate().map(|(j, f)| {
                    let keep = 1.0 - ((j as f64 - low) / (high - low)).clamp(0.0, 1.0);
                    f * (keep + (1.0 - keep) / factor)
                });
                let scale = |m: f64| if factor <= 1.0 { 1.0 } else { 0.1 * m * ln(factor) + 1.0 };
                let usual = match (rope.positive("mscale")?, rope.positive("mscale_all_dim")?) {
                    (Some(one), Some(all)) => scale(one) / scale(all),
                    _ => scale(1.0),
                };
                Ok(Self::of(&mixed.collect::<Vec<_>>(), number("attention_factor", usual)?))
            }
            "longrope" | "su" => {
                // Contexts beyond the original one would take the other list; ours end there.
                let short = match rope.get("short_factor") {
                    // They are a tensor of their own.
                    None if divided => vec![1.0; inverse.len()],
                    _ => rope.positives("short_factor", inverse.len())?,
                };
                let divided: Vec<f64> = inverse.iter().zip(short).map(|(f, s)| f / s).collect();
                let stretch = rope.positive("factor")?.unwrap_or(stretch);
                let usual = if stretch <= 1.0 { 1.0 } else { (1.0 + ln(stretch) / ln(f64::from(original))).sqrt() };
                Ok(Self::of(&divided, number("attention_factor", usual)?))
            }
            other => Err(unsupported("rope_type", other)),
        }
    }
}
