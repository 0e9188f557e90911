//! A loaded model against what PyTorch says of it.

use copywright::generate::params::Sampling;
use copywright::generate::{Job, Output};
use copywright::writer::Writer;
use pollster::block_on;

use super::fixture::Expected;
use crate::cpu::compare::assert_nmse;

/// Logits after the prompt and after the first greedy tokens.
pub fn logits(name: &str, writer: &mut Writer, want: &Expected, half: bool) {
    assert!(!want.logits.is_empty(), "{name}: no logits to compare with");
    for (i, row) in want.logits.iter().enumerate() {
        let text = [&want.prompt, &want.greedy[..i]].concat();
        let got = block_on(writer.session().logits(&text)).unwrap();
        assert_nmse(&format!("{name} logits {i}"), &got, row, if half { 1e-5 } else { 1e-9 });
    }
}

/// So many greedy tokens, or fewer when one of `stop` comes.
pub fn greedy(writer: &mut Writer, prompt: &[u32], count: u32, stop: &[u32]) -> Output {
    let job = Job {
        prompt: prompt.to_vec(),
        n: 1,
        seed: 0,
        max_tokens: count,
        sampling: Sampling { temperature: 0.0, ..Sampling::default() },
        stop_tokens: stop.to_vec(),
        stop: Vec::new(),
        logprobs: false,
        trim_lines: false,
        rules: None,
        steps_per_readback: 0,
    };
    block_on(writer.session().generate(&job, &mut |_| (), &|| false)).unwrap().0.remove(0)
}

/// Logits and all greedy tokens. With f16 kernels a near-tie may go the other way.
pub fn agree(name: &str, writer: &mut Writer, want: &Expected, half: bool) {
    logits(name, writer, want, half);
    let output = greedy(writer, &want.prompt, want.greedy.len() as u32, &[]);
    assert_eq!(want.greedy.len(), 64, "{name}: greedy tokens to compare with");
    let same = output.tokens.iter().zip(&want.greedy).take_while(|(a, b)| a == b).count();
    println!("{name}: {same} greedy tokens identical, least margin {}", want.margin);
    assert!(same == 64 || half, "{name}: {:?} instead of {:?}", output.tokens, want.greedy);
}
