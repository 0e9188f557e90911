"""A product and its copies become many that are as true: other names, prices and orders, carried through both sides.

Where a copy does not let a swap be carried through (a part of the name stands alone in it, a limit would be passed) this
copy is left out; where the product does not, the swap.
"""

import random
import re
from collections import defaultdict

from .brief import LIMITS
from .words import Names

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Hours and days of a month: no other number is one.
WHEN = re.compile(
    r"(?i)\d+(?:[.:]\d+)?(?= ?(?:–|-|to) ?[€£$]?\d| ?[ap]\.?m\b| (?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec))"
    r"|(?<=[–-])\d+(?= [A-Z])|\d\d:\d\d"
)
CURRENCIES = "€£$"
COMMON = set("and are can for its the you about after also always because before being could every first from have into just like made make more most"
             " only other over some such than that their them then there these they this through under very were what when"
             " where which while with without would your yours".split())  # fmt: skip


def stems(text: str) -> set[str]:
    """The beginnings of the words that carry a meaning: enough to tell whether a copy speaks of a feature."""
    words = re.findall(r"[^\W\d_]{3,}|\d+", text.lower())
    return {w[:5] for w in words if w not in COMMON}


def grams(of: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(of[i : i + n]) for i in range(len(of) - n + 1)]


def covers(text: str, feature: str) -> bool:
    wanted = stems(feature)
    return bool(wanted) and len(wanted & stems(text)) * 2 >= len(wanted)


