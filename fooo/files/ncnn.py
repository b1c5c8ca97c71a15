"""R-ESRGAN's weights as ncnn keeps them, under the names that they were published with.

Format: a text (`.param`) with a line for each layer: its kind, its name, how many inputs and outputs, their names, and
numbers as `key=value`; and the numbers of all layers in that order (`.bin`). Of a convolution they are a mark, the
weights, which the mark says are in half precision and then padded to four bytes, and the biases; of a PReLU its slopes.
Source: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[np.floating]]
Kind = Literal["<f2", "<f4"]
"""Half precision or float32, the low byte first."""

_MAGIC = "7767517"
_HALF = 0x01306B47
_OUTPUTS, _KERNEL, _HAS_BIAS, _WEIGHTS = "0", "1", "5", "6"
"""Keys of a convolution; the first is also that of a PReLU."""
_BEHIND_BODY = ("conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last")


def read_ncnn(param: str, numbers: bytes) -> Tensors:
    """The tensors of an R-ESRGAN network: half precision as they are kept, biases and slopes float32.

    Args:
        param: The text.
        numbers: The bytes.

    Raises:
        ValueError: The two are no such network, or do not belong together.
    """
    layers = list(_read_layers(param, numbers))
    named = _compact_names(layers) if any(len(layer) == 1 for layer in layers) else _dense_names(layers)
    return {
        f"{name}.{kind}": tensor
        for name, layer in zip(named, layers, strict=True)
        for kind, tensor in zip(("weight", "bias"), layer, strict=False)
    }


Layer = tuple[npt.NDArray[np.floating], ...]
"""Weights and biases of a convolution, or the slopes of a PReLU."""


def _read_layers(param: str, numbers: bytes) -> Iterator[Layer]:
    lines = param.split("\n")
    if lines[0].strip() != _MAGIC:
        raise ValueError("it is no text of ncnn")
    reader = _Reader(numbers)
    for line in lines[2:]:
        words = line.split()
        if words and words[0] == "Convolution":
            yield _convolution(_values(words), reader)
        elif words and words[0] == "PReLU":
            yield (reader.take(int(_values(words)[_OUTPUTS]), "<f4"),)
    if not reader.is_at_end:
        raise ValueError("there are more numbers than the layers need")


def _values(words: list[str]) -> Mapping[str, str]:
    inputs, outputs = int(words[2]), int(words[3])
    return dict(word.split("=", 1) for word in words[4 + inputs + outputs :])


def _convolution(values: Mapping[str, str], reader: "_Reader") -> Layer:
    outputs, side, count = int(values[_OUTPUTS]), int(values[_KERNEL]), int(values[_WEIGHTS])
    if values.get(_HAS_BIAS) != "1":
        raise ValueError("a convolution has no biases")
    weights = reader.take(count, reader.kind())
    biases = reader.take(outputs, "<f4")
    return weights.reshape(outputs, -1, side, side), biases


class _Reader:
    """Takes numbers from bytes, one array after the other, each padded to four bytes."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def kind(self) -> Kind:
        """Of the weights that come now. Raises: ValueError: It is not known."""
        mark = int.from_bytes(self._content[self._at : self._at + 4], "little")
        self._at += 4
        if mark not in {0, _HALF}:
            raise ValueError(f"the weights are kept in a way that is not known ({mark:#x})")
        return "<f2" if mark == _HALF else "<f4"

    def take(self, count: int, kind: Kind) -> npt.NDArray[np.floating]:
        """Raises: ValueError: There are not so many."""
        taken: npt.NDArray[np.floating] = np.frombuffer(self._content, kind, count, self._at)
        self._at += -(-taken.nbytes // 4) * 4
        return taken

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._content)


def _dense_names(layers: list[Layer]) -> list[str]:
    """Of 4x+ and 4x+ Anime6B. Raises: ValueError: There are not as many convolutions as blocks of fifteen need."""
    blocks, rest = divmod(len(layers) - 1 - len(_BEHIND_BODY), 15)
    if blocks < 1 or rest:
        raise ValueError(f"{len(layers)} convolutions make no R-ESRGAN network")
    dense = (f"rdb{block}.conv{number}" for block in (1, 2, 3) for number in (1, 2, 3, 4, 5))
    parts = list(dense)
    return ["conv_first", *(f"body.{block}.{part}" for block in range(blocks) for part in parts), *_BEHIND_BODY]


def _compact_names(layers: list[Layer]) -> list[str]:
    return [f"body.{number}" for number in range(len(layers))]
