"""From random weights by gradient descent on the cross-entropy: warm-up, a plateau, a cosine to a twentieth.

A run lives in a folder: checkpoint.pt, from which it resumes by itself, curve.csv and curve.png. Matrices move by Muon
(momentum, orthogonalised by Newton-Schulz; Jordan et al. 2024), everything else by AdamW; `--optimizer adamw` uses AdamW
alone.
"""

import argparse
import csv
import json
import math
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
import torch.nn.functional as F
from tqdm import tqdm

from .batches import IGNORED, Batches
from .model import Config, Llama
from .probe import Probe

sys.path.insert(0, str(Path(__file__).parent))
from layout import read_weights  # noqa: E402

# Where the mixture begins for a model that has its English behind it.
LATE = 0.95
COLUMNS = ("step", "tokens", "minutes", "rate", "loss", "bits_per_byte", "names_copied")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path("target/train/data"), help="folder that `prepare` wrote")
    parser.add_argument("--run", type=Path, default=Path("target/train/run"), help="folder of this run")
    parser.add_argument("--begin", type=Path, metavar="MODEL", help="folder of a model whose weights a new run begins with")
    parser.add_argument("--tokens", type=float, default=400e6, help="tokens of the whole training")
    parser.add_argument("--decay", type=float, default=0.4, help="share of the training in which the rate falls")
    parser.add_argument("--decay-now", type=float, metavar="TOKENS", help="let the rate fall from here on, over so many")
    parser.add_argument("--rows", type=int, default=16, help="rows a step")
    parser.add_argument("--length", type=int, default=256, help="tokens a row")
    parser.add_argument("--rate", type=float, default=3e-3, help="AdamW's learning rate at the plateau")
    parser.add_argument("--muon-rate", type=float, default=6e-3, help="Muon's, on AdamW's scale of updates")
    parser.add_argument("--optimizer", choices=("muon", "adamw"), default="muon")
    parser.add_argument("--hidden", type=int, default=Config.hidden)
    parser.add_argument("--layers", type=int, default=Config.layers)
    parser.add_argument("--heads", type=int, default=Config.heads)
    parser.add_argument("--kv-heads", type=int, default=Config.kv_heads)
    parser.add_argument("--feed-forward", type=int, default=Config.feed_forward)
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--f32", action="store_true", help="compute in f32 (default: bf16, weights in f32)")
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    parser.add_argument("--probe-every", type=int, default=200, help="steps")
    parser.add_argument("--save-every", type=float, default=4, help="minutes")
    parser.add_argument("--seed", type=int, default=1)


