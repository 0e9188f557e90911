"""From a model that knows the language to one that keeps to its brief: it writes, is told what is good, and learns from that.

Each step draws some texts for each of some briefs of training products, counts what is good about them (`rewards.py`) and
moves the probability of each text by how much better it is than the others of its brief: the policy gradient of REINFORCE
(Williams 1992) with the mean of the group as its baseline (Shao et al. 2024, without the division by the deviation, as Liu
et al. 2025 have it). Where a text begins to repeat itself, the token that does so is made unlikely by itself (after the sequence-level
unlikelihood of Welleck et al. 2020). Two things hold it back: what the model thought of a text before is part of its reward, and with each
step it reads copies that people wrote, by the cross-entropy as before.
"""

import argparse
import copy as copying
import csv
import random
import signal
import time
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from tqdm import tqdm

from .batches import IGNORED, Batches, Row
from .brief import END, FORMATS, SPECIAL, about, asked, shown
from .draw import drawn
from .export import load
from .fit import chosen, save
from .frames import TONES
from .grammar import Grammar
from .model import Llama, causal
from .probe import Probe
from .rewards import Rewards, alike, most_tokens

# How often a format is asked for.
OFTEN = dict.fromkeys(FORMATS, 1.0) | {"product-blurb": 2.0, "meta-description": 2.0, "support-reply": 0.5}
# A text with more slips than this, as its reward counts them, is no variant, however new it begins.
SLIP = -0.6
# Of the briefs so many are of products whose pieces are known.
KNOWN = 0.75
COLUMNS = ("step", "minutes", "reward", "fluent", "loss", "bits_per_byte", "names_copied", "parts")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("target/train/data"), help="folder that `prepare` wrote")
    parser.add_argument("--run", type=Path, default=Path("target/train/run"), help="the run of `fit` that it begins with")
    parser.add_argument("--out", type=Path, default=Path("target/train/refined"), help="folder of this run; it resumes")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--briefs", type=int, default=32, help="briefs a step")
    parser.add_argument("--variants", type=int, default=8, help="texts of a brief")
    parser.add_argument("--temperature", type=float, default=0.7)
    parser.add_argument("--rate", type=float, default=2.5e-4, help="AdamW's learning rate; it falls to a tenth")
    parser.add_argument("--fluent", type=float, default=0.5, help="weight of what the first model thinks, nats a token")
    parser.add_argument("--variety", type=float, default=2.0, help="weight of beginning as the others of a brief do")
    parser.add_argument("--near", type=float, default=0.5, help="weight of saying the same as the others of a brief do")
    parser.add_argument("--unlikely", type=float, default=8.0, help="weight of the tokens with which a repeat begins")
    parser.add_argument("--read", type=float, default=0.5, help="weight of the loss on what people wrote")
    parser.add_argument("--rows", type=int, default=16, help="rows of what people wrote, a step")
    parser.add_argument("--length", type=int, default=320, help="tokens a row of drawn texts")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    parser.add_argument("--f32", action="store_true")
    parser.add_argument("--probe-every", type=int, default=50, help="steps")
    parser.add_argument("--seed", type=int, default=1)


def brief(batches: Batches, rng: random.Random) -> tuple[dict, dict, Grammar | None]:
    """A training product, what is asked for, and, of most, what may be written. Half of the others have other names and other numbers."""
    while True:
        format = rng.choices(list(OFTEN), list(OFTEN.values()))[0]
        if batches.composer and rng.random() < KNOWN:
            return batches.composer.ask(rng, format)
        product = rng.choice(batches.products)
        of = [c for c in product["copies"] if c["format"] == format]
        if of:
            copy = rng.choice(of)
        elif format in ("recommendation", "support-reply"):
            continue
        else:
            copy = {"format": format, "tone": rng.choice(TONES), "text": ""}
        if rng.random() < 0.5:
            product, (copy, *_) = batches.augment(rng, product, [copy])
        return product, copy, None


