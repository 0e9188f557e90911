// How the next token is chosen; the same for all sequences of a job, but for their seeds.
struct Sampling {
  temperature: f32, // 0: greedy
  top_p: f32,
  min_p: f32,
  repetition: f32,
  presence: f32,
  frequency: f32,
  top_k: u32, // 0: off
  ngram: u32, // 0: off
  limit: u32, // a sequence ends when its newest token is at position limit - 1
  stops: u32, // how many of stop_tokens count
  reserved: vec2u,
  stop_tokens: array<vec4u, 2>,
  seeds: array<vec4u, 2>,
}
const NEVER: f32 = -3.0e38;
