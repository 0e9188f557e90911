"""Trains the heads of `models/heads`: sentiment, aspects and intents, on the vectors of an encoder that stays as it is.

    python train/minilm.py target/minilm-4 --layers 4
    cargo xtask evaluate --sentiment REVIEWS --texts target/heads/texts.jsonl
    cargo xtask evaluate --pieces train/corpus/opinions.jsonl --texts target/heads/opinions.jsonl
    python train/intents.py FOLDER target/heads/intents.raw.jsonl
    cargo xtask evaluate --pieces target/heads/intents.raw.jsonl --texts target/heads/intents.jsonl
    python train/heads.py target/minilm-4 target/heads --to models/heads/minilm-l6-v2-layers-4.safetensors

REVIEWS has NLTK's reviews (CC BY 4.0): product reviews 1 and 2, pros and cons (Bing Liu), sentence polarity (Bo Pang and Lillian
Lee); `intents.py` says what FOLDER has. Nothing of them is in this repository. Vectors are kept beside the texts: a second run is
quick.

Sentiment and aspects are trained without product reviews 2, on which they are tested; everything is chosen without them, too
(--choose products-1): by the products of reviews 1, each of which is left out in turn. --cross leaves out each source in turn, those of
the intents as well, and is slower.

`opinions` are the corpus's own sentences (train/corpus). They draw the line of what is neutral elsewhere, so in training they have a
bias of their own.

Sources without neutral texts say only which of two classes a text is: their loss is that of the two, so that the head learns from
them what praise is, and from the product reviews alone what is neither.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from heads_data import SENTIMENT, Texts, Vectors, intents, reviews
from heads_fit import Head, Setting, evened, fitted, weighted
from intents import CLASSES as INTENTS
from safetensors.numpy import save
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

TRAINED = ("products-1", "opinions", "pros-cons", "films")
# Vectors alone, and little of them: three sources of three kinds are few. By --cross of the intents.
WANTED = Setting(penalty=7e-3, vectors=1.0, rules=0.0, words=0.0)
TABLE = "| texts | number | accuracy | macro-recall | macro-F1 |\n| --- | ---: | ---: | ---: | ---: |"


def measured(truth: torch.Tensor, said: torch.Tensor) -> tuple[float, float, float]:
    """Accuracy, macro-recall and macro-F1 over the classes that there are."""
    recalls, scores = [], []
    for c in truth.unique():
        hits = ((truth == c) & (said == c)).sum().item()
        recalls.append(hits / (truth == c).sum().item())
        scores.append(2 * hits / ((truth == c).sum() + (said == c).sum()).item())
    return (truth == said).float().mean().item(), float(np.mean(recalls)), float(np.mean(scores))


def row(name: str, truth: torch.Tensor, said: torch.Tensor) -> None:
    """A row of a table."""
    print(f"| {name} | {len(truth)} | " + " | ".join(f"{v:.3f}" for v in measured(truth, said)) + " |", flush=True)


def most(truth: torch.Tensor) -> torch.Tensor:
    """The class that most have, for all."""
    return torch.full_like(truth, int(truth.mode().values))


def lexicon(of: Texts) -> torch.Tensor:
    """The rules' judgment, by their threshold."""
    return 1 + (of.evidence[:, 0] >= 0.1).long() - (of.evidence[:, 0] <= -0.1).long()


def neutral(of: Texts) -> Texts:
    """The texts that neither praise nor blame."""
    return of.part(of.labels == 1)


def opinion(sets: list[Texts], setting: Setting, vocabulary: dict[str, int] | None = None) -> Head:
    """A head of three classes, from sources with three and with two."""
    return fitted(sets, setting, weighted(sets, setting), vocabulary)


def score(setting: Setting, base: Texts, others: list[Texts]) -> float:
    """Macro-F1 on each product that is left out: the mean."""
    scores = []
    for product in sorted(set(base.groups)):
        out = torch.from_numpy(base.groups == product)
        test = base.part(out)
        head = opinion([base.part(~out), *others], setting)
        scores.append(measured(test.labels, head.shares(test).argmax(1))[2])
    print(f"{setting}: macro-F1 {np.mean(scores):.4f} ({' '.join(f'{s:.3f}' for s in scores)})", flush=True)
    return float(np.mean(scores))


def chosen(sets: dict[str, Texts], by: str) -> Setting:
    """The best of some settings by the products of one source, which is not the test."""
    base, others = sets[by], [sets[n] for n in TRAINED[1:]]
    best, value = Setting(), score(Setting(), base, others)
    for field, values in (
        ("spread", (1, 2, 3)),
        ("words", (0.0, 1.0, 3.0)),
        ("two", (0.03, 0.3)),
        ("ours", (0.0, 0.03, 0.3)),
        ("penalty", (4e-4, 1.6e-3)),
    ):
        for v in values:
            other = replace(best, **{field: v})
            if (found := score(other, base, others)) > value:
                best, value = other, found
    return best


def sentiment(sets: dict[str, Texts], setting: Setting, cross: bool) -> Head:
    """The head of sentiment, and its table."""
    head = opinion([sets[n] for n in TRAINED], setting)
    print(f"{setting}\n\nSentiment, trained on {', '.join(TRAINED)}\n\n{TABLE}")
    test = sets["products-2"]
    row("products-2, majority", test.labels, most(test.labels))
    row("products-2, rules", test.labels, lexicon(test))
    row("products-2, head", test.labels, head.shares(test).argmax(1))
    for left in sets if cross else ():
        other = opinion([s for n, s in sets.items() if n != left], setting)
        shares = other.shares(sets[left])
        row(f"{left}, trained on the others", sets[left].labels, shares.argmax(1))
        if sets[left].two:
            row(f"{left}, the same, of two classes", sets[left].labels, shares[:, ::2].argmax(1) * 2)
    return head