class Augment:
    def __init__(self, products: list[dict], names: Names):
        self.names = names
        self.by_first = defaultdict(list)
        for feature in sorted({f for p in products for f in p["features"]}):
            self.by_first[feature.split()[0].lower()].append(feature)

    def __call__(self, rng: random.Random, product: dict, copies: list[dict]) -> tuple[dict, list[dict]]:
        product = {**product, "features": list(product["features"]), "facts": dict(product.get("facts") or {})}
        copies = [{**c, "context": dict(c.get("context") or {})} for c in copies]
        if rng.random() < 0.75:
            copies = self.rename(rng, product, copies, "name")
        if product.get("brand") and rng.random() < 0.75:
            copies = self.rename(rng, product, copies, "brand")
        if rng.random() < 0.7:
            self.renumber(rng, product, copies)
        if rng.random() < 0.25:
            copies = self.feature(rng, product, copies)
        self.subset(rng, product, copies)
        rng.shuffle(product["features"])
        return product, copies

    def everywhere(self, product: dict, copies: list[dict], change) -> None:
        """Applies `change` to every text of both sides."""
        for key in ("name", "brand", "category", "audience"):
            if product.get(key):
                product[key] = change(product[key])
        product["features"] = [change(f) for f in product["features"]]
        product["facts"] = {k: change(str(v)) for k, v in product["facts"].items()}
        for copy in copies:
            copy["context"] = {k: change(v) for k, v in copy["context"].items()}
            copy["text"] = change(copy["text"])

    def rename(self, rng: random.Random, product: dict, copies: list[dict], key: str) -> list[dict]:
        """Another name or brand; returns the copies that took it, or all with the old one."""
        old, new = product[key], self.names.name(rng)
        if (new[0].lower() in "aeio") != (old[0].lower() in "aeio") or new in (product["name"], product.get("brand")):
            return copies  # "a" and "an" before it would be wrong
        articles = "the|an?|our|your|this|each|every" if new.startswith("The ") else "(?!)"

        def takes(text: str) -> bool:
            if any(re.search(rf"\b{re.escape(w)}\b", text.replace(old, "")) for w in parts(old)):
                return False
            return not re.search(rf"(?i)\b({articles}) {re.escape(old)}", text)

        sides = [*product["features"], *map(str, product["facts"].values())]
        sides += [product.get(k) or "" for k in ("category", "audience", "brand" if key == "name" else "name")]
        if not all(map(takes, sides)):
            return copies

        def carries(copy: dict) -> bool:
            text = copy["text"].replace(old, new)
            return all(map(takes, (copy["text"], *copy["context"].values()))) and fits(text, copy)

        kept = [c for c in copies if carries(c)]
        if not kept:
            return copies
        self.everywhere(product, kept, lambda s: s.replace(old, new))
        return kept

    def renumber(self, rng: random.Random, product: dict, copies: list[dict]) -> None:
        """Other prices, weights and sizes of the same form; small numbers stay, as their nouns' plurals depend on them."""
        stated = NUMBER.findall(" ".join([*map(str, product["facts"].values()), *product["features"]]))
        if not stated:
            return
        kept = set(NUMBER.findall(product["name"] + " " + (product.get("brand") or "")))
        kept |= {n for v in product["facts"].values() for m in WHEN.findall(str(v)) for n in NUMBER.findall(m)}
        swaps = {}
        for number in stated:
            small = re.fullmatch(r"\d|24|7|365|100|1[89]\d\d|20\d\d", number)
            if number not in kept and not small and rng.random() < 0.8:
                swaps.setdefault(number, other(rng, number))
        texts = [t for c in copies for t in (c["text"], *c["context"].values())]
        texts += [product.get("category") or "", product.get("audience") or ""]
        stays = kept | set(stated) | {n for t in texts for n in NUMBER.findall(t)}
        # A new number that meets another would make two facts one.
        if len(set(swaps.values())) < len(swaps) or any(new in stays - {old} for old, new in swaps.items()):
            return
        symbol = rng.choice(CURRENCIES) if rng.random() < 0.3 else None

        def change(s: str) -> str:
            s = NUMBER.sub(lambda m: swaps.get(m[0], m[0]), s)
            return re.sub(rf"[{CURRENCIES}](?=\d)", symbol, s) if symbol else s

        name, brand = product["name"], product.get("brand")
        self.everywhere(product, copies, change)
        product["name"] = name
        if brand:
            product["brand"] = brand

    def feature(self, rng: random.Random, product: dict, copies: list[dict]) -> list[dict]:
        """Another feature that begins with the same word; returns the copies that have it word for word or not at all. Not where an
        article stands before it or more of a sentence behind it: the other one may want another, or be of another number."""
        for i in rng.sample(range(len(product["features"])), len(product["features"])):
            old = product["features"][i]
            others = self.by_first.get(old.split()[0].lower(), ())
            count = [c["text"].lower().count(old.lower()) for c in copies]
            if len(others) < 2 or 1 not in count or " " not in old:
                continue
            new = rng.choice(others)
            if NUMBER.search(new) or NUMBER.search(old) or new in product["features"]:
                continue
            kept, alone = [], re.compile(rf"(?i)(?<!\ba )(?<!\ban )(?<!\bthis )(?<!\bone ){re.escape(old)}(?=[.,;:!?\n]|$)")
            for copy, n in zip(copies, count):
                if n == 1:
                    if not alone.search(copy["text"]):
                        continue
                    at = copy["text"].lower().index(old.lower())
                    put = (new[0].upper() if copy["text"][at].isupper() else new[0]) + new[1:]
                    copy = {**copy, "text": copy["text"][:at] + put + copy["text"][at + len(old) :]}
                if (n == 1 and fits(copy["text"], copy)) or (n == 0 and not covers(copy["text"], old)):
                    kept.append(copy)
            if kept:
                product["features"][i] = new
                return kept
        return copies

    def subset(self, rng: random.Random, product: dict, copies: list[dict]) -> None:
        """Leaves out some of what no copy speaks of, so that what a brief says is mostly said."""
        share = {"product-blurb": 0.85, "meta-description": 0.85, "email-body": 0.7, "social-post": 0.6}
        share["support-reply"] = 0.15
        drop = max(share.get(c["format"], 0.4) for c in copies) if rng.random() < 0.85 else 0.0
        texts = [c["text"] + " " + " ".join(c["context"].values()) for c in copies]
        kept = [f for f in product["features"] if any(covers(t, f) for t in texts) or rng.random() >= drop]
        if len(kept) >= 2 or (kept and rng.random() < 0.3):
            product["features"] = kept
        for key in list(product["facts"]):
            value = str(product["facts"][key])
            used = any(n in t for n in NUMBER.findall(value) for t in texts) or any(covers(t, value) for t in texts)
            if not used and rng.random() < drop * 0.6:
                del product["facts"][key]
        if product.get("audience") and rng.random() < 0.12:
            product["audience"] = None


def fits(text: str, copy: dict) -> bool:
    return len(text) <= LIMITS.get(copy["format"], len(text))


def parts(name: str) -> list[str]:
    """Words of a name that could stand for it alone."""
    words = [w for w in re.findall(r"[\w']+", name) if len(w) > 2 and w.lower() not in ("the", "and")]
    return words if len(words) > 1 or words != [name] else []


def other(rng: random.Random, number: str) -> str:
    """A number of the same form: "1,250" may become "3,840", "2.5" "7.1"."""
    digits = [rng.choice("123456789") if i == 0 else rng.choice("0123456789" if c not in "05" else "005579")
              for i, c in enumerate(number)]  # fmt: skip
    new = "".join(d if c.isdigit() else c for d, c in zip(digits, number))
    return number if number.endswith(("9", "99")) and rng.random() < 0.2 else new
