"""The whole way in two minutes: a small part of the corpus, a tiny model, and checks that each step did its work.

Texts packed into rows must be computed as each of them alone, texts drawn together must be those that are drawn alone, the
loss must fall by 2.5 nats from what chance gives, rewards must tell good texts from bad ones and rise by 0.5, composed copies must be without a fault, transformers must compute what the exported weights say, and the folder must load in the engine, for which
`tests/trained.rs` is there.
"""

import argparse
import csv
import math
import random
import shutil
from collections import Counter
from pathlib import Path

import torch

from . import export, fit, prepare, refine
from .batches import IGNORED, Batches, Row
from .brief import END, FORMATS, about, answer, asked, prompt
from .draw import drawn
from .frames import TONES, Writer
from .grammar import Grammar
from .judge import judge
from .model import causal, continued
from .rewards import Rewards

FALL = 2.5
RISE = 0.5
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
        batches.copies = lambda _, product=product, copies=copies: (product, copies)
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


@torch.no_grad()
def together(run: Path, data: Path) -> None:
    """Texts that are drawn together, and those that are packed behind one brief, are what each of them is alone."""
    model, batches = export.load(run), Batches(data, 1, 256, seed=6)
    encode, end = batches.tokenizer.encode, batches.tokenizer.token_to_id(END)
    briefs = [(p, p["copies"][0]) for p in batches.products[:6]]
    prompts = [encode(prompt(p, c)).ids for p, c in briefs]
    most = [3 + 5 * i for i in range(len(briefs))]
    for prompt_, n, texts in zip(prompts, most, drawn(model, prompts, 2, end, most, 0.0)):
        assert texts == [continued(model, prompt_, end, n)] * 2, "texts drawn together are others than those drawn alone"
    texts = drawn(model, prompts, 5, end, most, 1.0, torch.Generator().manual_seed(3))
    assert any(len({tuple(t) for t in of}) > 1 for of in texts), "variants are not drawn"
    packed = refine.Packed(224, 2)
    for i, ((product, copy), variants) in enumerate(zip(briefs, texts)):
        packed.add(encode(about(product)).ids, encode(asked(copy)).ids, variants, 5 * i)
    found = torch.zeros(5 * len(briefs))
    for ids, positions, mask, targets, owner in packed.all():
        logits = model.logits(model(ids, mask, positions=positions)).flatten(0, 1)
        nats = torch.nn.functional.cross_entropy(logits, targets.flatten(), ignore_index=IGNORED, reduction="none")
        found.index_add_(0, owner.flatten()[targets.flatten() != IGNORED], nats[targets.flatten() != IGNORED])
    for number, nats in enumerate(found):
        before, after = prompts[number // 5], texts[number // 5][number % 5]
        ids = torch.tensor(before + after)
        logits = model.logits(model(ids[None, :-1], causal(len(ids) - 1)))[0, len(before) - 1 :]
        alone = torch.nn.functional.cross_entropy(logits, ids[len(before) :], reduction="sum")
        assert abs(nats - alone) < 1e-3, f"text {number} has {nats} nats in its row and {alone} alone"
    print(f"drawn as alone: {len(briefs)} briefs, {len(found)} texts in {len(packed.batches)} batches of rows")


def judged(data: Path) -> None:
    """Rewards find what is wrong, and only that."""
    products = Batches(data, 1, 256, seed=7).products
    rewards = Rewards(products)
    lamp = dict(export.EXAMPLE, brand=None)
    copy = {"format": "product-blurb", "tone": "plain"}
    start = "Lumen Arc is a desk lamp for students in small flats. It folds flat, dims with a tap and has USB-C charging"
    copied = next(c["text"] for p in products for c in p["copies"] if len(c["text"].split()) > 20)
    for text, ended, wrong in (
        (f"{start}, and it costs €49.", True, set()),
        (f"{start}, for €59.", True, {"number"}),
        (f"{start}, for €49", False, {"ending"}),
        (f"{start}. It folds flat, dims with a desk.", True, {"repeats", "again"}),
        (f"{start} blorptastic.", True, {"strange"}),
        ("Lumen Arc is a desk lamp for students. It folds flat and costs €49, in small flats" + "." * 80, True, {"features"}),
        (f"{start}. {copied}", True, {"copied"}),
        ("Students in small flats: a desk lamp that folds flat, dims with a tap and has USB-C charging, for €49.", True, {"name"}),
    ):
        parts = rewards.parts(lamp, copy, text, ended)
        assert wrong <= set(parts) and (wrong or not set(parts) - {"short", "strange"}), f"{parts} for {text!r}"
    print("judged: 8 texts as expected")


def composed(data: Path) -> None:
    """Composed copies keep to their briefs, in all formats and tones, and none comes twice."""
    batches, rng, seen, kinds, wrong = Batches(data, 1, 256, seed=8), random.Random(8), Counter(), Counter(), []
    for _ in range(400):
        product, copies = batches.composer(rng)
        for one in copies:
            wrong += [(fault, one["text"]) for fault in judge(one["text"], {**product, **one})]
            seen[product["name"] + one["text"]] += 1
            kinds.update((one["format"], one["tone"]))
    assert max(seen.values()) == 1, "a copy came twice"
    assert set(kinds) == {*FORMATS, *TONES} and min(kinds.values()) > 5, kinds
    # "A strap to pull it by" ends on a preposition, and may.
    assert len(wrong) < 0.005 * len(seen), wrong
    print(f"composed: {len(seen)} copies, of which {len(wrong)} seem to break a rule")


def parsed(data: Path) -> None:
    """What the composer writes is what `grammar.py` allows, and hardly anything else is."""
    composer, rng, count, slips = Batches(data, 1, 256, seed=9).composer, random.Random(9), 0, 0
    for format in FORMATS * 20:
        product, pieces = composer.changed(rng, rng.choice(composer.records))
        writer = Writer(rng, product, pieces, rng.choice(TONES))
        if not (copy := writer.copy(format)):
            continue
        replies = [writer.replies(a) for q, a in pieces["q"] if q == (copy["context"] or {}).get("question")]
        grammar = Grammar(product, pieces, copy, sum(replies, []))
        text, count = copy["text"], count + 1
        assert grammar.outside(text) == 0, f"{text!r} of {product}"
        at = rng.choice([i for i, c in enumerate(text) if c == " "])
        assert [*grammar.faults(f"{text} ~")][:1] == [(len(text) + 1, len(text) + 2)], text
        slips += all(grammar.outside(t) > 0 for t in (text[:at] + " rather" + text[at:], text[:at] + text[at + 1 :]))
    assert slips == count > 100, f"{slips} of {count} spoilt texts are found"
    print(f"parsed: {count} copies, and none of them spoilt")


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
    together(run, data)
    judged(data)
    composed(data)
    parsed(data)
    refined = args.out / "refined"
    turns = "--steps 30 --briefs 8 --variants 8 --rows 2 --temperature 1 --rate 5e-3 --read 0.2 --f32 --eager".split()
    step(refine, "--data", data, "--run", run, "--out", refined, *turns)
    with (refined / "curve.csv").open() as file:
        rewards = [float(r["reward"]) for r in csv.DictReader(file)]
    assert rewards[-1] > rewards[0] + RISE, f"rewards did not rise: {rewards}"
    # It resumes where it stood, and has nothing left to do.
    step(fit, "--data", data, "--run", run, *shape, *size)
    step(export, "--run", run, "--data", data, "--out", model, "--gguf", args.out / "model.gguf", "--name", "quick")
    # A run that begins with its weights knows at once what it knew.
    again = args.out / "again"
    step(fit, "--data", data, "--run", again, "--begin", model, *size, "--tokens", 62000)
    with (again / "curve.csv").open() as file:
        first = float(next(csv.DictReader(file))["loss"])
    assert first < chance - FALL + 0.5, f"a run that begins with a model begins with a loss of {first:.2f}"
    print(f"ok: loss {chance:.2f} -> {last:.2f} nats, {rows[-1]['bits_per_byte']} bits per byte on unseen products")
