"""Converts a model of llama2.c (github.com/karpathy/llama2.c, version 0 of its format) to Hugging Face's layout.

    python train/llama2c.py MODEL.bin TOKENIZER.bin FOLDER [--story STORY.json]

With --story it also writes what the model tells greedily from an empty prompt. The story is computed twice:
from the folder with PyTorch, and here from the .bin with numpy the way llama2.c does, whose heads rotate
neighbouring elements instead of halves. Where the two differ, nothing is written.
"""

import argparse
import struct
from itertools import pairwise
from pathlib import Path

import numpy
import torch
from layout import write_json, write_manifest, write_weights
from llama import agreed, expectation
from tokenizers import Tokenizer

# llama2.c keeps neither of them in the file.
EPS, THETA = 1e-5, 10000.0
UNKNOWN, BEGIN, END, BYTES = 0, 1, 2, 3
STEPS = 200


class Model:
    """A .bin file: seven int32, then f32 tensors."""

    def __init__(self, path: Path):
        data = path.read_bytes()
        header = struct.unpack_from("<7i", data)
        self.dim, self.inner, self.layers, self.heads, self.kv_heads, vocab, self.context = header
        # A negative vocabulary says that the head is a matrix of its own.
        self.tied, self.vocab = vocab > 0, abs(vocab)
        self.size = self.dim // self.heads
        rest = numpy.frombuffer(data, "<f4", offset=28)

        def take(*shape):
            nonlocal rest
            count = int(numpy.prod(shape))
            assert count <= rest.size, f"{path}: is too short for the sizes in its header"
            part, rest = rest[:count].reshape(shape), rest[count:]
            return part

        n, d, q, kv = self.layers, self.dim, self.heads * self.size, self.kv_heads * self.size
        self.embedding = take(self.vocab, d)
        self.attention_norm = take(n, d)
        self.q, self.k, self.v, self.o = take(n, q, d), take(n, kv, d), take(n, kv, d), take(n, d, q)
        self.ffn_norm = take(n, d)
        self.gate, self.down, self.up = take(n, self.inner, d), take(n, d, self.inner), take(n, self.inner, d)
        self.norm = take(d)
        take(2, self.context, self.size // 2)  # a table of the rotary angles, no longer in use
        self.head = self.embedding if self.tied else take(self.vocab, d)
        assert rest.size == 0, f"{path}: {rest.size} numbers too many"

    def forward(self, token: int, position: int, cache: list) -> numpy.ndarray:
        """Logits after one token, in f64; the cache holds (keys, values) of each layer."""
        norm = lambda x, gain: x / numpy.sqrt((x * x).mean() + EPS) * gain
        angles = position * THETA ** (-numpy.arange(0, self.size, 2) / self.size)
        turn = numpy.exp(1j * angles)

        def rope(x):  # elements 2i and 2i + 1 are one complex number
            pairs = x.reshape(-1, self.size // 2, 2)
            turned = (pairs[..., 0] + 1j * pairs[..., 1]) * turn
            return numpy.stack((turned.real, turned.imag), -1).reshape(-1, self.size)

        x = self.embedding[token].astype(float)
        for i in range(self.layers):
            h = norm(x, self.attention_norm[i])
            keys, values = cache[i]
            keys.append(rope(self.k[i] @ h))
            values.append((self.v[i] @ h).reshape(-1, self.size))
            out = []
            for head, query in enumerate(rope(self.q[i] @ h)):
                group = head * self.kv_heads // self.heads
                scores = numpy.array([key[group] @ query for key in keys]) / self.size**0.5
                weights = numpy.exp(scores - scores.max())
                out.append(sum(w * value[group] for w, value in zip(weights / weights.sum(), values)))
            x = x + self.o[i] @ numpy.concatenate(out)
            h = norm(x, self.ffn_norm[i])
            gate = self.gate[i] @ h
            x = x + self.down[i] @ (gate / (1 + numpy.exp(-gate)) * (self.up[i] @ h))
        return self.head @ norm(x, self.norm)

    def story(self, steps: int) -> tuple[list[int], numpy.ndarray]:
        cache = [([], []) for _ in range(self.layers)]
        tokens, rows = [BEGIN], []
        for position in range(steps):
            rows.append(self.forward(tokens[-1], position, cache))
            tokens.append(int(rows[-1].argmax()))
        return tokens[1:], numpy.array(rows)

    def halves(self, w: numpy.ndarray) -> numpy.ndarray:
        """Rows of q or k in Hugging Face's order: of each head the even elements, then the odd ones."""
        heads = w.reshape(-1, self.size // 2, 2, w.shape[-1])
        return heads.swapaxes(1, 2).reshape(w.shape)

    def config(self) -> dict:
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": self.dim,
            "intermediate_size": self.inner,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.size,
            "vocab_size": self.vocab,
            "max_position_embeddings": self.context,
            "rms_norm_eps": EPS,
            "rope_parameters": {"rope_theta": THETA, "rope_type": "default"},
            "tie_word_embeddings": self.tied,
            "bos_token_id": BEGIN,
            "eos_token_id": [BEGIN, END],  # it was trained on stories that follow each other after <s>
        }

    def tensors(self) -> dict[str, torch.Tensor]:
        all = {"model.embed_tokens.weight": self.embedding, "model.norm.weight": self.norm}
        for i in range(self.layers):
            layer = {
                "input_layernorm": self.attention_norm[i],
                "self_attn.q_proj": self.halves(self.q[i]),
                "self_attn.k_proj": self.halves(self.k[i]),
                "self_attn.v_proj": self.v[i],
                "self_attn.o_proj": self.o[i],
                "post_attention_layernorm": self.ffn_norm[i],
                "mlp.gate_proj": self.gate[i],
                "mlp.up_proj": self.up[i],
                "mlp.down_proj": self.down[i],
            }
            all |= {f"model.layers.{i}.{name}.weight": w for name, w in layer.items()}
        if not self.tied:
            all["lm_head.weight"] = self.head
        return {name: torch.from_numpy(w.copy()) for name, w in all.items()}


class Words:
    """A tokenizer's .bin file: the longest length, then a score, a length and the bytes of each token."""

    def __init__(self, path: Path, vocab: int):
        data, at = path.read_bytes(), 4
        self.texts, self.scores = [], []
        for _ in range(vocab):
            score, length = struct.unpack_from("<fi", data, at)
            self.texts.append(data[at + 8 : at + 8 + length].decode())
            self.scores.append(score)
            at += 8 + length
        assert at == len(data), f"{path}: {len(data) - at} bytes too many for {vocab} tokens"
        # The ids of texts. Special tokens and bytes are no texts, though they are written as some.
        self.ids = {t: i for i, t in enumerate(self.texts) if i >= BYTES + 256}

    def encode(self, text: str) -> list[int]:
        """As llama2.c does: characters, or bytes where there is no such character, then of all neighbours
        that are a token together those with the best score become one, until there are none."""
        ids = []
        for c in " " + text if text else "":
            ids += [self.ids[c]] if c in self.ids else [BYTES + b for b in c.encode()]
        text_of = lambda i: self.texts[i] if i >= BYTES + 256 else None
        while True:
            pairs = [(text_of(a), text_of(b)) for a, b in pairwise(ids)]
            joined = [self.ids.get(a + b) if a is not None and b is not None else None for a, b in pairs]
            found = [i for i, j in enumerate(joined) if j is not None]
            if not found:
                return ids
            best = max(found, key=lambda i: (self.scores[joined[i]], -i))
            ids[best : best + 2] = [joined[best]]

    def tokenizer(self) -> dict:
        """tokenizer.json: the same as byte-pair encoding with a list of merges, best score first."""
        piece = lambda text: text.replace(" ", "▁")
        vocab = {"<unk>": UNKNOWN, "<s>": BEGIN, "</s>": END}
        vocab |= {f"<0x{b:02X}>": BYTES + b for b in range(256)}
        vocab |= {piece(t): i for t, i in self.ids.items()}
        merges = []
        for text, i in sorted(self.ids.items(), key=lambda item: (-self.scores[item[1]], item[1])):
            halves = ((text[:n], text[n:]) for n in range(1, len(text)))
            merges += [[piece(a), piece(b)] for a, b in halves if a in self.ids and b in self.ids]
        special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        replace = lambda a, b: {"type": "Replace", "pattern": {"String": a}, "content": b}
        return {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [{"id": i, "content": t} | special for t, i in list(vocab.items())[:BYTES]],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [{"type": "Prepend", "prepend": "▁"}, replace(" ", "▁")],
            },
            "pre_tokenizer": None,
            "post_processor": None,
            "decoder": {
                "type": "Sequence",
                "decoders": [
                    replace("▁", " "),
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
                ],
            },
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": "<unk>",
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": True,
                "byte_fallback": True,
                "ignore_merges": False,
                "vocab": vocab,
                "merges": merges,
            },
        }


