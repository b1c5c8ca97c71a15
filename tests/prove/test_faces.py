"""Faces: how many of a handful are found at every size, what else is taken for one, and putting them back in place.

A handful of faces proves no general recall: it proves sizes, places and surroundings of these.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from fooo.catalog.shelf.detectors import find_detectors
from fooo.image import Box, Picture
from fooo.image.detail import cut_around, cut_out, feathered, too_small
from fooo.settings import ROOT
from fooo.vision.detect import Detector, open_detector
from fooo.vision.mend import mend
from tests.photographs import photograph, registration
from tests.prove.conftest import Figure
from tests.prove.fetched import INSIGHTFACE, fetch_model, read, unpacked
from tests.stopwatch import seconds

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]

COMPOSITES, SIDE = 300, 640
SMALLEST, LARGEST, WANTED = 12, 400, 24
"""Pixels of a face's height; from the third on they must be found."""
AROUND = 0.45
"""Of the face's box, on each side of it, that is pasted too: hair, chin, neck."""
SAME = 0.4
"""Overlap from which on a box is that of the face."""
NATIVE = (1024, 1024)
WITHOUT_FACES = (
    "brick", "chelsea", "coffee", "coins", "color", "grass", "gravel", "hubble_deep_field", "ihc", "moon",
    "motorcycle_left", "retina", "rocket", "page", "clock_motion",
)  # fmt: skip
IN_SAMPLE = (
    Box(62, 268, 165, 392), Box(748, 345, 847, 482), Box(465, 265, 571, 411), Box(1133, 266, 1231, 402),
    Box(904, 59, 1013, 201), Box(271, 153, 372, 267),
)  # fmt: skip
"""The six people of the photograph that InsightFace's package brings; the boxes were looked at."""


@dataclass(frozen=True)
class Person:
    name: str
    picture: Picture
    face: Box


@dataclass(frozen=True)
class Composite:
    person: str
    height: float
    picture: Picture
    face: Box


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    models = tmp_path_factory.mktemp("models")
    fetch_model("centerface", models)
    (file,) = find_detectors([models])
    return open_detector(file)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[Person]:
    folder: Path = unpacked(INSIGHTFACE, tmp_path_factory.mktemp("wheel"))
    sample = read(folder / "insightface" / "data" / "images" / "t1.jpg")
    astronaut = Person("astronaut", photograph("astronaut"), Box(181, 58, 270, 178))
    return [astronaut, *(Person(f"person {n}", sample, box) for n, box in enumerate(IN_SAMPLE, 1))]


def composites(people: list[Person]) -> Iterator[Composite]:
    """Heads of every size, faded into pictures without faces at random places; half as large is as likely as large."""
    random = np.random.default_rng(0)
    for number in range(COMPOSITES):
        person, ground = people[number % len(people)], WITHOUT_FACES[number % len(WITHOUT_FACES)]
        height = exp(random.uniform(log(SMALLEST), log(LARGEST)))
        times = height / person.face.height
        head = _grown(person.face)
        size = round(head.width * times), round(head.height * times)
        corners = (round(head.left), round(head.top), round(head.right), round(head.bottom))
        image = Image.fromarray(person.picture.pixels).crop(corners).resize(size)
        left, top = (int(random.integers(0, max(1, SIDE - side))) for side in size)
        composite = Image.fromarray(photograph(ground).pixels).resize((SIDE, SIDE))
        composite.paste(image, (left, top), _oval(size))
        face = Box(
            left + (person.face.left - head.left) * times,
            top + (person.face.top - head.top) * times,
            left + (person.face.right - head.left) * times,
            top + (person.face.bottom - head.top) * times,
        )
        yield Composite(person.name, height, Picture(np.asarray(composite).copy()), face)


def _grown(face: Box) -> Box:
    across, down = AROUND * face.width, AROUND * face.height
    return Box(face.left - across, face.top - down, face.right + across, face.bottom + down)


def _oval(size: tuple[int, int]) -> Image.Image:
    """All of it inside, nothing at the corners."""
    across, down = np.meshgrid(
        (np.arange(size[0]) + 0.5) / size[0] * 2 - 1, (np.arange(size[1]) + 0.5) / size[1] * 2 - 1
    )
    return Image.fromarray((np.clip((1 - across**2 - down**2) / 0.25, 0, 1) * 255).astype(np.uint8))


