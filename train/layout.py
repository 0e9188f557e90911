"""Folders in Hugging Face's layout, with the manifest that Copywright wants beside it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType
from gguf.quants import dequantize
from safetensors.torch import load_file, save

INDEX = "model.safetensors.index.json"


def write_json(path: Path, value, indent: int | None = 1) -> None:
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


def write_weights(folder: Path, tensors: dict[str, torch.Tensor], shards: int = 1) -> None:
    """model.safetensors, or several files of about as many tensors each and their index."""
    if shards == 1:
        (folder / "model.safetensors").write_bytes(save(tensors, metadata={"format": "pt"}))
        return
    names, weight_map = list(tensors), {}
    for i in range(shards):
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        part = names[i * len(names) // shards : (i + 1) * len(names) // shards]
        (folder / file).write_bytes(save({n: tensors[n] for n in part}, metadata={"format": "pt"}))
        weight_map |= dict.fromkeys(part, file)
    total = sum(t.nbytes for t in tensors.values())
    write_json(folder / INDEX, {"metadata": {"total_size": total}, "weight_map": weight_map})


def write_manifest(
    folder: Path, name: str, license: str, version: str = "1", prompt: str = "none", files: tuple[str, ...] = ()
) -> None:
    """Lists these files, or what lies in the folder: small files first, so that what is wrong shows early."""
    names = files or [p.name for p in folder.iterdir() if p.name not in ("manifest.json", "expected.json")]
    files = [folder / n for n in names if n.endswith((".json", ".safetensors"))]
    files.sort(key=lambda p: (p.suffix, p.name))
    entries = [{"path": p.name, "size": p.stat().st_size, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()} for p in files]
    manifest = {"name": name, "version": version, "license": license, "languages": ["en"], "prompt": prompt}
    write_json(folder / "manifest.json", manifest | {"files": entries})


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    return {k: t for p in sorted(folder.glob("*.safetensors")) for k, t in read_file(p).items()}


def packed(file: Path) -> dict[str, dict]:
    """The header of a file with packed weights (train/export.py), which no other reader knows; else nothing."""
    with file.open("rb") as data:
        header = json.loads(data.read(int.from_bytes(data.read(8), "little")))
    header.pop("__metadata__", None)
    return header if any(t["dtype"] == "Q8_0" for t in header.values()) else {}


def read_file(file: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file; packed ones as the numbers that they stand for."""
    header = packed(file)
    if not header:
        return load_file(file)
    data, tensors = np.fromfile(file, np.uint8), {}
    data = data[8 + int.from_bytes(data[:8].tobytes(), "little") :]
    for name, t in header.items():
        bytes_ = data[slice(*t["data_offsets"])]
        if t["dtype"] == "Q8_0":
            numbers = dequantize(bytes_.reshape(t["shape"][0], -1), GGMLQuantizationType.Q8_0)
        else:
            assert t["dtype"] == "F32", f"{file}: {name} has the type {t['dtype']}"
            numbers = bytes_.view(np.float32)
        tensors[name] = torch.from_numpy(numbers.reshape(t["shape"]).copy())
    return tensors
