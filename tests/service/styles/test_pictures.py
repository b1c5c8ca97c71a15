import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from fooo.catalog import Style
from fooo.image import Picture
from fooo.service.styles import StylePictures, style_id

STYLE = Style(name="Oil / Painting", prompt="{prompt}, oil on canvas")
RED = Picture(np.full((600, 900, 3), (200, 10, 10), np.uint8))
A, B = "a" * 64, "b" * 64


def test_a_picture_is_kept_small_for_a_style_and_a_model(tmp_path: Path) -> None:
    kept = StylePictures.beside(tmp_path)
    assert kept.find(STYLE) is None
    kept.keep(STYLE, A, RED)
    found = kept.find(STYLE)
    assert found is not None
    with Image.open(found) as image:
        assert (image.format, image.size) == ("WEBP", (256, 171))
    assert (kept.holds(STYLE, A), kept.holds(STYLE, B)) == (True, False)
    assert [path.name for path in tmp_path.iterdir()] == [".styles"], "the history passes over what is hidden"
    assert len([*found.parent.iterdir()]) == 1, "nothing half written stays"


def test_the_newest_is_found_by_whatever_model(tmp_path: Path) -> None:
    kept = StylePictures(tmp_path)
    for number, model in enumerate((B, A)):
        kept.keep(STYLE, model, RED)
        os.utime(kept.find(STYLE) or tmp_path, ns=(number, number))
    found = kept.find(STYLE)
    assert found is not None
    assert found.stem == A[:24]


def test_a_style_whose_words_change_is_drawn_anew(tmp_path: Path) -> None:
    kept = StylePictures(tmp_path)
    kept.keep(STYLE, A, RED)
    other = replace(STYLE, prompt="{prompt}, watercolour")
    assert style_id(other) != style_id(STYLE)
    assert kept.find(other) is None
    assert not kept.holds(other, A)
