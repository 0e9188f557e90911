"""Texts for `heads.py`: what the encoder makes of them, what the rules find, their words and their labels."""

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from fixtures.support import embedded

SENTIMENT = ("negative", "neutral", "positive")
# Sources that have only two of them.
TWO = ("pros-cons", "films")
# The corpus's own.
OURS = "opinions"
# Of the pros and cons one in six.
EVERY = {"pros-cons": 6}


@dataclass
class Texts:
    """Texts of one source. Groups are its products, or its tasks; `two`: it has only two classes; `ours`: it draws the line of what is
    neutral elsewhere than the product reviews do."""

    vectors: torch.Tensor
    evidence: torch.Tensor
    grams: list[list[str]]
    labels: torch.Tensor
    groups: np.ndarray
    two: bool = False
    ours: bool = False

    @property
    def dense(self) -> torch.Tensor:
        """Vectors, and behind them what the rules find."""
        return torch.cat([self.vectors, self.evidence], 1)

    def part(self, chosen: torch.Tensor) -> "Texts":
        """Those where `chosen` is true."""
        at = chosen.nonzero()[:, 0]
        grams = [self.grams[i] for i in at.tolist()]
        return Texts(self.vectors[at], self.evidence[at], grams, self.labels[at], self.groups[at.numpy()], self.two, self.ours)

    def joined(self, other: "Texts") -> "Texts":
        """These and others."""
        both = lambda field: torch.cat([getattr(self, field), getattr(other, field)])
        groups = np.concatenate([self.groups, other.groups])
        return Texts(both("vectors"), both("evidence"), self.grams + other.grams, both("labels"), groups)


def pairs(words: list[str]) -> list[str]:
    """Words and pairs of words, each once."""
    return sorted(set(words) | {" ".join(pair) for pair in pairwise(words)})


class Vectors:
    """What the encoder makes of texts, kept in a file."""

    def __init__(self, encoder: Path, kept: Path):
        self.encoder, self.kept = encoder, kept
        self.known = dict(zip(*self.read(), strict=True)) if kept.exists() else {}

    def read(self) -> tuple[list[str], np.ndarray]:
        """Texts and their rows."""
        with np.load(self.kept) as file:
            return json.loads(file["texts"].tobytes()), file["rows"]

    def make(self, texts: list[str]) -> None:
        """Embeds what is not known yet."""
        new = sorted(set(texts) - self.known.keys(), key=len)
        for at in range(0, len(new), 2_000):
            batch = new[at : at + 2_000]
            self.known |= dict(zip(batch, embedded(self.encoder, batch, 64).numpy().astype(np.float32), strict=True))
            rows = np.stack(list(self.known.values()))
            np.savez(self.kept, texts=np.frombuffer(json.dumps(list(self.known)).encode(), np.uint8), rows=rows)
            print(f"embedded {at + len(batch)} of {len(new)}", flush=True)

    def of(self, texts: list[str]) -> torch.Tensor:
        """A row for each, of length one."""
        self.make(texts)
        rows = torch.from_numpy(np.stack([self.known[t] for t in texts]))
        return rows / rows.norm(dim=1, keepdim=True)


def texts(vectors: Vectors, pieces: list[dict], labels: list[int], groups: list[str], two=False, ours=False) -> Texts:
    """Pieces with their vectors."""
    evidence = torch.tensor([p["evidence"] for p in pieces])
    rows, grams = vectors.of([p["text"] for p in pieces]), [pairs(p["words"]) for p in pieces]
    return Texts(rows, evidence, grams, torch.tensor(labels), np.array(groups), two, ours)


def lines(file: Path) -> dict[str, list[dict]]:
    """By source, what has a word."""
    all: dict[str, list[dict]] = {}
    for line in map(json.loads, file.open(encoding="utf-8")):
        # Only reviews say of which aspects they speak.
        line.setdefault("aspects", [])
        if line["whole"]["text"]:
            all.setdefault(line["source"], []).append(line)
    return all


def reviews(files: list[Path], vectors: Vectors) -> tuple[dict[str, Texts], dict[str, Texts], dict[str, torch.Tensor]]:
    """By source: texts; what is said of aspects; and of those which are in sentences that praise one and blame another."""
    found = {source: all[:: EVERY.get(source, 1)] for file in files for source, all in lines(file).items()}
    pieces = [p for all in found.values() for line in all for p in (line["whole"], *(a["piece"] for a in line["aspects"]))]
    vectors.make([p["text"] for p in pieces if p["text"]])
    whole, aspects, mixed = {}, {}, {}
    for source, all in found.items():
        labels = [SENTIMENT.index(line["label"]) for line in all]
        groups = [line["group"] for line in all]
        whole[source] = texts(vectors, [line["whole"] for line in all], labels, groups, source in TWO, source == OURS)
        said = [(a["piece"], 1 + int(math.copysign(1, a["value"])), line) for line in all for a in line["aspects"]]
        if said:
            aspects[source] = texts(vectors, [s[0] for s in said], [s[1] for s in said], [s[2]["group"] for s in said])
            both = [len({math.copysign(1, a["value"]) for a in line["aspects"]}) > 1 for _, _, line in said]
            mixed[source] = torch.tensor(both)
    return whole, aspects, mixed


def intents(file: Path, vectors: Vectors, classes: tuple[str, ...]) -> tuple[dict[str, Texts], dict[str, list[str]]]:
    """By source: what customers said first, and the same as plain texts."""
    found = lines(file)
    vectors.make([line["whole"]["text"] for all in found.values() for line in all])
    read = lambda all: texts(
        vectors,
        [line["whole"] for line in all],
        [classes.index(line["label"]) for line in all],
        [line["group"] for line in all],
    )
    return {source: read(all) for source, all in found.items()}, {s: [line["text"] for line in all] for s, all in found.items()}
