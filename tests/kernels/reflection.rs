//! Every linked shader, reflected with naga against the Rust struct that runs it: it parses and validates,
//! its bindings and parameters are those of the struct, and it keeps within WebGPU's default limits.

use copywright::generate::constraint::SLOTS;
use copywright::kernel::attention::{Attention, AttentionMerge};
use copywright::kernel::constrain::{Advance, Constrain, Mask, Tables};
use copywright::kernel::embed::{Embed, LastRow};
use copywright::kernel::linear::{MatMul, MatVec, Norm, Out};
use copywright::kernel::norm::{LayerNorm, RmsNorm, Softmax};
use copywright::kernel::pool::Pool;
use copywright::kernel::rope::{Cache, Heads, Rope};
use copywright::kernel::sample::{Penalties, Sample, Top};
use copywright::kernel::{Kernel, Mad, Param, Rows, link};
use copywright::record::{Access, Element, Tensor};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, StorageAccess, TypeInner};

fn tensor(element: Element) -> Tensor {
    Tensor::detached("any", 8, 64, element)
}

/// Calls `check` with every kernel in every variant.
fn every_kernel(mut check: impl FnMut(&dyn Kernel)) {
    let f = tensor(Element::F32);
    let u = tensor(Element::U32);
    let heads = Heads { query: 4, kv: 2, size: 64 };
    let phases = [Rows::Decode(8), Rows::Prefill(64), Rows::Encode(64)];
    check(&LastRow { state: &u, x: &f, y: &f });
    for serial in [false, true] {
        for add in [false, true] {
            check(&RmsNorm { x: &f, w: &f, y: &f, eps: 1e-5, rows: 8, add, serial });
        }
        check(&LayerNorm { x: &f, w: &f, b: &f, y: &f, eps: 1e-5, rows: 8, serial });
    }
    check(&Softmax { x: &f, y: &f, rows: 8 });
    check(&Pool { state: &u, x: &f, y: &f, unit: true });
    for (element, f16) in [
        (Element::F32, false),
        (Element::F16, false),
        (Element::F16, true),
        (Element::Bf16, true),
        (Element::Q8, false),
        (Element::Q4, true),
        (Element::Q4Min, false),
        (Element::Q5Min, false),
        (Element::Q4K, false),
        (Element::Q5K, false),
        (Element::Q6K, false),
    ] {
        let w = &tensor(element);
        for rows in phases {
            for positions in [None, Some(&f)] {
                check(&Embed { table: w, first: 0, state: &u, history: &u, x: &f, scale: 1.0, positions, rows, f16 });
            }
        }
        for out in [Out::Store, Out::Add, Out::SwiGlu, Out::GeGlu, Out::Gelu, Out::GeluErf, Out::Cap(30.0)] {
            for (bias, serial) in [(None, false), (Some(&f), false), (None, true), (Some(&f), true)] {
                check(&MatMul { w, x: &f, y: &f, state: &u, bias, out, first: 0, rows: 8, f16, serial });
                for norm in [None, Some(Norm { gain: &f, eps: 1e-5 })] {
                    for rows in [1, 2, 3, 8] {
                        check(&MatVec { w, x: &f, y: &f, norm, bias, out, first: 0, rows, f16, serial });
                    }
                }
            }
        }
    }
    for element in [Element::F32, Element::F16] {
        let cache = &Cache { keys: tensor(element), values: tensor(element) };
        for rows in phases {
            for (table, norm) in [(None, None), (Some(&f), None), (Some(&f), Some((&f, 1e-5)))] {
                for interleaved in [false, true] {
                    for serial in [false, true] {
                        check(&Rope { state: &u, table, interleaved, norm, qkv: &f, cache, heads, rows, serial });
                    }
                }
            }
            let (split, window) = (128, 40);
            for splits in [1, 8] {
                for (cap, serial) in [(0.0, false), (50.0, false), (0.0, splits == 1), (50.0, splits == 1)] {
                    let o = &f;
                    check(&Attention {
                        state: &u,
                        qkv: o,
                        cache,
                        o,
                        heads,
                        rows,
                        splits,
                        split,
                        scale: 1.0,
                        window,
                        cap,
                        serial,
                    });
                }
                check(&AttentionMerge { state: &u, parts: &f, o: &f, heads, rows, splits, split, window });
            }
        }
    }
    check(&Penalties {
        sampling: &u,
        state: &u,
        history: &u,
        bias: &f,
        logits: &f,
        logit_rows: 1,
        z: &f,
        sequences: 8,
    });
    let standing = &Tensor::detached("standing", 8, SLOTS, Element::U32);
    let tables = Tables { rules: &u, standing, spelling: &u };
    check(&Constrain { sampling: &u, state: &u, tables, z: &f, sequences: 8 });
    check(&Mask { barred: &Tensor::detached("barred", 8, 2, Element::U32), z: &f, sequences: 8 });
    check(&Advance { state: &u, tables, out: &u, vocabulary: 64, sequences: 8 });
    for rules in [None, Some(tables)] {
        check(&Sample { sampling: &u, z: &f, state: &u, history: &u, out: &u, rules, sequences: 8 });
    }
    check(&Top { state: &u, probabilities: &f, rows: 1, out: &u, report: &u, sequences: 8 });
}

