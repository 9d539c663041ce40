"""Small graphs with random weights and the files beside them, in the layouts that models are published in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INT, LONG, REAL = TensorProto.INT32, TensorProto.INT64, TensorProto.FLOAT


def save_graph(file: Path, nodes: list, inputs: list, outputs: list, tables: dict[str, np.ndarray]) -> None:
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "test",
        [info(*port) for port in inputs],
        [info(*port) for port in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in tables.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, file)


def vision_tower(
    file: Path,
    *,
    name: str = "pixel_values",
    out: str = "image_embeds",
    side: int = 32,
    width: int = 16,
    batch: object = "batch",
) -> None:
    """Mean colour of a 4×4 grid times random weights: small, but it looks at every pixel's place and channel."""
    weights = np.random.default_rng(0).standard_normal((3 * 16, width)).astype(np.float32)
    make = helper.make_node
    save_graph(
        file,
        [
            make("AveragePool", [name], ["pooled"], kernel_shape=[side // 4] * 2, strides=[side // 4] * 2),
            make("Flatten", ["pooled"], ["flat"]),
            make("MatMul", ["flat", "weights"], [out]),
        ],
        [(name, REAL, [batch, 3, side, side])],
        [(out, REAL, [batch, width])],
        {"weights": weights},
    )


def text_tower(
    file: Path,
    *,
    names: tuple[str, ...] = ("input_ids", "attention_mask"),
    out: str = "text_embeds",
    width: int = 16,
    rank: int = 2,
    length: object = "sequence",
    whole: int = LONG,
    batch: object = "batch",
) -> None:
    """A table of random word vectors, weighted by place so that padding and order show."""
    table = np.random.default_rng(1).standard_normal((64, width)).astype(np.float32)
    make = helper.make_node
    nodes = [make("Gather", ["table", names[0]], ["rows" if rank == 2 else out])]
    if rank == 2:
        nodes.append(make("ReduceSum", ["rows", "axis"], [out], keepdims=0))
    shape = [batch, width] if rank == 2 else [batch, length, width]
    save_graph(
        file,
        nodes,
        [(name, whole, [batch, length]) for name in names],
        [(out, REAL, shape)],
        {"table": table} | ({"axis": np.array([1], np.int64)} if rank == 2 else {}),
    )


def write_tokenizer(file: Path) -> None:
    """Ten words, `<pad>` and `<unk>`."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<unk>", "<pad>", "a", "red", "green", "blue", "dog", "cat", "photo", "of", "the", "sky"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(tokenizer.to_str())


def write_json(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value))
