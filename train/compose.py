"""Simple copy out of sentences with gaps (`corpus/frames.json`) and pieces of sentences that were written for each product.

The corpus's `pieces/` says each feature of a product as what it does, what it has and as a sentence, each in the grammar that its place
wants. Put together by lot, under other names, with features of other products and other numbers, they make copy that is grammatical and
keeps to its brief, and never the same twice: what is to be learnt from it is how features are said, not what was once said of a product.

In a gap goes a piece that was written for the product: n its name, a "a brass lamp", the "lamp", for "people who read in bed", if "you read
in bed"; of the features that nothing was said of yet vp "has a long cord", np "a long cord", nps and nps3 two and three of them, vps "has
a long cord and folds flat", s a sentence, frag the feature as the brief has it; fact a sentence about a fact, bit a fact in passing; h a
headline, t a tagline; c what the customer of a recommendation has or likes and mvp what suits it, r the answer of a reply. Capitals begin
with one. What frames of tones are put around is x, behind a colon x-, as an exclamation x!. Things can be presented, others cannot.
"""

import json
import random
import re
from pathlib import Path

from .augment import NUMBER, Augment
from .brief import LIMITS, NEEDS_NAME

FRAMES = json.loads((Path(__file__).parent / "corpus" / "frames.json").read_text(encoding="utf-8"))
TONES = tuple(FRAMES["openings"])
# How often a format is made.
OFTEN = {"product-blurb": 5, "meta-description": 4, "ad-description": 4, "ad-headline": 4, "support-reply": 7, "tagline": 3, "email-subject": 3,
         "social-post": 3, "recommendation": 5, "hero": 2, "push": 2, "email-body": 2, "blog-intro": 1}  # fmt: skip
TONES_OFTEN = {"plain": 3, "warm": 2, "playful": 1, "premium": 1, "bold": 1, "formal": 1}
# Letters of the lines of what has two.
LINES_OF = {"hero": (60, 130), "push": (50, 100)}
GAP = re.compile(r"\{([A-Za-z0-9]+)\}")
FURTHER = re.compile(r"(?i)\b(also|addition|further\w*|even|and it|too|adds|plus|complete)\b")
WORD = re.compile(r"[\w'’]+")
# How often a feature is said by its own sentence: the other forms keep its words in their order, which is learnt sooner.
SENTENCES = 0.12
# Of the openings that begin with the name so many are taken.
NAME_FIRST = 0.35


class Missing(Exception):
    """A sentence has a gap for which there is nothing left."""


def joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def small(text: str, name: str) -> str:
    """The beginning of a sentence behind a colon; a name stays as it is."""
    return text if text.startswith(name) or re.match(r"[A-Z][\w'’&-]*[A-Z0-9]|I\b", text) else text[0].lower() + text[1:]


class Composer:
    def __init__(self, records: list[dict], augment: Augment):
        self.records, self.augment = records, augment
        self.features = [(f, p) for r in records for f, p in zip(r["features"], r["pieces"]["f"])]
        self.order: list[int] = []

    def __call__(self, rng: random.Random, most: int = 6) -> tuple[dict, list[dict]]:
        """A product and copies of it."""
        if not self.order:
            self.order = rng.sample(range(len(self.records)), len(self.records))
        product, pieces, whole = self.changed(rng, self.records[self.order.pop()])
        copies, seen = [], set()
        for _ in range(most * 3):
            if len(copies) == most:
                break
            format, tone = rng.choices(list(OFTEN), list(OFTEN.values()))[0], rng.choices(TONES, [TONES_OFTEN[t] for t in TONES])[0]
            if (copy := Writer(rng, product, pieces, whole, tone).copy(format)) and copy["text"] not in seen:
                seen.add(copy["text"])
                copies.append(copy)
        self.augment.renumber(rng, product, copies)
        rng.shuffle(product["features"])
        return product, [c for c in copies if len(c["text"]) <= LIMITS[c["format"]]]

    def changed(self, rng: random.Random, record: dict) -> tuple[dict, dict, bool]:
        """Another name, other features, fewer of them; and whether all features are there that the record has."""
        pieces = {**record["pieces"], "f": list(record["pieces"]["f"])}
        product = {k: v for k, v in record.items() if k != "pieces"} | {"features": list(record["features"])}
        product["facts"] = dict(record.get("facts") or {})
        elsewhere = " ".join(
            [*product["features"], *map(str, product["facts"].values()), product.get("audience") or "", product["category"]]
        )
        for key in ("name", "brand"):
            if product.get(key) and rng.random() < 0.8 and product[key] not in elsewhere:
                product[key] = self.augment.names.name(rng)
        if product.get("brand") in (product["name"], None) or rng.random() < 0.3:
            product.pop("brand", None)
        whole = True
        if rng.random() < 0.4:
            whole = False
            for i in rng.sample(range(len(pieces["f"])), rng.randint(1, len(pieces["f"]))):
                feature, (vp, np, _) = rng.choice(self.features)
                # Numbers stay with their product; and a sentence that says "the lamp" belongs to a lamp.
                if feature in product["features"] or NUMBER.search(feature):
                    continue
                product["features"][i], pieces["f"][i] = feature, (vp, np, None)
        if rng.random() < 0.3 and len(pieces["f"]) > 3:
            whole = False
            keep = sorted(rng.sample(range(len(pieces["f"])), rng.randint(2, len(pieces["f"]) - 1)))
            product["features"] = [product["features"][i] for i in keep]
            pieces["f"] = [pieces["f"][i] for i in keep]
        if product["facts"] and rng.random() < 0.25:
            whole, product["facts"], pieces["facts"] = False, {}, []
        if product.get("audience") and rng.random() < 0.12:
            product.pop("audience")
        if not product.get("audience"):
            pieces.pop("for", None), pieces.pop("if", None)
        return product, pieces, whole


