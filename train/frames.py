"""Sentences with gaps (`corpus/frames.json`), filled with what a brief says, word by word.

A small model copies well and conjugates badly: asked to say "two fibre lines" in its own words it writes "a two fibre lines". So what is to be
learnt here is a manner of writing in which features stand as the brief has them, in sentences that suit their
kind, which the corpus's `pieces/` tell: what does something ("folds flat") goes behind "It", what it is
("dry-treated") behind "It is", what it has ("rubber feet", "a stiff base") behind "with". They come in the brief's order, each
once, so that what comes next is found behind what was said last and nothing is said twice. Where there may be lines, features often stand
one below the other: there all kinds may, and nothing need be known of them. Elsewhere what suits different kinds shares no sentence.

In a gap goes: n the name, a "a brass lamp", cat the category, for "people who read in bed"; of the features that come next vps those that
do something, adjs those that say what it is, nps those that it has, with their articles, withs the same and those that stand well only behind
"with" ("steel that resists scratches"), Clause one that is a sentence by itself, preds some of several kinds behind their verbs, frag any; fact
a sentence about a fact; c what the customer of a recommendation has or likes, r the answer of a reply. Capitals begin with one.
"""

import json
import random
import re
from pathlib import Path

from .augment import grams, stems
from .brief import LIMITS, NEEDS_NAME

FRAMES = json.loads((Path(__file__).parent / "corpus" / "frames.json").read_text(encoding="utf-8"))
TONES = tuple(FRAMES["openings"])
# Of a format's letters so many are used: a text that is a little longer than meant still fits.
ROOM = 0.93
# Letters of the lines of what has two.
LINES_OF = {"hero": (48, 120), "push": (44, 95)}
GAP = re.compile(r"\{([A-Za-z]+)\}")
FURTHER = re.compile(r"(?i)\b(also|addition|further\w*|even|and|too|plus|more|oh)\b")
WORD = re.compile(r"[\w'’]+")
# How a feature answers a question.
ANSWERS = {"vp": ["It {vps}.", "{n} {vps}."], "adj": ["It is {adjs}.", "{n} is {adjs}."],
           "np": ["It has {nps}.", "You get {nps}.", "It comes with {nps}."], "wp": ["You will find {withs}."],
           "clause": ["{Clause}."]}  # fmt: skip
QUOTED = ["Our notes say “{frag}”."]
# Gaps for the next features of a kind or two: how many at most, and of which.
RUNS = {"vps": (3, "vp"), "adjs": (2, "adj"), "nps": (4, "np"), "withs": (4, "np", "wp")}
# Before a feature on a line of its own; and how often features stand so, where there may be lines.
ITEM = "– "
IN_LINES = 0.8
# Of the openings that begin with the name so many are taken.
NAME_FIRST = 0.35


class Missing(Exception):
    """A sentence has a gap for which there is nothing."""


def joined(parts: list[str]) -> str:
    """A list in which the parts can be told apart."""
    if len(parts) == 1:
        return parts[0]
    comma = "; " if any(", " in p for p in parts) else ", "
    # "bread, milk and honey, and salt"
    last = comma + "and " if any(" and " in p or ", " in p for p in parts) else " and "
    return last.join([comma.join(parts[:-1]), parts[-1]])


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def limit(format: str) -> int:
    return int(ROOM * LIMITS[format])


