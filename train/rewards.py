"""What is good about a drawn text, as far as it can be counted: faithful to its brief, complete, ended, without repeats.

Every part is 0 for a text that has nothing wrong and negative otherwise; the reward is their sum. No reader has marked
anything here, and no text of validation products is read.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from .augment import COMMON, grams, stems
from .brief import LIMITS
from .frames import FRAMES
from .grammar import Grammar
from .judge import judge

# Formats in which features are to be said, and which share of them is enough. Where there is one line, its reader is to be won for the product.
COVER = {"product-blurb": 1.0, "meta-description": 0.8, "email-body": 0.8, "blog-intro": 0.6, "social-post": 0.6, "hero": 0.3,
         "recommendation": 0.4, "ad-description": 0.2, "push": 0.2}  # fmt: skip
# Of the words that carry a meaning, so many should be the brief's.
OWN = 0.8
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
COPIED = 8
# Beginnings of the words that stand in sentences with gaps.
TONED = {w[:5] for w in WORD.findall(json.dumps(FRAMES, ensure_ascii=False).lower())}
WEIGHTS = {"number": 4.0, "misspelt": 1.0, "name": 4.0, "length": 3.0, "lines": 1.0, "ending": 1.0, "markup": 1.0, "features": 3.0,
           "frames": 4.0, "repeats": 2.0, "again": 0.3, "own": 1.5, "strange": 0.5, "copied": 1.0, "short": 1.0}  # fmt: skip


def words(text: str) -> list[str]:
    return [w.replace("’", "'").lower() for w in WORD.findall(text)]


def said(product: dict, copy: dict) -> str:
    """All that a brief says, as one text."""
    fields = [product.get(k) or "" for k in ("name", "brand", "category", "audience")] + list(product["features"])
    fields += [f"{k} {v}" for k, v in (product.get("facts") or {}).items()]
    return "\n".join([*fields, *(copy.get("context") or {}).values()])


class Rewards:
    def __init__(self, products: Iterable[dict]):
        """`products` are those of training: what is known of words, and what must not be copied."""
        known, lengths = Counter(), {}
        self.copied = set()
        for product in products:
            for copy in product["copies"]:
                text = copy["text"]
                known.update(set(words(text)))
                self.copied.update(map(hash, grams(words(text), COPIED)))
                lengths.setdefault(copy["format"], []).append(len(text))
            known.update(set(words(said(product, {}))))
        self.known = {w for w, n in known.items() if n > 1}
        # A text is short when nine of ten that people wrote in its format are longer.
        self.least = {f: sorted(n)[len(n) // 10] for f, n in lengths.items()}

    def parts(self, product: dict, copy: dict, text: str, ended: bool, grammar: Grammar | None = None) -> dict[str, float]:
        """What is wrong with the text, weighted. `grammar` tells what suits the brief, where that is known."""
        format, brief = copy["format"], {**product, **copy}
        wrong: dict[str, float] = dict.fromkeys(judge(text, brief), 1.0)
        if not ended:
            wrong["ending"] = 1.0
        source = said(product, copy)
        have, own = stems(text), stems(source)
        wanted = [stems(f) for f in (grammar.fitting if grammar else product["features"])]
        if format in COVER and wanted:
            share = sum(2 * len(w & have) > len(w) for w in wanted) / len(wanted)
            wrong["features"] = 1 - min(1.0, share / COVER[format])
        inside = words(text)
        if any(self.faults(product, text)):
            wrong["repeats"] = 1.0
        spoken, name = set(words(source)), set(words(product["name"]))
        free = [w for w in inside if w not in name]
        heavy = Counter(w[:5] for w in free if len(w) > 3 and w not in COMMON)
        # What makes a tone ("Psst!") is nobody's claim.
        claimed = [w for w in heavy if w in own or w not in TONED]
        wrong["again"] = min(4, sum(n - 1 for n in heavy.values()) + sum(a == b for a, b in zip(inside, inside[1:])))
        if claimed:
            share = sum(w in own for w in claimed) / len(claimed)
            wrong["own"] = 1 - min(1.0, share / OWN)
        wrong["strange"] = min(3, sum(w not in self.known and w not in spoken and not w.isdigit() for w in inside))
        eights = set(grams(inside, COPIED)) - set(grams(words(source), COPIED))
        if any(hash(g) in self.copied for g in eights):
            wrong["copied"] = 1.0
        if grammar:
            wrong["frames"] = grammar.outside(text)
        else:
            wrong["short"] = max(0.0, 1 - len(text) / max(self.least.get(format, 0), 1))
        return {k: -WEIGHTS[k] * v for k, v in wrong.items() if k in WEIGHTS and v}

    def faults(self, product: dict, text: str) -> Iterator[tuple[int, int]]:
        """Where a text begins to say again what it has said: the first letter of each run of three words and more that
        stands there a second time. Here, and not later, it should have gone another way."""
        names = {g for n in (product["name"], product.get("brand") or "") for g in grams(words(n), 3)}
        found = [(m[0].replace("’", "'").lower(), m.start()) for m in WORD.finditer(text)]
        before, goes_on = set(), False
        for i, three in enumerate(grams([w for w, _ in found], 3)):
            again = three in before and three not in names
            if again and not goes_on:
                yield found[i][1], found[i][1] + 1
            goes_on = again
            before.add(three)


def alike(texts: list[str]) -> list[tuple[float, float]]:
    """For each of some variants the share of the others that begin with the same two words, and of those that have more than half of all pairs of
    neighbouring words in common with it (as the crate's `variants::near`)."""
    said = [words(t) for t in texts]
    pairs, others = [set(grams(w, 2)) for w in said], max(1, len(texts) - 1)

    def shared(of) -> list[float]:
        return [sum(i != j and of(i, j) for j in range(len(said))) / others for i in range(len(said))]

    begins = shared(lambda i, j: said[i][:2] == said[j][:2])
    return list(zip(begins, shared(lambda i, j: 2 * len(pairs[i] & pairs[j]) > len(pairs[i] | pairs[j]))))


def most_tokens(format: str) -> int:
    """Tokens after which a text of the format is stopped: more than any that keeps its limit needs."""
    return min(220, LIMITS.get(format, 300) // 3 + 12)
