//! The operations of a Llama decoder. x: (T, D) is T rows of D numbers, row-major; T and D follow from the
//! lengths where they can.

fn rows<'a>(what: &str, x: &'a [f32], cols: usize) -> impl Iterator<Item = &'a [f32]> {
    assert!(cols > 0 && x.len().is_multiple_of(cols), "{what}: {} numbers are not rows of {cols}", x.len());
    x.chunks_exact(cols)
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "dot product of different lengths");
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// y[t] = table[ids[t]].  table: (V, cols); y: (T, cols).
pub fn embed(table: &[f32], cols: usize, ids: &[u32]) -> Vec<f32> {
    let table: Vec<&[f32]> = rows("embed table", table, cols).collect();
    ids.iter().flat_map(|&id| table[id as usize].iter().copied()).collect()
}

/// y = w · x / sqrt(mean(x²) + eps), for each row (Zhang & Sennrich 2019).  x, y: (T, D); w: (D).
pub fn rms_norm(x: &[f32], w: &[f32], eps: f32) -> Vec<f32> {
    let mut y = Vec::with_capacity(x.len());
    for row in rows("rms_norm", x, w.len()) {
        let rms = (dot(row, row) / w.len() as f64 + f64::from(eps)).sqrt();
        y.extend(row.iter().zip(w).map(|(&x, &w)| (f64::from(w) * f64::from(x) / rms) as f32));
    }
    y
}

/// y = x Wᵀ.  w: (N, cols), as checkpoints store it; x: (T, cols); y: (T, N).
pub fn matmul(w: &[f32], x: &[f32], cols: usize) -> Vec<f32> {
    let mut y = Vec::with_capacity(x.len() / cols * (w.len() / cols));
    for row in rows("matmul x", x, cols) {
        y.extend(rows("matmul w", w, cols).map(|weights| dot(weights, row) as f32));
    }
    y
}

/// y = rms_norm(x, gain) Wᵀ.  w: (N, D); x: (T, D); gain: (D); y: (T, N).
pub fn norm_matmul(w: &[f32], x: &[f32], gain: &[f32], eps: f32) -> Vec<f32> {
    matmul(w, &rms_norm(x, gain, eps), gain.len())
}

/// Rotary positions (Su et al. 2021) with Llama's pairing: element j of a head turns with element j + d/2,
///   (a, b) → (a cos φ - b sin φ, b cos φ + a sin φ),  φ = position · theta^(-2j / d).
/// x, y: (T, heads · d); positions: (T).
pub fn rope(x: &[f32], heads: usize, head_dim: usize, positions: &[u32], theta: f32) -> Vec<f32> {
    assert!(head_dim.is_multiple_of(2), "rope turns pairs");
    rope_part(x, heads, head_dim, positions, theta, head_dim, false)
}

/// The same where only the first `dims` elements of a head turn, or neighbours (2j, 2j + 1) instead of halves.
pub fn rope_part(
    x: &[f32],
    heads: usize,
    head_dim: usize,
    positions: &[u32],
    theta: f32,
    dims: usize,
    neighbours: bool,
) -> Vec<f32> {
    assert_eq!(x.len(), positions.len() * heads * head_dim, "rope: one position for each row");
    let mut y = x.to_vec();
    for (row, &position) in y.chunks_exact_mut(heads * head_dim).zip(positions) {
        for head in row.chunks_exact_mut(head_dim) {
            for j in 0..dims / 2 {
                let frequency = f64::from(theta).powf(-2.0 * j as f64 / dims as f64);
                let (sin, cos) = (f64::from(position) * frequency).sin_cos();
                let (i, k) = if neighbours { (2 * j, 2 * j + 1) } else { (j, j + dims / 2) };
                let (a, b) = (f64::from(head[i]), f64::from(head[k]));
                head[i] = (a * cos - b * sin) as f32;
                head[k] = (b * cos + a * sin) as f32;
            }
        }
    }
    y
}

/// y = (x - mean) / sqrt(var + eps) · w + b, for each row (Ba et al. 2016).  x, y: (T, D); w, b: (D).
pub fn layer_norm(x: &[f32], w: &[f32], b: &[f32], eps: f32) -> Vec<f32> {
    let mut y = Vec::with_capacity(x.len());
    for row in rows("layer_norm", x, w.len()) {
        let count = w.len() as f64;
        let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / count;
        let scale = 1.0 / (variance + f64::from(eps)).sqrt();
        let parts = row.iter().zip(w).zip(b);
        y.extend(parts.map(|((&x, &w), &b)| ((f64::from(x) - mean) * scale * f64::from(w) + f64::from(b)) as f32));
    }
    y
}

/// The mean of all rows, divided by its length if `unit`.  x: (T, cols); y: (cols).
pub fn pool(x: &[f32], cols: usize, unit: bool) -> Vec<f32> {
    let mut mean = vec![0.0f64; cols];
    for row in rows("pool", x, cols) {
        mean.iter_mut().zip(row).for_each(|(m, &v)| *m += f64::from(v) * cols as f64 / x.len() as f64);
    }
    let length = if unit { mean.iter().map(|m| m * m).sum::<f64>().sqrt().max(1e-12) } else { 1.0 };
    mean.iter().map(|m| (m / length) as f32).collect()
}

