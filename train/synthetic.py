"""Briefs of words that nobody has seen, and plain sentences about them: nothing helps but looking things up.

Their tone is "echo", which no real brief has, so that the sentences' plainness stays theirs.
"""

import random

from .words import Names, nonsense

SENTENCES = (
    "{n}: {a}, {b}.", "{n} is a {c} with {a} and {b}.", "{A} and {b}. That is {n}.", "The {c} {n} has {a}, {b} and {d}.",
    "{A}, {b}, {d}: {n}.", "Meet {n}. {A}; {b}.", "With {a}, {n} is a {c} for {u}.", "For {u}: {n}, {a}.",
    "{A}. {B}. {n}, a {c} for {u}.", "{n} by {m}: {a}.", "{n} from {m} comes with {b}, {d} and {a}. {F}.",
    "Our {c} has {d}. {n}, {f}.", "{n} costs {f}.", "What is {n}? A {c}, with {a}.", "{D}, {a} and {b}: the {c} called {n}.",
    "{m} {n}: {d}.", "{n} has {a}. It has {b}. And {d}.", "{U} will find {a} and {d} in {n}.", "{n}\n {A} and {d}.",
)  # fmt: skip


class Synthetic:
    def __init__(self, names: Names, features: list[str]):
        self.names, self.features = names, features

    def phrase(self, rng: random.Random) -> str:
        if rng.random() < 0.3:
            return rng.choice(self.features)
        some = [self.names.vocabulary[rng.randrange(len(self.names.vocabulary))] for _ in range(rng.randint(1, 4))]
        if rng.random() < 0.35:
            some[rng.randrange(len(some))] = nonsense(rng)
        if rng.random() < 0.2:
            some.insert(0, f"{rng.randint(2, 999)}")
        return " ".join(some)

    def __call__(self, rng: random.Random) -> tuple[dict, list[dict]]:
        """A product, and sentences about it."""
        features = [self.phrase(rng) for _ in range(rng.randint(3, 5))]
        price = f"{rng.choice('€£$')}{rng.choice((rng.randint(2, 999), f'{rng.randint(1, 99)}.{rng.randint(0, 99):02}'))}"
        product = {
            "name": self.names.name(rng), "brand": self.names.name(rng), "category": self.phrase(rng),
            "features": features, "facts": {rng.choice(("price", "weight", "size", "cost")): price},
            "audience": self.phrase(rng),
        }  # fmt: skip
        copies = [self.sentence(rng, product, sentence, price) for sentence in rng.sample(SENTENCES, 4)]
        if rng.random() < 0.3 and not any(product["audience"][1:] in c["text"] for c in copies):
            product["audience"] = None
        return product, copies

    def sentence(self, rng: random.Random, product: dict, sentence: str, price: str) -> dict:
        a, b, d = rng.sample(product["features"], 3)
        values = {"n": product["name"], "m": product["brand"], "c": product["category"], "u": product["audience"]}
        values |= {"a": a, "b": b, "d": d, "f": price}
        values |= {k.upper(): v[0].upper() + v[1:] for k, v in values.items() if k in "abduf"}
        format = rng.choice(("tagline", "product-blurb", "ad-description", "social-post", "hero", "meta-description"))
        return {"format": format, "tone": "echo", "text": sentence.format(**values)}


def description(rng: random.Random, record: dict) -> tuple[dict, list[dict]]:
    """A public product as a brief: its features are pieces of its own description, so that they are to be used."""
    pieces = [p.strip(" .") for p in record["text"].replace(" and ", ", ").replace(" with ", ", ").split(",")]
    pieces = [p for p in pieces if 2 <= len(p.split()) <= 7 and len(p) < 50]
    rng.shuffle(pieces)
    product = {"name": record["name"], "category": record["category"][:40], "features": pieces[: rng.randint(2, 5)]}
    return product, [{"format": "description", "tone": "public", "text": record["text"]}]
