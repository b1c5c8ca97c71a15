"""SCRFD: finds faces at three or five scales; the detector in InsightFace's packs.

Source: Guo et al. 2021, "Sample and Computation Redistribution for Efficient Face Detection", and the outputs of the
published networks: all scores, then all boxes, then, where there are any, all landmarks, from the finest scale on.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fooo.errors import ModelError
from fooo.image import Detection, Picture, without_doubles
from fooo.vision.detect.letterbox import Letterbox, as_input, divisible_size, letterbox
from fooo.vision.detect.onnx_model import Floats, OnnxModel

LEAST_SCORE = 0.5
_OVERLAP = 0.4
_MOST = 1024
"""Pixels of the longer side that it is shown."""
_MEAN, _SCALE = 127.5, 128.0
_STRIDES = {3: (8, 16, 32), 5: (8, 16, 32, 64, 128)}
"""Pixels of a cell at each scale, by how many scales there are."""
_ANCHORS = {3: 2, 5: 1}
"""Guesses in each cell."""


class Scrfd:
    """A `Detector` of faces.

    Args:
        path: Such as `det_10g.onnx`.
        name: Of the pack.
        least_score: How sure it must be of a face.

    Raises:
        ModelError: The file is missing, damaged, or another network.
    """

    def __init__(self, path: Path, *, name: str, least_score: float = LEAST_SCORE) -> None:
        self.name, self._least_score = name, least_score
        self._model = OnnxModel(path)
        scales, kinds = _scales_and_kinds(len(self._model.output_shapes))
        if not scales or len(self._model.input_shape) != 4:
            raise ModelError(path, "is no face detector of InsightFace", "copy the whole pack again")
        self._scales, self._kinds = scales, kinds

    def find(self, picture: Picture) -> tuple[Detection, ...]:
        """The faces; see `Detector.find`."""
        shown = letterbox(picture, self._size_for(picture), fill=0)
        outputs = self._model.run(as_input(shown.pixels, mean=_MEAN, scale=_SCALE))
        by_kind = [outputs[kind * self._scales : (kind + 1) * self._scales] for kind in range(self._kinds)]
        found: list[Detection] = []
        for stride, maps in zip(_STRIDES[self._scales], zip(*by_kind, strict=True), strict=True):
            found += self._read([each.reshape(-1, each.shape[-1]) for each in maps], stride, shown)
        return without_doubles(found, most_overlap=_OVERLAP)

    def _size_for(self, picture: Picture) -> tuple[int, int]:
        """(width, height) that it is shown: the file's, or where that is free, about the picture's."""
        height, width = self._model.input_shape[2:]
        across, down = divisible_size(picture.size, most=_MOST)
        return width or across, height or down

    def _read(self, maps: list[Floats], stride: int, shown: Letterbox) -> Iterator[Detection]:
        """Of one scale: scores; how far the box's sides are from the cell's corner, in cells; so the landmarks."""
        scores, sides = maps[0][:, 0], maps[1] * stride
        columns = shown.pixels.shape[1] // stride
        for index in np.flatnonzero(scores > self._least_score).tolist():
            row, column = divmod(index // _ANCHORS[self._scales], columns)
            x, y = column * stride, row * stride
            left, top, right, bottom = sides[index].tolist()
            box = shown.box(x - left, y - top, x + right, y + bottom)
            if box.area:
                places = (maps[2][index].reshape(-1, 2) * stride).tolist() if len(maps) > 2 else ()
                landmarks = tuple(shown.point(x + across, y + down) for across, down in places)
                yield Detection(box=box, score=float(scores[index]), landmarks=landmarks or None)


def _scales_and_kinds(outputs: int) -> tuple[int, int]:
    """How many scales there are and how many outputs each has, by how many outputs there are; 0 where none fits."""
    return {6: (3, 2), 9: (3, 3), 10: (5, 2), 15: (5, 3)}.get(outputs, (0, 0))
