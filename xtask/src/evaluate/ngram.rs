//! A baseline without attention: a 4-gram model of the tokens of the training copies, told the format and nothing else.

use std::collections::HashMap;

use copywright::copy::format::Format;

/// Tokens that are looked back at.
const BACK: usize = 3;

/// What followed a context.
#[derive(Default)]
struct Followers {
    /// How often anything did.
    total: u32,
    /// How often each token did.
    counts: Vec<(u32, u32)>,
}

/// p(w | h) = (c(h w) + T(h) p(w | shorter h)) / (c(h) + T(h)), where T(h) is how many different tokens followed h, and
/// at the end of all shorter contexts every token is as likely as any other: Witten-Bell smoothing, interpolated
/// (Bell, Cleary & Witten 1990; Chen & Goodman 1999). Every text has a probability, and those of all tokens sum to one.
pub struct Ngram {
    vocabulary: u32,
    end: u32,
    /// By the length of the context.
    orders: [HashMap<u64, Followers>; BACK + 1],
}

impl Ngram {
    /// Counts the tokens of texts, each under its format; `end` follows each text.
    pub fn train<'a>(vocabulary: u32, end: u32, texts: impl Iterator<Item = (Format, &'a [u32])>) -> Self {
        let mut model = Self { vocabulary, end, orders: Default::default() };
        for (format, text) in texts {
            let mut context = model.begin(format);
            for &token in text.iter().chain([&end]) {
                for (length, order) in model.orders.iter_mut().enumerate() {
                    let followers = order.entry(key(&context[BACK - length..])).or_default();
                    followers.total += 1;
                    match followers.counts.iter_mut().find(|(t, _)| *t == token) {
                        Some((_, count)) => *count += 1,
                        None => followers.counts.push((token, 1)),
                    }
                }
                context = [context[1], context[2], token];
            }
        }
        model
    }

    /// The format, three times: tokens that no vocabulary has.
    fn begin(&self, format: Format) -> [u32; BACK] {
        let at = Format::ALL.iter().position(|f| *f == format).unwrap_or_default();
        [self.vocabulary + at as u32; BACK]
    }

    fn followers(&self, context: [u32; BACK]) -> impl Iterator<Item = &Followers> {
        self.orders.iter().enumerate().filter_map(move |(n, order)| order.get(&key(&context[BACK - n..])))
    }

    /// p of one token behind three.
    fn probability(&self, context: [u32; BACK], token: u32) -> f64 {
        self.followers(context).fold(1.0 / f64::from(self.vocabulary), |shorter, f| {
            let count = f.counts.iter().find(|(t, _)| *t == token).map_or(0, |c| c.1);
            let kinds = f.counts.len() as f64;
            (f64::from(count) + kinds * shorter) / (f64::from(f.total) + kinds)
        })
    }

    /// The same of all tokens.
    fn distribution(&self, context: [u32; BACK]) -> Vec<f64> {
        let mut p = vec![1.0 / f64::from(self.vocabulary); self.vocabulary as usize];
        for f in self.followers(context) {
            let (kinds, all) = (f.counts.len() as f64, f64::from(f.total) + f.counts.len() as f64);
            p.iter_mut().for_each(|p| *p *= kinds / all);
            f.counts.iter().for_each(|&(token, count)| p[token as usize] += f64::from(count) / all);
        }
        p
    }

    /// −ln p of a text and its end.
    pub fn nats(&self, format: Format, text: &[u32]) -> f64 {
        let mut context = self.begin(format);
        let mut sum = 0.0;
        for &token in text.iter().chain([&self.end]) {
            sum -= self.probability(context, token).ln();
            context = [context[1], context[2], token];
        }
        sum
    }

    /// Draws a text of at most `most` tokens; whether it came to its end. The same seed gives the same text.
    pub fn draw(&self, format: Format, seed: u64, temperature: f64, most: usize) -> (Vec<u32>, bool) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut context = self.begin(format);
        let mut text = Vec::new();
        while text.len() < most {
            let weights: Vec<f64> = self.distribution(context).iter().map(|p| p.powf(1.0 / temperature)).collect();
            let mut left = rng.f64() * weights.iter().sum::<f64>();
            let chosen = weights.iter().position(|w| {
                left -= w;
                left < 0.0
            });
            let token = chosen.map_or(self.end, |t| t as u32);
            if token == self.end {
                return (text, true);
            }
            text.push(token);
            context = [context[1], context[2], token];
        }
        (text, false)
    }
}

/// Up to three tokens below 2²¹ as one number.
fn key(tokens: &[u32]) -> u64 {
    tokens.iter().fold(1, |key, &t| (key << 21) | u64::from(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&[u32]; 4] = [&[1, 2, 3], &[1, 2, 4], &[1, 2, 3], &[5, 2]];

    fn model() -> Ngram {
        Ngram::train(8, 0, TEXTS.iter().map(|t| (Format::Hero, *t)))
    }

    #[test]
    fn probabilities_sum_to_one() {
        let m = model();
        let begin = m.begin(Format::Hero);
        for context in [begin, [begin[0], 1, 2], [1, 2, 3], [7, 7, 7], m.begin(Format::Push)] {
            let p = m.distribution(context);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{context:?}");
            for token in 0..8 {
                assert!(p[token as usize] > 0.0);
                assert!((p[token as usize] - m.probability(context, token)).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn a_probability_by_hand() {
        // One text: 1, then the end. After the format came 1, once; p(1) = (1 + p′) / 2 at each of three lengths, and
        // p′ = (1 + 2 / 8) / (2 + 2) of the counts of all tokens.
        let m = Ngram::train(8, 0, [(Format::Hero, &[1u32][..])].into_iter());
        let unigram = (1.0 + 2.0 / 8.0) / 4.0;
        let want = (0..3).fold(unigram, |p, _| (1.0 + p) / 2.0);
        assert!((m.probability(m.begin(Format::Hero), 1) - want).abs() < 1e-15);
        // A format that never came knows how often tokens are, and no more.
        assert!((m.probability(m.begin(Format::Push), 1) - unigram).abs() < 1e-15);
        assert!((m.nats(Format::Push, &[]) + unigram.ln()).abs() < 1e-15, "the end counts");
    }

    #[test]
    fn what_was_seen_is_likelier() {
        let m = model();
        assert!(m.nats(Format::Hero, &[1, 2, 3]) < m.nats(Format::Hero, &[1, 2, 4]));
        assert!(m.nats(Format::Hero, &[1, 2, 3]) < m.nats(Format::Push, &[1, 2, 3]), "the format tells");
        assert!(m.nats(Format::Hero, &[7, 7]).is_finite());
    }

    #[test]
    fn texts_are_drawn_by_seed() {
        let m = model();
        assert_eq!(m.draw(Format::Hero, 3, 0.7, 20), m.draw(Format::Hero, 3, 0.7, 20));
        assert_eq!(m.draw(Format::Hero, 3, 0.02, 20), (vec![1, 2, 3], true), "cold: the likeliest");
        assert_eq!(m.draw(Format::Hero, 3, 0.02, 2), (vec![1, 2], false), "stopped");
        let different: std::collections::HashSet<_> = (0..40).map(|s| m.draw(Format::Hero, s, 1.0, 20).0).collect();
        assert!(different.len() > 4);
    }
}
