"""Small networks in ONNX that find white spots, in the layouts of real detectors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnx.helper
import onnx.numpy_helper

from fooo.image import Picture

_helper: Any = onnx.helper
_numpy: Any = onnx.numpy_helper
FLOAT = 1
"""As ONNX numbers it."""


def white_spots(size: tuple[int, int], *places: tuple[int, int], side: int) -> Picture:
    """Black, with white squares whose left top corners are at these (x, y)."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    for x, y in places:
        pixels[y : y + side, x : x + side] = 255
    return Picture(pixels)


def centerface(path: Path, *, log_size: float = 1.0) -> Path:
    """Of CenterFace's layout, its sizes written down as in the published file; cells of 4 pixels.

    Where a cell is white it finds a face of exp(log_size) * 4 pixels, its landmarks at the box's middle.
    """
    to_white = np.full((1, 3, 4, 4), 1 / (3 * 16 * 255), np.float32)
    outputs = [
        _convolution("heat", to_white, np.zeros(1)),
        _convolution("size", np.zeros((2, 3, 4, 4)), np.full(2, log_size)),
        _convolution("offset", np.zeros((2, 3, 4, 4)), np.zeros(2)),
        _convolution("landmarks", np.zeros((10, 3, 4, 4)), np.full(10, 0.5)),
    ]
    shapes = [(10, channels, 8, 8) for channels in (1, 2, 2, 10)]
    return _save(path, outputs, input_shape=(10, 3, 32, 32), shapes=shapes, weights_are_inputs=True)


def scrfd(path: Path, *, landmarks: bool = True) -> Path:
    """Of SCRFD's layout with three scales and two anchors.

    Where a cell is white its first anchor finds a face that reaches one cell to each side of the cell's corner.
    """
    outputs: list[tuple[list[Any], list[Any], str]] = []
    kinds = [("score", 1), ("box", 4), ("points", 10)][: 3 if landmarks else 2]
    for kind, numbers in kinds:
        for stride in (8, 16, 32):
            weights = np.zeros((2 * numbers, 3, stride, stride))
            if kind == "score":
                # what it is shown is -1 where black and 1 where white; the second anchor is never sure
                weights[0] = 1 / (6 * stride**2)
            biases = np.array([0.5, 0.0]) if kind == "score" else np.full(2 * numbers, 1.0 if kind == "box" else 0.25)
            outputs.append(_rows(f"{kind}{stride}", weights, biases, numbers))
    shapes = [(None, numbers) for _, numbers in kinds for _ in range(3)]
    return _save(path, outputs, input_shape=(1, 3, "height", "width"), shapes=shapes)


def constant(
    path: Path, output: npt.NDArray[np.floating], *, input_shape: tuple[int | str, ...] = (1, 3, 64, 64),
    notes: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """A network that gives the same whatever it is shown."""
    tensor = _numpy.from_array(output.astype(np.float32), "answer")
    shown = _helper.make_node("ReduceSum", ["shown"], ["sum"], keepdims=0)
    nothing = _helper.make_node("Mul", ["sum", "zero"], ["nothing"])
    both = _helper.make_node("Add", ["answer", "nothing"], ["output"])
    zero = _numpy.from_array(np.zeros((), np.float32), "zero")
    part = ([shown, nothing, both], [tensor, zero], "output")
    return _save(path, [part], input_shape=input_shape, shapes=[output.shape], notes=notes)


def _convolution(name: str, weights: npt.NDArray[Any], biases: npt.NDArray[Any]) -> tuple[list[Any], list[Any], str]:
    """Over cells that do not overlap."""
    stride = weights.shape[2]
    node = _helper.make_node(
        "Conv", ["shown", f"{name}.weight", f"{name}.bias"], [name], kernel_shape=[stride] * 2, strides=[stride] * 2
    )
    tensors = [
        _numpy.from_array(weights.astype(np.float32), f"{name}.weight"),
        _numpy.from_array(biases.astype(np.float32), f"{name}.bias"),
    ]
    return [node], tensors, name


def _rows(
    name: str, weights: npt.NDArray[Any], biases: npt.NDArray[Any], numbers: int
) -> tuple[list[Any], list[Any], str]:
    """The same, a row for each anchor of each cell."""
    nodes, tensors, map_name = _convolution(f"{name}.map", weights, biases)
    nodes.append(_helper.make_node("Transpose", [map_name], [f"{name}.last"], perm=[0, 2, 3, 1]))
    nodes.append(_helper.make_node("Reshape", [f"{name}.last", f"{name}.shape"], [name]))
    tensors.append(_numpy.from_array(np.array([-1, numbers], np.int64), f"{name}.shape"))
    return nodes, tensors, name


def _save(
    path: Path, parts: list[tuple[list[Any], list[Any], str]], *, input_shape: tuple[int | str | None, ...],
    shapes: list[Any], notes: Mapping[str, str] | None = None, weights_are_inputs: bool = False,
) -> Path:  # fmt: skip
    nodes = [node for part in parts for node in part[0]]
    tensors = [tensor for part in parts for tensor in part[1]]
    inputs = [_helper.make_tensor_value_info("shown", FLOAT, input_shape)]
    if weights_are_inputs:  # as old files have it
        inputs += [_helper.make_tensor_value_info(each.name, FLOAT, list(each.dims)) for each in tensors]
    outputs = [_helper.make_tensor_value_info(part[2], FLOAT, shape) for part, shape in zip(parts, shapes, strict=True)]
    graph = _helper.make_graph(nodes, "detector", inputs, outputs, tensors)
    model = _helper.make_model(graph, opset_imports=[_helper.make_opsetid("", 13)], ir_version=8)
    for key, value in (notes or {}).items():
        note = model.metadata_props.add()
        note.key, note.value = key, value
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path
