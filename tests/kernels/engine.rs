//! The engine itself: what it refuses, and that replaying creates nothing.

use copywright::kernel::fold_groups;
use copywright::kernel::linear::{MatVec, Out};
use copywright::kernel::norm::{RmsNorm, Softmax};
use copywright::record::{Element, Limits, RecordError, Recording, Tensor};
use pollster::block_on;

use crate::support::{down, engine, up};

const LIMITS: Limits = Limits { binding: 1 << 10, storage_buffers: 8, groups: 65_535 };

fn tensor(rows: u32, cols: u32) -> Tensor {
    Tensor::detached(&format!("t{rows}x{cols}"), rows, cols, Element::F32)
}

#[test]
fn a_recording_refuses_what_cannot_run() {
    let finish = |kernel: &dyn copywright::kernel::Kernel| {
        let mut r = Recording::new(LIMITS);
        r.run(kernel);
        r.finish().map(|d| d.len())
    };
    let (x, w, y) = (tensor(2, 8), tensor(1, 8), tensor(2, 8));
    assert_eq!(finish(&RmsNorm { x: &x, w: &w, y: &y, eps: 1e-5, rows: 2, add: false, serial: false }), Ok(1));

    let shape = finish(&RmsNorm { x: &x, w: &tensor(1, 12), y: &y, eps: 1e-5, rows: 2, add: false, serial: false });
    assert!(
        matches!(&shape, Err(RecordError::Shape { kernel: "rms_norm", problem }) if problem.contains("12")),
        "{shape:?}"
    );

    let aliased = finish(&Softmax { x: &x, y: &x, rows: 2 });
    assert!(matches!(&aliased, Err(RecordError::Aliased { tensor, .. }) if tensor == "t2x8"), "{aliased:?}");

    let large = tensor(64, 8);
    let limit = finish(&Softmax { x: &large, y: &tensor(64, 8), rows: 2 });
    assert!(
        matches!(&limit, Err(RecordError::Limit { what, wanted: 2048, limit: 1024, .. }) if what.contains("t64x8")),
        "{limit:?}"
    );

    let none = finish(&Softmax { x: &x, y: &y, rows: 0 });
    assert!(matches!(none, Err(RecordError::Shape { .. })));

    let (w, x, y) = (tensor(3, 8), tensor(8, 8), tensor(8, 3));
    for rows in [0, 9] {
        let kernel = MatVec {
            w: &w,
            x: &x,
            y: &y,
            norm: None,
            bias: None,
            out: Out::Store,
            first: 0,
            rows,
            f16: false,
            serial: false,
        };
        assert!(matches!(finish(&kernel), Err(RecordError::Shape { .. })), "{rows} rows");
    }
}

#[test]
fn large_grids_fold_into_two_dimensions() {
    for groups in [1u32, 65_535, 65_536, 131_071, 1_000_003] {
        let [x, y, z] = fold_groups(groups);
        assert!(x <= 65_535 && y <= 65_535 && z == 1);
        assert!(x * y >= groups && x * (y - 1) < groups, "{groups} as {x} × {y}");
    }
}

#[test]
fn replaying_creates_nothing() {
    let e = engine(false);
    let x = up(&e, "x", 8, &[1.0; 16], Element::F32);
    let y = up(&e, "y", 8, &[0.0; 16], Element::F32);
    let mut r = e.recording();
    r.run(&Softmax { x: &x, y: &y, rows: 2 });
    let plan = block_on(e.prepare(r)).unwrap();
    e.replay(&plan, &[]).unwrap();
    let before = e.counters();
    for _ in 0..5 {
        e.replay(&plan, &[]).unwrap();
    }
    let after = e.counters();
    assert_eq!(
        (after.submits - before.submits, after.passes - before.passes, after.dispatches - before.dispatches),
        (5, 5, 5)
    );
    let made = |c: copywright::engine::Counters| (c.buffers, c.bind_groups, c.pipelines, c.uploaded_bytes, c.gpu_bytes);
    assert_eq!(made(before), made(after));
    assert_eq!(down(&e, &y), [0.125; 16]);
}

#[test]
fn a_freed_tensor_is_gone() {
    let e = engine(false);
    let held = e.counters().gpu_bytes;
    let x = up(&e, "x", 8, &[1.0; 16], Element::F32);
    assert_eq!(e.counters().gpu_bytes, held + 64);
    e.free(&x);
    assert_eq!(e.counters().gpu_bytes, held);
    assert!(e.write(&x, 0, &[0; 4]).is_err());
    assert!(block_on(e.read(&x)).is_err());
}

#[test]
fn a_tensor_over_the_binding_limit_is_refused() {
    let e = engine(false);
    let error = e.alloc("giant", 1 << 20, 64, Element::F32).unwrap_err();
    assert!(error.to_string().contains("giant"), "{error}");
    assert!(matches!(error.kind(), copywright::error::Kind::QuotaExceeded { requested, quota } if requested > quota));
}
