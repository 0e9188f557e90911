"""Writes copies with a checkpoint, for a first look; the engine's own `cargo xtask evaluate` measures."""

import argparse
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer

from .brief import END, prompt, records, shown
from .export import load
from .model import continued


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, default=Path("target/train/run"))
    parser.add_argument("--data", type=Path, default=Path("target/train/data"))
    parser.add_argument("--count", type=int, default=12, help="copies, of validation products")
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)


def main(args: argparse.Namespace) -> None:
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    model, tokenizer = load(args.run), Tokenizer.from_file(str(args.data / "tokenizer.json"))
    pairs = [(p, c) for p in records(args.data / "validation.jsonl") for c in p["copies"]]
    for product, copy in random.Random(args.seed).sample(pairs, min(args.count, len(pairs))):
        text = prompt(product, copy)
        print(text)
        ids = tokenizer.encode(text).ids
        written = continued(model, ids, tokenizer.token_to_id(END), 220, args.temperature)
        print("->", shown(tokenizer.decode(written, skip_special_tokens=False)), "\n")
