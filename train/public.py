"""Public texts, for the English that a few megabytes of copy cannot teach. None of them is in this repository.

`read(folder)` yields texts of the sets that it finds and says which are missing; the model card lists them all.
"""

import lzma
import random
import re
from pathlib import Path

from .brief import records

# Sets of products: which fields hold the name, the category and the description.
BRIEFS = {
    "aws_retail_demo_store": ("name", "style", "description"),
    "azure_contoso_outdoor/products": ("name", "category", "description"),
    "casaos_apps": ("name", "category", "tagline"),
    "cncf_landscape": ("name", None, "description"),
    "dotnet_eshop_catalog": ("Name", "Type", "Description"),
    "dotnet_eshopsupport/products": ("model", "category", "description"),
    "electron_apps_oneliners": ("name", "category", "description"),
    "appstream_appimage": ("name", None, "description"),
    "winget_descriptions": ("name", None, "description"),
    "scoop_oneliners/main": ("name", None, "description"),
    "scoop_oneliners/extras": ("name", None, "description"),
    "chocolatey_descriptions": ("name", None, "summary"),
}
PROSE = {
    "us_gov_18f": "text",
    "us_gov_digitalgov": "text",
    "opensource_guide": "text",
    "azure_contoso_outdoor/manuals": "text",
}
DIALOGUES = {"star_dialogues": "dialogue", "taskmaster": "dialogue", "dotnet_eshopsupport/tickets": "dialogue"}
REVIEWS = ("pros_cons", "sentence_polarity")
# Authors whose English is nearest to today's.
BOOKS = re.compile(r"(?i)^(wodehouse|christie|wells|london|montgomery|nesbit|chesterton|wharton|baum|burnett|burroughs|"
                   r"doyle|shaw|barrie|alger|goldfrap)")  # fmt: skip
MARKDOWN = re.compile(r"(?m)^\s*(#+|[-*>]|\d+\.)\s+|\*\*|__|`+|!\[[^\]]*\]\([^)]*\)|https?://\S+|\[|\]\([^)]*\)|\]")


def path(folder: Path, name: str) -> Path:
    return folder / (f"{name}.jsonl" if "/" in name else f"{name}/{name}.jsonl")


def clean(text: str) -> str:
    return re.sub(r"\n{2,}", "\n", re.sub(r"[ \t]+", " ", MARKDOWN.sub("", text))).strip()


def english(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isascii() for c in letters) >= 0.97 * len(letters)


def read(folder: Path, characters: int) -> tuple[list[str], list[dict], list[str]]:
    """General texts (at most `characters` of books and as much of the rest), products, and the sets not found."""
    texts, briefs, missing = [], [], []
    for name, key in (PROSE | DIALOGUES).items():
        file = path(folder, name)
        if not file.exists():
            missing.append(name)
            continue
        texts += [clean(str(r[key])) for r in records(file) if r.get(key)]
    for name, (title, category, text) in BRIEFS.items():
        file = path(folder, name)
        if not file.exists():
            missing.append(name)
            continue
        for r in records(file):
            body = clean(str(r.get(text) or "")).replace("\n", " ")
            if r.get(title) and english(body) and 20 <= len(body) and len(str(r[title])) <= 40:
                briefs.append({"name": str(r[title]), "category": str(r.get(category) or ""), "text": short(body)})
    for name in REVIEWS:
        for file in sorted((folder / "nltk_reviews" / name).glob("*")):
            if "readme" not in file.name.lower():
                lines = re.sub(r"<[^>]+>", "", file.read_text(encoding="latin-1")).split("\n")
                texts += ["\n".join(lines[i : i + 8]) for i in range(0, len(lines), 8)]
    texts = [t for t in texts if english(t)]
    books = folder / "books" / "books.txt.xz"
    if books.exists():
        texts += chapters(books, characters)
    else:
        missing.append("books")
    return texts, briefs, missing


def short(text: str, most: int = 420) -> str:
    """Whole sentences from the beginning."""
    if len(text) <= most:
        return text
    cut = max(text.rfind(mark, 0, most) for mark in (". ", "! ", "? "))
    return text[: cut + 1] if cut > 40 else text[:most].rsplit(" ", 1)[0]


def chapters(file: Path, characters: int) -> list[str]:
    """Pieces of some paragraphs of the chosen authors' books, in random order."""
    pieces, wanted, piece, size = [], False, [], 0
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("<|book|>"):
                wanted, piece, size = bool(BOOKS.match(line[8:].lstrip("./"))), [], 0
            elif wanted and line.strip():
                piece.append(line.strip())
                size += len(line)
                if size > 1500:
                    pieces.append("\n".join(piece))
                    piece, size = [], 0
    random.Random(1).shuffle(pieces)
    kept, total = [], 0
    for piece in pieces:
        if total >= characters:
            break
        kept.append(piece)
        total += len(piece)
    return kept
