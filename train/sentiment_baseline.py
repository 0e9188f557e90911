"""Judges the reviews that `cargo xtask evaluate --sentiment FOLDER` judges, by other people's means.

    pip install scikit-learn==1.9.1 vaderSentiment==3.3.2
    python train/sentiment_baseline.py FOLDER

VADER reads all of them. TF-IDF with logistic regression is trained on one source and tested on another, as a shop's posts
are of a source that nobody trained on. Nothing of the reviews is in this repository.
"""

import re
import sys
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from sklearn.pipeline import make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


def lines(path: Path) -> list[str]:
    """The lines of a file whose encoding nobody knows."""
    return path.read_bytes().decode("utf-8", "replace").splitlines()


def products(folder: Path) -> list[tuple[str, str]]:
    """Sentences by the sum of what is said of their aspects."""
    all = []
    for path in sorted(folder.glob("*.txt")):
        for line in lines(path) if path.name != "README.txt" else []:
            aspects, mark, sentence = line.partition("##")
            if mark and sentence.strip():
                total = sum(int(n) for n in re.findall(r"\[\s*([+-]?\d+)\s*\]", aspects))
                label = "positive" if total > 0 else "negative" if total < 0 else "neutral"
                all.append((sentence.strip(), label))
    return all


def pros_and_cons(folder: Path) -> list[tuple[str, str]]:
    """What people list for and against."""
    all = []
    for tag, label in (("Pros", "positive"), ("Cons", "negative")):
        for line in lines(folder / f"pros_cons/Integrated{tag}.txt"):
            if found := re.match(rf"\s*<{tag}>(.*?)</", line):
                all.append((found[1], label))
    return all


def films(folder: Path) -> list[tuple[str, str]]:
    """Sentences on films."""
    kinds = (("pos", "positive"), ("neg", "negative"))
    return [(t, label) for end, label in kinds for t in lines(folder / f"sentence_polarity/rt-polarity.{end}") if t.strip()]


def row(name: str, truth: list[str], said: list[str]) -> None:
    """A row of the table, over the classes that the source has."""
    _, recall, f1, _ = precision_recall_fscore_support(truth, said, labels=sorted(set(truth)), average="macro", zero_division=0)
    print(f"| {name} | {len(truth)} | {accuracy_score(truth, said):.3f} | {recall:.3f} | {f1:.3f} |", flush=True)


def vader(texts: list[str]) -> list[str]:
    """By the thresholds of its authors."""
    judge = SentimentIntensityAnalyzer().polarity_scores
    kind = lambda s: "positive" if s >= 0.05 else "negative" if s <= -0.05 else "neutral"
    return [kind(judge(t)["compound"]) for t in texts]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sources = {
        "product reviews 1": products(folder / "product_reviews_1"),
        "product reviews 2": products(folder / "product_reviews_2"),
        "pros and cons": pros_and_cons(folder),
        "film reviews": films(folder),
    }
    print("| means and source | texts | accuracy | macro-recall | macro-F1 |\n| --- | ---: | ---: | ---: | ---: |")
    for name, texts in sources.items():
        row(f"VADER, {name}", [t[1] for t in texts], vader([t[0] for t in texts]))
    for train, test in (("product reviews 1", "product reviews 2"), ("pros and cons", "film reviews")):
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(max_iter=1000, class_weight="balanced"),
        )
        model.fit([t[0] for t in sources[train]], [t[1] for t in sources[train]])
        texts = sources[test]
        said = model.predict([t[0] for t in texts])
        row(f"TF-IDF + logistic regression, {train} → {test}", [t[1] for t in texts], list(said))
