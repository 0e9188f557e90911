"""Quantizes to GGUF's Q4_K, Q5_K and Q6_K, which the gguf package reads but does not write: super-blocks of 256
numbers, in which the scales are quantized, too. Plain rounding, without llama.cpp's search for better scales."""

import numpy
from gguf import GGMLQuantizationType as Type
from gguf import quants

SUPER = 256


def quantize(x: numpy.ndarray, kind: Type) -> numpy.ndarray:
    """(rows, cols) f32 -> (rows, bytes of a row) u8, for every type that the tests need."""
    makers = {Type.Q4_K: lambda b: q45(b, 15), Type.Q5_K: lambda b: q45(b, 31), Type.Q6_K: q6}
    if kind not in makers:
        return quants.quantize(x.astype(numpy.float32), kind)
    rows, cols = x.shape
    assert cols % SUPER == 0, f"{kind.name} wants rows of whole {SUPER}s, not {cols}"
    packed = makers[kind](x.astype(numpy.float64).reshape(-1, SUPER))
    return numpy.ascontiguousarray(packed.reshape(rows, -1))


def half(x: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """As f16, and what that is."""
    stored = x.astype("<f2")
    return stored.view(numpy.uint8).reshape(len(x), 2), stored.astype(numpy.float64)


def over(x, scale):
    """x / scale, and 0 where the scale is."""
    return numpy.divide(x, scale, out=numpy.zeros_like(x), where=scale != 0)


def q45(blocks: numpy.ndarray, most: int) -> numpy.ndarray:
    """Eight blocks of 32, x = d scale q - dmin min with q up to 15 or 31; scales and minima of 6 bits."""
    n = len(blocks)
    x = blocks.reshape(n, 8, 32)
    minima = numpy.maximum(-x.min(-1), 0)
    scales = (x.max(-1) + minima) / most
    d_bytes, d = half(scales.max(-1) / 63)
    m_bytes, m = half(minima.max(-1) / 63)
    scale = numpy.rint(over(scales, d[:, None].repeat(8, 1))).clip(0, 63)
    least = numpy.rint(over(minima, m[:, None].repeat(8, 1))).clip(0, 63)
    step = (d[:, None] * scale)[..., None].repeat(32, -1)
    q = numpy.rint(over(x + (m[:, None] * least)[..., None], step)).clip(0, most).astype(numpy.uint8)
    # Of the last four, the high two bits lie above the six of the first four.
    s, l = scale.astype(numpy.uint8), least.astype(numpy.uint8)
    sixes = [s[:, :4] | s[:, 4:] >> 4 << 6, l[:, :4] | l[:, 4:] >> 4 << 6, s[:, 4:] & 15 | (l[:, 4:] & 15) << 4]
    # Nibbles of two blocks share their bytes; so do all eight with their fifth bits.
    pairs = (q & 15).reshape(n, 4, 2, 32)
    nibbles = (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(n, 128)
    fifth = (q >> 4 << numpy.arange(8, dtype=numpy.uint8)[:, None]).sum(1, dtype=numpy.uint8)
    return numpy.concatenate([d_bytes, m_bytes, *sixes] + [fifth] * (most == 31) + [nibbles], -1)


def q6(blocks: numpy.ndarray) -> numpy.ndarray:
    """Sixteen blocks of 16, x = d scale (q - 32); scales of 8 bits."""
    n = len(blocks)
    x = blocks.reshape(n, 16, 16)
    at = numpy.abs(x).argmax(-1)[..., None]
    scales = numpy.take_along_axis(x, at, -1)[..., 0] / -32
    d_bytes, d = half(numpy.abs(scales).max(-1) / 127)
    scale = numpy.rint(over(scales, d[:, None].repeat(16, 1))).clip(-128, 127)
    step = (d[:, None] * scale)[..., None].repeat(16, -1)
    q = (numpy.rint(over(x, step)) + 32).clip(0, 63).astype(numpy.uint8).reshape(n, 2, 4, 32)
    # Of each 128: the nibbles of the first and third 32 share bytes, the second and fourth, and all four high pairs.
    low = numpy.concatenate([q[:, :, :2] & 15 | (q[:, :, 2:] & 15) << 4], -1).reshape(n, 128)
    high = (q >> 4 << numpy.arange(0, 8, 2, dtype=numpy.uint8)[:, None]).sum(2, dtype=numpy.uint8).reshape(n, 64)
    return numpy.concatenate([low, high, scale.astype(numpy.int8).view(numpy.uint8), d_bytes], -1)