/// gelu by tanh (Hendrycks & Gimpel 2016).
pub fn gelu_tanh(x: f32) -> f32 {
    let x = f64::from(x);
    let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
    (0.5 * x * (1.0 + u.tanh())) as f32
}

/// x Φ(x), with erf as its Maclaurin series within 3 and as 1 beyond 6; between them a continued fraction of erfc.
pub fn gelu_erf(x: f32) -> f32 {
    let x = f64::from(x);
    let a = x.abs() / std::f64::consts::SQRT_2;
    let root = std::f64::consts::PI.sqrt();
    let erfc = if a < 2.0 {
        let mut term = a;
        let mut sum = a;
        for n in 1..60 {
            term *= -a * a / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        1.0 - 2.0 / root * sum
    } else {
        // Lentz from below: a + (1/2)/(a + 1/(a + (3/2)/(a + ...))).
        let tail = (1..200).rev().fold(a, |f, n| a + f64::from(n) / 2.0 / f);
        (-a * a).exp() / root / tail
    };
    (x * if x < 0.0 { erfc / 2.0 } else { 1.0 - erfc / 2.0 }) as f32
}

/// The rows that query t of T attends to in a cache that holds positions 0, 1, 2, ... in order:
/// `past` earlier ones and those up to itself.
pub fn causal(past: usize, queries: usize) -> Vec<Vec<usize>> {
    (0..queries).map(|t| (0..=past + t).collect()).collect()
}

/// y = softmax(q Kᵀ / √d) V for each head, over the rows of the cache that the query may see. Query head h
/// reads key and value head h · G / H (grouped queries, Ainslie et al. 2023).
/// q, y: (T, H · d); keys, values: (S, G · d); rows_of: for each query its cache rows, in any order
/// (causality, a prompt shared by several sequences and their own tails are all said here).
pub fn attention(
    q: &[f32],
    keys: &[f32],
    values: &[f32],
    rows_of: &[Vec<usize>],
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
) -> Vec<f32> {
    assert!(heads.is_multiple_of(kv_heads), "{heads} heads over {kv_heads}");
    assert_eq!(q.len(), rows_of.len() * heads * head_dim, "attention: q");
    assert_eq!(keys.len(), values.len(), "attention: keys and values");
    attention_scores(q, keys, values, rows_of, (heads, kv_heads, head_dim), 1.0 / (head_dim as f64).sqrt(), 0.0)
}

/// The same with a scale of one's choice, and scores s capped to c · tanh(s / c) unless c is 0.
pub fn attention_scores(
    q: &[f32],
    keys: &[f32],
    values: &[f32],
    rows_of: &[Vec<usize>],
    (heads, kv_heads, head_dim): (usize, usize, usize),
    scale: f64,
    cap: f64,
) -> Vec<f32> {
    let mut y = Vec::with_capacity(q.len());
    for (query, rows) in q.chunks_exact(heads * head_dim).zip(rows_of) {
        assert!(!rows.is_empty(), "attention: a query that sees nothing");
        for (h, query) in query.chunks_exact(head_dim).enumerate() {
            let kv = h / (heads / kv_heads);
            let head = |cache: &'_ [f32], row: usize| -> Vec<f32> {
                let at = (row * kv_heads + kv) * head_dim;
                cache[at..at + head_dim].to_vec()
            };
            let score = |&row: &usize| dot(query, &head(keys, row)) * scale;
            let capped = |s: f64| if cap == 0.0 { s } else { cap * (s / cap).tanh() };
            let scores: Vec<f64> = rows.iter().map(score).map(capped).collect();
            let weights = softmax_f64(&scores);
            let mut sum = vec![0.0f64; head_dim];
            for (&row, weight) in rows.iter().zip(weights) {
                for (sum, v) in sum.iter_mut().zip(head(values, row)) {
                    *sum += weight * f64::from(v);
                }
            }
            y.extend(sum.iter().map(|&v| v as f32));
        }
    }
    y
}

/// exp(x - max x) / Σ exp(x - max x).
fn softmax_f64(x: &[f64]) -> Vec<f64> {
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = x.iter().map(|v| (v - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| w / sum).collect()
}

/// y[t] = exp(x[t]) / Σ exp(x[t]), for each row.  x, y: (T, cols).
pub fn softmax(x: &[f32], cols: usize) -> Vec<f32> {
    rows("softmax", x, cols)
        .flat_map(|row| softmax_f64(&row.iter().map(|&v| f64::from(v)).collect::<Vec<_>>()))
        .map(|p| p as f32)
        .collect()
}

/// y = silu(gate) · up, silu(g) = g / (1 + exp(-g)) (Shazeer 2020).  Any shape, all the same.
pub fn swiglu(gate: &[f32], up: &[f32]) -> Vec<f32> {
    assert_eq!(gate.len(), up.len(), "swiglu: gate and up");
    gate.iter()
        .zip(up)
        .map(|(&g, &u)| {
            let g = f64::from(g);
            (g / (1.0 + (-g).exp()) * f64::from(u)) as f32
        })
        .collect()
}

/// y = a + b.  Any shape, all the same.
pub fn add(a: &[f32], b: &[f32]) -> Vec<f32> {
    assert_eq!(a.len(), b.len(), "add: a and b");
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}
