"""Makes tests/fixtures: tiny random Llamas in Hugging Face's layout, each with the logits and greedy tokens that
PyTorch computes, and the same expectation of the default model.

    python train/fixtures.py [FOLDER]

Every file comes out the same, byte for byte, on every run.
"""

import json
import shutil
import sys
import zlib
from pathlib import Path

import numpy
import torch
from layout import write_json, write_manifest, write_weights
from llama import agreed, expectation, greedy, margins, transformers_model
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parent.parent
STEPS = 64
F32, F16, BF16 = torch.float32, torch.float16, torch.bfloat16


def shape(heads, kv_heads, head_dim, hidden, inner, layers, vocab, context, *, tied=False, eps=1e-5, **rope):
    """A config.json. `rope` replaces the usual place of the rotary base."""
    rope = rope or {"rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"}}
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        "vocab_size": vocab,
        "max_position_embeddings": context,
        "rms_norm_eps": eps,
        "tie_word_embeddings": tied,
        "bos_token_id": None,
        "eos_token_id": None,
    }
    return config | rope


# name: (config, type of the matrices, type of the gains, shards, tokens of the prompt)
# Small contexts make small activations, so that a device which binds just those has to split the tables of
# the first five, and every matrix but o_proj of "split". The long ones make attention share its keys.
FIXTURES = {
    "gqa": (shape(4, 2, 8, 24, 72, 2, 350, 96), F32, F32, 1, 20),
    "tied": (shape(3, 1, 8, 24, 72, 2, 331, 96, tied=True), F32, F32, 1, 9),
    "untied": (shape(3, 3, 8, 24, 72, 3, 320, 96), F32, F32, 1, 31),
    "f16": (shape(4, 2, 8, 24, 72, 2, 602, 96), F16, F16, 1, 17),
    "bf16": (shape(6, 2, 4, 24, 72, 2, 601, 96, tied=True), BF16, BF16, 1, 16),
    "split": (shape(19, 19, 4, 76, 228, 1, 300, 72), F32, F32, 1, 8),
    "mha": (shape(3, 3, 16, 48, 76, 2, 150, 200), F32, F32, 1, 65),
    "head-20": (shape(3, 1, 20, 60, 68, 2, 127, 129), F32, F32, 1, 64),
    "head-64": (shape(3, 1, 64, 36, 48, 2, 161, 512, tied=True), F32, F32, 1, 15),
    "odd-heads": (shape(7, 7, 4, 28, 76, 2, 97, 96, eps=1e-3), F32, F32, 1, 1),
    "long-rope": (
        shape(2, 1, 32, 48, 64, 2, 129, 2048, rope_parameters={"rope_theta": 500000.0, "rope_type": "default"}),
        F32, F32, 1, 300,
    ),
    "older-rope": (
        shape(2, 2, 32, 64, 96, 2, 128, 1024, eps=1e-6, rope_theta=500000.0, rope_scaling=None, torch_dtype="float16"),
        F16, F16, 1, 150,
    ),
    "sharded": (shape(9, 3, 8, 72, 100, 2, 143, 256, tied=True, eps=1e-6), BF16, F32, 3, 40),
    "one-layer": (shape(1, 1, 12, 16, 20, 1, 65, 80, eps=0.01), F16, F32, 1, 5),
}  # fmt: skip


def weights(config: dict, matrix: torch.dtype, gain: torch.dtype, rng: numpy.random.RandomState) -> dict:
    """Uniform numbers, from a generator that numpy has frozen. Scores and residuals come out near 1, so that
    attention chooses and every layer counts."""
    d, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    q, kv = (config[n] * config["head_dim"] for n in ("num_attention_heads", "num_key_value_heads"))

    def rows(count, cols, deviation):
        bound = deviation * 3**0.5
        return torch.from_numpy(rng.uniform(-bound, bound, (count, cols))).to(matrix)

    def gains():
        return torch.from_numpy(rng.uniform(0.5, 1.5, d)).to(gain)

    all = {"model.embed_tokens.weight": rows(config["vocab_size"], d, 0.3)}
    for i in range(layers):
        layer = {
            "input_layernorm": gains(),
            "self_attn.q_proj": rows(q, d, 1.5 * d**-0.5),
            "self_attn.k_proj": rows(kv, d, 1.5 * d**-0.5),
            "self_attn.v_proj": rows(kv, d, 1.5 * d**-0.5),
            "self_attn.o_proj": rows(d, q, 1.5 * q**-0.5),
            "post_attention_layernorm": gains(),
            "mlp.gate_proj": rows(inner, d, 1.5 * d**-0.5),
            "mlp.up_proj": rows(inner, d, 1.5 * d**-0.5),
            "mlp.down_proj": rows(d, inner, 1.5 * inner**-0.5),
        }
        all |= {f"model.layers.{i}.{name}.weight": t for name, t in layer.items()}
    all["model.norm.weight"] = gains()
    if not config["tie_word_embeddings"]:
        all["lm_head.weight"] = rows(config["vocab_size"], d, d**-0.5)
    return all


def choose_prompt(folder: Path, vocab: int, length: int, rng: numpy.random.RandomState) -> list[int]:
    """Of many random prompts the first whose greedy text is safe from rounding and does not turn in a circle.

    f16 may be off by NMSE 1e-5, that is 0.3 % of the logits' root mean square; a margin of 3 % is ten times that.
    """
    model = transformers_model(folder)
    for _ in range(100):
        prompts = rng.randint(0, vocab, (128, length)).tolist()
        tokens, logits = greedy(model, prompts, STEPS)
        safe = (margins(logits) >= 0.03 * logits.square().mean(-1).sqrt()).all(-1)
        for i in safe.nonzero()[:, 0].tolist():
            if len(set(tokens[i].tolist())) >= min(20, vocab // 4) and len(set(tokens[i, -16:].tolist())) >= 6:
                return prompts[i]
    raise AssertionError(f"{folder.name}: no prompt with a safe margin")


def fixture(folder: Path) -> None:
    config, matrix, gain, shards, length = FIXTURES[folder.name]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = numpy.random.RandomState(zlib.crc32(folder.name.encode()))
    write_json(folder / "config.json", config)
    write_weights(folder, weights(config, matrix, gain, rng), shards)
    write_manifest(folder, f"fixture-{folder.name}", "MIT OR Apache-2.0")
    prompt = choose_prompt(folder, config["vocab_size"], length, rng)
    tokens, logits = agreed(folder, prompt, STEPS)
    expected = expectation(prompt, tokens, logits, rows=4)
    write_json(folder / "expected.json", expected, indent=None)
    print(f"{folder.name}: least margin {expected['margin']}, {len(set(tokens))} different tokens of {STEPS}")


def default_model(path: Path) -> None:
    """The example of the default model, with every logit of the prompt's last position."""
    model = ROOT / "models/default"
    example = json.loads((model / "example.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    prompt = tokenizer.encode(example["prompt"], add_special_tokens=False).ids
    tokens, logits = agreed(model, prompt, len(example["greedy_ids"]))
    assert (prompt, tokens) == (example["prompt_ids"], example["greedy_ids"])
    text = tokenizer.decode(tokens)
    write_json(path, expectation(prompt, tokens, logits, rows=1) | {"text": text}, indent=None)
    print(f"default model: least margin {margins(logits).min().item():.4g}, {text!r}")


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests/fixtures"
    torch.set_num_threads(1)
    for name in FIXTURES:
        fixture(out / name)
    default_model(out / "default-model.json")
