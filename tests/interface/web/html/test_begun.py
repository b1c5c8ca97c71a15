"""Pictures to begin with, as the page shows them."""

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from fooo.image import Picture
from fooo.image.mask import Mask
from fooo.interface.i18n import read_languages
from fooo.interface.web.html.begun import brought_html, small_address, start_chip_html

EN = read_languages()["en"]
EVIL = "\"'><script>alert(1)</script>"


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def seen(picture: Picture) -> Image.Image:
    content = small_address(picture).partition(",")[2]
    return Image.open(io.BytesIO(base64.b64decode(content)))


def test_a_picture_is_held_small_in_its_own_shape() -> None:
    assert seen(Picture(np.zeros((1000, 2000, 3), np.uint8))).size == (128, 64)
    assert seen(Picture(np.zeros((3, 3, 3), np.uint8))).size == (3, 3)
    assert seen(Picture(np.zeros((1, 4000, 3), np.uint8))).size == (128, 1)


def test_what_is_transparent_is_shown_on_white_as_it_is_drawn() -> None:
    clear = Picture(np.zeros((8, 8, 3), np.uint8), Mask(np.zeros((8, 8), np.uint8)))
    assert np.asarray(seen(clear)).min() > 250


def test_no_name_of_a_file_becomes_markup() -> None:
    for html in (brought_html(EVIL, EVIL, {"start": EVIL}, EN), start_chip_html(EVIL, EN)):
        assert "script" not in Tags(html).names
