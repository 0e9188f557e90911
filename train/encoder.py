"""What BERT computes, in f64 (Devlin et al. 2018), and the embedding of a text that MiniLM makes of it."""

import json
from pathlib import Path

import torch
from layout import read_weights


def encoder(folder: Path, ids: list[int]) -> torch.Tensor:
    """Last hidden state (T, D) of a text whose tokens are all of type 0."""
    c = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    w = {name.removeprefix("bert."): t.double() for name, t in read_weights(folder).items()}
    heads, steps = c["num_attention_heads"], len(ids)
    size = c["hidden_size"] // heads
    linear = lambda x, name: x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        # Older files say gamma and beta.
        gain = w.get(f"{name}.weight", w.get(f"{name}.gamma"))
        bias = w.get(f"{name}.bias", w.get(f"{name}.beta"))
        x = x - x.mean(-1, keepdim=True)
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + c["layer_norm_eps"]) * gain + bias

    table = lambda name: w[f"embeddings.{name}_embeddings.weight"]
    x = table("word")[ids] + table("position")[:steps] + table("token_type")[0]
    x = norm(x, "embeddings.LayerNorm")
    for i in range(c["num_hidden_layers"]):
        at = f"encoder.layer.{i}"
        q, k, v = (linear(x, f"{at}.attention.self.{n}").view(steps, heads, size) for n in ("query", "key", "value"))
        weights = (torch.einsum("qhd,khd->hqk", q, k) / size**0.5).softmax(-1)
        h = torch.einsum("hqk,khd->qhd", weights, v).reshape(steps, -1)
        x = norm(x + linear(h, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        h = torch.nn.functional.gelu(linear(x, f"{at}.intermediate.dense"))
        x = norm(x + linear(h, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    return x


def embedding(hidden: torch.Tensor) -> torch.Tensor:
    """The mean over the positions, of length 1 (Reimers and Gurevych 2019)."""
    mean = hidden.mean(0)
    return mean / mean.norm()
