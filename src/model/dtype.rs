//! Element types that weights have in files: plain numbers, and the blocks of GGUF (its names are those of ggml). How
//! blocks become planes on the GPU, or numbers.

use half::{bf16, f16};

use crate::record::{Element, PLANES};

/// Element types that weights may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit float.
    F32,
    /// IEEE half.
    F16,
    /// bfloat16.
    BF16,
    /// 32 weights: a scale (f16), 4 bits each, 8 is zero.
    Q4_0,
    /// 32 weights: a scale and a minimum (f16), 4 bits each.
    Q4_1,
    /// 32 weights: a scale (f16), 5 bits each, 16 is zero.
    Q5_0,
    /// 32 weights: a scale and a minimum (f16), 5 bits each.
    Q5_1,
    /// 32 weights: a scale (f16), 8 bits each.
    Q8_0,
    /// 256 weights: two factors (f16), 8 scales and minima of 6 bits, 4 bits each.
    Q4K,
    /// The same with 5 bits each.
    Q5K,
    /// 256 weights: 6 bits each, 16 scales of 8 bits, a factor (f16).
    Q6K,
}

/// Weights in the planes of an [`Element`].
pub type Planes = [Vec<u8>; PLANES];

/// Weights of the largest block.
const MOST: usize = 256;

