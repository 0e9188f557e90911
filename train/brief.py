"""What a brief looks like to the model (`brief-v2`), and which products nobody may train on.

    <|brief|>name: Lumen Arc
    features: dims with a tap; folds flat
    format: tagline
    tone: plain
    <|copy|> Dims with a tap, folds flat.<|end|>

The product comes first, as it is the same for all its copies: the model reads it once for many of them, in training and
from the engine's cache. Each line of a copy begins with a space, which whoever shows the copy takes away. So a name is the
same tokens at the beginning of a copy as in the brief, and can be looked up there.
"""

import hashlib
import json
import unicodedata
from pathlib import Path

END, BRIEF, COPY = "<|end|>", "<|brief|>", "<|copy|>"
SPECIAL = [END, BRIEF, COPY]
FORMATS = (
    "tagline ad-headline ad-description product-blurb social-post email-subject email-body meta-description push hero"
    " recommendation support-reply blog-intro"
).split()
LIMITS = dict(zip(FORMATS, (60, 30, 90, 420, 280, 50, 700, 155, 150, 180, 240, 420, 700)))
NEEDS_NAME = ("product-blurb", "social-post", "email-body", "meta-description", "hero", "recommendation")


def in_validation(name: str) -> bool:
    """About one product in twenty, by its name alone: the split does not move when the corpus grows."""
    return hashlib.sha256(name.lower().encode()).digest()[0] < 13


def plain(value) -> str:
    return " ".join(str(value).split()).replace("<|", "< |")


def written(lines: list[tuple[str, str | None]]) -> str:
    return "".join(f"{key}: {plain(value)}\n" for key, value in lines if value)


def about(product: dict) -> str:
    """The lines of the product. No token reaches over their end, which is a line break."""
    lines = [(key, product.get(key)) for key in ("name", "brand", "category")]
    lines += [("features", "; ".join(plain(f) for f in product.get("features", ())))]
    lines += [("facts", "; ".join(f"{plain(k)} {plain(v)}" for k, v in product.get("facts", {}).items()))]
    return BRIEF + written([*lines, ("audience", product.get("audience"))])


def asked(copy: dict) -> str:
    """The lines of the copy that is asked for."""
    context = copy.get("context") or {}
    lines = [("format", copy["format"]), ("tone", copy["tone"])]
    if copy["format"] == "recommendation":
        lines += [("interest", context.get("interest"))]
    if copy["format"] == "support-reply":
        lines += [("question", context.get("question"))]
    return written(lines) + COPY


def prompt(product: dict, copy: dict) -> str:
    """The same lines in the same order as the crate's `copy::prompt`."""
    return about(product) + asked(copy)


def answer(text: str) -> str:
    """A copy as the model is to write it."""
    return "\n".join(" " + line.strip() for line in text.strip().split("\n") if line.strip()) + END


def shown(text: str) -> str:
    """What the model wrote, as people see it."""
    return "\n".join(line.strip() for line in text.split(END)[0].split("\n") if line.strip())


def records(file: Path) -> list[dict]:
    """The objects of a file of JSON lines, in Unicode's composed form."""
    text = unicodedata.normalize("NFC", file.read_text(encoding="utf-8"))
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def products(folder: Path) -> list[dict]:
    """All products of a folder of JSON lines."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise SystemExit(f"{folder} has no .jsonl files of products")
    return [product for file in files for product in records(file)]
