"""What looks at finished pictures, and what it makes of those that must not be seen."""

import math
from pathlib import Path

import numpy as np
import pytest

from fooo.errors import ModelError
from fooo.image import Picture
from fooo.vision.safety import NudityClassifier, blurred
from tests.vision.safety_files import open_nsfw


def flat(red: int, green: int, blue: int, size: tuple[int, int] = (320, 200)) -> Picture:
    return Picture(np.broadcast_to(np.array([red, green, blue], np.uint8), (size[1], size[0], 3)).copy())


@pytest.mark.parametrize("channels_first", [False, True])
@pytest.mark.parametrize("picture", [flat(200, 10, 190), flat(10, 200, 20), flat(128, 0, 128, size=(64, 2000))])
def test_the_network_is_shown_blue_first_and_without_the_means(
    tmp_path: Path, picture: Picture, *, channels_first: bool
):
    classifier = NudityClassifier(open_nsfw(tmp_path / "open-nsfw.onnx", channels_first=channels_first))
    red, _, blue = (float(each) for each in picture.pixels[0, 0])
    # float32 over 50,000 pixels of a few hundred each: six digits
    assert classifier.score(picture) == pytest.approx(1 / (1 + math.exp(-0.1 * (red - blue))), abs=1e-4)


def test_of_the_picture_brought_to_256_pixels_the_network_sees_the_middle_224(tmp_path: Path):
    classifier = NudityClassifier(open_nsfw(tmp_path / "open-nsfw.onnx"))
    pixels = np.zeros((512, 1024, 3), np.uint8)
    pixels[:28], pixels[-28:], pixels[:, :56], pixels[:, -56:] = 255, 255, 255, 255
    pixels[:28, :, 1:], pixels[-28:, :, 1:], pixels[:, :56, 1:], pixels[:, -56:, 1:] = 0, 0, 0, 0
    assert classifier.score(Picture(pixels)) == pytest.approx(0.5, abs=1e-3)


def test_another_network_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match="another network than open-nsfw"):
        NudityClassifier(open_nsfw(tmp_path / "open-nsfw.onnx", classes=5))


def test_a_damaged_file_is_refused(tmp_path: Path):
    path = open_nsfw(tmp_path / "open-nsfw.onnx")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="is damaged"):
        NudityClassifier(path)


def test_what_cannot_be_judged_is_not_let_through(tmp_path: Path):
    classifier = NudityClassifier(open_nsfw(tmp_path / "open-nsfw.onnx", scale=math.nan))
    with pytest.raises(ModelError, match="gives no probability"):
        classifier.score(flat(0, 0, 0))


@pytest.mark.parametrize("size", [(64, 64), (512, 320)])
def test_a_blurred_picture_keeps_its_size_and_colours_and_no_shapes(size: tuple[int, int]):
    stripes = np.zeros((size[1], size[0], 3), np.uint8)
    width = min(size) // 8
    for left in range(0, size[0], 2 * width):
        stripes[:, left : left + width] = 200
    seen = blurred(Picture(stripes)).pixels
    assert seen.shape == stripes.shape
    assert seen.mean() == pytest.approx(stripes.mean(), rel=0.05)
    # of 200 levels between stripes of an eighth of the picture, a Gaussian of half their width leaves less than half
    inside = seen[:, width : -width or None]
    assert int(inside.max()) - int(inside.min()) < 100
