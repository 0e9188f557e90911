"""What the model reads at each step: a mixture that moves from English and looking things up to copy."""

import json
import random
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from .augment import Augment
from .brief import about, answer, asked, records
from .compose import Composer
from .model import causal
from .synthetic import Synthetic, description
from .words import Names

IGNORED = -100
# Shares of rows at the beginning and at the end of training; between them they move with the square of the progress. There
# are few copies and half of their rows counts, so they are kept for the end: read 15 times over, they are learnt by heart.
MIXTURE = {"general": (0.48, 0.005), "public": (0.15, 0.005), "synthetic": (0.25, 0.06), "gold": (0.08, 0.01), "plain": (0.02, 0.01),
           "composed": (0.02, 0.91)}  # fmt: skip
# Copies of a product that are read together at most.
MOST = 8


class Batches:
    def __init__(self, data: Path, rows: int, length: int, seed: int):
        self.tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))
        self.rows, self.length, self.rng = rows, length, random.Random(seed)
        self.general = np.fromfile(data / "general.bin", dtype=np.uint16)
        products = records(data / "train.jsonl")
        self.public = records(data / "public.jsonl")
        self.products = products
        # What says things simply, and all of them, has a share of its own.
        self.kinds = {kind: [p for p in products if (p.get("style") == "plain") == (kind == "plain")] for kind in ("gold", "plain")}
        names = Names(json.loads((data / "words.json").read_text(encoding="utf-8")))
        self.augment = Augment(products, names)
        pieces = records(data / "pieces.jsonl")
        self.composer = Composer(pieces, self.augment) if pieces else None
        self.synthetic = Synthetic(names, [f for p in products for f in p["features"]])
        self.order: dict[str, list[tuple[int, list[int]]]] = {kind: [] for kind in self.kinds}

    def copies(self, kind: str) -> tuple[dict, list[dict]]:
        """Every copy of a kind once, in random order and together with others of its product, before any comes again."""
        products, order = self.kinds[kind], self.order[kind]
        if not order:
            for i, product in enumerate(products):
                copies = self.rng.sample(range(len(product["copies"])), len(product["copies"]))
                order += [(i, copies[at : at + MOST]) for at in range(0, len(copies), MOST)]
            self.rng.shuffle(order)
        i, chosen = order.pop()
        product = products[i]
        copies = [product["copies"][j] for j in chosen]
        return self.augment(self.rng, product, copies) if self.rng.random() < 0.9 else (product, copies)

    def texts(self, kind: str) -> tuple[list[int], list[tuple[list[int], list[int]]]]:
        """Tokens of a product, and of each of its copies those that are only read and those to be written."""
        if kind == "synthetic":
            product, copies = self.synthetic(self.rng)
        elif kind == "composed":
            product, copies = self.composer(self.rng, 4)
        elif kind == "public":
            product, copies = description(self.rng, self.rng.choice(self.public))
        else:
            product, copies = self.copies(kind)
        tokens = self.tokenizer.encode_batch([about(product), *map(asked, copies), *(answer(c["text"]) for c in copies)])
        first, *rest = (t.ids for t in tokens)
        return first, list(zip(rest[: len(copies)], rest[len(copies) :]))

    def row(self, kind: str, row: "Row") -> None:
        """Fills one row with products of a kind and as many of their copies as fit."""
        if kind == "general":
            start = self.rng.randrange(len(self.general) - self.length - 1)
            piece = torch.from_numpy(self.general[start : start + self.length + 1].astype(np.int64))
            row.ids[:], row.targets[:], row.positions[:] = piece[:-1], piece[1:], torch.arange(self.length)
            return
        for _ in range(4):
            if self.length - row.at < 90:
                break
            row.product(*self.texts(kind))

    def next(self, progress: float):
        """ids, positions, mask, targets [rows, length] for a share `progress` of the whole training."""
        shape = (self.rows, self.length)
        ids, positions, texts, blocks = (torch.zeros(shape, dtype=torch.long) for _ in range(4))
        targets = torch.full(shape, IGNORED)
        kinds = {k: a + (b - a) * progress**2 for k, (a, b) in MIXTURE.items()}
        if len(self.general) <= self.length + 1:
            kinds.pop("general")
        for kind, some in (("public", self.public), ("composed", self.composer), *self.kinds.items()):
            if not some:
                kinds.pop(kind)
        for i, kind in enumerate(self.rng.choices(list(kinds), list(kinds.values()), k=self.rows)):
            self.row(kind, Row(ids[i], positions[i], targets[i], texts[i], blocks[i]))
        return ids, positions, causal(self.length, texts, blocks), targets


class Row:
    """One row as it is filled: each copy continues its product's tokens, wherever it stands."""

    def __init__(self, ids, positions, targets, texts, blocks):
        self.ids, self.positions, self.targets, self.texts, self.blocks = ids, positions, targets, texts, blocks
        self.at, self.number = 0, 0

    def product(self, about: list[int], copies: list[tuple[list[int], list[int]]]) -> None:
        """A product and as many of its copies as there is room for; nothing where there is none for one. What is longer
        than a whole row is cut."""
        block, room = self.number + 1, len(self.ids) - self.at - len(about)
        fitting = [c for c in copies if len(c[0]) + len(c[1]) - 1 <= room]
        if not fitting:
            if self.at:
                return
            fitting = copies[:1]
        self.put(about, block, block, 0)
        for read, written in fitting:
            if self.at > len(about) and len(read) + len(written) - 1 > len(self.ids) - self.at:
                continue
            start, self.number = self.at, self.number + 1
            tokens = read + written
            # The last token is only a target.
            self.put(tokens[:-1], self.number + 1, block, len(about))
            wanted = torch.tensor(written)[: max(0, self.at - start - len(read) + 1)]
            self.targets[start + len(read) - 1 : self.at][: len(wanted)] = wanted
        self.number += 1

    def put(self, tokens: list[int], text: int, block: int, position: int) -> None:
        tokens = tokens[: len(self.ids) - self.at]
        to = slice(self.at, self.at + len(tokens))
        self.ids[to], self.texts[to], self.blocks[to] = torch.tensor(tokens, dtype=torch.long), text, block
        self.positions[to] = torch.arange(position, position + len(tokens))
        self.at += len(tokens)
