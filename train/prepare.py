"""Texts become training data: cleaned, without near-duplicates and personal data, split by product, as tokens.

Writes to the data folder: tokenizer.json, general.bin (tokens, uint16), public.jsonl, pieces.jsonl, train.jsonl,
validation.jsonl, words.json (to make names of), prepared.json (what was read and what was left out).
"""

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from . import public, tokenizer
from .brief import END, answer, in_validation, products, prompt
from .clean import Seen, masked, normalised

CORPUS = Path(__file__).parent / "corpus" / "gold"
PIECES = CORPUS.parent / "pieces"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of products as JSON lines")
    parser.add_argument("--pieces", type=Path, default=PIECES, help="folder of products with pieces of sentences for each")
    parser.add_argument("--public", type=Path, help="folder of public sets (train/README.md lists them)")
    parser.add_argument("--data", type=Path, default=Path("target/train/data"), help="folder to write to")
    parser.add_argument("--vocabulary", type=int, default=4096, help="tokens")
    parser.add_argument("--tokenizer", type=Path, help="a tokenizer to keep, so that a run goes on when the corpus has grown")
    parser.add_argument("--books", type=int, default=30_000_000, help="characters of books to take")


def vocabulary(texts: list[str], most: int = 12_000) -> list[str]:
    """Words to make names and phrases of: neither the commonest nor the rarest."""
    counts = Counter(w for t in texts for w in re.findall(r"\b[a-z]{3,9}\b", t))
    return [w for w, n in counts.most_common(most + 150)[150:] if n > 1]


def main(args: argparse.Namespace) -> None:
    args.data.mkdir(parents=True, exist_ok=True)
    gold = products(args.corpus)
    seen, left_out = Seen(), Counter()
    split = {"train": [], "validation": []}
    for product in sorted(gold, key=lambda p: in_validation(p["name"])):
        kept = []
        for copy in product["copies"]:
            # Short copies are alike by nature; of them, only the same ones are duplicates.
            text = normalised(copy["text"])
            if len(text.split()) >= 8 and seen(text):
                left_out["near-duplicate copies"] += 1
            else:
                kept.append(copy | {"text": text})
        part = "validation" if in_validation(product["name"]) else "train"
        split[part].append(product | {"copies": kept})
    texts, briefs, missing = public.read(args.public, args.books) if args.public else ([], [], ["all"])
    seen, general = Seen(), []
    for text in texts:
        text = masked(normalised(text))
        if len(text) < 2000 and seen(text):
            left_out["near-duplicate public texts"] += 1
        else:
            general.append(text)
    briefs = [b | {"text": masked(normalised(b["text"]))} for b in briefs]
    random.Random(2).shuffle(general)
    copies = [prompt(p, c) + answer(c["text"]) for p in split["train"] for c in p["copies"]]
    if args.tokenizer:
        encoder = Tokenizer.from_file(str(args.tokenizer))
    else:
        encoder = tokenizer.train(copies + [b["text"] for b in briefs] + general[:4000], args.vocabulary)
    encoder.save(str(args.data / "tokenizer.json"))
    end = encoder.token_to_id(END)
    tokens = [np.array([*e.ids, end], dtype=np.uint16) for i in range(0, len(general), 512)
              for e in encoder.encode_batch(general[i : i + 512])]  # fmt: skip
    (np.concatenate(tokens) if tokens else np.zeros(0, np.uint16)).tofile(args.data / "general.bin")
    pieces = [p for p in products(args.pieces) if not in_validation(p["name"])]
    for name, rows in (*split.items(), ("public", briefs), ("pieces", pieces)):
        lines = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
        (args.data / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    words = vocabulary([c.split("<|copy|>")[1] for c in copies] + [b["text"] for b in briefs] + general)
    (args.data / "words.json").write_text(json.dumps(words), encoding="utf-8")
    report = {
        "products": {k: len(v) for k, v in split.items()},
        "copies": {k: sum(len(p["copies"]) for p in v) for k, v in split.items()},
        "products with pieces": len(pieces), "public products": len(briefs), "general texts": len(general),
        "general tokens": sum(map(len, tokens)), "left out": dict(left_out), "public sets not found": missing,
    }  # fmt: skip
    (args.data / "prepared.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))