class Packed:
    """Drawn texts in rows, each brief once for as many of its texts as fit behind it."""

    def __init__(self, length: int, rows: int):
        self.length, self.rows, self.batches, self.row = length, rows, [], None
        self.next()

    def add(self, about: list[int], read: list[int], texts: list[list[int]], first: int) -> None:
        """Texts number `first` and on."""
        left = list(enumerate(texts, first))
        while left:
            room = self.length - self.row.at - len(about)
            some = []
            while left and (size := len(read) + len(left[0][1]) - 1) <= room:
                some.append(left.pop(0))
                room -= size
            if not some:
                if self.row.at == 0:
                    some = [left.pop(0)]  # Longer than a row: what there is room for counts.
                else:
                    self.next()
                    continue
            block = self.row.number + 1
            self.row.product(about, [(read, text) for _, text in some])
            for i, (number, _) in enumerate(some):
                self.owner[self.at][self.row.texts == block + 1 + i] = number

    def next(self) -> None:
        self.at = 0 if self.row is None else self.at + 1
        if self.row is None or self.at == self.rows:
            shape, self.at = (self.rows, self.length), 0
            self.ids, self.positions, self.texts, self.blocks = (torch.zeros(shape, dtype=torch.long) for _ in range(4))
            self.targets, self.owner = torch.full(shape, IGNORED), torch.zeros(shape, dtype=torch.long)
            self.batches.append((self.ids, self.positions, self.texts, self.blocks, self.targets, self.owner))
        parts = (self.ids, self.positions, self.targets, self.texts, self.blocks)
        self.row = Row(*(t[self.at] for t in parts))

    def all(self):
        """ids, positions, mask, targets, number of the text [rows, length]."""
        for ids, positions, texts, blocks, targets, owner in self.batches:
            yield ids, positions, causal(self.length, texts, blocks), targets, owner


def marked(owner: torch.Tensor, targets: torch.Tensor, wrong: list[torch.Tensor]) -> torch.Tensor:
    """The marks of the texts' tokens, where these stand in the rows."""
    marks = torch.zeros_like(owner, dtype=torch.bool)
    for row in range(len(owner)):
        for number in owner[row].unique().tolist():
            at = ((owner[row] == number) & (targets[row] != IGNORED)).nonzero().flatten()
            marks[row, at] = wrong[number][: len(at)]
    return marks


class Pieces:
    """Which tokens of a text stand in given spans of its characters. Byte-level tokens are strings in which a letter stands for
    a byte (GPT-2's table); special ones are no part of the text."""

    def __init__(self, tokenizer):
        tokens = (tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size()))
        self.lengths = [0 if t in SPECIAL else len(t) for t in tokens]

    def inside(self, tokens: list[int], text: str, spans: list[tuple[int, int]]) -> list[bool]:
        """`text` is what `tokens` stand for, spaces at the beginnings of lines with it."""
        at, ends = 0, []
        spans = [(len(text[:a].encode()), len(text[:b].encode())) for a, b in spans]
        for token in tokens:
            ends.append((at, at := at + self.lengths[token]))
        return [any(a < end and start < b for start, end in spans) for a, b in ends]


