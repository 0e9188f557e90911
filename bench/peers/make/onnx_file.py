"""ONNX for transformers.js: the graph that optimised exports of Llama have, of onnxruntime's own operators."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from hugging_face import CONFIG, write_json
from shape import BLOCK, CONTEXT, EPS, HEAD, HEADS, HIDDEN, KV_HEADS, LAYERS, THETA, VOCABULARY

CONTRIB = "com.microsoft"


class Graph:
    """Nodes and constants in the order in which they are added."""

    def __init__(self, matrices, norms, accuracy_level: int):
        self.matrices, self.norms, self.accuracy_level = matrices, norms, accuracy_level
        self.nodes, self.constants = [], {}

    def node(self, kind: str, inputs: list[str], outputs, domain: str = "", **attributes) -> str:
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(value, name)
        return name

    def packed(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Two quants a byte, the earlier one below, and scales in float32, since activations are float32."""
        matrix = self.matrices[name]
        low, high = matrix.q[:, 0::2], matrix.q[:, 1::2]
        return low | high << 4, matrix.scale.astype(np.float32)

    def linear(self, x: str, name: str, out: str) -> str:
        data, scales = self.packed(name)
        n, k = self.matrices[name].q.shape
        inputs = [
            x,
            self.constant(name + "_Q4", data.reshape(n, k // BLOCK, BLOCK // 2)),
            self.constant(name + "_scales", scales),
        ]
        size = {"K": k, "N": n, "bits": 4, "block_size": BLOCK, "accuracy_level": self.accuracy_level}
        return self.node("MatMulNBits", inputs, out, CONTRIB, **size)

    def embed(self, ids: str, name: str, out: str) -> str:
        # Exports keep this table in float32: onnxruntime's wasm cannot read rows in 4 bits.
        return self.node("Gather", [self.constant(name, self.matrices[name].values()), ids], out, axis=0)

    def gain(self, name: str) -> str:
        return self.constant(name, self.norms[name].astype(np.float32))


def layer(g: Graph, i: int, x: str, h: str) -> tuple[str, str]:
    """One layer: residual and its norm in, residual and the next norm out."""
    at, to = f"model.layers.{i}.", f"/layers.{i}/"
    q, k, v = (g.linear(h, at + f"self_attn.{p}_proj.weight", to + p) for p in "qkv")
    past = [f"past_key_values.{i}.key", f"past_key_values.{i}.value"]
    present = [f"present.{i}.key", f"present.{i}.value"]
    attended = g.node(
        "GroupQueryAttention",
        [q, k, v, *past, "/seqlens_k", "/total_length", "cos_cache", "sin_cache"],
        [to + "attention", *present],
        CONTRIB,
        num_heads=HEADS,
        kv_num_heads=KV_HEADS,
        scale=HEAD**-0.5,
        do_rotary=1,
        rotary_interleaved=0,
    )
    o = g.linear(attended, at + "self_attn.o_proj.weight", to + "o")
    x, h = skip_norm(g, x, o, at + "post_attention_layernorm.weight", to + "middle")
    gate, up = (g.linear(h, at + f"mlp.{p}_proj.weight", to + p) for p in ("gate", "up"))
    silu = g.node("Mul", [gate, g.node("Sigmoid", [gate], to + "sigmoid")], to + "silu")
    down = g.linear(g.node("Mul", [silu, up], to + "gated"), at + "mlp.down_proj.weight", to + "down")
    following = f"model.layers.{i + 1}.input_layernorm.weight" if i + 1 < LAYERS else "model.norm.weight"
    return skip_norm(g, x, down, following, to + "end")


def skip_norm(g: Graph, x: str, more: str, name: str, to: str) -> tuple[str, str]:
    outputs = [to + "/norm", "", "", to + "/sum"]
    g.node("SkipSimplifiedLayerNormalization", [x, more, g.gain(name)], outputs, CONTRIB, epsilon=EPS)
    return to + "/sum", to + "/norm"


def build(matrices, norms, accuracy_level: int) -> onnx.ModelProto:
    g = Graph(matrices, norms, accuracy_level)
    angle = np.outer(np.arange(CONTEXT), THETA ** (-np.arange(0, HEAD, 2) / HEAD))
    g.constant("cos_cache", np.cos(angle).astype(np.float32))
    g.constant("sin_cache", np.sin(angle).astype(np.float32))
    one, minus_one = (g.constant(name, np.array([n])) for name, n in (("one", 1), ("minus_one", -1)))
    # What the attention wants to know: tokens but one of each row, and the length of the whole.
    tokens = g.node("ReduceSum", ["attention_mask", one], "/tokens", keepdims=0)
    g.node("Cast", [g.node("Sub", [tokens, one], "/last")], "/seqlens_k", to=T.INT32)
    length = g.node("Gather", [g.node("Shape", ["attention_mask"], "/mask_shape"), g.constant("one_scalar", np.array(1))], "/length", axis=0)
    g.node("Cast", [length], "/total_length", to=T.INT32)
    x = g.embed("input_ids", "model.embed_tokens.weight", "/embedded")
    gain = g.gain("model.layers.0.input_layernorm.weight")
    h = g.node("SimplifiedLayerNormalization", [x, gain], "/first_norm", axis=-1, epsilon=EPS, stash_type=1)
    for i in range(LAYERS):
        x, h = layer(g, i, x, h)
    # Only the positions whose logits are asked for; 0 means all.
    start = g.node("Neg", [g.node("Reshape", ["num_logits_to_keep", one], "/keep")], "/start")
    end = g.constant("end", np.array([np.iinfo(np.int64).max]))
    h = g.node("Slice", [h, start, end, one], "/kept")
    g.linear(h, "lm_head.weight", "logits")
    value = helper.make_tensor_value_info
    cache = lambda kind, length: [
        value(f"{kind}.{i}.{part}", T.FLOAT, ["batch_size", KV_HEADS, length, HEAD])
        for i in range(LAYERS)
        for part in ("key", "value")
    ]
    inputs = [
        value("input_ids", T.INT64, ["batch_size", "sequence_length"]),
        value("attention_mask", T.INT64, ["batch_size", "total_sequence_length"]),
        value("num_logits_to_keep", T.INT64, []),
        *cache("past_key_values", "past_sequence_length"),
    ]
    outputs = [
        value("logits", T.FLOAT, ["batch_size", "logits_length", VOCABULARY]),
        *cache("present", "total_sequence_length"),
    ]
    graph = helper.make_graph(g.nodes, "llama", inputs, outputs, list(g.constants.values()))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="peers")


def write(folder: Path, matrices, norms, tokenizer: dict) -> None:
    """The layout of a model on the Hub. `accuracy_level` 4 lets onnxruntime round activations to eight bits."""
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", CONFIG)
    write_json(folder / "generation_config.json", {"eos_token_id": CONFIG["eos_token_id"], "do_sample": False})
    write_json(folder / "tokenizer.json", tokenizer)
    names = {"tokenizer_class": "PreTrainedTokenizer", "eos_token": "<|end|>", "model_max_length": CONTEXT}
    write_json(folder / "tokenizer_config.json", names)
    model = build(matrices, norms, 0)
    onnx.save(model, folder / "onnx/model_q4.onnx")