def story(model: Model, words: Words, folder: Path) -> dict:
    """What tests/parity.rs expects of the folder, once everything here agrees on it."""
    tokens, logits = agreed(folder, [BEGIN], STEPS)
    ours, rows = model.story(STEPS)
    assert ours == tokens, "the converted model tells another story"
    worst = numpy.abs(rows - logits.numpy()).max()
    assert worst < 1e-9, f"the converted model's logits differ by {worst}"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = tokenizer.decode(tokens)
    for sample in (text, "Ünï → 猫 \n\t🙂", "aaaa  bb ", ""):
        ids = words.encode(sample)
        assert tokenizer.encode(sample, add_special_tokens=False).ids == ids, f"{sample!r} becomes other tokens"
        assert tokenizer.decode(ids) == sample
    print(f"numpy and PyTorch agree on {STEPS} tokens, logits within {worst:.1e}\n{text}")
    return expectation([BEGIN], tokens, logits, rows=4) | {"text": text, "encoded": words.encode(text)}


if __name__ == "__main__":
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("model", type=Path)
    args.add_argument("tokenizer", type=Path)
    args.add_argument("folder", type=Path)
    args.add_argument("--story", type=Path)
    args.add_argument("--license", default="MIT", help="SPDX expression of the weights' licence")
    args = args.parse_args()
    model = Model(args.model)
    words = Words(args.tokenizer, model.vocab)
    args.folder.mkdir(parents=True, exist_ok=True)
    write_json(args.folder / "config.json", model.config())
    write_json(args.folder / "tokenizer.json", words.tokenizer())
    write_weights(args.folder, model.tensors())
    write_manifest(args.folder, args.model.stem, args.license)
    if args.story:
        write_json(args.story, story(model, words, args.folder), indent=None)