def main(args: argparse.Namespace) -> None:
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    file = args.out / "checkpoint.pt"
    model: Llama = load(args.out if file.exists() else args.run)
    before = copying.deepcopy(load(args.run)).requires_grad_(False)
    mover = torch.optim.AdamW(model.parameters(), args.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    done = {"step": 0, "seconds": 0.0}
    if file.exists():
        state = torch.load(file, map_location="cpu", weights_only=False)
        mover.load_state_dict(state["movers"][0])
        done = state["done"]
    batches = Batches(args.data, args.rows, 256, args.seed + done["step"])
    encode, end = batches.tokenizer.encode, batches.tokenizer.token_to_id(END)
    rng, generator = random.Random(args.seed + done["step"]), torch.Generator().manual_seed(args.seed + done["step"])
    rewards, probe = Rewards(batches.products), Probe(args.data, batches.tokenizer, batches.augment.names)
    dtype = torch.float32 if args.f32 else torch.bfloat16

    def nats(of: Llama, temperature: float):
        def body(ids, positions, mask):
            return of(ids, mask, dtype, positions).flatten(0, 1)

        def head(hidden, targets):
            return F.cross_entropy(of.logits(hidden).float() / temperature, targets, ignore_index=IGNORED, reduction="none")

        if not args.eager:
            body, head = torch.compile(body), torch.compile(head)

        def compute(ids, positions, mask, targets):
            """Which positions count, and the nats of their targets."""
            with torch.autocast("cpu", torch.bfloat16, enabled=not args.f32):
                at, wanted = chosen(targets.flatten())
                return at, wanted != IGNORED, head(body(ids, positions, mask).index_select(0, at), wanted)

        return compute

    pieces = Pieces(batches.tokenizer)
    now, then, reading = nats(model, args.temperature), nats(before, 1.0), nats(model, 1.0)
    writer = copying.deepcopy(model).to(dtype)
    curve = (args.out / "curve.csv").open("a", newline="")
    write = csv.DictWriter(curve, COLUMNS)
    if done["step"] == 0:
        write.writeheader()
    stop = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    start, sums, count = time.monotonic() - done["seconds"], Counter(), 0
    bar = tqdm(total=args.steps, initial=done["step"], mininterval=5)
    while done["step"] < args.steps and not stop:
        briefs = sorted((brief(batches, rng) for _ in range(args.briefs)), key=lambda b: most_tokens(b[1]["format"]))
        lines = [(encode(about(p)).ids, encode(asked(c)).ids) for p, c, _ in briefs]
        writer.load_state_dict(model.state_dict())
        texts = []
        # Short and long formats apart: nobody waits for a blog behind a headline.
        for half in (slice(0, args.briefs // 2), slice(args.briefs // 2, None)):
            most = [most_tokens(c["format"]) for _, c, _ in briefs[half]]
            texts += drawn(writer, [a + b for a, b in lines[half]], args.variants, end, most, args.temperature, generator, dtype)
        pack, reward, wrong = Packed(args.length, 8), torch.zeros(len(briefs), args.variants), []
        for i, ((product, copy, grammar), (a, b), variants) in enumerate(zip(briefs, lines, texts)):
            said = [shown(batches.tokenizer.decode(t, skip_special_tokens=False)) for t in variants]
            for j, (text, tokens, (begin, near)) in enumerate(zip(said, variants, alike(said))):
                parts = rewards.parts(product, copy, text, tokens[-1] == end, grammar)
                if parts.get("frames", 0) < SLIP:
                    begin = near = 1.0
                if len(variants) > 1:
                    parts |= {"alike": -args.variety * begin, "near": -args.near * near}
                sums.update(parts)
                reward[i, j] = sum(parts.values())
                raw = batches.tokenizer.decode(tokens, skip_special_tokens=True)
                faults = [*rewards.faults(product, raw), *(grammar.faults(raw) if grammar else ())]
                wrong.append(torch.tensor(pieces.inside(tokens, raw, faults)))
            count += len(variants)
            pack.add(a, b, variants, i * args.variants)
        packed = list(pack.all())
        thought, tokens = torch.zeros(reward.numel()), torch.zeros(reward.numel())
        with torch.no_grad():
            for ids, positions, mask, targets, owner in packed:
                at, counts, lost = then(ids, positions, mask, targets)
                who = owner.flatten()[at][counts]
                thought.index_add_(0, who, lost[counts])
                tokens.index_add_(0, who, torch.ones_like(lost[counts]))
        fluent = (-thought / tokens.clamp(min=1)).view_as(reward)
        total = reward + args.fluent * fluent
        better = (total - total.mean(1, keepdim=True)).flatten()
        weight = better / tokens.sum()
        for ids, positions, mask, targets, owner in packed:
            at, counts, lost = now(ids, positions, mask, targets)
            loss = (lost * weight[owner.flatten()[at]] * counts).sum()
            bad = marked(owner, targets, wrong).flatten()[at] & counts
            unlikely = -torch.log1p(-torch.exp(-lost[bad]).clamp(max=0.999)).sum() / tokens.sum()
            (loss + args.unlikely * unlikely).backward()
            sums["wrong"] -= bad.sum().item()
        ids, positions, mask, targets = batches.next(1.0)
        _, counts, lost = reading(ids, positions, mask, targets)
        read = lost.sum() / counts.sum()
        (args.read * read).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        share = min(1.0, (done["step"] + 1) / 10) * (1 - 0.9 * done["step"] / args.steps)
        for group in mover.param_groups:
            group["lr"] = args.rate * share
        mover.step()
        mover.zero_grad(set_to_none=True)
        done["step"] += 1
        bar.update()
        sums.update({"reward": reward.mean().item(), "fluent": fluent.mean().item(), "loss": read.item(), "steps": 1})
        last = done["step"] >= args.steps or stop
        if done["step"] % 10 == 0 or last:
            found = {}
            if done["step"] % args.probe_every == 0 or last:
                with torch.autocast("cpu", torch.bfloat16, enabled=not args.f32):
                    found = {k: round(v, 4) for k, v in probe(model, dtype).items()}
            steps = sums.pop("steps")
            row = {k: round(sums.pop(k) / steps, 4) for k in ("reward", "fluent", "loss")}
            parts = " ".join(f"{k} {v / count:.3f}" for k, v in sorted(sums.items()))
            minutes = round((time.monotonic() - start) / 60, 2)
            row = {"step": done["step"], "minutes": minutes, **row, **found, "parts": parts}
            bar.write(str(row))
            write.writerow(row)
            curve.flush()
            sums, count = Counter(), 0
        if done["step"] % 25 == 0 or last:
            done["seconds"] = time.monotonic() - start
            state = {"config": model.c.as_dict(), "model": model.state_dict(), "movers": [mover.state_dict()], "done": done}
            save(file, state)
    bar.close()