def aspect(
    sets: dict[str, Texts], aspects: dict[str, Texts], mixed: dict[str, torch.Tensor], setting: Setting, head: Head
) -> Head:
    """The head of clauses that speak of an aspect, and of sentences that speak of none; and its table."""
    trained = [aspects["products-1"].joined(neutral(sets["products-1"])), sets["pros-cons"], sets["films"]]
    own = opinion(trained, setting, head.vocabulary)
    test, both = aspects["products-2"], mixed["products-2"]
    parts = {
        "and sentences that speak of none": test.joined(neutral(sets["products-2"])),
        "alone": test,
        "alone, of mixed sentences": test.part(both),
    }
    print(f"\nAspects: clauses that speak of one\n\n{TABLE}")
    for name, part in parts.items():
        row(f"{name}, rules", part.labels, lexicon(part))
        row(f"{name}, head of sentiment", part.labels, head.shares(part).argmax(1))
        row(f"{name}, head of aspects", part.labels, own.shares(part).argmax(1))
    return own


def wanted(sets: dict[str, Texts], plain: dict[str, list[str]], own: Texts, texts: list[str], cross: bool) -> Head:
    """The head of intents, and its table: on messages of a shop that were written for the test, and with --cross on each source
    that is left out."""
    print(f"\nIntents, {WANTED}\n\n{TABLE}")

    def table(name: str, trained: list[str], test: Texts, of: list[str]) -> Head:
        parts = [sets[n] for n in trained]
        head = fitted(parts, WANTED, evened(parts))
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        rows = words.fit_transform([text for n in trained for text in plain[n]])
        other = LogisticRegression(max_iter=1_000, class_weight="balanced")
        other.fit(rows, torch.cat([s.labels for s in parts]).numpy())
        row(f"{name}, majority", test.labels, most(test.labels))
        row(f"{name}, TF-IDF and logistic regression", test.labels, torch.from_numpy(other.predict(words.transform(of))))
        row(f"{name}, head", test.labels, head.shares(test).argmax(1))
        return head

    for left in sets if cross else ():
        table(f"{left}, trained on the others", [n for n in sets if n != left], sets[left], plain[left])
    return table("a shop's messages, trained on all", list(sets), own, texts)


def write(path: Path, encoder: Path, heads: dict[str, tuple[Head, tuple[str, ...]]]) -> None:
    """The file; `src/insight/heads.rs` reads it."""
    manifest = json.loads((encoder / "manifest.json").read_text())
    weights = hashlib.sha256((encoder / "model.safetensors").read_bytes()).hexdigest()
    vocabulary = next(h.vocabulary for h, _ in heads.values() if h.vocabulary)
    assert all(h.vocabulary in ({}, vocabulary) for h, _ in heads.values())
    tensors = {"vocabulary": np.frombuffer("\n".join(vocabulary).encode(), np.uint8)}
    # Row by row: `save` writes memory as it lies.
    plain = lambda tensor, kind=np.float32: np.ascontiguousarray(tensor.numpy().astype(kind))
    for name, (head, _) in heads.items():
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = plain(head.weight), plain(head.bias)
        if head.vocabulary:
            tensors[f"{name}.grams"] = plain(head.grams, np.float16)
    about = {
        "format": "copywright-heads-1",
        "encoder": manifest["name"],
        "encoder_sha256": weights,
        "width": str(json.loads((encoder / "config.json").read_text())["hidden_size"]),
        "heads": ",".join(heads),
        **{name: ",".join(classes) for name, (_, classes) in heads.items()},
        "license": "MIT OR Apache-2.0",
        "data": "Product Reviews (5 Products) and Pros and Cons by Bing Liu, Sentence Polarity Dataset v1.0 by Bo Pang and Lillian "
        "Lee, from NLTK's data, CC BY 4.0; Taskmaster-4 by Google, CC BY 4.0; STAR by Rasa, MIT; eShopSupport by the .NET "
        "Foundation, MIT",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(tensors, metadata=about))
    print(f"{path}: {path.stat().st_size} bytes, {len(vocabulary)} words and pairs")


def main() -> None:
    """All of it."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("encoder", type=Path)
    args.add_argument("folder", type=Path, help="texts.jsonl, opinions.jsonl and intents.jsonl")
    args.add_argument("--to", type=Path, help="the file to write")
    args.add_argument("--cross", action="store_true", help="each source left out in turn")
    args.add_argument("--choose", metavar="SOURCE", help="choose the setting anew, by products-1 or products-2 alone, and end")
    args = args.parse_args()
    torch.set_num_threads(1)
    files = [args.folder / "texts.jsonl", args.folder / "opinions.jsonl"]
    sets, aspects, mixed = reviews(files, Vectors(args.encoder, args.folder / "texts.npz"))
    if args.choose:
        print(f"best: {chosen(sets, args.choose)}")
        return
    heads = {"sentiment": (sentiment(sets, Setting(), args.cross), SENTIMENT)}
    heads["aspect"] = aspect(sets, aspects, mixed, Setting(), heads["sentiment"][0]), SENTIMENT
    said, plain = intents(args.folder / "intents.jsonl", Vectors(args.encoder, args.folder / "intents.npz"), INTENTS)
    heads["intent"] = wanted(said, plain, said.pop("own"), plain.pop("own"), args.cross), INTENTS
    if args.to:
        write(args.to, args.encoder, heads)


if __name__ == "__main__":
    main()
