"""What a Llama computes, twice: the textbook in f64, whose numbers are committed, and transformers in f32, which
has to agree. transformers alone would not do: it keeps norms, softmax and rotary angles in f32 whatever the type
of the model, and the last digits of f32 sums differ between processors."""

import json
from pathlib import Path

import torch
from layout import read_weights
from transformers import LlamaForCausalLM


def textbook(folder: Path, ids: list[int]) -> torch.Tensor:
    """Logits (T, V) in f64 of the token after each of `ids`, all positions at once (Touvron et al. 2023)."""
    c = json.loads((folder / "config.json").read_text())
    w = {name: t.double() for name, t in read_weights(folder).items()}
    heads, kv_heads, eps = c["num_attention_heads"], c["num_key_value_heads"], c["rms_norm_eps"]
    d = c.get("head_dim") or c["hidden_size"] // heads
    theta = c.get("rope_parameters", c)["rope_theta"]
    steps = len(ids)

    def norm(x, gain):
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) * gain

    # Halves of a head rotate against each other: element i with element i + d/2.
    angles = torch.outer(torch.arange(steps).double(), theta ** (-torch.arange(0, d, 2).double() / d))
    cos, sin = angles.cos()[:, None], angles.sin()[:, None]

    def rope(x):  # (T, heads, d)
        a, b = x.chunk(2, -1)
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    future = torch.ones(steps, steps, dtype=torch.bool).triu(1)
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = lambda name: w[f"model.layers.{i}.{name}.weight"]
        h = norm(x, p("input_layernorm"))
        q = rope((h @ p("self_attn.q_proj").T).view(steps, heads, d))
        k = rope((h @ p("self_attn.k_proj").T).view(steps, kv_heads, d))
        v = (h @ p("self_attn.v_proj").T).view(steps, kv_heads, d)
        k, v = (t.repeat_interleave(heads // kv_heads, 1) for t in (k, v))
        scores = torch.einsum("qhd,khd->hqk", q, k) / d**0.5
        weights = scores.masked_fill(future, -torch.inf).softmax(-1)
        x = x + torch.einsum("hqk,khd->qhd", weights, v).reshape(steps, -1) @ p("self_attn.o_proj").T
        h = norm(x, p("post_attention_layernorm"))
        gate = h @ p("mlp.gate_proj").T
        x = x + (gate * gate.sigmoid() * (h @ p("mlp.up_proj").T)) @ p("mlp.down_proj").T
    head = w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"]
    return norm(x, w["model.norm.weight"]) @ head.T


def transformers_model(folder: Path) -> LlamaForCausalLM:
    """In f32 with eager attention, whatever the type of the file."""
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def greedy(model: LlamaForCausalLM, prompts: list[list[int]], steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The likeliest `steps` tokens after prompts of one length (B, steps), and the logits they had (B, steps, V)."""
    out, cache, rows, tokens = torch.tensor(prompts), None, [], []
    for _ in range(steps):
        result = model(out, past_key_values=cache, use_cache=True)
        cache = result.past_key_values
        rows.append(result.logits[:, -1])
        out = rows[-1].argmax(-1, keepdim=True)
        tokens.append(out)
    return torch.cat(tokens, 1), torch.stack(rows, 1)


def margins(logits: torch.Tensor) -> torch.Tensor:
    """How far the best logit of each row is above the second best."""
    best = logits.topk(2).values
    return best[..., 0] - best[..., 1]


def nmse(got: torch.Tensor, want: torch.Tensor) -> float:
    """Normalised mean square error, as in tests/cpu/compare.rs."""
    return ((got.double() - want.double()).square().sum() / want.double().square().sum()).item()


def agreed(folder: Path, prompt: list[int], steps: int) -> tuple[list[int], torch.Tensor]:
    """Greedy tokens and their f64 logits (steps, V), on which the textbook and transformers agree."""
    tokens, logits = greedy(transformers_model(folder), [prompt], steps)
    tokens = tokens[0].tolist()
    want = textbook(folder, prompt + tokens[:-1])[-steps:]
    assert want.argmax(-1).tolist() == tokens, f"{folder}: f32 and f64 choose different tokens"
    error = nmse(logits[0], want)
    assert error < 1e-10, f"{folder}: f32 and f64 differ by NMSE {error:.1e}"
    return tokens, want


def expectation(prompt: list[int], tokens: list[int], logits: torch.Tensor, rows: int) -> dict:
    """What tests/support/fixture.rs reads: logits as the shortest digits that give the same f32 again."""
    digits = lambda row: [float(str(v)) for v in row.float().numpy()]
    return {
        "prompt": prompt,
        "logits": [digits(row) for row in logits[:rows]],
        "greedy": tokens,
        "margin": float(f"{margins(logits).min().item():.4g}"),
    }
