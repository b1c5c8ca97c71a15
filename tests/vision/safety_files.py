"""A small network in the layout of the published open-nsfw: it takes red pictures for what must not be seen."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper

_helper: Any = onnx.helper
_numpy: Any = onnx.numpy_helper
_FLOAT = 1
"""As ONNX numbers it."""
RED_MEAN, BLUE_MEAN = 123.0, 104.0


def open_nsfw(path: Path, *, channels_first: bool = False, classes: int = 2, scale: float = 0.1) -> Path:
    """Takes N x 224 x 224 x 3, blue first and without the means; gives N x 2, harmless first, as probabilities.

    The second is sigmoid(scale * (red - blue)) of the averages.
    """
    weights = np.zeros((3, classes), np.float32)
    weights[:, 1] = np.array([-scale, 0, scale])
    biases = np.zeros(classes, np.float32)
    biases[1] = scale * (RED_MEAN - BLUE_MEAN)  # puts back what was taken away
    axes = [2, 3] if channels_first else [1, 2]
    nodes = [
        _helper.make_node("ReduceMean", ["input:0"], ["mean"], axes=axes, keepdims=0),
        _helper.make_node("MatMul", ["mean", "weights"], ["product"]),
        _helper.make_node("Add", ["product", "biases"], ["logits"]),
        _helper.make_node("Softmax", ["logits"], ["predictions:0"], axis=-1),
    ]
    tensors = [_numpy.from_array(weights, "weights"), _numpy.from_array(biases, "biases")]
    shape = [None, 3, 224, 224] if channels_first else [None, 224, 224, 3]
    shown = _helper.make_tensor_value_info("input:0", _FLOAT, shape)
    told = _helper.make_tensor_value_info("predictions:0", _FLOAT, [None, classes])
    graph = _helper.make_graph(nodes, "open_nsfw", [shown], [told], tensors)
    model = _helper.make_model(graph, opset_imports=[_helper.make_opsetid("", 13)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path
