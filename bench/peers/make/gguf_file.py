"""GGUF with Q4_0, for llama.cpp."""

from pathlib import Path

import gguf
import numpy as np

from hugging_face import CONFIG
from shape import BLOCK, Quantized

NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
OUTSIDE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
OUTSIDE["lm_head.weight"] = "output.weight"


def llama_cpp_name(name: str) -> str:
    """A tensor's name in GGUF."""
    if name in OUTSIDE:
        return OUTSIDE[name]
    layer, part = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{NAMES[part]}.weight"


def row_order(name: str, config: dict) -> list[int] | None:
    """Rows of q or k for llama.cpp, which rotates rows 2i and 2i + 1 of a head together, not i and i + half."""
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}.get(name.split(".")[-2])
    if heads is None:
        return None
    heads, head = config[heads], config["head_dim"]
    return np.arange(heads * head).reshape(heads, 2, head // 2).swapaxes(1, 2).reshape(-1).tolist()


def q4_0(matrix: Quantized) -> np.ndarray:
    """Blocks of a scale and 16 bytes; byte i holds quants i and, above it, i + 16."""
    rows, columns = matrix.q.shape
    q = matrix.q.reshape(rows, columns // BLOCK, 2, BLOCK // 2)
    scale = matrix.scale.reshape(rows, columns // BLOCK, 1).view(np.uint8)
    return np.concatenate([scale, q[:, :, 0] | q[:, :, 1] << 4], -1).reshape(rows, -1)


def start(path: Path, config: dict, file_type: gguf.LlamaFileType) -> gguf.GGUFWriter:
    """A file with the hyperparameters of a Llama, from its config.json."""
    path.parent.mkdir(parents=True, exist_ok=True)
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("peers")
    out.add_file_type(file_type)
    out.add_vocab_size(config["vocab_size"])
    out.add_context_length(config["max_position_embeddings"])
    out.add_embedding_length(config["hidden_size"])
    out.add_block_count(config["num_hidden_layers"])
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_head_count(config["num_attention_heads"])
    out.add_head_count_kv(config["num_key_value_heads"])
    out.add_layer_norm_rms_eps(config["rms_norm_eps"])
    out.add_rope_dimension_count(config["head_dim"])
    out.add_rope_freq_base(config.get("rope_parameters", config)["rope_theta"])
    return out


def add_tokenizer(out: gguf.GGUFWriter, tokenizer: dict, end: int) -> None:
    """Byte-level byte pairs, cut beforehand as GPT-2 cuts, from tokenizer.json."""
    before, model = tokenizer["pre_tokenizer"], tokenizer["model"]
    assert before["type"] == "ByteLevel" and before["use_regex"] and not before["add_prefix_space"], before
    assert tokenizer["normalizer"] is None and model["type"] == "BPE" and not model["byte_fallback"]
    special = {t["id"] for t in tokenizer["added_tokens"]}
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    assert [model["vocab"][t] for t in tokens] == list(range(len(tokens)))
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(tokens)
    kind = lambda i: gguf.TokenType.CONTROL if i in special else gguf.TokenType.NORMAL
    out.add_token_types([kind(i) for i in range(len(tokens))])
    out.add_token_merges([" ".join(m) if isinstance(m, list) else m for m in model["merges"]])
    out.add_eos_token_id(end)
    out.add_add_bos_token(False)


def finish(out: gguf.GGUFWriter) -> None:
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def write(path: Path, matrices, norms, tokenizer: dict) -> None:
    out = start(path, CONFIG, gguf.LlamaFileType.MOSTLY_Q4_0)
    add_tokenizer(out, tokenizer, CONFIG["eos_token_id"])
    for name, tensor in (matrices | norms).items():
        if not isinstance(tensor, Quantized):
            out.add_tensor(llama_cpp_name(name), tensor.astype(np.float32))
            continue
        if order := row_order(name, CONFIG):
            tensor = tensor.rows(order)
        # The writer derives the shape from the bytes and the type.
        out.add_tensor(llama_cpp_name(name), q4_0(tensor), raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    finish(out)
    check(path, matrices)


def check(path: Path, matrices) -> None:
    """The file, read back by the gguf package, says what the other files say."""
    read = {t.name: t for t in gguf.GGUFReader(path).tensors}
    for name in ("model.embed_tokens.weight", "model.layers.3.mlp.down_proj.weight", "lm_head.weight"):
        tensor = read[llama_cpp_name(name)]
        assert (gguf.dequantize(tensor.data, tensor.tensor_type) == matrices[name].values()).all(), name
