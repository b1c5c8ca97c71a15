from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor

from tests.tools.pocket.making import colour_of, fake_npm, pack_all
from tools.pocket import drawings, packages
from tools.pocket.drawings import CELL, DrawingSet
from tools.pocket.keeping import MadeOtherwise
from tools.pocket.words import Drawings, read_nouns

NOUNS = 5


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawings")
    npm = fake_npm(folder / "npm")
    unpacked = packages.fetch(folder / "packages", pack_all(npm, NOUNS), npm=npm.program)
    drawings.render(unpacked, read_nouns(NOUNS), folder / "drawings.npz")
    return folder / "drawings.npz"


@pytest.fixture(scope="module")
def loaded(rendered: Path) -> DrawingSet:
    return drawings.load(rendered, read_nouns(NOUNS))


def test_every_noun_is_drawn_from_every_set_that_has_it(loaded: DrawingSet):
    everything = {(noun, name) for noun in range(NOUNS) for name in Drawings}
    assert set(loaded.index) == everything - {(NOUNS - 1, Drawings.NOTO)}
    assert loaded.pixels.shape == (len(loaded.index), CELL, CELL, 4)


def test_a_noun_gets_its_own_drawing_of_each_set(loaded: DrawingSet):
    for (noun, name), row in loaded.index.items():
        middle, corner = loaded.pixels[row, CELL // 2, CELL // 2], loaded.pixels[row, 2, 2]
        assert corner[3] == 0
        if name is Drawings.FLUENT_INK:  # a ring in the text's colour, which is all but black
            assert middle[3] == 0
            ring = loaded.pixels[row, CELL // 2, round(CELL * 4 / 32)]
            assert ring.tolist() == [17, 17, 17, 255]
        else:
            assert middle.tolist() == [*ImageColor.getrgb(colour_of(noun)), 255], (noun, name)


def test_a_smaller_set_holds_the_first_nouns(rendered: Path, loaded: DrawingSet):
    smaller = drawings.load(rendered, read_nouns(3))
    assert smaller.index == {key: row for key, row in loaded.index.items() if key[0] < 3}
    assert np.array_equal(smaller.pixels, loaded.pixels)


def test_drawings_of_other_nouns_are_refused(rendered: Path):
    others = read_nouns(NOUNS)[::-1]
    more = read_nouns(NOUNS + 1)
    with pytest.raises(MadeOtherwise, match=r"drawings\.npz holds other nouns: delete it"):
        drawings.load(rendered, others)
    with pytest.raises(MadeOtherwise):
        drawings.load(rendered, more)
