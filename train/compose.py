"""Simple copy by lot: products of the corpus under other names, with features of others, fewer of them, in another order and with other
numbers, each with copies out of sentences with gaps (`frames.py`). No two are the same.
"""

import random
from collections import Counter

from .augment import NUMBER, Augment
from .brief import LIMITS
from .frames import TONES, Writer

# How often a format is made.
OFTEN = {"product-blurb": 6, "meta-description": 5, "ad-description": 4, "ad-headline": 4, "support-reply": 7, "tagline": 4, "email-subject": 4,
         "social-post": 4, "recommendation": 5, "hero": 4, "push": 4, "email-body": 4, "blog-intro": 3}  # fmt: skip
TONES_OFTEN = {"plain": 3, "warm": 2, "playful": 2, "premium": 2, "bold": 2, "formal": 2}
# Words that begin so many features may be spelt with a capital.
EASY = 400


def kind(feature: str, pieces: list) -> str | None:
    """Whether a feature does something (vp), is something (adj) or is had (np) in the brief's own words."""
    low, (vp, np, *_) = feature.lower(), (p or "" for p in pieces)
    forms = {"vp": vp.lower(), "adj": vp.lower().removeprefix("is ") if vp.startswith("is ") else "", "np": np.lower()}
    return next((k for k, form in forms.items() if form == low), None)


class Composer:
    def __init__(self, records: list[dict], augment: Augment):
        self.records, self.augment = records, augment
        for record in records:
            record["kinds"] = [kind(f, p) for f, p in zip(record["features"], record["pieces"]["f"])]
        self.features = [both for r in records for both in zip(r["features"], r["kinds"])]
        first = Counter(f.split()[0].lower() for f, _ in self.features)
        self.easy = {w for w, _ in first.most_common(EASY)}
        self.order: list[int] = []

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
            if (copy := Writer(rng, self.easy, product, said, tone).copy(format)) and copy["text"] not in seen:
                seen.add(copy["text"])
                copies.append(copy)
        self.augment.renumber(rng, product, copies)
        return product, [c for c in copies if len(c["text"]) <= LIMITS[c["format"]]]

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
                feature, kind = rng.choice(self.features)
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
