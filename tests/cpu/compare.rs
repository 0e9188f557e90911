//! Random inputs that are the same everywhere, and the one comparison that all kernel tests use.

#[path = "../support/random.rs"]
mod random;

pub use random::Rng;

impl Rng {
    /// A number in (0, 1): the middle of one of 2^52 equal steps, so never 0 (its logarithm is finite).
    fn unit(&mut self) -> f64 {
        ((self.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// An integer in 0..n.
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "no integer is below 0");
        (((self.next_u64() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// n numbers in [low, high], evenly spread.
    pub fn uniform(&mut self, n: usize, low: f32, high: f32) -> Vec<f32> {
        let (low, high) = (f64::from(low), f64::from(high));
        (0..n).map(|_| (low + (high - low) * self.unit()) as f32).collect()
    }

    /// n numbers of mean 0 and variance 1: sqrt(-2 ln u) cos(2π v) (Box & Muller 1958).
    pub fn normal(&mut self, n: usize) -> Vec<f32> {
        (0..n)
            .map(|_| {
                let radius = (-2.0 * self.unit().ln()).sqrt();
                (radius * (std::f64::consts::TAU * self.unit()).cos()) as f32
            })
            .collect()
    }
}

/// Normalised mean square error, Σ (got - want)² / Σ want².
///
/// Infinite when anything on either side is NaN or infinite, or when zeros were wanted and something else came.
/// Lengths must match and not be 0: a comparison of nothing shows nothing. A few huge wanted values would hide
/// errors in all others, so masked entries (-3e38) are to be compared apart.
pub fn nmse(got: &[f32], want: &[f32]) -> f64 {
    assert_eq!(got.len(), want.len(), "got and want differ in length: {} and {}", got.len(), want.len());
    assert!(!want.is_empty(), "nothing to compare");
    if got.iter().chain(want).any(|v| !v.is_finite()) {
        return f64::INFINITY;
    }
    let mut error = 0.0;
    let mut power = 0.0;
    for (&g, &w) in got.iter().zip(want) {
        error += (f64::from(g) - f64::from(w)).powi(2);
        power += f64::from(w).powi(2);
    }
    if error == 0.0 { 0.0 } else { error / power }
}

/// Where got is farthest from want. What is not finite is farther than anything that is.
fn worst(got: &[f32], want: &[f32]) -> usize {
    let far = |i: usize| {
        let d = (f64::from(got[i]) - f64::from(want[i])).abs();
        if d.is_finite() { d } else { f64::INFINITY }
    };
    // Strictly greater: the first of equals.
    (1..want.len()).fold(0, |at, i| if far(i) > far(at) { i } else { at })
}

/// Prints what is compared, and panics unless NMSE ≤ bound.
pub fn assert_nmse(name: &str, got: &[f32], want: &[f32], bound: f64) {
    let error = nmse(got, want);
    println!("{name}: NMSE {error:.1e} over {} values, at most {bound:.0e}", want.len());
    let at = worst(got, want);
    assert!(
        error <= bound,
        "{name}: NMSE {error:.3e} over {} values exceeds {bound:.0e}; worst at index {at}: got {}, want {}",
        want.len(),
        got[at],
        want[at]
    );
}
