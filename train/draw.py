"""Draws many texts at once: each prompt is read once, its variants go on from the same keys and values."""

import torch
import torch.nn.functional as F

from .model import Llama, causal, rotate


def attention_inputs(layer, x, cos, sin):
    """q [B, heads, T, d], k and v [B, kv heads, T, d] of normed x, rotated."""
    a, (B, T, _) = layer.self_attn, x.shape
    q, k, v = (p(x).view(B, T, -1, a.c.head).transpose(1, 2) for p in (a.q_proj, a.k_proj, a.v_proj))
    return rotate(q, cos, sin), rotate(k, cos, sin), v


def attend(q, k, v, mask):
    """Grouped: the heads that share keys are rows of one product. mask [B, 1, 1 or T, S]."""
    B, heads, T, d = q.shape
    grouped = q.reshape(B, k.shape[1], -1, d)
    scores = (grouped @ k.transpose(-1, -2)).float() * d**-0.5
    scores = scores.view(B, heads, T, -1) + mask
    y = torch.softmax(scores, -1).to(v.dtype).view(B, k.shape[1], -1, k.shape[2]) @ v
    return y.view(B, heads, T, d).transpose(1, 2).reshape(B, T, -1)


def through(layer, x, cos, sin, mask, cache):
    """One layer; `cache(k, v)` says which keys and values are seen."""
    q, k, v = attention_inputs(layer, layer.input_layernorm(x), cos, sin)
    x = x + layer.self_attn.o_proj(attend(q, *cache(k, v), mask))
    return x + layer.mlp(layer.post_attention_layernorm(x))


@torch.no_grad()
def drawn(model: Llama, prompts: list[list[int]], variants: int, end: int, most: list[int], temperature: float,
          generator: torch.Generator | None = None, dtype=torch.float32) -> list[list[list[int]]]:  # fmt: skip
    """For each prompt `variants` texts at a temperature (0: the likeliest tokens), the end token with them where they came
    to one within `most` tokens."""
    c, P, L = model.c, len(prompts), max(map(len, prompts))
    ids = torch.zeros(P, L, dtype=torch.long)
    for i, prompt in enumerate(prompts):
        ids[i, : len(prompt)] = torch.tensor(prompt)
    lengths = torch.tensor([len(p) for p in prompts])
    room = max(most)
    keys, values = ([torch.zeros(P, c.kv_heads, L, c.head, dtype=dtype) for _ in range(c.layers)] for _ in range(2))
    x, mask = model.model.embed_tokens(ids).to(dtype), causal(L)
    cos, sin = model.cos[:L].to(dtype), model.sin[:L].to(dtype)
    for n, layer in enumerate(model.model.layers):

        def keep(k, v, n=n):
            keys[n], values[n] = k, v
            return k, v

        x = through(layer, x, cos, sin, mask, keep)
    hidden = model.model.norm(x[torch.arange(P), lengths - 1])
    # From here on, a row is a text.
    rows = torch.arange(P).repeat_interleave(variants)
    spread = [F.pad(t[rows], (0, 0, 0, room)) for t in (*keys, *values)]
    keys, values = spread[: c.layers], spread[c.layers :]
    hidden, lengths, limits = hidden[rows], lengths[rows], torch.tensor(most)[rows]
    number = torch.arange(len(rows))
    blind = torch.arange(L)[None] >= lengths[:, None]
    mask = torch.zeros(len(rows), 1, 1, L + room).masked_fill_(F.pad(blind, (0, room))[:, None, None], float("-inf"))
    texts = [[] for _ in number]
    for t in range(room):
        logits = model.logits(hidden).float()
        if temperature > 0:
            # Gumbel's trick: the largest of logits and noise is a draw.
            noise = torch.empty_like(logits).exponential_(generator=generator).log_()
            token = (logits / temperature - noise).argmax(-1)
        else:
            token = logits.argmax(-1)
        for i, one in zip(number.tolist(), token.tolist()):
            texts[i].append(one)
        alive = (token != end) & (t + 1 < limits)
        if not alive.any():
            break
        # Rows that are done are taken out when they are many: moving the others costs as much as some steps.
        if alive.sum() < 0.8 * len(alive):
            keys, values = ([t[alive] for t in ts] for ts in (keys, values))
            token, lengths, limits, number, mask = (t[alive] for t in (token, lengths, limits, number, mask))
            alive = alive[alive]
        elif not alive.all():
            limits = torch.where(alive, limits, 0)
        x = model.model.embed_tokens(token)[:, None].to(dtype)
        cos, sin = (t[lengths + t_][:, None, None].to(dtype) for t, t_ in ((model.cos, t), (model.sin, t)))
        at = L + t
        for n, layer in enumerate(model.model.layers):

            def put(k, v, n=n):
                keys[n][:, :, at], values[n][:, :, at] = k[:, :, 0], v[:, :, 0]
                return keys[n][:, :, : at + 1], values[n][:, :, : at + 1]

            x = through(layer, x, cos, sin, mask[..., : at + 1], put)
        hidden = model.model.norm(x[:, 0])
    # A row that is done goes on until it is taken out; what it wrote since is nothing.
    for text, most_ in zip(texts, torch.tensor(most)[rows].tolist()):
        del text[most_:]
        if end in text:
            del text[text.index(end) + 1 :]
    return [texts[i * variants : (i + 1) * variants] for i in range(P)]
