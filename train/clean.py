"""Near-duplicates and personal data: what must not be learnt twice, or at all."""

import re
import unicodedata
from hashlib import blake2b

EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(\.[\w-]+)+\b")
PHONE = re.compile(r"(?<![\w.])(\+?\d{1,3}[ .-])?(\(\d{2,4}\)|\d{3,4})[ .-]\d{3}[ .-]?\d{3,4}(?![\w-])")
CARD = re.compile(r"\b(?:\d[ -]?){13,19}\b")
LINK = re.compile(r"https?://\S+|www\.\S+")


def normalised(text: str) -> str:
    """Unicode's composed form, with plain spaces and without control characters."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\u00a0", " ")
    return "".join(c for c in text if c == "\n" or not unicodedata.category(c).startswith("C"))


def masked(text: str) -> str:
    """Addresses, telephone and card numbers give way to a word for them."""
    for pattern, word in ((EMAIL, "[email]"), (LINK, "[link]"), (CARD, "[number]"), (PHONE, "[phone]")):
        text = pattern.sub(word, text)
    return text


class Seen:
    """Near-duplicates by MinHash (Broder 1997) with 48 hashes over word triples: a band of 4 that agrees makes a candidate,
    and an estimated Jaccard similarity of `bound` or more a duplicate."""

    def __init__(self, bound: float = 0.7, hashes: int = 48, band: int = 4):
        self.bound, self.hashes, self.band = bound, hashes, band
        self.tables = [{} for _ in range(hashes // band)]
        keys = [int.from_bytes(blake2b(bytes([i]), digest_size=8).digest(), "little") for i in range(hashes)]
        self.factors = [(k | 1, (k >> 7) & (2**61 - 1)) for k in keys]

    def signature(self, text: str) -> tuple[int, ...]:
        words = re.findall(r"\w+", text.lower())
        triples = {" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))}
        values = [int.from_bytes(blake2b(t.encode(), digest_size=7).digest(), "little") for t in triples]
        return tuple(min((a * v + b) % (2**61 - 1) for v in values) for a, b in self.factors)

    def __call__(self, text: str) -> bool:
        """Whether something like it came before; if not, it is remembered."""
        signature = self.signature(text)
        bands = [signature[i : i + self.band] for i in range(0, self.hashes, self.band)]
        for table, key in zip(self.tables, bands):
            other = table.get(key)
            if other and sum(a == b for a, b in zip(signature, other)) >= self.bound * self.hashes:
                return True
        for table, key in zip(self.tables, bands):
            table.setdefault(key, signature)
        return False
