"""Writes copies with a checkpoint, for a first look; the engine's own `cargo xtask evaluate` measures."""

import argparse
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer

from .batches import lines
from .brief import END, prompt, shown
from .export import load
from .model import causal


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, default=Path("target/train/run"))
    parser.add_argument("--data", type=Path, default=Path("target/train/data"))
    parser.add_argument("--count", type=int, default=12, help="copies, of validation products")
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)


@torch.no_grad()
def write(model, tokenizer: Tokenizer, product: dict, copy: dict, temperature: float, most: int = 220) -> str:
    tokens = tokenizer.encode(prompt(product, copy)).ids
    end, written = tokenizer.token_to_id(END), []
    while len(written) < most and (not written or written[-1] != end):
        ids = torch.tensor([tokens + written])
        logits = model.logits(model(ids, causal(ids.shape[1])))[0, -1]
        if temperature > 0:
            written.append(int(torch.multinomial(torch.softmax(logits / temperature, -1), 1)))
        else:
            written.append(int(logits.argmax()))
    return shown(tokenizer.decode(written, skip_special_tokens=False))


def main(args: argparse.Namespace) -> None:
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    model, tokenizer = load(args.run), Tokenizer.from_file(str(args.data / "tokenizer.json"))
    pairs = [(p, c) for p in lines(args.data / "validation.jsonl") for c in p["copies"]]
    for product, copy in random.Random(args.seed).sample(pairs, min(args.count, len(pairs))):
        print(prompt(product, copy))
        print("->", write(model, tokenizer, product, copy, args.temperature), "\n")
