//! Penalties, choice and log-probabilities, against the sampling reference.

use copywright::engine::Engine;
use copywright::kernel::sample::{Penalties, RING, Sample, TOP, Top};
use copywright::record::Element;

use crate::cpu::compare::{Rng, assert_nmse};
use crate::cpu::sample::{SampleParams, choose, logprobs, process};
use crate::support::{cache_row, down, down_words, engine, poisoned, run, up, words};

const PROMPT: u32 = 12;
const TAIL: u32 = 50;

/// The uniform of `shaders/lib/sampling.wgsl`, written out by hand.
fn uniform(e: &Engine, p: &SampleParams, stops: &[u32], limit: u32, seeds: [u32; 8]) -> copywright::record::Tensor {
    let floats = [p.temperature, p.top_p, p.min_p, p.repetition_penalty, p.presence_penalty, p.frequency_penalty];
    let mut w: Vec<u32> = floats.iter().map(|f| f.to_bits()).collect();
    w.extend([p.top_k, p.no_repeat_ngram_size, limit, stops.len() as u32, 0, 0]);
    w.extend(stops);
    w.resize(20, 0);
    w.extend(seeds);
    words(e, "sampling", 28, &w)
}

/// One sampling step of `b` sequences with texts of different lengths, on the GPU.
struct Case {
    vocabulary: usize,
    params: SampleParams,
    logits: Vec<f32>,
    histories: Vec<Vec<u32>>,
    steps: Vec<u32>,
    seed: u32,
}

impl Case {
    fn new(seed: u32, vocabulary: usize, b: usize, params: SampleParams) -> Self {
        let mut rng = Rng::new(u64::from(seed));
        let logits = rng.normal(b * vocabulary).iter().map(|v| v * 3.0).collect();
        let prompt: Vec<u32> = (0..PROMPT).map(|_| rng.below(vocabulary as u32)).collect();
        let histories: Vec<Vec<u32>> = (0..b)
            .map(|s| {
                let text = (0..5 * s).map(|_| rng.below((vocabulary as u32).min(9)));
                prompt.iter().copied().chain(text).collect()
            })
            .collect();
        let steps = histories.iter().map(|h| h.len() as u32 - PROMPT).collect();
        Self { vocabulary, params, logits, histories, steps, seed }
    }

    /// Runs both kernels; returns z, the chosen tokens, the state after, and the history after.
    fn gpu(&self, e: &Engine, stops: &[u32], limit: u32) -> (Vec<f32>, Vec<u32>, Vec<u32>, Vec<u32>) {
        let b = self.histories.len();
        let mut state = vec![PROMPT, TAIL, 0, 0];
        let mut history = vec![u32::MAX; (PROMPT + 8 * TAIL) as usize];
        for (s, h) in self.histories.iter().enumerate() {
            for (t, &token) in h.iter().enumerate() {
                history[cache_row(PROMPT, TAIL, s, t as u32)] = token;
            }
            state.extend([h.len() as u32 - 1, self.steps[s], 0, 7]);
        }
        state.resize(36, 0);
        let mut bias = vec![0f32; self.vocabulary];
        self.params.logit_bias.iter().for_each(|&(t, v)| bias[t as usize] = v);
        let seeds = std::array::from_fn(|i| self.seed + i as u32);
        let sampling = uniform(e, &self.params, stops, limit, seeds);
        let state = words(e, "state", 36, &state);
        let history = words(e, "history", 1, &history);
        let v = self.vocabulary;
        let bias = up(e, "bias", v, &bias, Element::F32);
        let logits = up(e, "logits", v, &self.logits, Element::F32);
        let z = poisoned(e, "z", b, v, Element::F32);
        let out = words(e, "out", b, &vec![99; RING as usize * b]);
        run(
            e,
            &[
                &Penalties {
                    sampling: &sampling,
                    state: &state,
                    history: &history,
                    bias: &bias,
                    logits: &logits,
                    logit_rows: b as u32,
                    z: &z,
                    sequences: b as u32,
                },
                &Sample {
                    sampling: &sampling,
                    z: &z,
                    state: &state,
                    history: &history,
                    out: &out,
                    rules: None,
                    sequences: b as u32,
                },
            ],
        );
        let tokens = down_words(e, &out)[7 * b..8 * b].to_vec();
        (down(e, &z), tokens, down_words(e, &state), down_words(e, &history))
    }
}

