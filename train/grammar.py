"""Whether a text is one that `frames.py` could have written of its brief.

For every sentence with gaps of a tone a regular expression, in whose gaps goes what suits them and nothing else: a feature that does something
only behind "It", one that it has only behind its article. What stands outside of all of them is a slip: a word of its own, a wrong form,
a feature in the wrong place, half a sentence. Only `refine` asks, about briefs whose pieces are known.
"""

import re
from collections.abc import Iterator

import regex

from .frames import FRAMES, GAP, ITEM, RUNS, capital

LONG = ("openings", "more", "closings", "ends")
LINES = {"tagline": ["lines"], "ad-headline": ["lines"], "email-subject": ["lines"], "ad-description": ["ads"], "hero": ["lines", "seconds"],
         "push": ["lines", "pushes"]}  # fmt: skip
# Further sentences of texts of several, and which of the usual ones.
TEXTS = {"email-body": ("greetings", "farewells", *LONG), "blog-intro": ("blog", *LONG), "recommendation": ("recommendations", "more"),
         "support-reply": ("answers", "unknown")}  # fmt: skip
NEXT = re.compile(r"(?<=[.!?,]) ")
SEPARATOR = r"(?:, |; |,? and |; and )"


def either(some) -> str:
    """One of them; nothing fits where there is none."""
    found = sorted(map(re.escape, some), key=len, reverse=True)
    return "(?:" + "|".join(found) + ")" if found else "(?!)"


def some_of(one: str, first: str | None = None) -> str:
    return f"{first or one}(?:{SEPARATOR}{one})*"


class Grammar:
    def __init__(self, product: dict, pieces: dict, copy: dict, replies: list[str] = ()):
        """`pieces` as the composer has them; `replies` are the sentences that answer the question of the copy, none if the brief doesn't tell."""
        self.fitting = [f for f, k in zip(product["features"], pieces["kinds"]) if k]
        said: dict[str, list[str]] = {}
        for feature, kind in zip(product["features"], pieces["kinds"]):
            article, *noun = (kind or "none").split(" ")
            said.setdefault((noun or [article])[0], []).append(f"{article} {feature}" if noun else feature)
        self.gaps = {"n": either([product["name"]]), "a": either([pieces["a"]]), "cat": either([product["category"]]),
                     "for": either([pieces["for"]] if pieces.get("for") else []), "fact": either([f for f, *_ in pieces["facts"]]),
                     "c": either((copy.get("context") or {}).values()), "frag": either(product["features"]),
                     "Clause": either(map(capital, said.get("clause", [])))}  # fmt: skip
        if product.get("brand"):
            self.gaps["n"] += f"(?: by {re.escape(product['brand'])}(?=,))?"
        for gap, (_, *kinds) in RUNS.items():
            words = [f for k in kinds for f in said.get(k, [])]
            self.gaps[gap] = some_of(either(words))
            self.gaps[capital(gap)] = some_of(either(words), either(map(capital, words)))
        self.gaps["A"] = either([capital(pieces["a"])])
        nouns, states, acts = (either(said.get(k, [])) for k in ("np", "adj", "vp"))
        self.gaps["preds"] = some_of(f"(?:{acts}|is {states}|(?:has|comes with) {nouns})")
        self.gaps["r"] = either(replies)
        self.known, tone = bool(replies), copy["tone"]
        places = [[p] for p in LINES[copy["format"]]] if copy["format"] in LINES else [TEXTS.get(copy["format"], LONG)]
        anything = some_of(either(product["features"]))
        leads = either(FRAMES["leads"][tone])
        self.said = f"|{leads} {anything}\\.|{leads}$|{ITEM}{either(product['features'])}" if "more" in places[-1] else ""
        self.lines = [self.one_of([f for place in some for f in self.frames(place, tone)]) for some in places]

    def frames(self, place: str, tone: str) -> list[str]:
        return [] if place == "unknown" and self.known else FRAMES[place][tone]

    def filled(self, frame: str) -> str:
        """The regular expression of a sentence with gaps."""
        parts, at = [], 0
        for gap in GAP.finditer(frame):
            parts += [re.escape(frame[at : gap.start()]), self.gaps[gap[1]]]
            at = gap.end()
        return "".join([*parts, re.escape(frame[at:])])

    def one_of(self, frames: list[str]) -> re.Pattern:
        longest_first = sorted(frames, key=len, reverse=True)
        return re.compile("(?:" + "|".join(map(self.filled, longest_first)) + self.said + r")(?=\s|$)")

    def slips(self, text: str) -> Iterator[tuple[int, int, int]]:
        """What stands in no such sentence: from where to where, and the number of its line."""
        start, before = 0, set()
        for i, line in enumerate(text.split("\n")):
            shown = line.strip()
            sentence, at, start = self.lines[min(i, len(self.lines) - 1)], 0, start + line.index(shown)
            if shown in before:
                yield start, start + len(shown), i
                at = len(shown)
            before.add(shown)
            while at < len(shown):
                if found := sentence.match(shown, at):
                    at = found.end() + 1
                else:
                    end = NEXT.search(shown, at)
                    yield start + at, start + (at := end.end() if end else len(shown)), i
            start += len(line) - line.index(shown) + 1

    def outside(self, text: str) -> float:
        """The share of the text's characters that stand in no such sentence."""
        return sum(to - at for at, to, _ in self.slips(text)) / max(1, len(text))

    def faults(self, text: str) -> Iterator[tuple[int, int]]:
        """The first character with which a text leaves what could have been written: no such sentence begins as it does up to there."""
        for at, to, i in self.slips(text):
            sentence = regex.compile(self.lines[min(i, len(self.lines) - 1)].pattern)
            least, most = 0, to - at
            while least < most:
                half = (least + most + 1) // 2
                if sentence.fullmatch(text[at : at + half], partial=True):
                    least = half
                else:
                    most = half - 1
            if at + least < to:
                yield at + least, at + least + 1
            return
