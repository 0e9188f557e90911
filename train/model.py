"""The Llama that is trained: names and shapes of Hugging Face's layout, computed the fast way.

Attention is written out on the CPU, where it is quicker than PyTorch's flash attention at heads of 64 and rows of some
hundred tokens; on CUDA it is `scaled_dot_product_attention`. Texts packed into one row do not see each other.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    hidden: int = 256
    layers: int = 8
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 704
    vocabulary: int = 4096
    context: int = 1024
    base: float = 10000.0
    eps: float = 1e-5

    @property
    def head(self) -> int:
        return self.hidden // self.heads

    def hugging_face(self) -> dict:
        """config.json of a `LlamaForCausalLM`."""
        return {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": self.hidden,
            "intermediate_size": self.feed_forward, "num_hidden_layers": self.layers, "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads, "head_dim": self.head, "vocab_size": self.vocabulary,
            "max_position_embeddings": self.context, "rope_theta": self.base, "rms_norm_eps": self.eps,
            "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False, "initializer_range": 0.02,
            "bos_token_id": None, "eos_token_id": 0, "torch_dtype": "float16",
        }  # fmt: skip

    @classmethod
    def of(cls, about: dict) -> "Config":
        """From such a config.json."""
        keys = ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "intermediate_size", "vocab_size",
                "max_position_embeddings", "rope_theta")  # fmt: skip
        return cls(*(about[k] for k in keys))

    def as_dict(self) -> dict:
        return asdict(self)


class Attention(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.c = c
        self.q_proj = nn.Linear(c.hidden, c.heads * c.head, bias=False)
        self.k_proj = nn.Linear(c.hidden, c.kv_heads * c.head, bias=False)
        self.v_proj = nn.Linear(c.hidden, c.kv_heads * c.head, bias=False)
        self.o_proj = nn.Linear(c.heads * c.head, c.hidden, bias=False)

    def forward(self, x, cos, sin, mask):
        c, (B, T, _) = self.c, x.shape
        fused = torch.cat((self.q_proj.weight, self.k_proj.weight, self.v_proj.weight))
        sizes = [c.heads * c.head, c.kv_heads * c.head, c.kv_heads * c.head]
        q, k, v = (t.view(B, T, -1, c.head).transpose(1, 2) for t in F.linear(x, fused).split(sizes, -1))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = (t.repeat_interleave(c.heads // c.kv_heads, 1) for t in (k, v))
        if x.device.type == "cpu":
            scores = (q @ k.transpose(-1, -2)).float() * c.head**-0.5 + mask
            y = torch.softmax(scores, -1).to(v.dtype) @ v
        else:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask.to(q.dtype))
        return self.o_proj(y.transpose(1, 2).reshape(B, T, -1))


def rotate(t, cos, sin):
    a, b = t.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class FeedForward(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.gate_proj = nn.Linear(c.hidden, c.feed_forward, bias=False)
        self.up_proj = nn.Linear(c.hidden, c.feed_forward, bias=False)
        self.down_proj = nn.Linear(c.feed_forward, c.hidden, bias=False)

    def forward(self, x):
        gate, up = F.linear(x, torch.cat((self.gate_proj.weight, self.up_proj.weight))).chunk(2, -1)
        return self.down_proj(F.silu(gate) * up)


class Norm(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(c.hidden)), c.eps

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps) * self.weight).to(x.dtype)


class Layer(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = Norm(c), Norm(c)
        self.self_attn, self.mlp = Attention(c), FeedForward(c)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocabulary, c.hidden)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = Norm(c)


class Llama(nn.Module):
    """Names are those of `LlamaForCausalLM`; the head is the embedding."""

    def __init__(self, c: Config):
        super().__init__()
        self.c, self.model = c, Body(c)
        for name, p in self.named_parameters():
            if p.ndim == 2:
                # Projections that add to the stream begin smaller, as their sum grows with the depth (GPT-2).
                nn.init.normal_(p, std=0.02 / (2 * c.layers) ** 0.5 if "o_proj" in name or "down_proj" in name else 0.02)
        turns = c.base ** (-torch.arange(0, c.head, 2) / c.head)
        angles = torch.arange(c.context)[:, None] * turns
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids, mask, dtype=torch.float32, positions=None):
        """ids and their positions [B, T] (default 0, 1, ...), mask [B or 1, 1, T, T] (0 or -inf) -> hidden states
        [B, T, hidden] after the last norm."""
        at = torch.arange(ids.shape[1], device=ids.device) if positions is None else positions[:, None]
        x = self.model.embed_tokens(ids).to(dtype)
        cos, sin = self.cos[at].to(dtype), self.sin[at].to(dtype)
        for layer in self.model.layers:
            x = layer(x, cos, sin, mask)
        return self.model.norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.model.embed_tokens.weight.to(hidden.dtype))


@torch.no_grad()
def continued(model: Llama, ids: list[int], end: int, most: int, temperature: float = 0.0) -> list[int]:
    """What the model writes after `ids`, the end with it: the likeliest tokens, or drawn ones at a temperature."""
    written = []
    while len(written) < most and (not written or written[-1] != end):
        tokens = torch.tensor([ids + written])
        logits = model.logits(model(tokens, causal(tokens.shape[1])))[0, -1]
        if temperature > 0:
            written.append(int(torch.multinomial(torch.softmax(logits / temperature, -1), 1)))
        else:
            written.append(int(logits.argmax()))
    return written


def causal(T: int, text: torch.Tensor | None = None, block: torch.Tensor | None = None) -> torch.Tensor:
    """The mask for rows of T tokens. `text` [B, T] numbers the texts packed into each row, which do not see each other;
    `block` [B, T] names the text, a number of `text`, that each of them continues and therefore sees."""
    allowed = torch.ones(T, T, dtype=torch.bool).tril()[None, None]
    if text is not None:
        seen = text[:, :, None] == text[:, None, :]
        if block is not None:
            seen |= block[:, :, None] == text[:, None, :]
        allowed = allowed & seen[:, None]
    return torch.zeros(allowed.shape).masked_fill_(~allowed, float("-inf"))