fn settings() -> Vec<SampleParams> {
    let base = SampleParams { temperature: 0.7, ..SampleParams::default() };
    vec![
        SampleParams { temperature: 0.0, ..base.clone() },
        SampleParams { temperature: 1.0, ..base.clone() },
        SampleParams { top_k: 1, ..base.clone() },
        SampleParams { top_k: 40, ..base.clone() },
        SampleParams { top_p: 0.9, ..base.clone() },
        SampleParams { top_p: 0.05, ..base.clone() },
        SampleParams { min_p: 0.1, ..base.clone() },
        SampleParams { top_k: 50, top_p: 0.8, min_p: 0.02, temperature: 1.3, ..base.clone() },
        SampleParams { repetition_penalty: 1.3, ..base.clone() },
        SampleParams { presence_penalty: 0.8, frequency_penalty: 0.5, ..base.clone() },
        SampleParams { no_repeat_ngram_size: 1, ..base.clone() },
        SampleParams { no_repeat_ngram_size: 2, ..base.clone() },
        SampleParams { no_repeat_ngram_size: 3, repetition_penalty: 0.8, temperature: 2.0, ..base.clone() },
        SampleParams { logit_bias: vec![(0, -100.0), (3, 5.0)], ..base },
    ]
}

#[test]
fn penalties_and_choice_are_the_references() {
    let e = engine(false);
    let (mut compared, mut close) = (0, 0);
    for (i, params) in settings().into_iter().enumerate() {
        for (vocabulary, b) in [(11, 1), (255, 2), (257, 8), (1000, 3)] {
            for round in 0..4 {
                let case = Case::new((i * 100 + round) as u32, vocabulary, b, params.clone());
                let (z, tokens, ..) = case.gpu(&e, &[], 1000);
                for s in 0..b {
                    let logits = &case.logits[s * vocabulary..(s + 1) * vocabulary];
                    let want = process(logits, &case.histories[s], PROMPT as usize, &params);
                    let got = &z[s * vocabulary..(s + 1) * vocabulary];
                    let barred = |v: &[f32]| v.iter().map(|&v| v < -1e38).collect::<Vec<_>>();
                    assert_eq!(barred(got), barred(&want), "barred tokens differ: {params:?}");
                    let free = |v: &[f32]| v.iter().copied().filter(|&v| v > -1e38).collect::<Vec<_>>();
                    if !free(&want).is_empty() {
                        assert_nmse(&format!("penalties {i} V {vocabulary} b {s}"), &free(got), &free(&want), 1e-12);
                    }
                    if let Some((token, margin)) = choose(&want, &params, case.seed + s as u32, case.steps[s]) {
                        if margin > 1e-3 {
                            assert_eq!(tokens[s], token, "{params:?} V {vocabulary} sequence {s} margin {margin}");
                            compared += 1;
                        } else {
                            close += 1;
                        }
                    }
                }
            }
        }
    }
    println!("choices compared: {compared}; too close to compare: {close}");
    assert!(compared > 20 * close.max(10), "too few choices were clear enough to compare");
}

#[test]
fn a_sequence_advances_and_ends() {
    let e = engine(false);
    let greedy = SampleParams { temperature: 0.0, ..SampleParams::default() };
    let mut case = Case::new(3, 300, 3, greedy);
    // Sequence 0 wants token 5, sequence 1 token 6, sequence 2 token 299.
    for (s, token) in [5usize, 6, 299].into_iter().enumerate() {
        case.logits[s * 300 + token] = 100.0;
    }
    let limit = case.histories[2].len() as u32 + 1;
    let (_, tokens, state, history) = case.gpu(&e, &[4, 6], limit);
    assert_eq!(tokens, [5, 6, 299]);
    let sequence = |s: usize| &state[4 + 4 * s..8 + 4 * s];
    let length = |s: usize| case.histories[s].len() as u32;
    assert_eq!(sequence(0), [length(0), 1, 0, 8], "goes on");
    assert_eq!(sequence(1), [length(1), 6, 1, 8], "a stop token ends it");
    assert_eq!(sequence(2), [length(2), 11, 1, 8], "the limit ends it");
    for (s, token) in [5, 6, 299].into_iter().enumerate() {
        assert_eq!(history[cache_row(PROMPT, TAIL, s, length(s))], token, "history of sequence {s}");
    }
}