#[test]
fn every_shader_agrees_with_its_struct() {
    let mut count = 0;
    every_kernel(|kernel| {
        reflect(kernel);
        count += 1;
    });
    println!("{count} linked shaders reflected");
    assert!(count > 100);
}

fn reflect(kernel: &dyn Kernel) {
    for mad in [Mad::Fused, Mad::Plain] {
        reflect_linked(kernel, &link(kernel, mad));
    }
}

fn reflect_linked(kernel: &dyn Kernel, source: &str) {
    let name = kernel.name();
    let module =
        naga::front::wgsl::parse_str(source).unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(source)));
    Validator::new(ValidationFlags::all(), Capabilities::SHADER_FLOAT16 | Capabilities::SHADER_FLOAT16_IN_FLOAT32)
        .validate(&module)
        .unwrap_or_else(|e| panic!("{name}: {}", e.emit_to_string(source)));
    assert!(!source.contains("enable subgroups"), "{name}: subgroups are not mapped on the web");

    let mut bound = vec![None; kernel.bindings().len() + 1];
    let mut shared = 0;
    for (_, global) in module.global_variables.iter() {
        if global.space == AddressSpace::WorkGroup {
            shared += module.types[global.ty].inner.size(module.to_ctx());
        }
        if let Some(binding) = &global.binding {
            assert_eq!(binding.group, 0, "{name}");
            let slot = bound
                .get_mut(binding.binding as usize)
                .unwrap_or_else(|| panic!("{name}: @binding({}) has no tensor", binding.binding));
            *slot = Some(global);
        }
    }
    assert!(shared <= 16 << 10, "{name}: {shared} bytes of workgroup memory");

    let params = bound[0].unwrap_or_else(|| panic!("{name}: no params"));
    assert_eq!(params.space, AddressSpace::Uniform, "{name}: params");
    let TypeInner::Struct { members, .. } = &module.types[params.ty].inner else {
        panic!("{name}: params is no struct")
    };
    let fields = kernel.params().0;
    assert_eq!(members.len(), fields.len(), "{name}: number of parameters");
    for (i, (member, (field, value))) in members.iter().zip(&fields).enumerate() {
        assert_eq!(member.name.as_deref(), Some(*field), "{name}: parameter {i}");
        assert_eq!(member.offset, 4 * i as u32, "{name}: offset of {field}");
        let scalar = match value {
            Param::U(_) => naga::Scalar::U32,
            Param::F(_) => naga::Scalar::F32,
        };
        assert_eq!(module.types[member.ty].inner, TypeInner::Scalar(scalar), "{name}: type of {field}");
    }

    for (i, bind) in kernel.bindings().iter().enumerate() {
        let global = bound[i + 1].unwrap_or_else(|| panic!("{name}: nothing at @binding({})", i + 1));
        let access = match global.space {
            AddressSpace::Uniform => Access::Uniform,
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => Access::Write,
            AddressSpace::Storage { .. } => Access::Read,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(access, bind.access, "{name}: access of @binding({})", i + 1);
    }
    let storage = kernel.bindings().iter().filter(|b| b.access != Access::Uniform).count();
    assert!(storage <= 8, "{name}: {storage} storage buffers");

    let entry = &module.entry_points[0];
    assert_eq!((module.entry_points.len(), entry.name.as_str()), (1, "main"), "{name}");
    assert!(entry.workgroup_size.iter().product::<u32>() <= 256, "{name}: {:?}", entry.workgroup_size);
}
