"""Trains the heads of `models/heads`: sentiment and aspects, on the vectors of an encoder that stays as it is.

    python train/minilm.py target/minilm-4 --layers 4
    cargo xtask evaluate --sentiment FOLDER --texts target/heads/texts.jsonl
    python train/heads.py target/minilm-4 target/heads/texts.jsonl --to models/heads/minilm-l6-v2-4.safetensors

FOLDER has NLTK's reviews (CC BY 4.0): product reviews 1 and 2, pros and cons (Bing Liu), sentence polarity (Bo Pang and Lillian
Lee). Nothing of them is in this repository. The file is trained without product reviews 2, on which it is tested; with --cross
each source in turn is left out of the training and tested on. Vectors are kept beside the texts: a second run is quick.

A head is a logistic regression on the vector, on what the rules find, and on words and pairs of words that are frequent enough.
Sources without neutral texts say only which of two classes a text is: their loss is that of the two, so that the head learns from
them what praise is, and from the product reviews alone what is neither.
"""

import argparse
import hashlib
import json
import math
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from fixtures.support import embedded
from safetensors.numpy import save
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags

CLASSES = ("negative", "neutral", "positive")
# Sources that have only two of them.
TWO = ("pros-cons", "films")
TRAINED = ("products-1", "pros-cons", "films")
# Of the pros and cons one in six.
EVERY = {"pros-cons": 6}
# Words and pairs of words that the file lists: at most so many, each in so many texts.
MOST, LEAST = 6_000, 4


@dataclass(frozen=True)
class Setting:
    """What validation chooses: the strength of the penalty and of words against vectors, how much sources with two classes
    count, and how far a rare class counts as much as a frequent one (1: wholly)."""

    penalty: float = 8e-4
    words: float = 2.0
    two: float = 0.1
    balance: float = 1.0


@dataclass
class Texts:
    """Texts of one source."""

    vectors: torch.Tensor
    evidence: torch.Tensor
    grams: list[list[str]]
    labels: torch.Tensor
    two: bool

    def part(self, chosen: torch.Tensor) -> "Texts":
        """Some of them."""
        grams = [self.grams[i] for i in chosen.tolist()]
        return Texts(self.vectors[chosen], self.evidence[chosen], grams, self.labels[chosen], self.two)


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

    def of(self, texts: list[str]) -> torch.Tensor:
        """A row for each, of length one."""
        new = sorted(set(texts) - self.known.keys(), key=len)
        for at in range(0, len(new), 2_000):
            batch = new[at : at + 2_000]
            self.known |= dict(zip(batch, embedded(self.encoder, batch, 64).numpy().astype(np.float32), strict=True))
            rows = np.stack(list(self.known.values()))
            np.savez(self.kept, texts=np.frombuffer(json.dumps(list(self.known)).encode(), np.uint8), rows=rows)
            print(f"embedded {at + len(batch)} of {len(new)}", flush=True)
        rows = torch.from_numpy(np.stack([self.known[t] for t in texts]))
        return rows / rows.norm(dim=1, keepdim=True)


def texts(vectors: Vectors, pieces: list[dict], labels: list[int], two: bool) -> Texts:
    """Pieces with their vectors."""
    evidence = torch.tensor([p["evidence"] for p in pieces])
    return Texts(
        vectors.of([p["text"] for p in pieces]), evidence, [pairs(p["words"]) for p in pieces], torch.tensor(labels), two
    )


def read(file: Path, vectors: Vectors) -> tuple[dict[str, Texts], dict[str, Texts], dict[str, torch.Tensor]]:
    """By source: texts; what is said of aspects; and of those which are in sentences that praise one and blame another."""
    lines: dict[str, list[dict]] = {}
    for line in map(json.loads, file.open()):
        if line["whole"]["text"]:
            lines.setdefault(line["source"], []).append(line)
    all, aspects, mixed = {}, {}, {}
    for source, found in lines.items():
        found = found[:: EVERY.get(source, 1)]
        labels = [CLASSES.index(line["label"]) for line in found]
        all[source] = texts(vectors, [line["whole"] for line in found], labels, source in TWO)
        if any(line["aspects"] for line in found):
            said = [(a["piece"], 1 + int(math.copysign(1, a["value"])), line) for line in found for a in line["aspects"]]
            aspects[source] = texts(vectors, [s[0] for s in said], [s[1] for s in said], False)
            both = [len({math.copysign(1, a["value"]) for a in line["aspects"]}) > 1 for _, _, line in said]
            mixed[source] = torch.tensor(both)
    return all, aspects, mixed


@dataclass
class Head:
    """A trained head."""

    weight: torch.Tensor
    bias: torch.Tensor
    vocabulary: dict[str, int]
    grams: torch.Tensor

    def shares(self, of: Texts) -> torch.Tensor:
        """What it gives each class."""
        logits = torch.cat([of.vectors, of.evidence], 1) @ self.weight.T + self.bias
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


