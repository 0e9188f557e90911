"""The model that all engines get: its size, and random weights that 4 bits hold exactly."""

from dataclasses import dataclass

import numpy as np

LAYERS, HIDDEN, HEADS, KV_HEADS, INTERMEDIATE, VOCABULARY = 8, 384, 6, 6, 1024, 8192
HEAD = HIDDEN // HEADS
CONTEXT, THETA, EPS = 512, 10_000.0, 1e-5
BLOCK = 32
SEED = 20_261_125


@dataclass
class Quantized:
    """A matrix [rows, columns] in blocks of 32: w = scale * (q - 8)."""

    q: np.ndarray  # uint8 [rows, columns], 0 to 15
    scale: np.ndarray  # float16 [rows, columns / 32]

    def __post_init__(self):
        # f16 must hold every weight, or the file in f16 would say something else than the 4 bits.
        assert (self.values().astype(np.float16).astype(np.float32) == self.values()).all()

    def values(self) -> np.ndarray:
        """The weights, float32 [rows, columns]."""
        rows, columns = self.q.shape
        centred = (self.q.astype(np.float32) - 8).reshape(rows, columns // BLOCK, BLOCK)
        return (centred * self.scale.astype(np.float32)[..., None]).reshape(rows, columns)

    def rows(self, order: list[int]) -> "Quantized":
        return Quantized(self.q[order], self.scale[order])


def matrix(rng: np.random.Generator, rows: int, columns: int, exponent: int) -> Quantized:
    """Uniform quants under scales of 128 to 255 times 2^exponent: eight bits of a scale leave room for q in f16's eleven.

    Each block has a q of 0 somewhere, whose weight is the largest of the block: who quantizes anew, as llama.cpp and
    Copywright do, from the largest weight, finds the same scale. Scales of
    both signs keep the weights around 0, though quants are not.
    """
    q = rng.integers(0, 16, (rows, columns // BLOCK, BLOCK), dtype=np.uint8)
    np.put_along_axis(q, rng.integers(0, BLOCK, (rows, columns // BLOCK, 1)), 0, axis=2)
    scale = rng.integers(128, 256, (rows, columns // BLOCK)).astype(np.float64) * 2.0**exponent
    scale *= rng.integers(0, 2, scale.shape) * 2 - 1
    return Quantized(q.reshape(rows, columns), scale.astype(np.float16))


def weights(heard: list[int]) -> tuple[dict[str, Quantized], dict[str, np.ndarray]]:
    """Matrices and norms under Hugging Face's names. Tokens that are not in `heard` have a logit of 0 and never win."""
    # PCG64's integers are the same in every version of numpy; `default_rng` does not promise that.
    rng = np.random.Generator(np.random.PCG64(SEED))
    matrices = {"model.embed_tokens.weight": matrix(rng, VOCABULARY, HIDDEN, -10)}
    norms = {}

    def norm(name: str):
        norms[name] = (rng.integers(768, 1280, HIDDEN) / 1024).astype(np.float16)

    for i in range(LAYERS):
        at = f"model.layers.{i}."
        norm(at + "input_layernorm.weight")
        for part, rows in (("q", HEADS * HEAD), ("k", KV_HEADS * HEAD), ("v", KV_HEADS * HEAD)):
            matrices[at + f"self_attn.{part}_proj.weight"] = matrix(rng, rows, HIDDEN, -14)
        matrices[at + "self_attn.o_proj.weight"] = matrix(rng, HIDDEN, HEADS * HEAD, -14)
        norm(at + "post_attention_layernorm.weight")
        for part in ("gate", "up"):
            matrices[at + f"mlp.{part}_proj.weight"] = matrix(rng, INTERMEDIATE, HIDDEN, -14)
        matrices[at + "mlp.down_proj.weight"] = matrix(rng, HIDDEN, INTERMEDIATE, -14)
    norm("model.norm.weight")
    head = matrix(rng, VOCABULARY, HIDDEN, -14)
    silent = np.setdiff1d(np.arange(VOCABULARY), heard)
    head.q[silent], head.scale[silent] = 8, 0
    matrices["lm_head.weight"] = head
    return matrices, norms
