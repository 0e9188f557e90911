"""A checkpoint becomes a folder that Copywright loads, and a GGUF file for everything else.

With `--type q8` matrices are stored in blocks of 32 (a half-precision scale and 32 bytes, ggml's Q8_0) inside the
safetensors file: half the bytes of f16. Other readers of safetensors do not know that type; give them f16 or the GGUF.
"""

import argparse
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize
from tokenizers import Tokenizer

from .brief import END, prompt
from .model import Config, Llama, causal, continued

sys.path.insert(0, str(Path(__file__).parent))
import export_gguf  # noqa: E402
from layout import read_weights, write_json, write_manifest, write_weights  # noqa: E402
from llama import nmse, transformers_model  # noqa: E402

EXAMPLE = {
    "name": "Lumen Arc", "category": "desk lamp", "features": ["dims with a tap", "USB-C charging", "folds flat"],
    "facts": {"price": "€49"}, "audience": "students in small flats",
}  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, default=Path("target/train/run"), help="folder of a run of `fit`")
    parser.add_argument("--data", type=Path, default=Path("target/train/data"), help="its data")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--type", choices=("f16", "q8"), default="q8", help="of the matrices")
    parser.add_argument("--gguf", type=Path, help="also write a GGUF file (Q8_0, or F16 with --type f16)")
    parser.add_argument("--name", default="copywright-default")
    parser.add_argument("--version", default="0.6.0")
    parser.add_argument("--license", default="MIT OR Apache-2.0")


def load(run: Path) -> Llama:
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=False)
    model = Llama(Config(**state["config"]))
    model.load_state_dict(state["model"])
    return model.eval()


def write_q8(file: Path, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The safetensors file with Q8_0 blocks; returns the numbers that it stands for."""
    header, body, means, at = {"__metadata__": {"format": "pt"}}, [], {}, 0
    for name, t in tensors.items():
        wide = t.detach().float().numpy()
        if t.ndim == 2:
            blocks, dtype = quantize(wide, Type.Q8_0), "Q8_0"
            means[name] = torch.from_numpy(dequantize(blocks, Type.Q8_0).reshape(wide.shape).copy())
        else:
            blocks, dtype = wide.astype(np.float32), "F32"
            means[name] = t.detach().float()
        data = blocks.tobytes()
        header[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [at, at + len(data)]}
        body.append(data)
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(body))
    return means


@torch.no_grad()
def example(model: Llama, tokenizer: Tokenizer) -> dict:
    """What the weights as stored make of a brief, for whoever wants to compare."""
    text = prompt(EXAMPLE, {"format": "tagline", "tone": "plain"})
    ids = tokenizer.encode(text).ids
    logits = model.logits(model(torch.tensor([ids]), causal(len(ids))))[0, -1]
    written = continued(model, ids, tokenizer.token_to_id(END), 60)
    return {
        "prompt": text, "prompt_ids": ids, "greedy_ids": written, "greedy_text": tokenizer.decode(written),
        "last_logits_first8": [round(v, 6) for v in logits[:8].tolist()],
        "note": "the stored weights, computed in f32 by PyTorch",
    }  # fmt: skip


@torch.no_grad()
def agrees(folder: Path, model: Llama) -> None:
    """transformers' own Llama must compute the same from what was stored."""
    ids = torch.arange(0, 240)[None] * 7 % model.c.vocabulary
    other = transformers_model(folder)
    names = set(read_weights(folder)) ^ set(other.state_dict())
    assert names <= {"lm_head.weight"}, f"of one model only: {names}"
    error = nmse(model.logits(model(ids, causal(240))), other(ids).logits)
    assert error < 1e-9, f"transformers computes something else: NMSE {error:.2e}"
    print(f"transformers agrees: NMSE {error:.1e}")


def main(args: argparse.Namespace) -> None:
    args.out.mkdir(parents=True, exist_ok=True)
    model = load(args.run)
    tokenizer = Tokenizer.from_file(str(args.data / "tokenizer.json"))
    tensors = {k: v.contiguous() for k, v in model.state_dict().items()}
    if args.type == "q8":
        means = write_q8(args.out / "model.safetensors", tensors)
    else:
        halves = {k: v.half() for k, v in tensors.items()}
        write_weights(args.out, halves)
        means = {k: v.float() for k, v in halves.items()}
    write_json(args.out / "config.json", model.c.hugging_face())
    write_json(args.out / "generation_config.json", {"do_sample": True, "temperature": 0.7, "eos_token_id": 0})
    write_json(args.out / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": END,
                                                    "model_max_length": model.c.context})  # fmt: skip
    (args.out / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    model.load_state_dict(means)
    agrees(args.out, model)
    write_json(args.out / "example.json", example(model, tokenizer))
    files = ("config.json", "tokenizer.json", "model.safetensors")
    write_manifest(args.out, args.name, args.license, version=args.version, prompt="brief-v2", files=files)
    total = sum((args.out / f).stat().st_size for f in files)
    print(f"{args.out}: {total:,} bytes")
    if args.gguf:
        kind = Type.Q8_0 if args.type == "q8" else Type.F16
        about = json.loads((args.out / "config.json").read_text())
        args.gguf.parent.mkdir(parents=True, exist_ok=True)
        export_gguf.write(args.gguf, about, means, kind, args.name, export_gguf.byte_level(args.out, about),
                          license=args.license)  # fmt: skip
        print(f"{args.gguf}: {args.gguf.stat().st_size:,} bytes")
