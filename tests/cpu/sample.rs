//! How the next token is chosen from the logits l: (V) of one sequence.
//!
//! 1. bias:  l += logit_bias
//! 2. repetition r:  l > 0 ? l / r : l · r, for tokens of prompt or text (Keskar et al. 2019)
//! 3. presence, frequency:  l -= presence · [c > 0] + frequency · c, c = count in the text so far
//! 4. no-repeat n-gram n > 0:  l = -∞ for a token that would complete an n-gram of prompt and text
//! 5. temperature T:  T = 0 takes argmax l, else l /= T
//! 6. top-k:  keep the k largest and what ties with the last of them
//! 7. top-p:  of those, keep a token when all strictly likelier ones together have less than p
//! 8. min-p m:  keep l ≥ max l + ln m
//! 9. argmax l + g over what is kept, g = -ln(-ln u) (Gumbel 1954), u from a hash of (seed, step, token)
//!
//! The lowest token wins every tie.

#[derive(Clone, Debug)]
pub struct SampleParams {
    pub temperature: f32,
    pub top_k: u32,
    pub top_p: f32,
    pub min_p: f32,
    pub repetition_penalty: f32,
    pub presence_penalty: f32,
    pub frequency_penalty: f32,
    pub no_repeat_ngram_size: u32,
    pub logit_bias: Vec<(u32, f32)>,
}

/// A plain draw from softmax(l): every step that changes something is off.
impl Default for SampleParams {
    fn default() -> Self {
        SampleParams {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            no_repeat_ngram_size: 0,
            logit_bias: Vec::new(),
        }
    }
}

/// Steps 1 to 5 (for T = 0 without the division).  logits, result: (V); history: prompt and then text,
/// oldest first, of which the first `prompt` tokens are the prompt.
pub fn process(logits: &[f32], history: &[u32], prompt: usize, params: &SampleParams) -> Vec<f32> {
    let mut l: Vec<f64> = logits.iter().map(|&v| f64::from(v)).collect();
    for &(token, bias) in &params.logit_bias {
        l[token as usize] += f64::from(bias);
    }
    let count = |ids: &[u32]| {
        let mut counts = vec![0u32; l.len()];
        ids.iter().for_each(|&id| counts[id as usize] += 1);
        counts
    };
    let (seen, written) = (count(history), count(&history[prompt..]));
    for (token, l) in l.iter_mut().enumerate() {
        if seen[token] > 0 {
            let r = f64::from(params.repetition_penalty);
            *l = if *l > 0.0 { *l / r } else { *l * r };
        }
        if written[token] > 0 {
            *l -= f64::from(params.presence_penalty);
            *l -= f64::from(params.frequency_penalty) * f64::from(written[token]);
        }
    }
    for token in barred(history, params.no_repeat_ngram_size as usize) {
        l[token as usize] = f64::NEG_INFINITY;
    }
    if params.temperature > 0.0 {
        l.iter_mut().for_each(|l| *l /= f64::from(params.temperature));
    }
    l.iter().map(|&v| v as f32).collect()
}

/// The tokens that would complete an n-gram which the history already holds.
fn barred(history: &[u32], n: usize) -> Vec<u32> {
    if n == 0 || history.len() < n - 1 {
        return Vec::new();
    }
    let context = &history[history.len() - (n - 1)..];
    history.windows(n).filter(|gram| gram[..n - 1] == *context).map(|gram| gram[n - 1]).collect()
}

/// Steps 6 to 8: which tokens may be drawn.  z: (V), from `process`. The likeliest always may, whatever the
/// parameters; what is barred never may.
pub fn kept(z: &[f32], params: &SampleParams) -> Vec<bool> {
    let mut order: Vec<usize> = (0..z.len()).filter(|&i| z[i] > f32::NEG_INFINITY).collect();
    order.sort_by(|&a, &b| z[b].total_cmp(&z[a]));
    let mut keep = vec![false; z.len()];
    let Some(&first) = order.first() else {
        return keep;
    };
    let most = f64::from(z[first]);

    if params.top_k > 0
        && let Some(&last) = order.get(params.top_k as usize - 1)
    {
        order.retain(|&i| z[i] >= z[last]);
    }

    let weight = |i: usize| (f64::from(z[i]) - most).exp();
    let total: f64 = order.iter().map(|&i| weight(i)).sum();
    let mut mass = 0.0; // of the tokens before this one
    let mut larger = 0.0; // of the tokens strictly likelier than this one
    let mut last = z[first];
    for &i in &order {
        if z[i] < last {
            larger = mass;
            last = z[i];
        }
        let nucleus = params.top_p >= 1.0 || larger < f64::from(params.top_p);
        let near = params.min_p <= 0.0 || f64::from(z[i]) >= most + f64::from(params.min_p).ln();
        keep[i] = z[i] == z[first] || (nucleus && near);
        mass += weight(i) / total;
    }
    keep
}

