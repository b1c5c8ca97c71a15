"""YOLO detection models as they are exported to ONNX: for hands, eyes, whatever they were trained to find.

Three layouts are known by their shapes. A row is a guess: the middle, width and height of its box in pixels of what the
network was shown, then a score for each class (version 8 and later; a column is a guess there), or a score for there
being anything and those of the classes (version 5); or the box's corners, a score and a class, when the network sorts
out doubles itself. Source: https://docs.ultralytics.com/integrations/onnx and the exports of ultralytics/yolov5.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from fooo.errors import ModelError
from fooo.image import Detection, Picture, without_doubles
from fooo.vision.detect.letterbox import Letterbox, as_input, divisible_size, letterbox
from fooo.vision.detect.onnx_model import Floats, OnnxModel

LEAST_SCORE = 0.35
_OVERLAP = 0.5
_GREY = 114
_STRIDES = (8, 16, 32)
_MOST = 1280
"""Pixels of the longer side that it is shown."""


@dataclass(frozen=True, eq=False, slots=True)
class _Guesses:
    """Attributes: corners: Left, top, right, bottom of each. scores, classes: Of each, the surest."""

    corners: Floats
    scores: Floats
    classes: Floats


class Yolo:
    """A `Detector` of what the model's classes are called.

    Args:
        path: Of the model.
        least_score: How sure it must be.

    Raises:
        ModelError: The file is missing, damaged, or no network that takes a picture.
    """

    def __init__(self, path: Path, *, least_score: float = LEAST_SCORE) -> None:
        self._model, self._least_score = OnnxModel(path), least_score
        shape = self._model.input_shape
        if len(shape) != 4 or shape[1] not in {3, None}:
            raise ModelError(path, "does not take a picture", "choose a YOLO detection model")
        self._labels = _labels(self._model.metadata.get("names", ""))

    @property
    def name(self) -> str:
        return self._model.path.stem

    def find(self, picture: Picture) -> tuple[Detection, ...]:
        """The things; see `Detector.find`. Raises: ModelError: What the network gives is not what a YOLO gives."""
        shown = letterbox(picture, self._size_for(picture), fill=_GREY)
        output = self._model.run(as_input(shown.pixels, scale=255.0))[0]
        if output.ndim != 3:
            raise self._unknown_layout()
        return without_doubles(self._read(self._guesses(output[0], shown), shown), most_overlap=_OVERLAP)

    def _size_for(self, picture: Picture) -> tuple[int, int]:
        height, width = self._model.input_shape[2:]
        across, down = divisible_size(picture.size, most=_MOST)
        return width or across, height or down

    def _guesses(self, output: Floats, shown: Letterbox) -> _Guesses:
        height, width = shown.pixels.shape[:2]
        cells = sum((height // stride) * (width // stride) for stride in _STRIDES)
        if output.shape[1] == cells and output.shape[0] > 4:
            rows = output.T
            return _by_middle(rows[:, :4], rows[:, 4 : self._end_of_classes(4)])
        if output.shape[0] == 3 * cells and output.shape[1] > 5:
            return _by_middle(output[:, :4], output[:, 4:5] * output[:, 5 : self._end_of_classes(5)])
        if output.shape[1] == 6:
            return _Guesses(output[:, :4], output[:, 4], output[:, 5])
        raise self._unknown_layout()

    def _end_of_classes(self, start: int) -> int | None:
        """Behind the classes, models that also find outlines have further numbers."""
        return start + len(self._labels) if self._labels else None

    def _read(self, guesses: _Guesses, shown: Letterbox) -> Iterator[Detection]:
        for index in np.flatnonzero(guesses.scores > self._least_score).tolist():
            left, top, right, bottom = guesses.corners[index].tolist()
            box = shown.box(left, top, right, bottom)
            if box.area:
                label = self._labels.get(int(guesses.classes[index]), self.name)
                yield Detection(box=box, score=float(guesses.scores[index]), label=label)

    def _unknown_layout(self) -> ModelError:
        return ModelError(self._model.path, "is no YOLO detection model", "choose another one")


def _by_middle(boxes: Floats, scores: Floats) -> _Guesses:
    middles, halves = boxes[:, :2], boxes[:, 2:] / 2
    corners = np.concatenate((middles - halves, middles + halves), axis=1)
    classes = scores.argmax(axis=1).astype(np.float32)
    return _Guesses(corners.astype(np.float32), scores.max(axis=1), classes)


def _labels(written: str) -> Mapping[int, str]:
    """What the classes are called, as the file says in Python's notation, `{0: 'hand'}`; nothing where it does not."""
    try:
        names: object = ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    if isinstance(names, list):
        return dict(enumerate(map(str, cast(list[object], names))))
    if isinstance(names, dict):
        numbered = cast(dict[object, object], names)
        return {number: str(name) for number, name in numbered.items() if isinstance(number, int)}
    return {}
