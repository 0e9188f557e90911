"""What the families of decoders compute, in f64, all positions of a text at once. One Llama, and what the others do
differently is asked where it happens; GPT-2 is too different and comes by itself."""

import json
from pathlib import Path

import rope
import torch
from layout import read_weights


def decoder(folder: Path, ids: list[int]) -> torch.Tensor:
    """Logits (T, V) of the token after each of `ids`."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = {name: t.double() for name, t in read_weights(folder).items()}
    return logits(config, weights, ids)


def logits(config: dict, weights: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    return (gpt2 if config["model_type"] == "gpt2" else llama)(config, weights, ids)


def gelu(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.gelu(x, approximate="tanh")


def attention(q, k, v, scale: float, window: int | None = None, cap: float | None = None) -> torch.Tensor:
    """(T, H, d), (T, G, d), (T, G, d) -> (T, H d); each position sees itself and what is before it, of that the
    last `window` with itself."""
    k, v = (t.repeat_interleave(q.shape[1] // k.shape[1], 1) for t in (k, v))
    scores = torch.einsum("qhd,khd->hqk", q, k) * scale
    if cap:
        scores = cap * torch.tanh(scores / cap)
    at = torch.arange(len(q))
    distance = at[:, None] - at
    hidden = (distance < 0) | (distance >= (window or len(q)))
    return torch.einsum("hqk,khd->qhd", scores.masked_fill(hidden, -torch.inf).softmax(-1), v).reshape(len(q), -1)


def windows(c: dict) -> list[int | None]:
    """How many positions each layer sees, itself among them; None for all."""
    n, window = c["num_hidden_layers"], c.get("sliding_window")
    if window is None or c.get("use_sliding_window") is False:
        return [None] * n
    if c.get("layer_types"):
        return [window if kind == "sliding_attention" else None for kind in c["layer_types"]]
    if c["model_type"] in ("gemma2", "gemma3_text"):
        pattern = c.get("sliding_window_pattern", 2 if c["model_type"] == "gemma2" else 6)
        return [window if (i + 1) % pattern else None for i in range(n)]
    if c["model_type"] in ("qwen2", "qwen3"):
        return [window if i >= c["max_window_layers"] else None for i in range(n)]
    return [window] * n


def sinusoids(length: int, width: int) -> torch.Tensor:
    """Positions (T, D) of Vaswani et al. 2017: sines in the even columns, cosines in the odd ones."""
    angles = torch.outer(torch.arange(length).double(), 10000.0 ** (-torch.arange(0, width, 2).double() / width))
    return torch.stack((angles.sin(), angles.cos()), -1).flatten(1)


def llama(c: dict, w: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    kind = c["model_type"]
    gemma = kind in ("gemma2", "gemma3_text")
    heads, groups, eps = c["num_attention_heads"], c["num_key_value_heads"], c["rms_norm_eps"]
    size = c.get("head_dim") or c["hidden_size"] // heads
    scale = (c["query_pre_attn_scalar"] if gemma else size) ** -0.5
    sinusoidal = c.get("position_embedding_type") == "sinusoidal"
    act = gelu if gemma else lambda x: x * x.sigmoid()

    def norm(x, name):
        gain = w[f"{name}.weight"] + (1 if gemma else 0)
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) * gain

    def linear(x, name):
        y = x @ w[f"{name}.weight"].T
        return y + w[f"{name}.bias"] if f"{name}.bias" in w else y

    def project(h, at):
        if kind == "phi3":
            return linear(h, f"{at}.qkv_proj").split([heads * size, groups * size, groups * size], -1)
        return [linear(h, f"{at}.{name}_proj") for name in "qkv"]

    x = w["model.embed_tokens.weight"][ids]
    if gemma:
        x = x * c["hidden_size"] ** 0.5
    if sinusoidal:
        x = x + sinusoids(len(ids), c["hidden_size"])
    for i, window in enumerate(windows(c)):
        at = f"model.layers.{i}"
        q, k, v = (t.view(len(ids), -1, size) for t in project(norm(x, f"{at}.input_layernorm"), f"{at}.self_attn"))
        if kind in ("qwen3", "gemma3_text"):
            q, k = norm(q, f"{at}.self_attn.q_norm"), norm(k, f"{at}.self_attn.k_norm")
        if not sinusoidal and c.get("no_rope_layers", [1] * (i + 1))[i]:
            turn = rope.frequencies(c, size, len(ids), local=window is not None)
            q, k = rope.rotate(q, *turn), rope.rotate(k, *turn)
        h = attention(q, k, v, scale, window, c.get("attn_logit_softcapping"))
        h = linear(h, f"{at}.self_attn.o_proj")
        x = x + (norm(h, f"{at}.post_attention_layernorm") if gemma else h)
        h = norm(x, f"{at}.pre_feedforward_layernorm" if gemma else f"{at}.post_attention_layernorm")
        if kind == "phi3":
            gate, up = linear(h, f"{at}.mlp.gate_up_proj").chunk(2, -1)
        else:
            gate, up = linear(h, f"{at}.mlp.gate_proj"), linear(h, f"{at}.mlp.up_proj")
        h = linear(act(gate) * up, f"{at}.mlp.down_proj")
        x = x + (norm(h, f"{at}.post_feedforward_layernorm") if gemma else h)
    y = norm(x, "model.norm") @ w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"].T
    cap = c.get("final_logit_softcapping")
    return cap * torch.tanh(y / cap) if cap else y


def gpt2(c: dict, w: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    """Radford et al. 2019. Its matrices are stored (in, out); some files leave out "transformer."."""
    get = lambda name: w.get(f"transformer.{name}", w.get(name))
    linear = lambda x, name: x @ get(f"{name}.weight") + get(f"{name}.bias")
    size = c["n_embd"] // c["n_head"]

    def norm(x, name):
        x = x - x.mean(-1, keepdim=True)
        x = x / torch.sqrt(x.square().mean(-1, keepdim=True) + c["layer_norm_epsilon"])
        return x * get(f"{name}.weight") + get(f"{name}.bias")

    x = get("wte.weight")[ids] + get("wpe.weight")[: len(ids)]
    for i in range(c["n_layer"]):
        qkv = linear(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn").chunk(3, -1)
        q, k, v = (t.view(len(ids), -1, size) for t in qkv)
        x = x + linear(attention(q, k, v, size**-0.5), f"h.{i}.attn.c_proj")
        h = gelu(linear(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"))
        x = x + linear(h, f"h.{i}.mlp.c_proj")
    return norm(x, "ln_f") @ get("wte.weight").T
