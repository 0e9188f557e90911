"""A tokenizer that all engines read alike: byte-level byte pairs whose long tokens are words of two syllables."""

from itertools import product

SPECIAL = ["<|end|>", "<|begin|>", "<|pad|>"]


def byte_letters() -> list[str]:
    """GPT-2's letter for each byte: printable bytes stand for themselves, the others for what follows U+0100."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(b) if b in plain else chr(next(others)) for b in range(256)]


SPACE = byte_letters()[ord(" ")]


def tokenizer(size: int) -> tuple[dict[str, int], list[tuple[str, str]], list[int]]:
    """Tokens with their ids, merges in order, and the ids of the words. Each word begins with its space.

    A text of words has one way to be cut: between words. So texts are equal just when their tokens are.
    """
    syllables = [c + v for c, v in product("bcdfghjklmnprstvwz", "aeiou")]
    merges = [(s[0], s[1]) for s in syllables]
    merges += [(SPACE, s) for s in syllables]
    tokens = SPECIAL + byte_letters() + syllables + [SPACE + s for s in syllables]
    words = [(SPACE + a, b) for a, b in product(syllables, syllables)][: size - len(tokens)]
    heard = list(range(len(tokens), size))
    tokens += [a + b for a, b in words]
    merges += words
    assert len(set(tokens)) == size
    return {token: i for i, token in enumerate(tokens)}, merges, heard


def tokenizer_json(tokens: dict[str, int], merges: list[tuple[str, str]]) -> dict:
    """tokenizer.json as the `tokenizers` library writes it."""
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": tokens[s], "content": s, **flags} for s in SPECIAL],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": tokens,
            "merges": [list(m) for m in merges],
        },
    }
