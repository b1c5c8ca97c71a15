"""Looks whether a picture shows nudity, and blurs it.

Source: Mahadeokar and Pesavento 2016, "Open Sourcing a Deep Learning Solution for Detecting NSFW Images" (Yahoo), and
the network that they published (BSD-2-Clause), as others have converted it from Caffe to ONNX.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from fooo.errors import ModelError
from fooo.image import Box, Picture, resized
from fooo.vision.detect.onnx_model import OnnxModel

_RESIZED, _SEEN = 256, 224
"""Pixels of a side: of the whole picture, out of shape, and of the middle of it, which the network sees."""
_MEANS = np.array([104.0, 117.0, 123.0], np.float32)
"""Of blue, green and red, over the pictures that it learnt from."""
_CHANNELS_LAST, _CHANNELS_FIRST = (_SEEN, _SEEN, 3), (3, _SEEN, _SEEN)
_CLASSES = 2
_BLUR = 1 / 16
"""Of the shorter side, as a Gaussian's standard deviation: shapes of a sixth of the picture are gone."""


class NudityClassifier:
    """Says how likely a picture shows nudity.

    Args:
        path: `open-nsfw.onnx`.

    Raises:
        ModelError: The file is missing, damaged, or another network.
    """

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)
        seen, told = self._model.input_shape[1:], self._model.output_shapes
        if seen not in {_CHANNELS_LAST, _CHANNELS_FIRST} or len(told) != 1 or told[0][-1] != _CLASSES:
            raise ModelError(path, "is another network than open-nsfw", "fetch it again: models add open-nsfw")
        self._channels_first = seen == _CHANNELS_FIRST

    def score(self, picture: Picture) -> float:
        """0: surely harmless; 1: surely not. Its makers call what is below 0.2 safe, and above 0.8 very likely not.

        Raises:
            ModelError: The network cannot compute it, or gives no number.
        """
        whole = resized(picture, Box(0, 0, *picture.size), (_RESIZED, _RESIZED)).pixels
        edge = (_RESIZED - _SEEN) // 2
        middle = whole[edge : edge + _SEEN, edge : edge + _SEEN, ::-1].astype(np.float32) - _MEANS
        if self._channels_first:
            middle = middle.transpose(2, 0, 1)
        _, score = self._model.run(np.ascontiguousarray(middle[None]))[0].reshape(-1, _CLASSES)[0].tolist()
        if not 0 <= score <= 1:  # NaN too: what cannot be judged is not let through
            raise ModelError(self._model.path, "gives no probability", "fetch it again: models add open-nsfw")
        return score


def blurred(picture: Picture) -> Picture:
    """The picture at its size, so that only its colours are left."""
    image = Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(min(picture.size) * _BLUR))
    return Picture(np.asarray(image).copy())