impl Dtype {
    /// The type of this name in safetensors or in ggml.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "F32" => Self::F32,
            "F16" => Self::F16,
            "BF16" => Self::BF16,
            "Q4_0" => Self::Q4_0,
            "Q4_1" => Self::Q4_1,
            "Q5_0" => Self::Q5_0,
            "Q5_1" => Self::Q5_1,
            "Q8_0" => Self::Q8_0,
            "Q4_K" => Self::Q4K,
            "Q5_K" => Self::Q5K,
            "Q6_K" => Self::Q6K,
            _ => return None,
        })
    }

    /// Weights of a block, and its bytes; a plain number is a block of one.
    #[must_use]
    pub fn block(self) -> (usize, usize) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::BF16 => (1, 2),
            Self::Q4_0 => (32, 18),
            Self::Q4_1 => (32, 20),
            Self::Q5_0 => (32, 22),
            Self::Q5_1 => (32, 24),
            Self::Q8_0 => (32, 34),
            Self::Q4K => (256, 144),
            Self::Q5K => (256, 176),
            Self::Q6K => (256, 210),
        }
    }

    /// Bytes of so many weights; whole blocks.
    #[must_use]
    pub fn size(self, count: u64) -> u64 {
        let (weights, bytes) = self.block();
        count / weights as u64 * bytes as u64
    }

    /// The same weights on the GPU, bit for bit.
    #[must_use]
    pub fn element(self) -> Element {
        match self {
            Self::F32 => Element::F32,
            Self::F16 => Element::F16,
            Self::BF16 => Element::Bf16,
            Self::Q4_0 => Element::Q4,
            Self::Q4_1 => Element::Q4Min,
            Self::Q5_0 | Self::Q5_1 => Element::Q5Min,
            Self::Q8_0 => Element::Q8,
            Self::Q4K => Element::Q4K,
            Self::Q5K => Element::Q5K,
            Self::Q6K => Element::Q6K,
        }
    }

    /// Whether its weights are plain numbers.
    #[must_use]
    pub fn plain(self) -> bool {
        self.block().0 == 1
    }

    /// The numbers that whole blocks stand for.
    pub fn floats(self, bytes: &[u8], out: &mut Vec<f32>) {
        let (weights, size) = self.block();
        let half = |b: &[u8]| u16::from_le_bytes([b[0], b[1]]);
        for block in bytes.chunks_exact(size) {
            match self {
                Self::F32 => out.push(f32::from_le_bytes([block[0], block[1], block[2], block[3]])),
                Self::F16 => out.push(f16::from_bits(half(block)).to_f32()),
                Self::BF16 => out.push(bf16::from_bits(half(block)).to_f32()),
                _ => {
                    let mut quants = [0; MOST];
                    self.quants(block, &mut quants);
                    out.extend(quants[..weights].iter().enumerate().map(|(i, &q)| self.weight(block, i, q)));
                }
            }
        }
    }

    /// The quants of a block in the order of its weights.
    fn quants(self, block: &[u8], quants: &mut [u8; MOST]) {
        let nibble = |bytes: &[u8], i: usize| if i < 16 { bytes[i] & 15 } else { bytes[i - 16] >> 4 };
        let bit = |bytes: &[u8], i: usize| (bytes[i / 8] >> (i % 8) & 1) << 4;
        for (i, q) in quants.iter_mut().enumerate().take(self.block().0) {
            // Of 64 weights: the first half lies in the low nibbles of 32 bytes, the second in the high ones.
            let k = |bytes: &[u8]| bytes[i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4) & 15;
            *q = match self {
                Self::Q4_0 => nibble(&block[2..], i),
                Self::Q4_1 => nibble(&block[4..], i),
                Self::Q5_0 => nibble(&block[6..], i) | bit(&block[2..], i),
                Self::Q5_1 => nibble(&block[8..], i) | bit(&block[4..], i),
                Self::Q8_0 => block[2 + i],
                Self::Q4K => k(&block[16..]),
                Self::Q5K => k(&block[48..]) | (block[16 + i % 32] >> (i / 32) & 1) << 4,
                _ => {
                    // Of 128 weights: low bits in 64 bytes, upper ones in 32 bytes, four to a byte.
                    let (part, j) = (i / 128, i % 128);
                    let low = block[part * 64 + j % 64] >> (j / 64 * 4) & 15;
                    low | (block[128 + part * 32 + j % 32] >> (j / 32 * 2) & 3) << 4
                }
            };
        }
    }

    /// Scale and minimum of the `i`-th 32 weights of a block of [`Dtype::Q4K`] or [`Dtype::Q5K`]: 6 bits each, the upper
    /// two of the later four with the earlier ones.
    fn fine(block: &[u8], i: usize) -> (u8, u8) {
        let s = &block[4..16];
        if i < 4 {
            return (s[i] & 63, s[i + 4] & 63);
        }
        (s[i + 4] & 15 | s[i - 4] >> 6 << 4, s[i + 4] >> 4 | s[i] >> 6 << 4)
    }

    /// The number that the `i`-th quant of a block stands for.
    fn weight(self, block: &[u8], i: usize, q: u8) -> f32 {
        let half = |at: usize| f16::from_le_bytes([block[at], block[at + 1]]).to_f32();
        let number = f32::from(q);
        match self {
            Self::Q4_0 => half(0) * (number - 8.0),
            Self::Q5_0 => half(0) * (number - 16.0),
            Self::Q8_0 => half(0) * f32::from(q as i8),
            Self::Q4_1 | Self::Q5_1 => half(0) * number + half(2),
            Self::Q4K | Self::Q5K => {
                let (scale, minimum) = Self::fine(block, i / 32);
                half(0) * f32::from(scale) * number - half(2) * f32::from(minimum)
            }
            _ => half(208) * f32::from(block[192 + i / 16] as i8) * (number - 32.0),
        }
    }

    /// Whole blocks in the planes of [`Dtype::element`].
    #[must_use]
    pub fn planes(self, bytes: &[u8]) -> Planes {
        let (weights, size) = self.block();
        let mut planes = Planes::default();
        let mut quants = [0; MOST];
        for block in bytes.chunks_exact(size) {
            let [low, high, scales] = &mut planes;
            self.quants(block, &mut quants);
            let q = &quants[..weights];
            if self == Self::Q8_0 {
                low.extend_from_slice(q);
            } else {
                low.extend(q.chunks_exact(2).map(|q| q[0] & 15 | (q[1] & 15) << 4));
            }
            match self.element() {
                Element::Q5Min | Element::Q5K => {
                    high.extend(q.chunks_exact(8).map(|q| q.iter().rev().fold(0, |b, q| b << 1 | q >> 4)));
                }
                Element::Q6K => high.extend(q.chunks_exact(4).map(|q| q.iter().rev().fold(0, |b, q| b << 2 | q >> 4))),
                _ => {}
            }
            match self {
                Self::Q5_0 => {
                    let scale = f16::from_le_bytes([block[0], block[1]]);
                    // Exact but for scales beyond any weight: the exponent grows by 4.
                    let minimum = f16::from_f32(-16.0 * scale.to_f32());
                    scales.extend(scale.to_le_bytes().into_iter().chain(minimum.to_le_bytes()));
                }
                Self::Q4_1 | Self::Q5_1 => scales.extend_from_slice(&block[..4]),
                Self::Q4K | Self::Q5K => {
                    scales.extend_from_slice(&block[..4]);
                    let fine = |i| Self::fine(block, i);
                    scales.extend((0..8).map(|i| fine(i).0).chain((0..8).map(|i| fine(i).1)));
                }
                Self::Q6K => {
                    scales.extend_from_slice(&[block[208], block[209], 0, 0]);
                    scales.extend_from_slice(&block[192..208]);
                }
                _ => scales.extend_from_slice(&block[..2]),
            }
        }
        planes
    }

    /// Whether whole blocks hold only finite numbers.
    #[must_use]
    pub fn finite(self, bytes: &[u8]) -> bool {
        let (_, size) = self.block();
        let half = |b: &[u8], at: usize| u16::from_le_bytes([b[at], b[at + 1]]);
        let sound = |b: &[u8], at: usize| half(b, at) & 0x7c00 != 0x7c00;
        bytes.chunks_exact(size).all(|b| match self {
            // A number is finite when its exponent bits are not all ones.
            Self::F32 => half(b, 2) & 0x7f80 != 0x7f80,
            Self::BF16 => half(b, 0) & 0x7f80 != 0x7f80,
            Self::Q4_1 | Self::Q5_1 | Self::Q4K | Self::Q5K => sound(b, 0) && sound(b, 2),
            Self::Q6K => sound(b, 208),
            _ => sound(b, 0),
        })
    }
}
