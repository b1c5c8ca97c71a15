"""Networks in ONNX, computed on the processor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime  # pyright: ignore[reportMissingTypeStubs]
from google.protobuf.message import DecodeError

from fooo.errors import ModelError

Floats = npt.NDArray[np.float32]

_ort, _onnx = cast(Any, onnxruntime), cast(Any, onnx)
_errors = _ort.capi.onnxruntime_pybind11_state
_REFUSALS: tuple[type[Exception], ...] = (
    _errors.Fail,
    _errors.InvalidArgument,
    _errors.InvalidGraph,
    _errors.InvalidProtobuf,
    _errors.NotImplemented,
    _errors.RuntimeException,
)
_ERRORS_ONLY = 3
_FREE_AXES = {0: "batch", 2: "height", 3: "width"}


class OnnxModel:
    """A network that takes one array.

    Args:
        path: Its file.
        any_size: Take pictures of any size, though the file names one: for networks that are convolutions only.

    Raises:
        ModelError: The file is missing, damaged, or asks for what cannot be computed.
    """

    def __init__(self, path: Path, *, any_size: bool = False) -> None:
        self._path = path
        options = _ort.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others compute meanwhile
        try:
            content = _with_free_sizes(path) if any_size else path.read_bytes()
            self._session = _ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except OSError as error:
            raise ModelError(path, f"cannot be read ({error.strerror})", "copy it again") from None
        except (*_REFUSALS, DecodeError):
            raise ModelError(path, "is damaged, or no network that can be computed here", "copy it again") from None

    @property
    def path(self) -> Path:
        return self._path

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Of the array that it takes; None along an axis: any length."""
        return _lengths(self._session.get_inputs()[0].shape)

    @property
    def output_shapes(self) -> tuple[tuple[int | None, ...], ...]:
        return tuple(_lengths(output.shape) for output in self._session.get_outputs())

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the file says about itself."""
        return self._session.get_modelmeta().custom_metadata_map

    def run(self, values: Floats) -> list[Floats]:
        """Its outputs, in the file's order. Raises: ModelError: It cannot compute them."""
        try:
            return self._session.run(None, {self._session.get_inputs()[0].name: values})
        except _REFUSALS:
            shape = " x ".join(map(str, values.shape))
            raise ModelError(self._path, f"cannot compute an input of {shape}", "choose another one") from None


def _lengths(shape: list[object]) -> tuple[int | None, ...]:
    return tuple(length if isinstance(length, int) else None for length in shape)


def _with_free_sizes(path: Path) -> bytes:
    """The file with names in place of the sizes that it was written with."""
    model = _onnx.load_model(path)
    weights = {weight.name for weight in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    for value in (*inputs, *model.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        scale = "" if value in inputs else f"_of_{value.name}"
        for axis, name in _FREE_AXES.items():
            dimensions[axis].dim_param = f"{name}{scale}"
    del model.graph.input[:]
    model.graph.input.extend(inputs)  # old files list their weights there too
    return model.SerializeToString()
