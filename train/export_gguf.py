"""Writes a model folder in Hugging Face's layout as a GGUF file, for llama.cpp and what is built on it.

    python train/export_gguf.py FOLDER FILE.gguf [--type f16]

The folder must hold a model of an architecture in gguf_file.py and a byte-level BPE tokenizer.json.
"""

import argparse
import json
from pathlib import Path

import gguf
from gguf import GGMLQuantizationType as Type
from gguf_file import ARCHITECTURES, check, converted, write
from layout import read_weights

TYPES = {"f32": Type.F32, "f16": Type.F16, "bf16": Type.BF16, "q8_0": Type.Q8_0, "q4_0": Type.Q4_0}
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LATER = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}",
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)


def cuts(pre: dict | None) -> list[str]:
    """What a pre_tokenizer does, one word or pattern for each step."""
    if pre is None:
        return []
    if pre["type"] == "Sequence":
        return [cut for part in pre["pretokenizers"] for cut in cuts(part)]
    if pre["type"] == "ByteLevel":
        assert not pre["add_prefix_space"], "GGUF has no place for a space before the first word"
        return [GPT2] if pre["use_regex"] else []
    if pre["type"] == "Digits":
        return ["digits"] if pre["individual_digits"] else ["numbers"]
    if pre["type"] == "Split" and "Regex" in pre["pattern"] and not pre["invert"]:
        return [pre["pattern"]["Regex"]]
    raise AssertionError(f"the pre-tokenizer {pre} has no name in llama.cpp")


def pre_tokenizer(tokenizer: dict) -> str:
    """llama.cpp's name for the way in which texts are cut before bytes are merged."""
    known = {
        (GPT2,): "gpt-2",
        ("digits", GPT2): "smollm",
        ("{1,3}".join(LATER),): "llama-bpe",
        ("".join(LATER),): "qwen2",
    }
    found = tuple(cuts(tokenizer["pre_tokenizer"]))
    assert found in known, f"no name in llama.cpp for a pre-tokenizer that cuts by {found}"
    return known[found]


def tokens(tokenizer: dict, vocab: int) -> tuple[list[str], list[gguf.TokenType]]:
    """Texts and kinds by id; ids that the model has and the tokenizer has not are unused."""
    texts = [f"[PAD{i}]" for i in range(vocab)]
    kinds = [gguf.TokenType.UNUSED] * vocab
    for text, i in tokenizer["model"]["vocab"].items():
        texts[i], kinds[i] = text, gguf.TokenType.NORMAL
    for added in tokenizer["added_tokens"]:
        texts[added["id"]] = added["content"]
        kinds[added["id"]] = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
    return texts, kinds


def first(value) -> int | None:
    return value[0] if isinstance(value, list) else value


def begins_with(tokenizer: dict, bos: int | None) -> bool:
    """Whether the tokenizer puts the token before every text."""
    post = tokenizer.get("post_processor") or {}
    single = [part for p in post.get("processors", [post]) for part in p.get("single", [])]
    return bool(single) and "SpecialToken" in single[0] and bos is not None


def byte_level(folder: Path, config: dict):
    """The part of a file that says how texts become tokens."""
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model = tokenizer["model"]
    assert model["type"] == "BPE" and not model.get("byte_fallback"), "only byte-level BPE can be exported"
    texts, kinds = tokens(tokenizer, config["vocab_size"])
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    template = folder / "chat_template.jinja"

    def add(out: gguf.GGUFWriter) -> None:
        out.add_tokenizer_model("gpt2")
        out.add_tokenizer_pre(pre_tokenizer(tokenizer))
        out.add_token_list(texts)
        out.add_token_types(kinds)
        out.add_token_merges(merges)
        bos = first(config.get("bos_token_id"))
        for id, put in (
            (bos, out.add_bos_token_id),
            (first(config.get("eos_token_id")), out.add_eos_token_id),
            (config.get("pad_token_id"), out.add_pad_token_id),
        ):
            if id is not None:
                put(id)
        out.add_add_bos_token(begins_with(tokenizer, bos))
        if template.exists():
            out.add_chat_template(template.read_text(encoding="utf-8"))

    return add


def export(folder: Path, file: Path, kind: Type) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] in ARCHITECTURES, f"{folder}: {config['model_type']} is not exported"
    manifest = folder / "manifest.json"
    about = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {"name": folder.name}
    weights = read_weights(folder)
    tokenizer = byte_level(folder, config)
    write(file, config, weights, kind, about["name"], tokenizer, license=about.get("license"))
    if kind in (Type.F32, Type.F16):
        check(file, converted(config, weights))
    print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=Path)
    args.add_argument("file", type=Path)
    args.add_argument("--type", choices=TYPES, default="f16", help="of the matrices; vectors are f32")
    args = args.parse_args()
    export(args.folder, args.file, TYPES[args.type])