class Writer:
    """One copy of a product in a tone."""

    def __init__(self, rng: random.Random, product: dict, pieces: dict, tone: str):
        self.rng, self.product, self.pieces, self.tone = rng, product, pieces, tone
        self.features = product["features"]
        self.fixed = {"n": product["name"], "a": pieces["a"], "cat": product["category"], "for": pieces.get("for")}

    def copy(self, format: str) -> dict | None:
        for _ in range(12):
            # What suits no sentence is left out.
            self.left, self.context = [i for i, k in enumerate(self.pieces["kinds"]) if k], {}
            self.facts = self.rng.sample(range(len(self.pieces["facts"])), len(self.pieces["facts"]))
            try:
                text = getattr(self, format.replace("-", "_"))()
            except Missing:
                continue
            if self.good(format, text):
                return {"format": format, "tone": self.tone, "text": text, "context": self.context}
        return None

    def good(self, format: str, text: str) -> bool:
        name = self.product["name"]
        if len(text) > limit(format) or (format in NEEDS_NAME and name not in text):
            return False
        words = [w.lower() for w in WORD.findall(text.replace(name, "§"))]
        sentences = re.split(r"(?<=[.!?])\s", text.replace(name, "§"))
        if len(set(sentences)) < len(sentences) or len(re.findall(r":\s[a-z–]", " ".join(sentences))) > 1:
            return False
        if re.search(
            r"[.!?:,] ?[.!?:,]|: [^.!?\n]*:\n|for you\W+for you|: [^.!?\n]*: |[Ff]or [^.!?,:\n]* for [^.!?,:\n]* for ", text
        ):
            return False
        lines = text.split("\n")
        if any(len(line) > most for line, most in zip(lines, LINES_OF.get(format, ()))):
            return False
        if format in LINES_OF and any(p.lower() in lines[0].lower() and p in lines[1] for p in (name, self.pieces["a"])):
            return False
        threes = grams(words, 3)
        return len(threes) == len(set(threes)) and not any(a == b for a, b in zip(words, words[1:]))

    # Gaps.

    def kind(self, i: int) -> str:
        """vp, adj, np, wp, clause, or what is none of them, of the feature that comes i-th from now."""
        return (self.pieces["kinds"][self.left[i]] or "").split(" ")[-1] if i < len(self.left) else "none left"

    def take(self, of: tuple[str, ...] = ()) -> str:
        """The next feature, with the article that it wants, if it is of one of these kinds."""
        if not self.left or (of and self.kind(0) not in of):
            raise Missing
        i = self.left.pop(0)
        article, *noun = (self.pieces["kinds"][i] or "").split(" ")
        return f"{article} {self.features[i]}" if of and noun else self.features[i]

    def run(self, most: int, *of: str) -> str:
        """The next features, as long as they are of these kinds."""
        n = next(i for i in range(most + 1) if i == most or self.kind(i) not in of)
        if not n:
            raise Missing
        return joined([self.take(of) for _ in range(self.rng.choice((n, n, self.rng.randint(1, n))))])

    def preds(self) -> str:
        """Some features of several kinds, each behind the verb that it needs."""
        verbs = {"vp": "", "adj": "is ", "np": self.rng.choice(("has ", "has ", "comes with "))}
        kinds = []
        while len(kinds) < 3 and (k := self.kind(len(kinds))) in verbs and k not in kinds:
            kinds.append(k)
        if len(kinds) < 2:
            raise Missing
        return joined([verbs[k] + self.take((k,)) for k in kinds])

    def begin(self, feature: str) -> str:
        if feature[1:2].isupper():
            raise Missing
        return capital(feature)

    def gap(self, what: str) -> str:
        if what.lower() in RUNS:
            text = self.run(*RUNS[what.lower()])
            return self.begin(text) if what[0].isupper() else text
        if what == "preds":
            return self.preds()
        if what == "Clause":
            return self.begin(self.take(("clause",)))
        if what == "frag":
            return self.take()
        if what == "fact":
            if not self.facts:
                raise Missing
            return self.pieces["facts"][self.facts.pop()][0]
        value = self.fixed.get(what.lower())
        if not value:
            raise Missing
        return capital(value) if what[0].isupper() else value

    def fill(self, frame: str) -> str:
        if re.search(r" (for|with|that) ", self.fixed["a"]) and re.search(r"\{a\} (for|with|that) ", frame.lower()):
            raise Missing
        return GAP.sub(lambda m: self.gap(m[1]), frame)

    def lot(self, frames, most: int) -> tuple[str, str]:
        """A sentence by lot of those for which there is enough left, and room; and of which frame."""
        for frame in self.rng.sample(frames, len(frames)):
            left, facts = list(self.left), list(self.facts)
            try:
                if len(text := self.fill(frame)) <= most:
                    return text, frame
            except Missing:
                pass
            self.left, self.facts = left, facts
        raise Missing

    def one(self, frames, most: int = 1000) -> str:
        return self.lot(frames, most)[0]

    def of(self, what: str) -> list[str]:
        return FRAMES[what][self.tone]

    def rest(self, keep: int, room: int) -> list[str]:
        """Sentences about what was not said, while more than `keep` features are left and there is room."""
        sentences, used, start = [], [], list(self.left)
        while len(self.left) > keep:
            first = len(self.left) == len(start)
            frames = [f for f in self.of("more") if f not in used and not (first and FURTHER.search(f))]
            taken = sum(map(len, sentences)) + len(sentences)
            try:
                sentence, frame = self.lot(frames, room - taken)
            except Missing:
                break
            used.append(frame)
            sentences.append(sentence)
        return sentences

    def opening(self) -> str:
        # Variants that all begin with the name would begin alike.
        frames = [f for f in self.of("openings") if not f.startswith("{n}") or self.rng.random() < NAME_FIRST]
        text, brand, name = self.one(frames), self.product.get("brand"), self.product["name"]
        if brand and self.rng.random() < 0.15 and f"{name}, " in text:
            text = text.replace(f"{name}, ", f"{name} by {brand}, ", 1)
        return text

    def long(self, room: int, share: float, closing: float) -> str:
        n = len(self.left)
        sentences = [self.opening()]
        keep = 0 if self.rng.random() < share else self.rng.randint(0, 2)
        sentences += self.rest(keep, room - len(sentences[0]) - 1)
        if n - len(self.left) < min(n, 2):
            raise Missing
        if self.rng.random() < closing:
            try:
                sentences.append(self.one(self.of("closings")))
            except Missing:
                pass
        return " ".join(sentences)

    def features_said(self, room: int, share: float) -> str:
        """An opening, features one below the other, of every kind and as the brief has them, and an end."""
        self.left = list(range(len(self.features)))
        start = self.opening()
        if self.rng.random() < 0.6:
            start += " " + self.rng.choice(self.of("leads"))
        try:
            end = self.one(self.of("closings" if self.rng.random() < 0.3 else "ends"))
        except Missing:
            end = self.one(self.of("ends"))
        keep = 0 if self.rng.random() < share else self.rng.randint(0, 2)
        items = [f"{ITEM}{self.take()}" for _ in range(max(min(2, len(self.left)), len(self.left) - keep))]
        while len(items) > 2 and sum(map(len, [start, end, *items])) + len(items) + 1 > room:
            items.pop()
        return "\n".join([start, *items, end])

    def listed(self, room: int) -> str:
        """An opening, and as many features behind a lead as there is room for."""
        self.left = list(range(len(self.features)))
        text = self.opening() + " " + self.rng.choice(self.of("leads")) + " "
        said: list[str] = []
        while self.left and len(text + joined([*said, self.features[self.left[0]]])) < room:
            said.append(self.take())
        if len(said) < 2:
            raise Missing
        return text + joined(said) + "."

    def told(self, room: int, share: float, closing: float) -> str:
        """In lines or in sentences."""
        return self.features_said(room, share) if self.rng.random() < IN_LINES else self.long(room, share, closing)

    def some(self) -> None:
        """A short copy begins with any feature, and goes on from there."""
        if self.left:
            self.left = self.left[self.rng.randrange(len(self.left)) :]

    # Formats.

    def product_blurb(self) -> str:
        return self.told(350, 0.95, 0.4)

    def meta_description(self) -> str:
        """There is little room: of some tries the one that says most."""
        best, start = (-1, ""), list(self.left)
        for _ in range(8):
            self.left = list(start)
            try:
                text = self.listed(143) if self.rng.random() < 0.7 else self.long(143, 1.0, 0.03)
            except Missing:
                continue
            best = max(best, (len(start) - len(self.left), text))
        if best[0] < 0:
            raise Missing
        return best[1]

    def social_post(self) -> str:
        return self.told(220, 0.6, 0.5)

    def email_body(self) -> str:
        parts = [self.rng.choice(self.of("greetings"))] if self.rng.random() < 0.5 else []
        parts.append(self.told(450, 0.9, 0.3))
        if self.rng.random() < 0.7:
            parts.append(self.rng.choice(self.of("farewells")))
        return ("\n" if parts[0].endswith(",") or self.rng.random() < 0.5 else " ").join(parts)

    def blog_intro(self) -> str:
        begin = [self.one(self.of("blog"))] if self.rng.random() < 0.7 else []
        return " ".join([*begin, self.told(450, 0.8, 0.2)])

    def ad_description(self) -> str:
        self.some()
        return self.one(self.of("ads"), limit("ad-description"))

    def line(self, most: int) -> str:
        self.some()
        return self.one(self.of("lines"), most)

    def tagline(self) -> str:
        return self.line(limit("tagline"))

    def ad_headline(self) -> str:
        return self.line(limit("ad-headline"))

    def email_subject(self) -> str:
        return self.line(limit("email-subject"))

    def hero(self) -> str:
        first = self.line(LINES_OF["hero"][0])
        return first + "\n" + self.one(self.of("seconds"), LINES_OF["hero"][1])

    def push(self) -> str:
        first = self.line(LINES_OF["push"][0])
        return first + "\n" + self.one(self.of("pushes"), LINES_OF["push"][1])

    def recommendation(self) -> str:
        fitting = [
            (interest, self.pieces["numbers"].index(f)) for interest, _, f in self.pieces["i"] if f in self.pieces["numbers"]
        ]
        if not fitting:
            raise Missing
        interest, first = self.rng.choice(fitting)
        self.context = {"interest": interest}
        # What suits the customer comes first, and what stands behind it in the brief.
        self.left = [i for i in self.left if i >= first]
        self.fixed["c"] = interest
        sentence = self.one(self.of("recommendations"), 200)
        return " ".join([sentence] + self.rest(max(0, len(self.left) - self.rng.randint(0, 1)), 200 - len(sentence)))

    def support_reply(self) -> str:
        if self.rng.random() < 0.12:
            self.context = {"question": self.rng.choice(self.pieces["no"])}
            return self.one(self.of("unknown"))
        question, answer = self.rng.choice(self.pieces["q"])
        self.context = {"question": question}
        self.fixed["r"] = self.rng.choice(self.replies(answer))
        return self.one(self.of("answers"))

    def replies(self, answer: str) -> list[str]:
        """What the brief says of it: the fact's sentence, or the feature in those of its kind."""
        said = stems(answer)
        words = [*self.features, *(f"{k} {v}" for k, v in self.product["facts"].items())]
        found = [(len(own & said) / len(own), -i) for i, w in enumerate(words) if (own := stems(w))]
        share, i = max(found, default=(0, 0))
        if share < 0.6:
            raise Missing
        if -i >= len(self.features):
            return [self.pieces["facts"][-i - len(self.features)][0]]
        sentences = []
        for frame in ANSWERS.get((self.pieces["kinds"][-i] or "").split(" ")[-1], QUOTED):
            self.left = [-i]
            sentences.append(self.fill(frame))
        return sentences
