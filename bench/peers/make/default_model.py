"""A Llama in Hugging Face's layout as GGUF: `python bench/peers/make/default_model.py models/default OUT.gguf [f32]`."""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

from gguf_file import add_tokenizer, finish, llama_cpp_name, row_order, start


def main(folder: Path, path: Path, kind: str = "f16") -> None:
    read = lambda name: json.loads((folder / name).read_text(encoding="utf-8"))
    config = read("config.json")
    assert config["architectures"] == ["LlamaForCausalLM"], config["architectures"]
    dtype, file_type = {
        "f16": (np.float16, gguf.LlamaFileType.MOSTLY_F16),
        "f32": (np.float32, gguf.LlamaFileType.ALL_F32),
    }[kind]
    out = start(path, config, file_type)
    add_tokenizer(out, read("tokenizer.json"), config["eos_token_id"])
    # A tied head has no tensor of its own here, either.
    for name, tensor in load_file(folder / "model.safetensors").items():
        order = row_order(name, config)
        if order is not None:
            tensor = tensor[order]
        # llama.cpp wants norms in float32 always.
        out.add_tensor(llama_cpp_name(name), tensor.astype(dtype if tensor.ndim > 1 else np.float32))
    finish(out)
    print(f"{path}: {path.stat().st_size:,} bytes")


main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
