"""One pair of brief and copy becomes many that are as true: other names, prices and orders, carried through both sides.

A swap that cannot be carried through (a part of the name stands alone in the copy, a limit would be passed) is left out.
"""

import random
import re
from collections import defaultdict

from .brief import LIMITS
from .words import Names

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CURRENCIES = "€£$"
COMMON = set("and are can for its the you about after also always because before being could every first from have into just like made make more most"
             " only other over some such than that their them then there these they this through under very were what when"
             " where which while with without would your yours".split())  # fmt: skip


def stems(text: str) -> set[str]:
    """The beginnings of the words that carry a meaning: enough to tell whether a copy speaks of a feature."""
    words = re.findall(r"[^\W\d_]{3,}|\d+", text.lower())
    return {w[:5] for w in words if w not in COMMON}


def covers(text: str, feature: str) -> bool:
    wanted = stems(feature)
    return bool(wanted) and len(wanted & stems(text)) * 2 >= len(wanted)


class Augment:
    def __init__(self, products: list[dict], names: Names):
        self.names = names
        self.by_first = defaultdict(list)
        for feature in sorted({f for p in products for f in p["features"]}):
            self.by_first[feature.split()[0].lower()].append(feature)

    def __call__(self, rng: random.Random, product: dict, copy: dict) -> tuple[dict, dict]:
        product = {**product, "features": list(product["features"]), "facts": dict(product.get("facts") or {})}
        copy = {**copy, "context": dict(copy.get("context") or {})}
        if rng.random() < 0.75:
            self.rename(rng, product, copy, "name")
        if product.get("brand") and rng.random() < 0.75:
            self.rename(rng, product, copy, "brand")
        if rng.random() < 0.7:
            self.renumber(rng, product, copy)
        if rng.random() < 0.25:
            self.feature(rng, product, copy)
        self.subset(rng, product, copy)
        rng.shuffle(product["features"])
        return product, copy

    def everywhere(self, product: dict, copy: dict, change) -> None:
        """Applies `change` to every text of both sides."""
        for key in ("name", "brand", "category", "audience"):
            if product.get(key):
                product[key] = change(product[key])
        product["features"] = [change(f) for f in product["features"]]
        product["facts"] = {k: change(str(v)) for k, v in product["facts"].items()}
        copy["context"] = {k: change(v) for k, v in copy["context"].items()}
        copy["text"] = change(copy["text"])

    def rename(self, rng: random.Random, product: dict, copy: dict, key: str) -> None:
        old = product[key]
        sides = [copy["text"], *product["features"], *map(str, product["facts"].values()), *copy["context"].values()]
        sides += [product.get(k) or "" for k in ("category", "audience", "brand" if key == "name" else "name")]
        if any(re.search(rf"\b{re.escape(w)}\b", s.replace(old, "")) for s in sides for w in parts(old)):
            return
        new = self.names.name(rng)
        if (new[0].lower() in "aeio") != (old[0].lower() in "aeio"):
            return  # "a" and "an" before it would be wrong
        if new.startswith("The ") and any(
            re.search(rf"(?i)\b(the|an?|our|your|this|each|every) {re.escape(old)}", s) for s in sides
        ):
            return
        text = copy["text"].replace(old, new)
        if len(text) <= LIMITS.get(copy["format"], len(text)) and new not in (product["name"], product.get("brand")):
            self.everywhere(product, copy, lambda s: s.replace(old, new))

    def renumber(self, rng: random.Random, product: dict, copy: dict) -> None:
        """Other prices, weights and sizes of the same form; small numbers stay, as their nouns' plurals depend on them."""
        if not product["facts"] and not any(NUMBER.search(f) for f in product["features"]):
            return
        kept = set(NUMBER.findall(product["name"] + " " + (product.get("brand") or "")))
        swaps = {}
        for number in NUMBER.findall(" ".join([*map(str, product["facts"].values()), *product["features"]])):
            small = re.fullmatch(r"\d|24|7|365|100|1[89]\d\d|20\d\d", number)
            if number not in kept and not small and rng.random() < 0.8:
                swaps.setdefault(number, other(rng, number))
        if len(set(swaps.values()) | (set(NUMBER.findall(copy["text"])) - set(swaps))) < len(swaps):
            return
        symbol = rng.choice(CURRENCIES) if rng.random() < 0.3 else None

        def change(s: str) -> str:
            s = NUMBER.sub(lambda m: swaps.get(m[0], m[0]), s)
            return re.sub(rf"[{CURRENCIES}](?=\d)", symbol, s) if symbol else s

        name, brand = product["name"], product.get("brand")
        self.everywhere(product, copy, change)
        product["name"] = name
        if brand:
            product["brand"] = brand

    def feature(self, rng: random.Random, product: dict, copy: dict) -> None:
        """Another feature that begins with the same word, where the copy has this one word for word."""
        for i in rng.sample(range(len(product["features"])), len(product["features"])):
            old = product["features"][i]
            others = self.by_first.get(old.split()[0].lower(), ())
            if len(others) < 2 or copy["text"].lower().count(old.lower()) != 1 or " " not in old:
                continue
            new = rng.choice(others)
            if NUMBER.search(new) or NUMBER.search(old):
                continue
            at = copy["text"].lower().index(old.lower())
            first = copy["text"][at]
            put = (first.upper() if first.isupper() else new[0]) + new[1:]
            text = copy["text"][:at] + put + copy["text"][at + len(old) :]
            if new not in product["features"] and len(text) <= LIMITS.get(copy["format"], len(text)):
                product["features"][i] = new
                copy["text"] = text
            return

    def subset(self, rng: random.Random, product: dict, copy: dict) -> None:
        """Leaves out some of what the copy does not speak of, so that what a brief says is mostly said."""
        share = {"product-blurb": 0.85, "meta-description": 0.85, "email-body": 0.7, "social-post": 0.6}
        drop = share.get(copy["format"], 0.4) if rng.random() < 0.85 else 0.0
        if copy["format"] == "support-reply":
            drop = 0.15
        text = copy["text"] + " " + " ".join(copy["context"].values())
        kept = [f for f in product["features"] if covers(text, f) or rng.random() >= drop]
        if len(kept) >= 2 or (kept and rng.random() < 0.3):
            product["features"] = kept
        for key in list(product["facts"]):
            used = any(n in copy["text"] for n in NUMBER.findall(str(product["facts"][key])))
            if not used and not covers(text, str(product["facts"][key])) and rng.random() < drop * 0.6:
                del product["facts"][key]
        if product.get("audience") and rng.random() < 0.12:
            product["audience"] = None


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
