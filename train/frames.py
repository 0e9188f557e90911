"""Sentences with gaps (`corpus/frames.json`), filled with what a brief says, word by word.

A small model copies well and conjugates badly: asked to say "two fibre lines" in its own words it writes "a two fibre lines". So what is to be
learnt here is a manner of writing in which features stand as the brief has them, behind words that any of them may follow ("At a glance: "),
or in a sentence that suits their kind, which the corpus's `pieces/` tell: what does something ("folds flat") goes behind "It", what it is
("dry-treated") behind "It is", what it has without an article ("rubber feet") behind "with". They come in the brief's order, each
once, so that what comes next is found behind what was said last and nothing is said twice.

In a gap goes: n the name, a "a brass lamp", for "people who read in bed"; of the features frag the next one, list the next few of any kind,
np and nps one and two that it has, vp one that does something, adj one that says what it is; fact a sentence about a fact, Fact
the fact as "Price: €49"; c what the customer of a recommendation has or likes, r the answer of a reply. Capitals begin with one; a feature
is begun with one only if its first word often begins features, as other capitals are spelt with other tokens than the brief has.
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
# Of the openings that begin with the name so many are taken.
NAME_FIRST = 0.35


class Missing(Exception):
    """A sentence has a gap for which there is nothing."""


def joined(parts: list[str]) -> str:
    """A list in which the parts can be told apart."""
    if any("," in p for p in parts):
        return "; ".join(parts)
    last = " and " if len(parts) > 1 and " and " not in parts[-1] else ", "
    return last.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def limit(format: str) -> int:
    return int(ROOM * LIMITS[format])


class Writer:
    """One copy of a product in a tone."""

    def __init__(self, rng: random.Random, easy: set[str], product: dict, pieces: dict, tone: str):
        self.rng, self.easy, self.product, self.pieces, self.tone = rng, easy, product, pieces, tone
        self.features = product["features"]
        self.fixed = {"n": product["name"], "a": pieces["a"], "for": pieces.get("for")}

    def copy(self, format: str) -> dict | None:
        for _ in range(12):
            self.left, self.context = list(range(len(self.features))), {}
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
        if re.search(r"[.!?:,] ?[.!?:,]|for you\W+for you|: [^.!?\n]*: |[Ff]or [^.!?,:\n]* for [^.!?,:\n]* for ", text):
            return False
        lines = text.split("\n")
        if any(len(line) > most for line, most in zip(lines, LINES_OF.get(format, ()))):
            return False
        if format in LINES_OF and any(p.lower() in lines[0].lower() and p in lines[1] for p in (name, self.pieces["a"])):
            return False
        threes = grams(words, 3)
        return len(threes) == len(set(threes)) and not any(a == b for a, b in zip(words, words[1:]))

    # Gaps.

    def take(self, of: str | None = None) -> str:
        """The next feature, if it is of this kind."""
        if not self.left or (of and self.pieces["kinds"][self.left[0]] != of):
            raise Missing
        return self.features[self.left.pop(0)]

    def begin(self, feature: str) -> str:
        first = feature.split()[0]
        if first[0].islower() and first.lower() not in self.easy:
            raise Missing
        return capital(feature)

    def fact(self) -> str:
        i = self.facts.pop() if self.facts else None
        facts = list(self.product["facts"].items())
        if i is None or i >= len(facts):
            raise Missing
        return capital(facts[i][0]) + ": " + str(facts[i][1])

    def gap(self, what: str) -> str:
        if what in ("vp", "np", "adj"):
            return self.take(what)
        if what == "nps":
            return joined([self.take("np"), self.take("np")])
        if what == "frag":
            return self.take()
        if what == "Frag":
            return self.begin(self.take())
        if what == "list":
            most = self.rng.choice((2, 3, 3, 4, 9))
            return joined([self.take() for _ in range(min(most, max(1, len(self.left))))])
        if what == "Fact":
            return self.fact()
        if what == "fact":
            if not self.facts:
                raise Missing
            return self.pieces["facts"][self.facts.pop()][0]
        value = self.fixed.get(what[0].lower() + what[1:])
        if not value:
            raise Missing
        return capital(value) if what[0].isupper() else value

    def fill(self, frame: str) -> str:
        if " for " in self.fixed["a"] and "{a} for {for}" in frame.lower():
            raise Missing
        return GAP.sub(lambda m: self.gap(m[1]), frame)

    def one(self, frames, most: int = 1000) -> str:
        """A sentence by lot of those for which there is enough left, and room."""
        for frame in self.rng.sample(frames, len(frames)):
            left, facts = list(self.left), list(self.facts)
            try:
                if len(text := self.fill(frame)) <= most:
                    return text
            except Missing:
                pass
            self.left, self.facts = left, facts
        raise Missing

    def of(self, what: str) -> list[str]:
        return FRAMES[what][self.tone]

    def rest(self, keep: int, room: int) -> list[str]:
        """Sentences about what was not said, while more than `keep` features are left and there is room."""
        sentences, used = [], []
        while len(self.left) > keep:
            first = len(self.left) == len(self.features)
            frames = [f for f in self.of("more") if f not in used and not (first and FURTHER.search(f))]
            try:
                left = list(self.left)
                frame = self.rng.choice(frames)
                sentence = self.fill(frame)
            except (Missing, IndexError):
                # A list suits every feature.
                self.left = left
                if not (lists := [f for f in frames if "{list}" in f]):
                    break
                frame = self.rng.choice(lists)
                sentence = self.fill(frame)
            if sum(map(len, sentences)) + len(sentences) + len(sentence) > room:
                self.left = left
                if len(used) > 8:
                    break
                used.append(frame)
                continue
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

    def some(self) -> None:
        """A short copy begins with any feature, and goes on from there."""
        self.left = self.left[self.rng.randrange(len(self.left)) :]

    # Formats.

    def product_blurb(self) -> str:
        return self.long(350, 0.95, 0.4)

    def meta_description(self) -> str:
        """There is little room: of some tries the one that says most."""
        best, start = (-1, ""), list(self.left)
        for _ in range(8):
            self.left = list(start)
            try:
                text = self.long(143, 1.0, 0.03)
            except Missing:
                continue
            best = max(best, (len(start) - len(self.left), text))
        if best[0] < 0:
            raise Missing
        return best[1]

    def social_post(self) -> str:
        return self.long(220, 0.6, 0.5)

    def email_body(self) -> str:
        parts = [self.rng.choice(self.of("greetings"))] if self.rng.random() < 0.5 else []
        parts.append(self.long(450, 0.9, 0.3))
        if self.rng.random() < 0.7:
            parts.append(self.rng.choice(self.of("farewells")))
        return ("\n" if parts[0].endswith(",") or self.rng.random() < 0.5 else " ").join(parts)

    def blog_intro(self) -> str:
        begin = [self.one(self.of("blog"))] if self.rng.random() < 0.7 else []
        return " ".join([*begin, self.long(450, 0.8, 0.2)])

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
        self.left = self.left[first:]
        self.fixed["c"] = interest
        sentence = self.one(self.of("recommendations"), 200)
        return " ".join([sentence] + self.rest(max(0, len(self.left) - self.rng.randint(0, 1)), 200 - len(sentence)))

    def support_reply(self) -> str:
        if self.rng.random() < 0.12:
            self.context = {"question": self.rng.choice(self.pieces["no"])}
            return self.one(self.of("unknown"))
        question, answer = self.rng.choice(self.pieces["q"])
        self.context = {"question": question}
        self.fixed["r"] = self.quoted(answer)
        return self.one(self.of("answers"))

    def quoted(self, answer: str) -> str:
        """The words of the brief that an answer was made of."""
        said = stems(answer)
        found = []
        for words in [*self.features, *(f"{k} {v}" for k, v in self.product["facts"].items())]:
            own = stems(words)
            if own:
                found.append((len(own & said) / len(own), words))
        share, words = max(found, default=(0, ""))
        if share < 0.6:
            raise Missing
        return words
