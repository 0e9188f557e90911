"""What the model computes, by numpy, for several prompts at once; and the prompt whose text is decided most clearly."""

import numpy as np

from shape import CONTEXT, EPS, HEAD, HEADS, KV_HEADS, LAYERS, SEED, THETA

PROMPT, NEW, TRIES = 128, 64, 48


def norm(x, weight):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPS) * weight


class Model:
    """Llama in float32, with a cache for a batch of sequences of equal length."""

    def __init__(self, matrices, norms, batch: int):
        self.w = {k: m.values() for k, m in matrices.items()} | {k: n.astype(np.float32) for k, n in norms.items()}
        self.k, self.v = (np.zeros((LAYERS, batch, KV_HEADS, CONTEXT, HEAD), np.float32) for _ in range(2))
        self.past = 0
        angle = np.outer(np.arange(CONTEXT), THETA ** (-np.arange(0, HEAD, 2) / HEAD))
        self.cos, self.sin = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)

    def rope(self, x):
        at = slice(self.past, self.past + x.shape[2])
        a, b = np.split(x, 2, -1)
        cos, sin = self.cos[at], self.sin[at]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def forward(self, ids):
        """Logits after the last of the tokens [batch, n]."""
        w, (batch, n) = self.w, ids.shape
        end = self.past + n
        split = lambda x, heads: x.reshape(batch, n, heads, HEAD).transpose(0, 2, 1, 3)
        hidden_from = np.triu(np.full((n, end), -np.inf, np.float32), self.past + 1)
        x = w["model.embed_tokens.weight"][ids]
        for i in range(LAYERS):
            at = f"model.layers.{i}."
            h = norm(x, w[at + "input_layernorm.weight"])
            q, k, v = (h @ w[at + f"self_attn.{p}_proj.weight"].T for p in "qkv")
            self.k[i, :, :, self.past : end] = self.rope(split(k, KV_HEADS))
            self.v[i, :, :, self.past : end] = split(v, KV_HEADS)
            keys, values = (np.repeat(c[i, :, :, :end], HEADS // KV_HEADS, 1) for c in (self.k, self.v))
            scores = self.rope(split(q, HEADS)) @ keys.swapaxes(-1, -2) / np.sqrt(np.float32(HEAD)) + hidden_from
            p = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = (p / p.sum(-1, keepdims=True) @ values).transpose(0, 2, 1, 3).reshape(batch, n, HEADS * HEAD)
            x = x + mixed @ w[at + "self_attn.o_proj.weight"].T
            h = norm(x, w[at + "post_attention_layernorm.weight"])
            gate, up = (h @ w[at + f"mlp.{p}_proj.weight"].T for p in ("gate", "up"))
            x = x + gate / (1 + np.exp(-gate)) * up @ w[at + "mlp.down_proj.weight"].T
        self.past = end
        return norm(x[:, -1], w["model.norm.weight"]) @ w["lm_head.weight"].T


def best_prompt(matrices, norms, words: list[int]) -> dict:
    """Of some random prompts the one whose 64 greedy tokens lead by most over their rivals, at the closest of them.

    llama.cpp rounds activations to eight bits on the way; where two tokens are almost as likely, that decides.
    """
    rng = np.random.Generator(np.random.PCG64(SEED + 1))
    prompts = rng.choice(np.array(words), (TRIES, PROMPT))
    model = Model(matrices, norms, TRIES)
    logits, new = model.forward(prompts), []
    margin = np.full(TRIES, np.inf)
    for _ in range(NEW):
        second, first = np.partition(logits, -2)[:, -2:].T
        margin = np.minimum(margin, (first - second) / np.sqrt((logits**2).mean(-1)))
        new.append(logits.argmax(-1))
        logits = model.forward(new[-1][:, None])
    greedy = np.stack(new, 1)
    varied = np.array([len(set(row)) > NEW // 2 for row in greedy])
    best = int(np.where(varied, margin, -1).argmax())
    assert varied[best], "every text turns in a circle"
    return {"ids": prompts[best].tolist(), "greedy": greedy[best].tolist(), "margin": round(float(margin[best]), 4)}
