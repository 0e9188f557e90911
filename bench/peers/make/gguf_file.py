"""GGUF with Q4_0, for llama.cpp."""

from pathlib import Path

import gguf
import numpy as np

from shape import BLOCK, CONTEXT, EPS, HEAD, HEADS, HIDDEN, INTERMEDIATE, KV_HEADS, LAYERS, THETA, VOCABULARY, Quantized
from words import SPECIAL

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


def interleaved(heads: int, head: int) -> np.ndarray:
    """Rows of q or k for llama.cpp, which rotates rows 2i and 2i + 1 of a head together, not i and i + half."""
    return np.arange(heads * head).reshape(heads, 2, head // 2).swapaxes(1, 2).reshape(-1)


def q4_0(matrix: Quantized) -> np.ndarray:
    """Blocks of a scale and 16 bytes; byte i holds quants i and, above it, i + 16."""
    rows, columns = matrix.q.shape
    q = matrix.q.reshape(rows, columns // BLOCK, 2, BLOCK // 2)
    scale = matrix.scale.reshape(rows, columns // BLOCK, 1).view(np.uint8)
    return np.concatenate([scale, q[:, :, 0] | q[:, :, 1] << 4], -1).reshape(rows, -1)


def write(path: Path, matrices, norms, tokens: dict[str, int], merges) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("peers")
    out.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    out.add_vocab_size(VOCABULARY)
    out.add_context_length(CONTEXT)
    out.add_embedding_length(HIDDEN)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(INTERMEDIATE)
    out.add_head_count(HEADS)
    out.add_head_count_kv(KV_HEADS)
    out.add_layer_norm_rms_eps(EPS)
    out.add_rope_dimension_count(HEAD)
    out.add_rope_freq_base(THETA)
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(list(tokens))
    kind = lambda token: gguf.TokenType.CONTROL if token in SPECIAL else gguf.TokenType.NORMAL
    out.add_token_types([kind(token) for token in tokens])
    out.add_token_merges([f"{a} {b}" for a, b in merges])
    out.add_eos_token_id(tokens["<|end|>"])
    out.add_add_bos_token(False)
    for name, tensor in (matrices | norms).items():
        if not isinstance(tensor, Quantized):
            out.add_tensor(llama_cpp_name(name), tensor.astype(np.float32))
            continue
        if ".q_proj" in name or ".k_proj" in name:
            tensor = tensor.rows(interleaved(HEADS if ".q_" in name else KV_HEADS, HEAD))
        data = q4_0(tensor)
        # The writer derives the shape from the bytes and the type.
        out.add_tensor(llama_cpp_name(name), data, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    check(path, matrices)


def check(path: Path, matrices) -> None:
    """The file, read back by the gguf package, says what the other files say."""
    read = {t.name: t for t in gguf.GGUFReader(path).tensors}
    for name in ("model.embed_tokens.weight", "model.layers.3.mlp.down_proj.weight", "lm_head.weight"):
        tensor = read[llama_cpp_name(name)]
        assert (gguf.dequantize(tensor.data, tensor.tensor_type) == matrices[name].values()).all(), name
