"""CenterFace: finds faces as points on a map, each with its size and five landmarks.

Source: Xu et al. 2019, "CenterFace: Joint Face Detection and Alignment Using Face as Point", and the published network
of Star-Clouds/CenterFace (MIT).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fooo.errors import ModelError
from fooo.image import Detection, Picture, without_doubles
from fooo.vision.detect.letterbox import Letterbox, as_input, divisible_size, letterbox
from fooo.vision.detect.onnx_model import Floats, OnnxModel

LEAST_SCORE = 0.5
_OVERLAP = 0.3
_OUTPUTS = 4
_CELL = 4
"""Pixels of a point of the map."""
_MOST = 2048
"""Pixels of the longer side that it is shown; of a larger picture it finds no faces of less than about 25 of them."""


class CenterFace:
    """A `Detector` of faces.

    Args:
        path: `centerface.onnx`.
        least_score: How sure it must be of a face.

    Raises:
        ModelError: The file is missing, damaged, or another network.
    """

    def __init__(self, path: Path, *, least_score: float = LEAST_SCORE) -> None:
        self._model, self._least_score = OnnxModel(path, any_size=True), least_score
        if len(self._model.output_shapes) != _OUTPUTS:
            raise ModelError(path, "is another network than CenterFace", "fetch it again: models add centerface")

    @property
    def name(self) -> str:
        return self._model.path.stem

    def find(self, picture: Picture) -> tuple[Detection, ...]:
        """The faces; see `Detector.find`."""
        shown = letterbox(picture, divisible_size(picture.size, most=_MOST), fill=0)
        heat, sizes, offsets, landmarks = (output[0] for output in self._model.run(as_input(shown.pixels)))
        found = _read(heat[0], sizes, offsets, landmarks, shown, self._least_score)
        return without_doubles(found, most_overlap=_OVERLAP)


def _read(
    heat: Floats, sizes: Floats, offsets: Floats, landmarks: Floats, shown: Letterbox, least_score: float
) -> Iterator[Detection]:
    """The faces of the maps: of scores; of logarithms of height and width; of (y, x) within the cell; of ten numbers.

    Those are (y, x) of each landmark, from the box's corner and by its height and width.
    """
    for row, column in zip(*np.nonzero(heat > least_score), strict=True):
        high, wide = (np.exp(sizes[:, row, column]) * _CELL).tolist()
        down, across = offsets[:, row, column].tolist()
        left = (int(column) + across + 0.5) * _CELL - wide / 2
        top = (int(row) + down + 0.5) * _CELL - high / 2
        box = shown.box(left, top, left + wide, top + high)
        if box.area:
            places = landmarks[:, row, column].reshape(5, 2)
            yield Detection(
                box=box,
                score=float(heat[row, column]),
                landmarks=tuple(shown.point(left + x * wide, top + y * high) for y, x in places.tolist()),
            )
