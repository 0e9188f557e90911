"""What is measured while training goes on, on products that it never sees."""

import random
from pathlib import Path

import torch
import torch.nn.functional as F

from .augment import Augment
from .batches import IGNORED
from .brief import answer, prompt, records
from .model import causal
from .words import Names


class Probe:
    """Bits per byte of validation copies, and how often a name that nobody has seen is looked up right."""

    def __init__(self, data: Path, tokenizer, names: Names, copies: int = 400, length: int = 384):
        rng = random.Random(7)
        products = records(data / "validation.jsonl")
        pairs = [(p, c) for p in products for c in p["copies"]]
        rng.shuffle(pairs)
        self.tokenizer, self.length = tokenizer, length
        self.plain = [self.example(p, c) for p, c in pairs[:copies]]
        augment, self.renamed = Augment(products, names), []
        for product, copy in pairs[: 2 * copies]:
            product, copy = dict(product, facts=dict(product.get("facts") or {})), dict(copy)
            copy["context"] = dict(copy.get("context") or {})
            augment.rename(rng, product, [copy], "name")
            if product["name"] in copy["text"] and len(self.renamed) < copies:
                self.renamed.append(self.example(product, copy, product["name"]))

    def example(self, product: dict, copy: dict, name: str | None = None):
        before, after = self.tokenizer.encode(prompt(product, copy)), self.tokenizer.encode(answer(copy["text"]))
        ids = torch.tensor((before.ids + after.ids)[: self.length + 1])
        wanted = torch.ones(len(ids) - len(before.ids), dtype=torch.bool)
        if name:
            # Of each place where the name stands, its tokens after the first: that it comes now is not to be guessed.
            text, wanted = answer(copy["text"]), torch.zeros_like(wanted)
            start = text.find(name)
            while start >= 0:
                inside = [i for i, (a, b) in enumerate(after.offsets) if b > start + 1 and a < start + len(name)][1:]
                wanted[[i for i in inside if i < len(wanted)]] = True
                start = text.find(name, start + len(name))
        return ids, len(before.ids), wanted, len(copy["text"].encode())

    @torch.no_grad()
    def __call__(self, model, dtype, rows: int = 16) -> dict:
        nats = size = right = total = 0
        for examples, score in ((self.plain, True), (self.renamed, False)):
            for i in range(0, len(examples), rows):
                some = examples[i : i + rows]
                ids = torch.zeros(len(some), self.length, dtype=torch.long)
                targets = torch.full((len(some), self.length), IGNORED)
                for j, (tokens, read, wanted, bytes_) in enumerate(some):
                    n = len(tokens) - 1
                    ids[j, :n] = tokens[:-1]
                    targets[j, read - 1 : n][wanted] = tokens[read:][wanted]
                    size += bytes_ if score else 0
                at = targets != IGNORED
                device = model.cos.device
                hidden = model(ids.to(device), causal(self.length).to(device), dtype).cpu()[at]
                logits = model.logits(hidden.to(device)).float().cpu()
                if score:
                    nats += F.cross_entropy(logits, targets[at], reduction="sum").item()
                else:
                    right += (logits.argmax(-1) == targets[at]).sum().item()
                    total += at.sum().item()
        return {"bits_per_byte": nats / 0.6931471805599453 / max(size, 1), "names_copied": right / max(total, 1)}
