"""Copywright's folder: safetensors in f16, which Copywright packs into 4 bits on the way to the GPU."""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from shape import CONTEXT, EPS, HEAD, HEADS, HIDDEN, INTERMEDIATE, KV_HEADS, LAYERS, THETA, VOCABULARY

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "intermediate_size": INTERMEDIATE,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": KV_HEADS,
    "head_dim": HEAD,
    "hidden_act": "silu",
    "vocab_size": VOCABULARY,
    "max_position_embeddings": CONTEXT,
    "rms_norm_eps": EPS,
    "rope_theta": THETA,
    "tie_word_embeddings": False,
    "bos_token_id": None,
    "eos_token_id": 0,
}


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write(folder: Path, matrices, norms, tokenizer: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", CONFIG)
    write_json(folder / "tokenizer.json", tokenizer)
    tensors = {name: m.values().astype(np.float16) for name, m in matrices.items()} | norms
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    files = [folder / name for name in ("config.json", "tokenizer.json", "model.safetensors")]
    entry = lambda p: {"path": p.name, "size": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
    head = {"name": "peers", "version": "1", "license": "MIT OR Apache-2.0", "languages": ["en"], "prompt": "none"}
    write_json(folder / "manifest.json", head | {"files": [entry(p) for p in files]})
