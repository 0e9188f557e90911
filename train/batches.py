"""What the model reads at each step: a mixture that moves from English and looking things up to copy."""

import json
import random
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from .augment import Augment
from .brief import answer, prompt, records
from .model import causal
from .synthetic import Synthetic, description
from .words import Names

IGNORED = -100
# Shares of rows at the beginning and at the end of training; between them they move in a straight line.
MIXTURE = {"general": (0.40, 0.04), "public": (0.12, 0.02), "synthetic": (0.23, 0.06), "gold": (0.25, 0.88)}


class Batches:
    def __init__(self, data: Path, rows: int, length: int, seed: int):
        self.tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))
        self.rows, self.length, self.rng = rows, length, random.Random(seed)
        self.general = np.fromfile(data / "general.bin", dtype=np.uint16)
        products = records(data / "train.jsonl")
        self.public = records(data / "public.jsonl")
        self.pairs = [(p, c) for p in products for c in p["copies"]]
        names = Names(json.loads((data / "words.json").read_text(encoding="utf-8")))
        self.augment = Augment(products, names)
        self.synthetic = Synthetic(names, [f for p in products for f in p["features"]])
        self.order: list[int] = []

    def gold(self):
        """Every pair once, in random order, before any comes again."""
        if not self.order:
            self.order = self.rng.sample(range(len(self.pairs)), len(self.pairs))
        product, copy = self.pairs[self.order.pop()]
        return self.augment(self.rng, product, copy) if self.rng.random() < 0.9 else (product, copy)

    def text(self, kind: str) -> tuple[list[int], int]:
        """Tokens, and how many of them are only read."""
        make = {"gold": self.gold, "synthetic": lambda: self.synthetic(self.rng)}
        make["public"] = lambda: description(self.rng, self.rng.choice(self.public))
        product, copy = make[kind]()
        before = self.tokenizer.encode(prompt(product, copy)).ids
        return before + self.tokenizer.encode(answer(copy["text"])).ids, len(before)

    def row(self, kind: str, ids, targets, texts) -> None:
        """Fills one row with texts of a kind, as many as fit; the first is cut where it alone is too long."""
        at, number = 0, 0
        if kind == "general":
            start = self.rng.randrange(len(self.general) - self.length - 1)
            piece = torch.from_numpy(self.general[start : start + self.length + 1].astype(np.int64))
            ids[:], targets[:], texts[:] = piece[:-1], piece[1:], 0
            return
        tries = 0
        while tries < 3 and at < self.length - 24:
            tokens, read = self.text(kind)
            if at and at + len(tokens) - 1 > self.length:
                tries += 1
                continue
            tokens = torch.tensor(tokens[: self.length + 1 - at])
            n = len(tokens) - 1
            ids[at : at + n], texts[at : at + n] = tokens[:-1], number
            targets[at + read - 1 : at + n] = tokens[read:]
            at, number = at + n, number + 1
        texts[at:] = number

    def next(self, progress: float):
        """ids, mask, targets [rows, length] for a share `progress` of the whole training."""
        shape = (self.rows, self.length)
        ids, targets, texts = torch.zeros(shape, dtype=torch.long), torch.full(shape, IGNORED), torch.zeros(shape)
        kinds = {k: a + (b - a) * progress for k, (a, b) in MIXTURE.items()}
        if len(self.general) <= self.length + 1:
            kinds.pop("general")
        if not self.public:
            kinds.pop("public")
        for i, kind in enumerate(self.rng.choices(list(kinds), list(kinds.values()), k=self.rows)):
            self.row(kind, ids[i], targets[i], texts[i])
        return ids, causal(self.length, texts), targets