class Writer:
    """One copy of a product in a tone."""

    def __init__(self, rng: random.Random, product: dict, pieces: dict, whole: bool, tone: str):
        self.rng, self.product, self.pieces, self.whole, self.tone = rng, product, pieces, whole, tone
        self.fixed = {
            "n": product["name"],
            "a": pieces["a"],
            "the": pieces["the"],
            "for": pieces.get("for"),
            "if": pieces.get("if"),
        }

    def copy(self, format: str) -> dict | None:
        for _ in range(12):
            # Which features are said, and in which order.
            n = len(self.pieces["f"])
            self.left, self.facts = self.rng.sample(range(n), n), self.rng.sample(self.pieces["facts"], len(self.pieces["facts"]))
            self.context = {}
            try:
                text = getattr(self, format.replace("-", "_"))()
            except Missing:
                continue
            if self.good(format, text):
                return {"format": format, "tone": self.tone, "text": text, "context": self.context}
        return None

    def good(self, format: str, text: str) -> bool:
        name = self.product["name"]
        if len(text) > LIMITS[format] or (format in NEEDS_NAME and name not in text):
            return False
        words = [w.lower() for w in WORD.findall(text.replace(name, "§"))]
        if re.search(r"[.!?:,] ?[.!?:,]|for you\W+for you|: [^.!?\n]*: |[Ff]or [^.!?,:\n]* for [^.!?,:\n]* for ", text):
            return False
        lines = text.split("\n")
        if any(len(line) > most for line, most in zip(lines, LINES_OF.get(format, ()))):
            return False
        if format in LINES_OF and any(p.lower() in lines[0].lower() and p in lines[1] for p in (name, self.pieces["a"])):
            return False
        threes = [tuple(words[i : i + 3]) for i in range(len(words) - 2)]
        return len(threes) == len(set(threes)) and not any(a == b for a, b in zip(words, words[1:]))

    # Gaps.

    def take(self, form: int) -> str:
        """The next feature that has this form."""
        if form == 2 and self.rng.random() > SENTENCES:
            raise Missing
        for at, i in enumerate(self.left):
            if piece := self.pieces["f"][i][form]:
                if form == 2 and piece.startswith("It "):
                    continue
                self.left.pop(at)
                return piece
        raise Missing

    def gap(self, what: str) -> str:
        key = what[0].lower() + what[1:]
        if key in self.fixed:
            value = self.fixed[key]
        elif key == "vp":
            value = self.take(0)
        elif key == "np":
            value = self.take(1)
        elif key in ("nps", "nps3"):
            value = joined([self.take(1) for _ in range(3 if key == "nps3" else 2)])
        elif key == "vps":
            some = [self.take(0) for _ in range(self.rng.choice((2, 2, 3)))]
            # "has a cord and has a lid" is for those who cannot count.
            if len({v.split()[0] for v in some}) < len(some):
                raise Missing
            value = joined(some)
        elif key == "s":
            value = self.take(2)
        elif key == "frag":
            if not self.left:
                raise Missing
            value = self.product["features"][self.left.pop(0)]
        elif key in ("fact", "bit"):
            if not self.facts:
                raise Missing
            value = self.facts.pop()[1 if key == "bit" else 0]
        elif key in ("h", "t"):
            value = self.rng.choice(self.pieces[key]) if self.whole else None
        else:
            raise Missing
        if not value:
            raise Missing
        return capital(value) if what[0].isupper() else value

    def fill(self, frame: str) -> str:
        if " for " in self.fixed["a"] and "{a} for {for}" in frame.lower():
            raise Missing
        return GAP.sub(lambda m: self.gap(m[1]), frame)

    def one(self, frames) -> str:
        """A sentence by lot of those for which there is enough left."""
        for frame in self.rng.sample(frames, len(frames)):
            left, facts = list(self.left), list(self.facts)
            try:
                return self.fill(frame)
            except Missing:
                self.left, self.facts = left, facts
        raise Missing

    def toned(self, what: str) -> str:
        """A line or an ad by lot, said in the tone."""
        kind = f"{what}_{self.rng.choice(('things', 'others'))}"
        x, frame = self.one(FRAMES[kind]), self.rng.choice(FRAMES[kind + "_tones"][self.tone])
        low = small(x, self.product["name"])
        for gap, value in (("{x}", x), ("{x-}", low), ("{x!}", x.rstrip(".") + "!"), ("{x-!}", low.rstrip(".") + "!")):
            frame = frame.replace(gap, value)
        return frame

    def rest(self, keep: int, room: int) -> list[str]:
        """Sentences about what was not said, while `keep` features and more are left and there is room."""
        sentences, last, tries = [], None, 0
        while len(self.left) > keep:
            first = len(self.left) == len(self.pieces["f"])
            frame = self.rng.choice([f for f in FRAMES["more"][self.tone] if f != last and not (first and FURTHER.search(f))])
            left = list(self.left)
            try:
                sentence = self.fill(frame)
            except Missing:
                self.left, last = left, None
                # What has only one form is said by it.
                sentence = self.fill("{Frag}." if self.tone == "bold" else "It {vp}.")
            if sum(map(len, sentences)) + len(sentences) + len(sentence) > room:
                self.left, tries = left, tries + 1
                if tries > 3:
                    break
                continue
            last = frame
            sentences.append(sentence)
        return sentences

    def opening(self) -> str:
        # Variants that all begin with the name would begin alike.
        frames = [f for f in FRAMES["openings"][self.tone] if not f.startswith("{n}") or self.rng.random() < NAME_FIRST]
        text, brand, name = self.one(frames), self.product.get("brand"), self.product["name"]
        if brand and self.rng.random() < 0.15 and f"{name}, " in text:
            text = text.replace(f"{name}, ", f"{name} by {brand}, ", 1)
        return text

    def long(self, room: int, share: float, closing: float) -> str:
        sentences, n = [self.opening()], len(self.pieces["f"])
        keep = 0 if self.rng.random() < share else self.rng.randint(0, 2)
        sentences += self.rest(keep, room - len(sentences[0]) - 1)
        if n - len(self.left) < min(n, 2):
            raise Missing
        if self.rng.random() < closing:
            try:
                sentences.append(self.one(FRAMES["closings"][self.tone]))
            except Missing:
                pass
        return " ".join(sentences)

    # Formats.

    def product_blurb(self) -> str:
        return self.long(370, 0.9, 0.4)

    def meta_description(self) -> str:
        """There is little room: of some tries the one that says most."""
        best, start = (-1, ""), list(self.left)
        for _ in range(3):
            self.left = list(start)
            try:
                text = self.long(155, 1.0, 0.03)
            except Missing:
                continue
            best = max(best, (len(start) - len(self.left) if len(text) <= 155 else -1, text))
        if best[0] < 0:
            raise Missing
        return best[1]

    def social_post(self) -> str:
        return self.long(240, 0.6, 0.5)

    def email_body(self) -> str:
        parts = [self.rng.choice(FRAMES["greetings"][self.tone])] if self.rng.random() < 0.4 else []
        parts.append(self.long(500, 0.8, 0.3))
        if self.rng.random() < 0.7:
            parts.append(self.rng.choice(FRAMES["farewells"][self.tone]))
        return ("\n" if parts[0].endswith(",") or self.rng.random() < 0.5 else " ").join(parts)

    def blog_intro(self) -> str:
        begin = [self.one(FRAMES["blog"][self.tone])] if self.rng.random() < 0.7 else []
        return " ".join([*begin, self.long(500, 0.7, 0.2)])

    def ad_description(self) -> str:
        return self.toned("ad")

    def line(self, most: int) -> str:
        for _ in range(8):
            left = list(self.left)
            text = self.toned("line")
            if len(text) <= most and len(re.findall(r"(?i)\bfor\b", text)) < 2:
                return text
            self.left = left
        raise Missing

    def tagline(self) -> str:
        return self.line(60)

    def ad_headline(self) -> str:
        return self.line(30)

    def email_subject(self) -> str:
        return self.line(50)

    def hero(self) -> str:
        return self.line(50) + "\n" + self.one(FRAMES["seconds"])

    def push(self) -> str:
        return self.line(45) + "\n" + self.one(FRAMES["pushes"])

    def recommendation(self) -> str:
        if not self.whole or not self.pieces["i"]:
            raise Missing
        interest, clause, feature = self.rng.choice(self.pieces["i"])
        self.context = {"interest": interest}
        self.left.remove(feature)
        self.fixed |= {"c": clause, "mvp": self.pieces["f"][feature][0]}
        sentences = [self.one(FRAMES["recommendations"][self.tone])]
        return " ".join(sentences + self.rest(max(0, len(self.left) - self.rng.randint(0, 2)), 220 - len(sentences[0])))

    def support_reply(self) -> str:
        if not self.whole:
            raise Missing
        if self.rng.random() < 0.3:
            self.context = {"question": self.rng.choice(self.pieces["no"])}
            return self.one(FRAMES["unknown"][self.tone])
        question, answer = self.rng.choice(self.pieces["q"])
        self.context = {"question": question}
        self.fixed["r"] = answer
        return self.one(FRAMES["answers"][self.tone])
