"""Words and names that nobody has seen, for briefs that can only be written by looking things up."""

import random

ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pl r s sh sk st t th tr v w y z".split()
VOWELS = "a e i o u ai ea ie oa oo ou".split() + ["a", "e", "i", "o"] * 3
CODAS = ["", "", "", "n", "r", "l", "s", "t", "ck", "nd", "rn", "m", "x", "lt", "sk"]
ENDINGS = "ly ia o en ick well ford ora ella ine us a ett et hive fold wick mere ley".split()
ACCENTS = {"a": "åáä", "e": "éèë", "o": "öøō", "u": "üú", "i": "í", "c": "ç", "n": "ñ"}


def nonsense(rng: random.Random, least: int = 1, most: int = 3) -> str:
    """A word of some syllables, such as "trandel"."""
    syllables = (rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.randint(least, most)))
    word = "".join(syllables)
    return word + rng.choice(ENDINGS) if len(word) < 5 else word


class Names:
    """Names of products and brands in all shapes, out of nonsense and of `vocabulary`."""

    def __init__(self, vocabulary: list[str]):
        self.vocabulary = vocabulary

    def word(self, rng: random.Random) -> str:
        word = nonsense(rng, 1, 2) if rng.random() < 0.5 else rng.choice(self.vocabulary)
        if rng.random() < 0.06:
            at = [i for i, c in enumerate(word) if c in ACCENTS]
            if at:
                i = rng.choice(at)
                word = word[:i] + rng.choice(ACCENTS[word[i]]) + word[i + 1 :]
        return word

    def name(self, rng: random.Random) -> str:
        a, b = (self.word(rng) for _ in range(2))
        A, B = a.capitalize(), b.capitalize()
        number = str(rng.choice((rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 999))))
        shapes = [(A, 5), (f"{A} {B}", 8), (f"{A} & {B}", 2), (f"The {A} {B}", 2), (f"{A}{B}", 2), (f"{A} {number}", 2)]
        shapes += [(f"{A}{b}", 2), (a + b, 1), (a.upper(), 1), (f"{A}-{B}", 1), (f"{A}'s {B}", 0.6)]
        shapes += [(f"{A} of {B}", 0.6), (f"{A} and {B}", 0.8), (f"{A} {B} {number}", 0.6)]
        shapes += [(f"{A} {B} {self.word(rng).capitalize()}", 1), (f"{A[0]}{B[0]}-{number}", 0.6), (f"{A}{number}", 0.5)]
        return rng.choices([s for s, _ in shapes], [w for _, w in shapes])[0]
