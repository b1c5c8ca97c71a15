from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from tools.pocket import examiner, networks, seam, spoiling, vae
from tools.pocket.examiner import COLOURS, SIDE, STYLES, Cells, Examiner
from tools.pocket.layouts import Layout
from tools.pocket.networks import TINY
from tools.pocket.scenes import Composer, Scene, Thing

Pixels = npt.NDArray[np.uint8]
Wear = Callable[[Pixels, np.random.Generator], Pixels]


@pytest.fixture(scope="module")
def pictures(composer: Composer) -> Pixels:
    rng = np.random.default_rng(0)
    return np.stack([examiner.fitted(composer.draw(composer.scene(rng), rng)) for _ in range(40)])


class Told(Examiner):
    """Sees in each cell what it is told."""

    def __init__(self, nouns: int) -> None:
        super().__init__(nouns, width=8)
        self.noun_of = torch.zeros(2, nouns + 2, 8, 8)

    def cells(self, pictures: torch.Tensor) -> Cells:
        return replace(super().cells(pictures), noun=self.noun_of)


def test_an_examiner_says_one_class_more_than_there_are_of_each():
    heads = Examiner(7, width=8)(torch.zeros(2, 3, SIDE, SIDE))
    assert [head.shape for head in heads] == [(2, 8), (2, len(STYLES) + 1), (2, len(COLOURS) + 1), (2, 5)]


def test_a_scene_has_the_labels_of_what_it_holds():
    one = Scene(things=(Thing(3, "blue"),), style="neon", count=4)
    neon, blue = STYLES.index("neon"), COLOURS.index("blue")
    assert examiner.labels(one) == examiner.Labels(3, 3, neon, blue, blue, 3)
    own = Scene(things=(Thing(3),), style="neon")
    assert examiner.labels(own).colour == -1
    two = Scene(things=(Thing(3, "blue"), Thing(1)), style="neon")
    assert examiner.labels(two) == examiner.Labels(3, 1, neon, blue, -1, -1)


@pytest.mark.parametrize("size", [(128, 128), (176, 96), (96, 176), (192, 192), (96, 96)])
def test_the_cells_of_a_thing_lie_on_it(composer: Composer, size: tuple[int, int]):
    rng = np.random.default_rng(4)
    style = next(style for style in STYLES if all(composer.has(noun, style) for noun in range(4)))
    for number in range(40):
        things = (Thing(number % 3), Thing(3)) if number % 2 else (Thing(3),)
        layout = Layout.SIDE_BY_SIDE if number % 2 else Layout.GROUP
        scene = Scene(things=things, style=style, layout=layout, count=1 if number % 2 else 4)
        picture, spots = composer.lay_out(scene, rng, size)
        cells = examiner.cells_of(spots, len(things), size)
        ground = examiner.fitted(picture)[0, 0].astype(int)
        differs = np.abs(examiner.fitted(picture).astype(int) - ground).max(-1).reshape(8, 16, 8, 16).max((1, 3)) > 24
        assert set(cells[cells >= 0].tolist()) == set(range(len(things)))
        assert differs[cells >= 0].mean() > 0.9  # a drawing may have a hole in its middle
        assert not differs[cells == -1].any()


def test_a_picture_is_what_lies_in_the_cells_where_something_lies():
    network = Told(nouns=5)
    network.noun_of[:, 6] = 9.0  # nothing
    network.noun_of[0, 6, :2, :2], network.noun_of[0, 3, :2, :2] = 0.0, 9.0
    noun, *_ = network(torch.zeros(2, 3, SIDE, SIDE))
    assert noun.argmax(1).tolist() == [3, 5]  # nothing at all is unclear
    assert noun.exp().sum(1).tolist() == pytest.approx([1, 1], abs=1e-4)
    assert noun[0].exp()[3].item() == pytest.approx(4 / 4.5, abs=0.02)  # four cells, and half a cell of doubt


@pytest.mark.parametrize("size", [(128, 128), (176, 96), (96, 176), (192, 192), (96, 96), (112, 144)])
def test_a_picture_of_any_size_is_fitted_whole_and_its_borders_go_on(size: tuple[int, int]):
    sheet = Image.new("RGB", size, (10, 200, 90))
    middle = (size[0] // 2 - 10, size[1] // 2 - 10)
    sheet.paste((250, 0, 0), (*middle, middle[0] + 20, middle[1] + 20))
    fitted = examiner.fitted(sheet)
    assert fitted.shape == (SIDE, SIDE, 3)
    assert fitted.dtype == np.uint8
    for corner in (fitted[0, 0], fitted[0, -1], fitted[-1, 0], fitted[-1, -1]):
        assert np.abs(corner.astype(int) - (10, 200, 90)).max() <= 2
    red = np.argwhere(fitted[..., 0] > 150)
    assert np.abs(red.mean(0) - SIDE / 2).max() < 2
    assert np.ptp(red, axis=0).tolist() == pytest.approx([20 * SIDE / max(size)] * 2, abs=2)


def changes(wear: Wear, pictures: Pixels) -> npt.NDArray[np.float64]:
    """How much of each picture is lost, as a share of what there is to see in it."""
    rng = np.random.default_rng(1)
    given = np.stack([wear(picture, rng) for picture in np.repeat(pictures, 5, axis=0)])
    assert given.shape == (200, SIDE, SIDE, 3)
    assert given.dtype == np.uint8
    before = np.repeat(pictures, 5, axis=0).astype(float)
    seen = before.std((1, 2, 3))
    return np.sqrt(((given - before) ** 2).mean((1, 2, 3))) / seen


def test_a_worn_picture_can_still_be_told_and_a_spoilt_one_cannot(pictures: Pixels):
    def spoil(picture: Pixels, rng: np.random.Generator) -> Pixels:
        return spoiling.spoil(picture, pictures[int(rng.integers(len(pictures)))], rng)

    worn, spoilt = changes(spoiling.worn, pictures), changes(spoil, pictures)
    assert 0.3 < (worn == 0).mean() < 0.7  # every second one stays as it is
    assert np.quantile(worn, 0.95) < 0.5
    assert np.median(spoilt) > 0.45
    assert (spoilt > np.quantile(worn, 0.9)).mean() > 0.9


def test_pictures_go_through_the_vae_alone_or_with_noise(pictures: Pixels):
    seam.seed_everything(0)
    coder = networks.vae(TINY).eval().requires_grad_(False)
    plain, again = (spoiling.through(coder, pictures[:34]) for _ in range(2))
    noisy = spoiling.through(coder, pictures[:34], noise=1.0)
    assert plain.shape == (34, SIDE, SIDE, 3)
    assert plain.dtype == np.uint8
    assert np.array_equal(plain, again)
    assert not np.array_equal(plain, noisy)
    decoded = vae.decode(coder, vae.encode(coder, vae.as_network(seam.as_tensor(pictures[:2]))))
    wanted = ((decoded.clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1).numpy()
    assert np.abs(plain[:2] - wanted).mean() < 5  # bf16 there, which untrained weights blow up; measured: 2.5
