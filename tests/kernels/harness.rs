//! The harness must reject what is wrong: a kernel with a fault, a swapped buffer, an output left out.

use std::panic::{AssertUnwindSafe, catch_unwind};

use copywright::kernel::linear::{MatVec, Out};
use copywright::kernel::{Fragment, Kernel, Params};
use copywright::record::{Bind, Element};

use crate::EXACT;
use crate::cpu::compare::{Rng, assert_nmse};
use crate::cpu::ops;
use crate::support::{down, engine, poisoned, run, up};

/// A kernel with one piece of its text replaced.
struct Faulty<'a> {
    kernel: &'a dyn Kernel,
    from: &'static str,
    to: &'static str,
}

impl Kernel for Faulty<'_> {
    fn name(&self) -> &'static str {
        "faulty"
    }
    fn wgsl(&self) -> Vec<Fragment> {
        let whole: String = self.kernel.wgsl().iter().map(|f| f.text).collect();
        assert!(whole.contains(self.from), "the fault has no place");
        let text = Box::leak(whole.replace(self.from, self.to).into_boxed_str());
        vec![Fragment { name: "faulty", text, f16: false }]
    }
    fn constants(&self) -> Vec<(&'static str, u32)> {
        self.kernel.constants()
    }
    fn bindings(&self) -> Vec<Bind> {
        self.kernel.bindings()
    }
    fn params(&self) -> Params {
        self.kernel.params()
    }
    fn groups(&self) -> [u32; 3] {
        self.kernel.groups()
    }
}

#[test]
fn faults_are_caught() {
    let e = engine(false);
    let (rows, outputs, cols) = (3, 21, 68);
    let mut rng = Rng::new(4);
    let (w, x) = (rng.normal(outputs * cols), rng.normal(rows * cols));
    let (tw, tx) = (up(&e, "w", cols, &w, Element::F32), up(&e, "x", cols, &x, Element::F32));
    let other = up(&e, "other", cols, &rng.normal(rows * cols), Element::F32);
    let want = ops::matmul(&w, &x, cols);
    let accepted = |from, to, swap: bool| {
        let y = poisoned(&e, "y", rows, outputs, Element::F32);
        let x = if swap { &other } else { &tx };
        let kernel = MatVec {
            w: &tw,
            x,
            y: &y,
            norm: None,
            bias: None,
            out: Out::Store,
            first: 0,
            rows: rows as u32,
            f16: false,
            serial: false,
        };
        run(&e, &[&Faulty { kernel: &kernel, from, to }]);
        let got = down(&e, &y);
        catch_unwind(AssertUnwindSafe(|| assert_nmse("faulty matvec", &got, &want, EXACT))).is_ok()
    };
    assert!(accepted("k+=LANES", "k+=LANES", false), "the kernel itself must pass");
    assert!(!accepted("k+=LANES", "k+=LANES*2u", false), "half of the columns left out");
    assert!(!accepted("y[i]=v[0]", "y[i ^ 1u] = v[0]", false), "neighbours swapped");
    assert!(!accepted("y[i]=v[0]", "if (i != 30u) { y[i]=v[0]; }", false), "one output left out");
    assert!(!accepted("*LANES)*scale", "*LANES)*(scale+1e-3)", false), "a small factor");
    assert!(!accepted("k+=LANES", "k+=LANES", true), "another tensor bound");
}
