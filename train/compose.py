"""Simple copy by lot: products of the corpus under other names, with features of others, fewer of them, in another order and with other
numbers, each with copies out of sentences with gaps (`frames.py`). No two are the same.
"""

import random
import re

from .augment import NUMBER, Augment
from .brief import LIMITS
from .frames import TONES, Missing, Writer
from .grammar import Grammar

# How often a format is made.
OFTEN = {"product-blurb": 6, "meta-description": 5, "ad-description": 4, "ad-headline": 4, "support-reply": 7, "tagline": 4, "email-subject": 4,
         "social-post": 4, "recommendation": 5, "hero": 4, "push": 4, "email-body": 4, "blog-intro": 3}  # fmt: skip
TONES_OFTEN = {"plain": 3, "warm": 2, "playful": 2, "premium": 2, "bold": 2, "formal": 2}
# Verbs that say the same as "has".
HAVING = ("has", "offers", "includes", "comes with", "provides")
# A quantity is no thing to have.
BARE = re.compile(r"[\d.,×x/ –-]+ ?\S{0,4}|\D* \d+|from .*|for .*|.* included")
MEASURE = re.compile(r"[\d.,]+ ?(g|kg|ml|l|cl|m|cm|mm|km|w|kw|v|ah|mah|hz|°c)\b")
WORDS = re.compile(r"[\w'’-]+")
PAIR = re.compile(r"[a-z-]+ [a-z]+")
# Features that are a sentence's worth as they are ("brush included").
IDIOM = re.compile(r".* (included|welcome|provided)")

PASSIVE = re.compile(r" (is|are) \w*((ed|en|wn|ut|ld|id|nt|ne|ept)\b)")


def kind(feature: str, pieces: list) -> str | None:
    """What a feature is in the brief's own words: something that it does (vp), that it is (adj), that it has (np, behind its article if it wants
    one), that it comes with (wp: "steel that resists scratches"), or a sentence without its stop (clause)."""
    low, (vp, np, sentence) = feature.lower(), ((p or "").lower() for p in pieces[:3])
    if vp == low:
        return "vp"
    if vp == "is " + low:
        return "adj"
    if IDIOM.fullmatch(low) or sentence.removeprefix("the ").removeprefix("you can ").removeprefix("you ") == low + ".":
        return "clause"
    if BARE.fullmatch(low):
        return None
    for article in ("", "a ", "an ", "the "):
        if not article and MEASURE.match(low):
            continue
        has = any(vp == f"{verb} {article}{low}" for verb in HAVING)
        if has or np == article + low:
            said = [w for w in WORDS.findall(sentence) if w not in ("the", "is", "are", "a", "an")]
            if said == WORDS.findall(low) and PASSIVE.search(sentence):
                return None  # "shirts ironed by hand"
            return article + ("np" if has else "wp")
    return None


class Composer:
    def __init__(self, records: list[dict], augment: Augment):
        self.records, self.augment = records, augment
        for record in records:
            record["kinds"] = [kind(f, p) for f, p in zip(record["features"], record["pieces"]["f"])]
        self.features = [both for r in records for both in zip(r["features"], r["kinds"])]
        pairs = [(f.split(), k) for f, k in self.features if k and k.endswith("np") and PAIR.fullmatch(f)]
        self.modifiers, self.heads = [f[0] for f, _ in pairs], [(f[1], k) for f, k in pairs if not k.startswith("the")]
        self.order: list[int] = []

    def other(self, rng: random.Random) -> tuple[str, str | None]:
        """Another product's feature; or what nobody has: the first word of one and the second of another, which decides about the article."""
        if rng.random() < 0.7:
            return rng.choice(self.features)
        first, (head, kind) = rng.choice(self.modifiers), rng.choice(self.heads)
        return f"{first} {head}", ("an np" if first[0] in "aeiou" else "a np") if " " in kind else kind

    def __call__(self, rng: random.Random, most: int = 6) -> tuple[dict, list[dict]]:
        """A product and copies of it."""
        if not self.order:
            self.order = rng.sample(range(len(self.records)), len(self.records))
        product, said = self.changed(rng, self.records[self.order.pop()])
        copies, seen = [], set()
        for _ in range(most * 3):
            if len(copies) == most:
                break
            format, tone = rng.choices(list(OFTEN), list(OFTEN.values()))[0], rng.choices(TONES, [TONES_OFTEN[t] for t in TONES])[0]
            if (copy := Writer(rng, product, said, tone).copy(format)) and copy["text"] not in seen:
                seen.add(copy["text"])
                copies.append(copy)
        self.augment.renumber(rng, product, copies)
        return product, [c for c in copies if len(c["text"]) <= LIMITS[c["format"]]]

    def ask(self, rng: random.Random, format: str) -> tuple[dict, dict, Grammar]:
        """A product, what is asked for, and what may be written."""
        while True:
            product, said = self.changed(rng, rng.choice(self.records))
            copy, replies = {"format": format, "tone": rng.choice(TONES), "text": ""}, []
            try:
                if format == "support-reply":
                    question, answer = rng.choice([*said["q"], (rng.choice(said["no"]), None)])
                    copy["context"] = {"question": question}
                    replies = Writer(rng, product, said, copy["tone"]).replies(answer) if answer else []
                if format == "recommendation":
                    copy["context"] = {"interest": rng.choice([i for i, _, f in said["i"] if f in said["numbers"]])}
            except (IndexError, Missing):
                continue
            return product, copy, Grammar(product, said, copy, replies)

    def changed(self, rng: random.Random, record: dict) -> tuple[dict, dict]:
        """Another name, other features, fewer of them, in another order; and what was written about it: of each feature its kind and
        its number in the record, if it is the record's."""
        product = {k: v for k, v in record.items() if k not in ("pieces", "kinds")}
        product["facts"] = dict(record.get("facts") or {})
        features = list(zip(record["features"], record["kinds"], range(len(record["features"]))))
        elsewhere = " ".join(
            [*record["features"], *map(str, product["facts"].values()), product.get("audience") or "", product["category"]]
        )
        for key in ("name", "brand"):
            if product.get(key) and rng.random() < 0.8 and product[key] not in elsewhere:
                product[key] = self.augment.names.name(rng)
        if product.get("brand") in (product["name"], None) or rng.random() < 0.3:
            product.pop("brand", None)
        if rng.random() < 0.4:
            for i in rng.sample(range(len(features)), rng.randint(1, len(features))):
                feature, kind = self.other(rng)
                # Numbers stay with their product, whose other numbers they could contradict.
                if not NUMBER.search(feature) and feature not in (f for f, *_ in features):
                    features[i] = feature, kind, None
        rng.shuffle(features)
        if rng.random() < 0.3 and len(features) > 3:
            features = features[: rng.randint(2, len(features) - 1)]
        facts = record["pieces"]["facts"]
        if product["facts"] and rng.random() < 0.25:
            product["facts"], facts = {}, []
        if product.get("audience") and rng.random() < 0.12:
            product.pop("audience")
        product["features"] = [f for f, *_ in features]
        said = {**record["pieces"], "facts": facts, "kinds": [k for _, k, _ in features], "numbers": [n for *_, n in features]}
        return product, said if product.get("audience") else {**said, "for": None}
