"""Byte-level BPE with single digits: any text can be read and written, and a number is copied digit by digit."""

import argparse
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .brief import BRIEF, COPY, SPECIAL, answer, products, prompt


def train(texts: list[str], size: int) -> Tokenizer:
    """A tokenizer of `size` tokens; the marks of a brief are its first three. llama.cpp calls its cuts "smollm"."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator((t.replace(BRIEF, "").replace(COPY, "\n") for t in texts), trainer)
    return tokenizer


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, required=True, help="folder of products as JSON lines")
    parser.add_argument("--vocabulary", type=int, default=4096, help="tokens")
    parser.add_argument("--out", type=Path, default=Path("tokenizer.json"))


def main(args: argparse.Namespace) -> None:
    texts = [prompt(p, c) + answer(c["text"]) for p in products(args.corpus) for c in p["copies"]]
    train(texts, args.vocabulary).save(str(args.out))
