"""Rotary angles in f64: how fast each pair of elements of a head turns, for every kind of `rope_type`."""

import math

import torch

LINEAR, LLAMA3, YARN, LONGROPE = "linear", "llama3", "yarn", "longrope"


def settings(config: dict, local: bool = False) -> dict:
    """The rotary settings of a config.json, older or newer; `local` for the layers that see a window only."""
    newer = config.get("rope_parameters") or {}
    if "full_attention" in newer:  # a set for each kind of layer
        return newer["sliding_attention" if local else "full_attention"]
    if local and "rope_local_base_freq" in config:
        return {"rope_type": "default", "rope_theta": config["rope_local_base_freq"]}
    top = ("rope_theta", "partial_rotary_factor", "original_max_position_embeddings")
    older = {name: config[name] for name in top if config.get(name) is not None}
    return older | (config.get("rope_scaling") or {}) | newer


def frequencies(config: dict, head_dim: int, length: int, local: bool = False) -> tuple[torch.Tensor, float]:
    """Radians per position of each pair that turns, and the factor on sines and cosines.
    `length` is that of the whole text."""
    s = settings(config, local)
    kind = s.get("rope_type", s.get("type", "default"))
    base, factor = s["rope_theta"], s.get("factor", 1.0)
    most = config["max_position_embeddings"]
    original = s.get("original_max_position_embeddings", most)
    turning = int(head_dim * s.get("partial_rotary_factor", 1.0))
    pairs = torch.arange(0, turning, 2).double() / turning
    plain = base**-pairs
    if kind == "default":
        return plain, 1.0
    if kind == LINEAR:
        return plain / factor, 1.0
    if kind == LLAMA3:
        # Waves shorter than original / high stay, those longer than original / low are stretched.
        low, high = s["low_freq_factor"], s["high_freq_factor"]
        turns = original * plain / (2 * math.pi)
        keep = ((turns - low) / (high - low)).clamp(0, 1)
        return plain * keep + plain / factor * (1 - keep), 1.0
    if kind == YARN:
        # The same idea with a ramp over the pairs' numbers (Peng et al. 2023).
        at = lambda turns: turning * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(base))
        first = max(math.floor(at(s.get("beta_fast") or 32)), 0)
        last = min(math.ceil(at(s.get("beta_slow") or 1)), turning - 1)
        stretch = ((torch.arange(turning // 2).double() - first) / max(last - first, 0.001)).clamp(0, 1)
        scale = s.get("attention_factor") or 0.1 * math.log(factor) + 1
        return plain * (1 - stretch) + plain / factor * stretch, scale
    assert kind == LONGROPE, kind
    # A divisor for each pair, another one for texts over the original length (Ding et al. 2024).
    divisors = s["long_factor" if length > original else "short_factor"]
    scale = s.get("attention_factor") or math.sqrt(1 + math.log(most / original) / math.log(original))
    return plain / torch.tensor(divisors).double(), scale if most > original else 1.0


def rotate(x: torch.Tensor, frequencies: torch.Tensor, scale: float) -> torch.Tensor:
    """(T, heads, d): element i turns with element i + n of the first 2n; the rest stays."""
    angles = torch.outer(torch.arange(len(x)).double(), frequencies)[:, None]
    cos, sin = angles.cos() * scale, angles.sin() * scale
    n = len(frequencies)
    a, b, rest = x[..., :n], x[..., n : 2 * n], x[..., 2 * n :]
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), -1)
