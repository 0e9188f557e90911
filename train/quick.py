"""The whole way in two minutes: a small part of the corpus, a tiny model, and checks that each step did its work.

Texts packed into rows must be computed as each of them alone, the loss must fall by 2.5 nats from what chance gives,
transformers must compute what the exported weights say, and the folder must load in the engine, for which
`tests/trained.rs` is there.
"""

import argparse
import csv
import math
import shutil
from pathlib import Path

import torch

from . import export, fit, prepare
from .batches import IGNORED, Batches, Row
from .brief import answer, prompt
from .model import causal

FALL = 2.5
VOCABULARY = 1024


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("target/train/quick"), help="folder to write to, anew")
    parser.add_argument("--corpus", type=Path, default=prepare.CORPUS, help="folder of products as JSON lines")
    parser.add_argument("--products", type=int, default=160)


def step(module, *words: str | Path) -> None:
    parser = argparse.ArgumentParser()
    module.arguments(parser)
    module.main(parser.parse_args([str(w) for w in words]))


@torch.no_grad()
def packed(run: Path, data: Path) -> None:
    """A row of products with several copies gives each token the probability that its text alone gives it."""
    model, batches = export.load(run), Batches(data, 1, 384, seed=5)
    row, pairs = Row(*(torch.full((384,), v) for v in (0, 0, IGNORED, 0, 0))), []
    for product in batches.products[:8]:
        before = row.number
        copies = sorted(product["copies"], key=lambda c: len(c["text"]))[:3]
        batches.gold = lambda product=product, copies=copies: (product, copies)
        row.product(*batches.texts("gold"))
        pairs += [(product, c) for c in copies[: max(0, row.number - before - 1)]]
    assert len(pairs) >= 4 and row.number > len(pairs), "a row holds several products with several copies"

    def nats(ids, mask, targets, positions=None):
        return torch.nn.functional.cross_entropy(
            model.logits(model(ids[None], mask, positions=positions))[0], targets, ignore_index=IGNORED, reduction="none"
        )[targets != IGNORED]

    together = nats(row.ids, causal(384, row.texts[None], row.blocks[None]), row.targets, row.positions[None])
    alone = []
    for product, copy in pairs:
        before, after = (batches.tokenizer.encode(t).ids for t in (prompt(product, copy), answer(copy["text"])))
        ids = torch.tensor(before + after)
        targets = torch.full((len(ids) - 1,), IGNORED)
        targets[len(before) - 1 :] = ids[len(before) :]
        alone.append(nats(ids[:-1], causal(len(ids) - 1), targets))
    alone = torch.cat(alone)
    assert together.shape == alone.shape and (together - alone).abs().max() < 1e-4, "packing changes what is computed"
    print(f"packed as alone: {len(alone)} tokens of {len(pairs)} copies, off by {(together - alone).abs().max():.1e} nats")


def main(args: argparse.Namespace) -> None:
    shutil.rmtree(args.out, ignore_errors=True)
    corpus, data, run, model = (args.out / n for n in ("corpus", "data", "run", "model"))
    corpus.mkdir(parents=True)
    texts = [line for f in sorted(args.corpus.glob("*.jsonl")) for line in f.read_text(encoding="utf-8").split("\n") if line]
    every = max(1, len(texts) // args.products)
    (corpus / "some.jsonl").write_text("\n".join(texts[::every]) + "\n", encoding="utf-8")
    step(prepare, "--corpus", corpus, "--data", data, "--vocabulary", VOCABULARY)
    shape = "--hidden 64 --layers 2 --heads 2 --kv-heads 1 --feed-forward 192".split()
    size = "--rows 8 --length 192 --tokens 450000 --rate 8e-3 --muon-rate 8e-3 --probe-every 140 --f32 --eager".split()
    step(fit, "--data", data, "--run", run, *shape, *size)
    with (run / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    chance, last = math.log(VOCABULARY), sum(float(r["loss"]) for r in rows[-3:]) / 3
    assert last < chance - FALL, f"the loss fell from {chance:.2f} (chance) to {last:.2f} nats only"
    assert rows[-1]["bits_per_byte"] and (run / "curve.png").stat().st_size > 1000
    packed(run, data)
    # It resumes where it stood, and has nothing left to do.
    step(fit, "--data", data, "--run", run, *shape, *size)
    step(export, "--run", run, "--data", data, "--out", model, "--gguf", args.out / "model.gguf", "--name", "quick")
    print(f"ok: loss {chance:.2f} -> {last:.2f} nats, {rows[-1]['bits_per_byte']} bits per byte on unseen products")