def listed(sets: list[Texts]) -> dict[str, int]:
    """The words that a head may know."""
    counts = Counter(gram for s in sets for grams in s.grams for gram in grams)
    most = sorted((-n, gram) for gram, n in counts.items() if n >= LEAST and "\n" not in gram)[:MOST]
    return {gram: i for i, gram in enumerate(sorted(gram for _, gram in most))}


def fitted(sets: list[Texts], setting: Setting, vocabulary: dict[str, int] | None = None) -> Head:
    """The head that says best what the sets say. Each class of a set with three weighs as much as the others."""
    vocabulary = listed(sets) if vocabulary is None else vocabulary
    vocabulary = vocabulary if setting.words > 0 else {}
    dense = torch.cat([torch.cat([s.vectors * 1.9, s.evidence], 1) for s in sets])
    labels = torch.cat([s.labels for s in sets])
    mask, weights = torch.zeros(len(labels), 3), torch.ones(len(labels))
    two = torch.cat([torch.full((len(s.labels),), s.two) for s in sets])
    mask[two, 1] = -1e9
    counts = torch.bincount(labels[~two], minlength=3).float()
    weights[~two] = ((counts.sum() / (3 * counts)) ** setting.balance)[labels[~two]]
    weights[two] = setting.two
    words = sparse([g for s in sets for g in s.grams], vocabulary)
    # Rare words say more (inverse document frequency).
    frequent = np.maximum(np.asarray((words > 0).sum(0)).ravel(), 1)
    rare = 0.2 * setting.words * (1 + np.log(len(labels) / frequent))
    words = (words @ diags(rare.astype(np.float32))).tocsr()
    truth, mask = np.eye(3, dtype=np.float32)[labels.numpy()], mask.numpy()
    dense, back = dense.numpy(), words.T.tocsr()
    weights = (weights / weights.sum()).numpy()
    width, count = dense.shape[1], len(vocabulary)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        """Cross entropy with the penalty, and its gradient."""
        all = flat.astype(np.float32).reshape(width + 1 + count, 3)
        logits = dense @ all[:width] + all[width] + words @ all[width + 1 :] + mask
        logits -= logits.max(1, keepdims=True)
        shares = np.exp(logits)
        shares /= shares.sum(1, keepdims=True)
        wrong = -np.log(np.maximum((shares * truth).sum(1), 1e-12))
        error = weights[:, None] * (shares - truth)
        penalised = all.copy()
        penalised[width] = 0
        gradient = np.concatenate([dense.T @ error, error.sum(0, keepdims=True), back @ error])
        total = (weights * wrong).sum() + setting.penalty / 2 * np.square(penalised).sum()
        return float(total), (gradient + setting.penalty * penalised).ravel().astype(np.float64)

    found = minimize(loss, np.zeros((width + 1 + count) * 3), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    all = torch.from_numpy(found.x.astype(np.float32).reshape(-1, 3))
    scale = torch.cat([torch.full((sets[0].vectors.shape[1],), 1.9), torch.ones(sets[0].evidence.shape[1])])
    grams = torch.from_numpy(rare.astype(np.float32))[:, None] * all[width + 1 :]
    return Head(all[:width].T * scale, all[width], vocabulary, grams)


def measured(truth: torch.Tensor, said: torch.Tensor) -> tuple[float, float, float]:
    """Accuracy, macro-recall and macro-F1 over the classes that there are."""
    recalls, scores = [], []
    for c in truth.unique():
        hits = ((truth == c) & (said == c)).sum().item()
        recalls.append(hits / (truth == c).sum().item())
        scores.append(2 * hits / ((truth == c).sum() + (said == c).sum()).item())
    return (truth == said).float().mean().item(), float(np.mean(recalls)), float(np.mean(scores))


def lexicon(of: Texts) -> torch.Tensor:
    """The rules' judgment, by their threshold."""
    return 1 + (of.evidence[:, 0] >= 0.1).long() - (of.evidence[:, 0] <= -0.1).long()


def row(name: str, truth: torch.Tensor, said: torch.Tensor) -> None:
    """A row of a table."""
    print(f"| {name} | {len(truth)} | " + " | ".join(f"{v:.3f}" for v in measured(truth, said)) + " |", flush=True)


def validated(sets: dict[str, Texts], folds: int = 3) -> Setting:
    """The setting with the best macro-F1 on parts of product reviews 1 that it has not seen, one behind the other."""
    base, others = sets["products-1"], [s for n, s in sets.items() if n != "products-1"]
    fold = torch.arange(len(base.labels)) * folds // len(base.labels)
    known: dict[Setting, float] = {}

    def score(setting: Setting) -> float:
        if setting not in known:
            scores = []
            for f in range(folds):
                head = fitted([base.part((fold != f).nonzero()[:, 0]), *others], setting)
                rest = base.part((fold == f).nonzero()[:, 0])
                scores.append(measured(rest.labels, head.shares(rest).argmax(1))[2])
            known[setting] = float(np.mean(scores))
            print(f"{setting}: macro-F1 {known[setting]:.4f}", flush=True)
        return known[setting]

    best = Setting()
    for field, values in (
        ("two", (0.1, 0.3)),
        ("balance", (0.5, 0.75, 1.0)),
        ("words", (0.0, 1.0, 2.0, 3.0)),
        ("penalty", (4e-4, 8e-4, 1.6e-3)),
    ):
        best = max((replace(best, **{field: value}) for value in values), key=score)
    return best


def neutral(of: Texts) -> Texts:
    """The texts that neither praise nor blame."""
    return of.part((of.labels == 1).nonzero()[:, 0])


def joined(a: Texts, b: Texts) -> Texts:
    """Both."""
    both = lambda field: torch.cat([getattr(a, field), getattr(b, field)])
    return Texts(both("vectors"), both("evidence"), a.grams + b.grams, both("labels"), False)


def write(path: Path, encoder: Path, heads: dict[str, Head]) -> None:
    """The file; `src/insight/heads.rs` reads it."""
    manifest = json.loads((encoder / "manifest.json").read_text())
    weights = hashlib.sha256((encoder / "model.safetensors").read_bytes()).hexdigest()
    vocabulary = next(iter(heads.values())).vocabulary
    assert all(h.vocabulary == vocabulary for h in heads.values())
    tensors = {"vocabulary": np.frombuffer("\n".join(vocabulary).encode(), np.uint8)}
    for name, head in heads.items():
        # Row by row: `save` writes memory as it lies.
        tensors[f"{name}.weight"] = np.ascontiguousarray(head.weight.numpy().astype(np.float32))
        tensors[f"{name}.bias"] = head.bias.numpy().astype(np.float32)
        tensors[f"{name}.grams"] = np.ascontiguousarray(head.grams.numpy().astype(np.float16))
    about = {
        "format": "copywright-heads-1",
        "encoder": manifest["name"],
        "encoder_sha256": weights,
        "width": str(tensors["sentiment.weight"].shape[1] - 4),
        "heads": ",".join(heads),
        **{name: ",".join(CLASSES) for name in heads},
        "license": "MIT OR Apache-2.0",
        "data": "Product Reviews (5 Products) and Pros and Cons by Bing Liu, Sentence Polarity Dataset v1.0 by Bo Pang and Lillian "
        "Lee, from NLTK's data; CC BY 4.0",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(tensors, metadata=about))
    print(f"{path}: {path.stat().st_size} bytes, {len(vocabulary)} words and pairs")


def main() -> None:
    """All of it."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("encoder", type=Path)
    args.add_argument("texts", type=Path)
    args.add_argument("--to", type=Path, help="the file to write")
    args.add_argument("--cross", action="store_true", help="each source left out in turn")
    args.add_argument("--search", action="store_true", help="choose the setting anew, by validation on product reviews 1")
    args = args.parse_args()
    torch.manual_seed(0)
    vectors = Vectors(args.encoder, args.texts.with_suffix(".npz"))
    sets, aspects, mixed = read(args.texts, vectors)
    setting = validated({n: sets[n] for n in TRAINED}) if args.search else Setting()
    head = fitted([sets[n] for n in TRAINED], setting)
    table = "| texts | number | accuracy | macro-recall | macro-F1 |\n| --- | ---: | ---: | ---: | ---: |"
    print(f"{setting}\n\nSentiment, trained on {', '.join(TRAINED)}\n\n{table}")
    test = sets["products-2"]
    row("products-2, majority", test.labels, torch.full_like(test.labels, int(test.labels.mode().values)))
    row("products-2, rules", test.labels, lexicon(test))
    row("products-2, head", test.labels, head.shares(test).argmax(1))
    if args.cross:
        for left in sets:
            other = fitted([s for n, s in sets.items() if n != left], setting)
            row(f"{left}, trained on the others", sets[left].labels, other.shares(sets[left]).argmax(1))
    # Clauses of aspects, and sentences that speak of none.
    own = fitted(
        [aspects["products-1"], neutral(sets["products-1"]), sets["pros-cons"], sets["films"]], setting, head.vocabulary
    )
    test, mixed = aspects["products-2"], mixed["products-2"]
    parts = {
        "and sentences that speak of none": joined(test, neutral(sets["products-2"])),
        "alone": test,
        "alone, of mixed sentences": test.part(mixed.nonzero()[:, 0]),
    }
    print(f"\nAspects: clauses that speak of one\n\n{table}")
    for name, part in parts.items():
        row(f"{name}, rules", part.labels, lexicon(part))
        row(f"{name}, head of sentiment", part.labels, head.shares(part).argmax(1))
        row(f"{name}, head of aspects", part.labels, own.shares(part).argmax(1))
    if args.to:
        write(args.to, args.encoder, {"sentiment": head, "aspect": own})


if __name__ == "__main__":
    main()