#[test]
fn an_ended_sequence_stays() {
    let e = engine(false);
    let vocabulary = 20;
    let logits = up(&e, "z", vocabulary, &Rng::new(1).normal(vocabulary), Element::F32);
    let sampling = uniform(&e, &SampleParams::default(), &[], 100, [0; 8]);
    let mut state = vec![PROMPT, TAIL, 0, 0, 15, 4, 1, 9];
    state.resize(36, 0);
    let state = words(&e, "state", 36, &state);
    let history = words(&e, "history", 1, &[7; 100]);
    let out = words(&e, "out", 1, &[99; RING as usize]);
    run(
        &e,
        &[&Sample {
            sampling: &sampling,
            z: &logits,
            state: &state,
            history: &history,
            out: &out,
            rules: None,
            sequences: 1,
        }],
    );
    assert_eq!(down_words(&e, &state)[4..8], [15, 4, 1, 10]);
    assert_eq!(down_words(&e, &out)[9], u32::MAX);
    assert!(down_words(&e, &history).iter().all(|&t| t == 7));
}

#[test]
fn all_barred_ends_the_text() {
    let e = engine(false);
    let params = SampleParams { no_repeat_ngram_size: 1, temperature: 1.0, ..SampleParams::default() };
    let mut case = Case::new(1, 11, 1, params);
    case.histories[0] = (0..12).map(|i| i % 11).collect();
    let (_, tokens, state, _) = case.gpu(&e, &[2], 1000);
    assert_eq!((tokens[0], state[6]), (2, 1));
}

#[test]
fn top_reports_log_probabilities() {
    let e = engine(false);
    for (vocabulary, b, rows) in [(7, 1, 1), (300, 8, 8), (1000, 4, 1)] {
        let mut rng = Rng::new(vocabulary as u64);
        let mut logits: Vec<f32> = rng.normal(rows * vocabulary).iter().map(|v| v * 4.0).collect();
        logits[2] = logits[4]; // a tie: the lower token comes first
        let tokens: Vec<u32> = (0..b).map(|_| rng.below(vocabulary as u32)).collect();
        let wanted: Vec<Vec<f64>> = logits.chunks_exact(vocabulary).map(logprobs).collect();
        let probabilities: Vec<f32> = wanted.iter().flatten().map(|l| l.exp() as f32).collect();
        let mut state = vec![0; 4];
        state.extend((0..8).flat_map(|_| [0, 0, 0, 3]));
        let out: Vec<u32> = (0..RING as usize * b).map(|i| tokens[i % b]).collect();
        let width = (2 + 2 * TOP) as usize;
        let report = words(&e, "report", width, &vec![0; RING as usize * b * width]);
        run(
            &e,
            &[&Top {
                state: &words(&e, "state", 36, &state),
                probabilities: &up(&e, "p", vocabulary, &probabilities, Element::F32),
                rows: rows as u32,
                out: &words(&e, "out", b, &out),
                report: &report,
                sequences: b as u32,
            }],
        );
        let got = down_words(&e, &report);
        for (s, &token) in tokens.iter().enumerate() {
            let want = &wanted[s.min(rows - 1)];
            let row = &got[(2 * b + s) * width..][..width];
            assert_eq!(row[1], token);
            let mut order: Vec<usize> = (0..vocabulary).collect();
            order.sort_by(|&a, &b| want[b].total_cmp(&want[a]).then(a.cmp(&b)));
            let mut chosen = vec![token as usize];
            chosen.extend(&order[..TOP as usize]);
            let ids: Vec<usize> = row[3..].iter().step_by(2).map(|&t| t as usize).collect();
            assert_eq!(ids, chosen[1..], "V {vocabulary} sequence {s}");
            let ln: Vec<f32> = row.iter().step_by(2).map(|&b| f32::from_bits(b)).collect();
            let want: Vec<f32> = chosen.iter().map(|&t| want[t] as f32).collect();
            assert_nmse(&format!("top V {vocabulary}"), &ln, &want, 1e-11);
        }
    }
}
