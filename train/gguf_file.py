"""Models in Hugging Face's layout as GGUF files: names, metadata and the order of rows as llama.cpp's converter
writes them."""

from pathlib import Path

import gguf
import numpy
import rope
import torch
from gguf import GGMLQuantizationType as Type
from gguf import LlamaFileType, quants
from kquants import quantize

# config.json's model_type: GGUF's architecture
ARCHITECTURES = {
    "llama": "llama",
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma3_text": "gemma3",
    "gpt2": "gpt2",
    "bert": "bert",
}
FILE_TYPES = {
    Type.F32: LlamaFileType.ALL_F32,
    Type.F16: LlamaFileType.MOSTLY_F16,
    Type.BF16: LlamaFileType.MOSTLY_BF16,
    Type.Q4_0: LlamaFileType.MOSTLY_Q4_0,
    Type.Q4_1: LlamaFileType.MOSTLY_Q4_1,
    Type.Q5_0: LlamaFileType.MOSTLY_Q5_0,
    Type.Q5_1: LlamaFileType.MOSTLY_Q5_1,
    Type.Q8_0: LlamaFileType.MOSTLY_Q8_0,
    Type.Q4_K: LlamaFileType.MOSTLY_Q4_K_M,
    Type.Q5_K: LlamaFileType.MOSTLY_Q5_K_M,
    Type.Q6_K: LlamaFileType.MOSTLY_Q6_K,
}


class Names:
    """From Hugging Face's names of tensors to GGUF's."""

    def __init__(self, config: dict):
        arch = {name: key for key, name in gguf.MODEL_ARCH_NAMES.items()}[ARCHITECTURES[config["model_type"]]]
        self.map = gguf.get_tensor_name_map(arch, config.get("num_hidden_layers") or config["n_layer"])

    def __call__(self, name: str) -> str | None:
        """None for what GGUF leaves out: the pooler of a BERT that takes the mean, and tables of positions or masks."""
        if "pooler" in name or name.endswith(("position_ids", ".attn.bias")):
            return None
        found = self.map.get_name(name, try_suffixes=(".weight", ".bias"))
        assert found, f"{name} has no name in GGUF"
        return found


def interleaved(w: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows of q or k for rotations of neighbours: Hugging Face rotates row i of a head with row i + d/2."""
    return w.view(heads, 2, len(w) // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def converted(config: dict, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors of a GGUF in f32, by name."""
    names, kind, out = Names(config), config["model_type"], {}
    for name, w in weights.items():
        to = names(name)
        if to is None:
            continue
        w = w.float()
        if kind == "llama" and ".q_proj." in name:
            w = interleaved(w, config["num_attention_heads"])
        elif kind == "llama" and ".k_proj." in name:
            w = interleaved(w, config["num_key_value_heads"])
        elif kind == "gemma3_text" and name.endswith("norm.weight"):
            w = w + 1
        elif kind == "gpt2" and w.ndim == 2 and ".c_" in name:  # stored (in, out)
            w = w.T
        out[to] = w.contiguous()
    return out | rope_factors(config)


def rope_factors(config: dict) -> dict[str, torch.Tensor]:
    """Llama 3's frequencies as divisors of the plain ones; no metadata says it otherwise."""
    if config["model_type"] != "llama" or rope.settings(config).get("rope_type") != rope.LLAMA3:
        return {}
    size = head_size(config)
    scaled, _ = rope.frequencies(config, size, 0)
    unscaled = {"rope_theta": rope.settings(config)["rope_theta"], "max_position_embeddings": 0}
    plain, _ = rope.frequencies(unscaled, size, 0)
    return {"rope_freqs.weight": (plain / scaled).float()}


def head_size(config: dict) -> int:
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


def metadata(out: gguf.GGUFWriter, c: dict, kind: Type) -> None:
    """What llama.cpp reads of a config.json."""
    gpt2, encoder = c["model_type"] == "gpt2", c["model_type"] == "bert"
    get = lambda name, other: c[other if gpt2 else name]
    width = get("hidden_size", "n_embd")
    heads = get("num_attention_heads", "n_head")
    out.add_type("model")
    out.add_context_length(get("max_position_embeddings", "n_positions"))
    out.add_embedding_length(width)
    out.add_block_count(get("num_hidden_layers", "n_layer"))
    out.add_feed_forward_length(get("intermediate_size", "n_inner") or 4 * width)
    out.add_head_count(heads)
    out.add_file_type(FILE_TYPES[kind])
    out.add_quantization_version(gguf.GGML_QUANT_VERSION)
    if gpt2 or encoder:
        out.add_layer_norm_eps(get("layer_norm_eps", "layer_norm_epsilon"))
        if encoder:
            out.add_causal_attention(False)
            out.add_pooling_type(gguf.PoolingType.MEAN)
        return
    size = head_size(c)
    out.add_head_count_kv(c["num_key_value_heads"])
    out.add_layer_norm_rms_eps(c["rms_norm_eps"])
    out.add_vocab_size(c["vocab_size"])
    if size != width // heads or c.get("head_dim"):
        out.add_key_length(size)
        out.add_value_length(size)
    s = rope.settings(c)
    out.add_rope_freq_base(s["rope_theta"])
    if c["model_type"] == "llama":
        out.add_rope_dimension_count(size)
    if c["model_type"] == "gemma3_text":
        out.add_sliding_window(c["sliding_window"])
    if (scaling := s.get("rope_type", s.get("type"))) in (rope.LINEAR, rope.YARN):
        out.add_rope_scaling_type(gguf.RopeScalingType(scaling))
        out.add_rope_scaling_factor(s["factor"])
        if scaling == rope.YARN:
            out.add_rope_scaling_orig_ctx_len(s["original_max_position_embeddings"])
    else:
        assert scaling in (None, "default", rope.LLAMA3), f"rope type {scaling} is not for GGUF"


def always_f32(name: str, w: torch.Tensor) -> bool:
    """Vectors, and the tables that llama.cpp adds in f32."""
    return w.ndim == 1 or name in ("position_embd.weight", "token_types.weight")


def write(path: Path, config: dict, weights: dict, kind: Type, name: str, tokenizer, *, types=None, parts=1, license=None):
    """A GGUF file, or `parts` of one. `types` chooses the type of a matrix by its name in GGUF, if not `kind`;
    `tokenizer` adds its part to a GGUFWriter."""
    tensors = converted(config, weights)
    most = -(-len(tensors) // parts) if parts > 1 else 0
    out = gguf.GGUFWriter(path, ARCHITECTURES[config["model_type"]], split_max_tensors=most)
    out.add_name(name)
    if license:
        out.add_license(license)
    metadata(out, config, kind)
    tokenizer(out)
    for at, w in tensors.items():
        of = Type.F32 if always_f32(at, w) else types(at) if types else kind
        data = w.numpy() if of == Type.F32 else quantize(w.numpy(), of)
        data = data.view(numpy.float16) if of == Type.F16 else data
        out.add_tensor(at, numpy.ascontiguousarray(data), raw_dtype=of)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def check(path: Path, want: dict[str, torch.Tensor]) -> None:
    """Reads the file, or all parts of it, and compares its numbers."""
    parts = sorted(path.parent.glob(f"{path.stem}-0*-of-*.gguf")) or [path]
    found = {t.name: quants.dequantize(t.data, t.tensor_type) for p in parts for t in gguf.GGUFReader(p).tensors}
    assert found.keys() == want.keys(), f"{path}: {found.keys() ^ want.keys()}"
    for name, w in want.items():
        assert numpy.array_equal(found[name], w.numpy()), f"{path}: {name} reads otherwise than it was written"