/// pcg3d (Jarzynski & Olano 2020, "Hash Functions for GPU Rendering").
pub fn pcg3d([mut x, mut y, mut z]: [u32; 3]) -> [u32; 3] {
    for v in [&mut x, &mut y, &mut z] {
        *v = v.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    }
    x = x.wrapping_add(y.wrapping_mul(z));
    y = y.wrapping_add(z.wrapping_mul(x));
    z = z.wrapping_add(x.wrapping_mul(y));
    for v in [&mut x, &mut y, &mut z] {
        *v ^= *v >> 16;
    }
    x = x.wrapping_add(y.wrapping_mul(z));
    y = y.wrapping_add(z.wrapping_mul(x));
    z = z.wrapping_add(x.wrapping_mul(y));
    [x, y, z]
}

/// g = -ln(-ln u), u in (0, 1) one of 2^23 steps: exact in f32, and neither 0 nor 1.
pub fn gumbel(seed: u32, step: u32, token: u32) -> f64 {
    let [h, ..] = pcg3d([seed, step, token]);
    let u = ((h >> 9) as f32 + 0.5) * (-23f32).exp2();
    -(-f64::from(u).ln()).ln()
}

/// How far a filter's edge is moved either way to see whether the choice depends on where exactly it lies.
const EDGE: f32 = 1e-4;

/// The token and how safe it is: its score minus that of the next best, infinite when there is none. A token
/// near the edge of top-p or min-p counts as a rival, and the margin is 0 when the token itself stands there,
/// since f32 sums may draw the edge otherwise. None when everything is barred.
/// z: (V), from `process`; step: tokens sampled before this one.
pub fn choose(z: &[f32], params: &SampleParams, seed: u32, step: u32) -> Option<(u32, f64)> {
    if params.temperature == 0.0 {
        let scores: Vec<f64> = z.iter().map(|&v| f64::from(v)).collect();
        return best(&scores, None).map(|token| (token, margin(&scores, token)));
    }
    let moved = |by: f32| {
        let params = SampleParams {
            top_p: if params.top_p < 1.0 { params.top_p + by } else { 1.0 },
            min_p: params.min_p * (1.0 - by),
            ..params.clone()
        };
        kept(z, &params)
    };
    let scores = |keep: &[bool]| -> Vec<f64> {
        let score = |i: usize| f64::from(z[i]) + gumbel(seed, step, i as u32);
        (0..z.len()).map(|i| if keep[i] { score(i) } else { f64::NEG_INFINITY }).collect()
    };
    let token = best(&scores(&moved(0.0)), None)?;
    let safe = moved(-EDGE)[token as usize];
    let margin = margin(&scores(&moved(EDGE)), token);
    Some((token, if safe { margin.max(0.0) } else { 0.0 }))
}

/// The token of the highest score, the lowest of equals, without one that is left out.
fn best(scores: &[f64], without: Option<u32>) -> Option<u32> {
    let mut best = None;
    let mut most = f64::NEG_INFINITY;
    for (token, &score) in scores.iter().enumerate() {
        if score > most && without != Some(token as u32) {
            most = score;
            best = Some(token as u32);
        }
    }
    best
}

fn margin(scores: &[f64], token: u32) -> f64 {
    best(scores, Some(token)).map_or(f64::INFINITY, |rival| scores[token as usize] - scores[rival as usize])
}

/// ln softmax(l), of the model's own logits before any of the steps above.  logits, result: (V).
pub fn logprobs(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().map(|&v| f64::from(v)).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|&v| (f64::from(v) - most).exp()).sum();
    logits.iter().map(|&v| f64::from(v) - most - sum.ln()).collect()
}
