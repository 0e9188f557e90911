//! Transcendental functions: the page has them, and the library's own would be another 10 kB to download. Both are
//! right to within a unit in the last place or so of f64, and what is made of them is f32.

#[cfg(target_arch = "wasm32")]
pub use js_sys::Math::{cos, exp, log as ln, pow, sin};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    pub fn pow(base: f64, exponent: f64) -> f64 {
        base.powf(exponent)
    }
    pub fn ln(x: f64) -> f64 {
        x.ln()
    }
    pub fn exp(x: f64) -> f64 {
        x.exp()
    }
    pub fn sin(x: f64) -> f64 {
        x.sin()
    }
    pub fn cos(x: f64) -> f64 {
        x.cos()
    }
}
#[cfg(not(target_arch = "wasm32"))]
pub use native::{cos, exp, ln, pow, sin};