def without_faces() -> Iterator[Picture]:
    """120 parts of photographs, and what the pocket model drew."""
    random = np.random.default_rng(1)
    for number in range(120):
        picture = photograph(WITHOUT_FACES[number % len(WITHOUT_FACES)])
        side = int(random.integers(80, min(picture.size) + 1))
        left, top = (int(random.integers(0, whole - side + 1)) for whole in picture.size)
        part = Image.fromarray(picture.pixels[top : top + side, left : left + side]).resize((512, 512))
        yield Picture(np.asarray(part).copy())
    for path in sorted((ROOT / "docs" / "pictures").glob("*.png")):
        if not path.name.startswith("page"):
            yield read(path)


def test_faces_are_found_at_every_size_and_nothing_else_is(detector: Detector, people: list[Person], figure: Figure):
    there: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    wrong = 0
    for composite in composites(people):
        found = detector.find(composite.picture)
        hits = sum(each.box.overlap(composite.face) > SAME for each in found)
        wrong += len(found) - hits
        group = composite.person if composite.height >= WANTED else f"below {WANTED} px"
        there[group] += 1
        seen[group] += hits > 0
    empty = list(without_faces())
    wrong += sum(len(detector.find(picture)) for picture in empty)
    for group in sorted(there):
        figure(f"faces found: {group}", f"{seen[group]} of {there[group]}", "each >= 0.95, but below 24 px")
    large = [group for group in there if not group.startswith("below")]
    recall = sum(seen[group] for group in large) / sum(there[group] for group in large)
    precision = seen.total() / (seen.total() + wrong)
    figure(f"recall of faces of {WANTED} to {LARGEST} px, {COMPOSITES} composites", f"{recall:.3f}", ">= 0.95")
    figure(f"precision, with {len(empty)} pictures without a face", f"{precision:.3f}", ">= 0.98")
    assert recall >= 0.95
    assert precision >= 0.98


def blurred(picture: Picture) -> Picture:
    return Picture(np.asarray(Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(2))).copy())


def shift_between(one: Picture, other: Picture, box: Box) -> float:
    """By how many pixels, along the axis where it is more, one shows in the box what the other does."""
    place = (slice(round(box.top), round(box.bottom)), slice(round(box.left), round(box.right)))
    greys = (each.pixels[place].mean(axis=2) for each in (one, other))
    shift, *_ = registration.phase_cross_correlation(*greys, upsample_factor=10)
    return float(np.abs(shift).max())


@pytest.mark.parametrize("which", ["astronaut", "person 1"])
def test_a_painter_that_knows_the_true_faces_brings_them_back_to_their_places(
    detector: Detector, people: list[Person], figure: Figure, which: str
):
    """Found in the blurred picture; what a perfect painter gives is cut out of the true one."""
    true = next(person.picture for person in people if person.name == which)
    picture = blurred(true)
    found = detector.find(picture)
    chosen = too_small(found, NATIVE, most=9)
    cuts = [cut_around(each.box, picture.size, NATIVE) for each in chosen]
    painted = iter(cuts)
    result = mend(picture, chosen, lambda _part, _seed: cut_out(true, next(painted)), native=NATIVE, seed=0)
    there = [person.face for person in people if person.picture is true]
    assert len(result.boxes) == len(there)
    shifts = [shift_between(true, result.picture, box) for box in result.boxes]
    figure(f"faces of {which}'s picture put back by a perfect painter", f"{max(shifts):.1f} px off", "<= 1 px")
    assert max(shifts) <= 1
    reached = np.any([feathered(cut, picture.size).values > 0 for cut in cuts], axis=0)
    assert np.array_equal(result.picture.pixels[~reached], picture.pixels[~reached])


def test_looking_at_a_picture_takes_a_moment(detector: Detector, figure: Figure):
    picture = photograph("astronaut")
    found = seconds(lambda: detector.find(picture))
    figure("faces in 512 x 512, the calling thread's own time", f"{found * 1000:.0f} ms", "no wish")
    assert found < 5  # a detector that hangs is seen, a busy machine is not
