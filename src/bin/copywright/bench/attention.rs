//! Rotary positions and attention, with 1,024 positions in the cache.

use copywright::kernel::Rows;
use copywright::kernel::attention::{Attention, AttentionMerge};
use copywright::kernel::rope::{Cache, Heads, Rope, rope_table};
use copywright::model::config::Rotary;
use copywright::record::Element;

use super::kernels::{Bench, Case};
use crate::failure::Result;

/// The default model's heads and a larger model's.
const HEADS: [Heads; 2] = [Heads { query: 6, kv: 2, size: 32 }, Heads { query: 16, kv: 4, size: 64 }];
/// Positions, of which the first 768 are a prompt that all sequences share.
const LENGTH: u32 = 1024;
const SHARED: u32 = 768;
/// Keys of a workgroup, as the decoder has it.
const SPLIT: u32 = 128;
/// Rows of a prefill slice: the last of a prompt of 1,024.
const SLICE: u32 = 256;

pub fn run(bench: &Bench) -> Result<()> {
    let mut caches = vec![("f32", Element::F32)];
    if bench.engine.gpu.caps.f16 {
        caches.push(("f16", Element::F16));
    }
    for heads in HEADS {
        for &(kind, element) in &caches {
            for rows in [Rows::Decode(1), Rows::Decode(8), Rows::Prefill(SLICE)] {
                if bench.wants("attention") {
                    attend(bench, heads, rows, (kind, element))?;
                }
                if bench.wants("rope") {
                    rope(bench, heads, rows, (kind, element))?;
                }
            }
        }
        if bench.wants("attention_merge") {
            for sequences in [1, 8] {
                merge(bench, heads, sequences)?;
            }
        }
    }
    Ok(())
}

/// Rows of the cache that these rows of activations look at.
fn cache_rows(rows: Rows) -> u32 {
    match rows {
        Rows::Decode(n) => SHARED + n * (LENGTH - SHARED),
        Rows::Prefill(_) | Rows::Encode(_) => LENGTH,
    }
}

fn splits(bench: &Bench, rows: Rows) -> u32 {
    if matches!(rows, Rows::Decode(_)) && !bench.engine.gpu.caps.software { LENGTH / SPLIT } else { 1 }
}

fn shape(heads: Heads, rows: Rows) -> String {
    let what = if matches!(rows, Rows::Decode(_)) { "decode" } else { "prefill" };
    format!("{what}, {} heads / {} of {}", heads.query, heads.kv, heads.size)
}

fn cache(bench: &Bench, heads: Heads, element: Element) -> Result<Cache> {
    let rows = cache_rows(Rows::Decode(8));
    let side = |name| bench.random(name, rows, heads.kv_cols(), element);
    Ok(Cache { keys: side("keys")?, values: side("values")? })
}

fn attend(bench: &Bench, heads: Heads, rows: Rows, (kind, element): (&'static str, Element)) -> Result<()> {
    let cache = cache(bench, heads, element)?;
    let count = rows.count();
    let qkv = bench.random("qkv", count, heads.qkv_cols(), Element::F32)?;
    let (splits, split) = (splits(bench, rows), if splits(bench, rows) == 1 { LENGTH } else { SPLIT });
    let o = match splits {
        1 => bench.zeros("o", count, heads.query * heads.size, Element::F32)?,
        _ => bench.zeros("parts", count * heads.query, splits * (heads.size + 2), Element::F32)?,
    };
    let state = bench.state(SHARED, LENGTH - SHARED, LENGTH - 1, (LENGTH - SLICE, SLICE))?;
    // The keys that a row sees: all, or those up to its own place in the slice.
    let seen: u64 = match rows {
        Rows::Decode(n) => u64::from(n * LENGTH),
        Rows::Prefill(t) | Rows::Encode(t) => (LENGTH - t..LENGTH).map(|p| u64::from(p) + 1).sum(),
    };
    let queries = u64::from(count * heads.query * heads.size) * 4;
    let case = Case {
        kernel: "attention",
        shape: shape(heads, rows),
        rows: count,
        kind,
        bytes: 2 * u64::from(cache_rows(rows) * heads.kv_cols()) * element.size(1) + queries + o.bytes(),
        flops: 4 * seen * u64::from(heads.query * heads.size),
    };
    bench.case(&case, |r, _| {
        r.run(&Attention {
            state: &state,
            qkv: &qkv,
            cache: &cache,
            o: &o,
            heads,
            rows,
            splits,
            split,
            scale: 1.0,
            window: u32::MAX,
            cap: 0.0,
            serial: bench.engine.gpu.caps.software,
        });
    })
}

fn merge(bench: &Bench, heads: Heads, sequences: u32) -> Result<()> {
    let rows = Rows::Decode(sequences);
    let splits = LENGTH / SPLIT;
    let parts = bench.random("parts", sequences * heads.query, splits * (heads.size + 2), Element::F32)?;
    let o = bench.zeros("o", sequences, heads.query * heads.size, Element::F32)?;
    let state = bench.state(SHARED, LENGTH - SHARED, LENGTH - 1, (0, 0))?;
    let case = Case {
        kernel: "attention_merge",
        shape: shape(heads, rows),
        rows: sequences,
        kind: "f32",
        bytes: parts.bytes() + o.bytes(),
        flops: 2 * u64::from(sequences * heads.query * splits * (heads.size + 1)),
    };
    bench.case(&case, |r, _| {
        r.run(&AttentionMerge {
            state: &state,
            parts: &parts,
            o: &o,
            heads,
            rows,
            splits,
            split: SPLIT,
            window: u32::MAX,
        });
    })
}

fn rope(bench: &Bench, heads: Heads, rows: Rows, (kind, element): (&'static str, Element)) -> Result<()> {
    let cache = cache(bench, heads, element)?;
    let count = rows.count();
    let qkv = bench.random("qkv", count, heads.qkv_cols(), Element::F32)?;
    let table = bench.zeros("table", LENGTH, heads.size, Element::F32)?;
    bench.engine.write(
        &table,
        0,
        bytemuck::cast_slice(&rope_table(LENGTH, &Rotary::new(1e4, heads.size).inverse, 1.0)),
    )?;
    let state = bench.state(SHARED, LENGTH - SHARED, LENGTH - 1, (LENGTH - SLICE, SLICE))?;
    // Queries are read and written, keys and values read and put into the cache; decoding rows share a
    // position and with it a row of the table.
    let (queries, kv) = (u64::from(heads.query * heads.size), u64::from(2 * heads.kv_cols()));
    let angles = u64::from(heads.size) * if matches!(rows, Rows::Decode(_)) { 1 } else { u64::from(count) };
    let case = Case {
        kernel: "rope",
        shape: shape(heads, rows),
        rows: count,
        kind,
        bytes: u64::from(count) * (queries * 8 + kv * (4 + element.size(1))) + angles * 4,
        flops: 3 * u64::from(count) * u64::from((heads.query + heads.kv) * heads.size),
    };
    bench.case(&case, |r, _| {
        r.run(&Rope {
            state: &state,
            table: Some(&table),
            interleaved: false,
            norm: None,
            qkv: &qkv,
            cache: &cache,
            heads,
            rows,
            serial: bench.engine.gpu.caps.software,
        })
    })
}
