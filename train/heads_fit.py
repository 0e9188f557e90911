"""Heads for `heads.py`: how they are found, and what they say."""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from heads_data import Texts
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags

# Words and pairs of words that the file lists: at most so many, each in so many texts.
MOST, LEAST = 6_000, 4
# How large the column is that says whose sentence it is: the larger, the less the penalty holds its weight.
BIAS = 3.0


@dataclass(frozen=True)
class Setting:
    """What validation chooses."""

    # The strength of the penalty.
    penalty: float = 8e-4
    # How much vectors count, what the rules find, and words.
    vectors: float = 1.9
    rules: float = 1.0
    words: float = 2.0
    # Groups that a word must come in: words of one product say nothing of the next.
    spread: int = 4
    # How much sources with two classes count.
    two: float = 0.1
    # How much our own sentences count.
    ours: float = 0.1


@dataclass
class Head:
    """A trained head."""

    weight: torch.Tensor
    bias: torch.Tensor
    vocabulary: dict[str, int]
    grams: torch.Tensor

    def shares(self, of: Texts) -> torch.Tensor:
        """What it gives each class."""
        logits = of.dense @ self.weight.T + self.bias
        if self.vocabulary:
            logits = logits + torch.from_numpy(sparse(of.grams, self.vocabulary) @ self.grams.numpy())
        return logits.softmax(1)


def sparse(all: list[list[str]], vocabulary: dict[str, int]) -> csr_matrix:
    """A row for each text: 1 by the root of their number in the places of its words."""
    starts, places, values = [0], [], []
    for grams in all:
        known = [vocabulary[g] for g in grams if g in vocabulary]
        places += known
        values += [1 / math.sqrt(max(len(known), 1))] * len(known)
        starts.append(len(places))
    return csr_matrix((np.array(values, np.float32), places, starts), (len(all), len(vocabulary)))


def listed(sets: list[Texts], spread: int) -> dict[str, int]:
    """The words that a head may know."""
    counts = Counter(gram for s in sets for grams in s.grams for gram in grams)
    groups: dict[str, set[str]] = {}
    for s in sets:
        for grams, group in zip(s.grams, s.groups, strict=True):
            for gram in grams:
                groups.setdefault(gram, set()).add(group)
    many = [(-n, gram) for gram, n in counts.items() if n >= LEAST and len(groups[gram]) >= spread and "\n" not in gram]
    return {gram: i for i, gram in enumerate(sorted(gram for _, gram in sorted(many)[:MOST]))}


def weighted(sets: list[Texts], setting: Setting) -> torch.Tensor:
    """What each text counts: of the sets with three classes each class as much as the others, of our own a part of that; of the others
    each text alike."""

    def each(s: Texts) -> torch.Tensor:
        if s.two:
            return torch.full((len(s.labels),), setting.two)
        counts = sum(torch.bincount(o.labels, minlength=3) for o in sets if (o.two, o.ours) == (False, s.ours)).float()
        return (setting.ours if s.ours else 1) * (counts.sum() / (3 * counts))[s.labels]

    return torch.cat([each(s) for s in sets])


def evened(sets: list[Texts]) -> torch.Tensor:
    """What each text counts: each class as much as the others, and in a class each source."""
    share = [torch.bincount(s.labels, minlength=3) for s in sets]
    sources = sum((n > 0).float() for n in share)
    return torch.cat([(1 / (n.clamp_min(1) * sources.clamp_min(1)))[s.labels] for n, s in zip(share, sets, strict=True)])


def fitted(sets: list[Texts], setting: Setting, weights: torch.Tensor, vocabulary: dict[str, int] | None = None) -> Head:
    """The head that says best what the sets say, by L-BFGS. With a vocabulary it knows those words."""
    vocabulary = listed(sets, setting.spread) if vocabulary is None else vocabulary
    vocabulary = vocabulary if setting.words > 0 else {}
    labels = torch.cat([s.labels for s in sets])
    bars = np.zeros((len(labels), 3), np.float32)
    # Which of two is asked of sources that have only two classes.
    bars[np.concatenate([np.full(len(s.labels), s.two) for s in sets]), 1] = -1e9
    each = (weights / weights.sum()).numpy()
    wide, more = sets[0].vectors.shape[1], sets[0].evidence.shape[1]
    scale = torch.cat([torch.full((wide,), setting.vectors), torch.full((more,), setting.rules)])
    dense = (torch.cat([s.dense for s in sets]) * scale).numpy()
    # A column that no other text has, so that our own sentences may have a bias of their own. The head does without it.
    ours = np.concatenate([np.full(len(s.labels), BIAS * s.ours, np.float32) for s in sets])
    dense = np.concatenate([dense, ours[:, None]], 1)
    words = sparse([g for s in sets for g in s.grams], vocabulary)
    # Rare words say more (inverse document frequency).
    frequent = np.maximum(np.asarray((words > 0).sum(0)).ravel(), 1)
    rare = (0.2 * setting.words * (1 + np.log(len(labels) / frequent))).astype(np.float32)
    words = (words @ diags(rare)).tocsr() if vocabulary else words
    truth, back = np.eye(3, dtype=np.float32)[labels.numpy()], words.T.tocsr()
    width, count = dense.shape[1], len(vocabulary)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        """Cross entropy with the penalty, and its gradient."""
        all = flat.astype(np.float32).reshape(width + 1 + count, 3)
        logits = dense @ all[:width] + all[width] + words @ all[width + 1 :] + bars
        logits -= logits.max(1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(1, keepdims=True)
        wrong = -np.log(np.maximum((shares * truth).sum(1), 1e-12))
        error = each[:, None] * (shares - truth)
        penalised = all.copy()
        penalised[width] = 0
        gradient = np.concatenate([dense.T @ error, error.sum(0, keepdims=True), back @ error])
        total = (each * wrong).sum() + setting.penalty / 2 * np.square(penalised).sum()
        return float(total), (gradient + setting.penalty * penalised).ravel().astype(np.float64)

    found = minimize(loss, np.zeros((width + 1 + count) * 3), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    all = torch.from_numpy(found.x.astype(np.float32).reshape(-1, 3))
    return Head(all[: width - 1].T * scale, all[width], vocabulary, torch.from_numpy(rare)[:, None] * all[width + 1 :])