def optimizers(model: Llama, args) -> list[torch.optim.Optimizer]:
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    if args.optimizer == "adamw":
        groups = [{"params": matrices, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
        return [torch.optim.AdamW(groups, args.rate, betas=(0.9, 0.95), fused=True)]
    muon = torch.optim.Muon(matrices, args.muon_rate, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    return [muon, torch.optim.AdamW(rest, args.rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)]


def rate(tokens: float, args, decay_from: float, decay_to: float) -> float:
    """Share of the learning rate: a linear warm-up over a hundredth (at most 1 M tokens), then 1, then a cosine down to 0.05."""
    warm = min(1.0, tokens / max(min(0.01 * args.tokens, 1e6), 1.0))
    if tokens < decay_from:
        return max(warm, 0.01)
    at = min(1.0, (tokens - decay_from) / max(decay_to - decay_from, 1.0))
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * at))


def chosen(targets: torch.Tensor, whole: int = 1024) -> tuple[torch.Tensor, torch.Tensor]:
    """The positions that count and their targets, filled up to whole thousands: only those need the wide head."""
    at = (targets != IGNORED).nonzero().flatten()
    fill = -len(at) % whole
    wanted = F.pad(targets[at], (0, fill), value=IGNORED)
    return F.pad(at, (0, fill)), wanted


def save(file: Path, state: dict) -> None:
    """Whole or not at all."""
    torch.save(state, file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)


def begin_curve(file: Path, step: int):
    """The curve up to this step, ready for more: what came after the checkpoint is computed again."""
    rows = list(csv.DictReader(file.open())) if step and file.exists() else []
    curve = file.open("w", newline="")
    write = csv.DictWriter(curve, COLUMNS)
    write.writeheader()
    write.writerows(r for r in rows if int(r["step"]) <= step)
    return curve


def plot(run: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with (run / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    figure, left = plt.subplots(figsize=(8, 4.5))
    left.plot([float(r["tokens"]) / 1e6 for r in rows], [float(r["loss"]) for r in rows], label="loss (mixture), nats")
    probed = [r for r in rows if r["bits_per_byte"]]
    for key, label in (("bits_per_byte", "validation, bits per byte"), ("names_copied", "unseen names copied")):
        left.plot([float(r["tokens"]) / 1e6 for r in probed], [float(r[key]) for r in probed], label=label)
    left.set(xlabel="million tokens", ylim=(0, 4))
    left.grid(alpha=0.3)
    left.legend()
    figure.savefig(run / "curve.png", dpi=120, bbox_inches="tight")
    plt.close(figure)


def main(args: argparse.Namespace) -> None:
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    args.run.mkdir(parents=True, exist_ok=True)
    batches = Batches(args.data, args.rows, args.length, args.seed)
    config = Config(args.hidden, args.layers, args.heads, args.kv_heads, args.feed_forward,
                    batches.tokenizer.get_vocab_size())  # fmt: skip
    if args.begin:
        config = Config.of(json.loads((args.begin / "config.json").read_text()))
    model = Llama(config).to(args.device)
    movers = optimizers(model, args)
    done = {"step": 0, "tokens": 0, "seconds": 0.0, "decay_from": None, "decay_to": None}
    file = args.run / "checkpoint.pt"
    if file.exists():
        state = torch.load(file, map_location=args.device, weights_only=False)
        if state["config"] != config.as_dict():
            raise SystemExit(f"{file} is a run of another shape: {state['config']}")
        model.load_state_dict(state["model"])
        for mover, saved in zip(movers, state["movers"]):
            mover.load_state_dict(saved)
        done = state["done"]
        batches.rng = random.Random(args.seed + done["step"])
    elif args.begin:
        model.load_state_dict(read_weights(args.begin))
    if args.decay_now:
        done["decay_from"], done["decay_to"] = done["tokens"], done["tokens"] + args.decay_now
    decay_from, end = done["decay_from"] or args.tokens * (1 - args.decay), done["decay_to"] or args.tokens
    dtype = torch.float32 if args.f32 else torch.bfloat16
    probe = Probe(args.data, batches.tokenizer, batches.augment.names)

    def body(ids, positions, mask):
        return model(ids, mask, dtype, positions).flatten(0, 1)

    def head(hidden, targets):
        return F.cross_entropy(model.logits(hidden).float(), targets, ignore_index=IGNORED)

    if not args.eager:
        from torch._inductor import config as inductor

        inductor.cpp.dynamic_threads = True
        body, head = torch.compile(body), torch.compile(head)
    curve = begin_curve(args.run / "curve.csv", done["step"])
    write = csv.DictWriter(curve, COLUMNS)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters / 1e6:.2f} million parameters, {done['tokens'] / 1e6:.1f} of {end / 1e6:.1f} million tokens read")
    bar = tqdm(total=int(end), initial=int(done["tokens"]), unit="tok", unit_scale=True, mininterval=5)
    losses, saved, start = [], time.monotonic(), time.monotonic() - done["seconds"]

    def keep() -> None:
        done["seconds"] = time.monotonic() - start
        state = {"config": config.as_dict(), "model": model.state_dict(), "movers": [m.state_dict() for m in movers]}
        save(file, state | {"done": done})
        plot(args.run)

    stop = []
    # Stopped by Ctrl-C or by the system, it saves what it has.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))

    def progress(tokens: int) -> float:
        """The mixture follows the plan, and the rate where the decay was called early."""
        fallen = (tokens - decay_from) / (end - decay_from) if done["decay_from"] else 0
        return min(1.0, max(tokens / args.tokens, fallen, LATE if args.begin else 0))

    # While one step is computed, the texts of the next are written.
    ahead = ThreadPoolExecutor(1)
    coming = ahead.submit(batches.next, progress(done["tokens"]))
    while done["tokens"] < end and not stop:
        share = rate(done["tokens"], args, decay_from, end)
        for mover in movers:
            for group in mover.param_groups:
                group["lr"] = share * (args.muon_rate if isinstance(mover, torch.optim.Muon) else args.rate)
        ids, positions, mask, targets = (t.to(args.device) for t in coming.result())
        coming = ahead.submit(batches.next, progress(done["tokens"] + ids.numel()))
        with torch.autocast(args.device, torch.bfloat16, enabled=not args.f32):
            at, wanted = chosen(targets.flatten())
            loss = head(body(ids, positions, mask).index_select(0, at), wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for mover in movers:
            mover.step()
            mover.zero_grad(set_to_none=True)
        losses.append(loss.item())
        done["step"] += 1
        done["tokens"] += ids.numel()
        bar.update(ids.numel())
        last = done["tokens"] >= end
        if done["step"] % 20 == 0 or last:
            found = {}
            if done["step"] % args.probe_every == 0 or last:
                with torch.autocast(args.device, torch.bfloat16, enabled=not args.f32):
                    found = {k: round(v, 4) for k, v in probe(model, dtype).items()}
                bar.write(json.dumps({"step": done["step"], **found}))
            mean = sum(losses) / len(losses)
            bar.set_postfix(loss=f"{mean:.3f}", **found)
            minutes = (time.monotonic() - start) / 60
            row = {"step": done["step"], "tokens": done["tokens"], "minutes": round(minutes, 2)}
            write.writerow(row | {"rate": f"{args.rate * share:.2e}", "loss": round(mean, 4)} | found)
            curve.flush()
            losses = []
        if last or stop or time.monotonic() - saved > args.save_every * 60:
            keep()
            saved = time.monotonic()
    coming.result()
    ahead.shutdown()
    bar.close()
