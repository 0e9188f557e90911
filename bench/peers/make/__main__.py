"""Makes the same random model for Copywright, llama.cpp and onnxruntime: `python bench/peers/make FOLDER`."""

import json
import sys
from pathlib import Path

import gguf_file
import hugging_face
import onnx_file
from reference import best_prompt
from shape import VOCABULARY, weights
from words import SPACE, tokenizer, tokenizer_json


def main(folder: Path) -> None:
    tokens, merges, words = tokenizer(VOCABULARY)
    matrices, norms = weights(words)
    file = tokenizer_json(tokens, merges)
    hugging_face.write(folder / "copywright", matrices, norms, file)
    gguf_file.write(folder / "wllama/model.gguf", matrices, norms, file)
    onnx_file.write(folder / "transformers", matrices, norms, file)
    names = list(tokens)
    text = lambda ids: "".join(names[i] for i in ids).replace(SPACE, " ")
    found = best_prompt(matrices, norms, words)
    found |= {"prompt": text(found["ids"]), "text": text(found["greedy"])}
    (folder / "prompt.json").write_text(json.dumps(found, indent=1) + "\n")
    count = sum(m.q.size for m in matrices.values())
    print(f"{folder}: {count:,} weights in 4 bits; each greedy token leads by {found['margin']} RMS of the logits or more")


main(Path(sys.argv[1]))
