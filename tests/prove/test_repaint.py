"""A pocket picture made four times larger and drawn anew in windows: seams, memory, and whether it comes out twice."""

import multiprocessing
import resource
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fooo.app import build
from fooo.image import Picture
from fooo.image.picture_files import read_picture
from fooo.image.spans import spans
from fooo.plan.finish.upscalers import FOR_PHOTOGRAPHS
from fooo.record import read_record
from fooo.request import read_request
from fooo.settings import Settings
from tests.prove.conftest import Figure
from tests.prove.fetched import fetch_model

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]

_NATIVE, _SHARED = 128 // 8, 128 // 8 // 4
"""Latents of a window's side, and how many of them neighbours share."""
_SIZES = ((5, 128), (8, 128), (8, 192))
"""How many times larger, and than what."""


def _draw(models: Path, folder: Path, by: float, native: int, answer: Any) -> None:
    settings = Settings()
    program = build(
        replace(
            settings, models=(*settings.models, models), outputs=folder, begun_with=folder / "begun", always_cpu=True
        )
    )
    sampling = {"seed": 7, "steps": 2 if by > 4 else 10}
    enlarge = {"by": by, "repaint": 0.4, "steps": 2 if by > 4 else 10, "upscaler": "photo"}
    job = program.submit(
        read_request({"prompt": "a red apple", "size": f"{native}x{native}", "sampling": sampling, "enlarge": enlarge})
    )
    list(job.events())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    answer.send(([done.path for done in job.pictures], peak))
    program.close()


def drawn(models: Path, folder: Path, by: float, *, native: int = 128) -> tuple[Path, int]:
    """The picture, and the most memory that the process that drew it ever had."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_draw, args=(models, folder, by, native, there))
    child.start()
    (path,), peak = here.recv()
    child.join()
    return path, peak


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    fetch_model(FOR_PHOTOGRAPHS, folder)
    return folder


def seams(picture: Picture) -> float:
    """How much steeper the picture is where a window ends than elsewhere: 1 is not at all."""
    levels = picture.pixels.astype(float).mean(axis=2)
    ratios: list[float] = []
    for values in (levels, levels.T):
        steep = np.abs(np.diff(values, axis=1)).mean(axis=0)
        ends = {
            edge * 8
            for one, other in pairwise(spans(values.shape[1] // 8, _NATIVE, _SHARED))
            for edge in (other.start, one.stop)
        }
        at = np.array(sorted(ends)) - 1
        # as many neighbours as there are in two latents: steepness changes slowly with the place
        near = np.stack([steep[at + offset] for offset in range(-8, 9) if abs(offset) > 1])
        ratios.append(float(steep[at].mean() / near.mean()))
    return max(ratios)


def test_it_has_no_seams_and_comes_out_twice_the_same(models: Path, tmp_path: Path, figure: Figure):
    path, _ = drawn(models, tmp_path / "one", 4)
    again, _ = drawn(models, tmp_path / "two", 4)
    picture = read_picture(path).picture
    figure("512 x 512 pocket picture drawn anew in windows: gradient at their ends", f"{seams(picture):.3f}", "<= 1.10")
    assert picture.size == (512, 512)
    assert (picture.pixels == read_picture(again).picture.pixels).all()
    assert seams(picture) <= 1.1
    shot = read_record(path).shot
    assert [each.kind for each in shot.passes] == ["generate", "enlarge", "generate"]
    assert str(shot.generates[1].window) == "128x128"


def test_its_memory_does_not_grow_with_the_picture(models: Path, tmp_path: Path, figure: Figure):
    # 640 is the largest picture that the decoder still sees as a whole
    small, *larger = (drawn(models, tmp_path / str(by), by, native=native)[1] for by, native in _SIZES)
    ratios = [each / small for each in larger]
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    figure("peak memory of 1024 x 1024 and 1536 x 1536 drawn anew, against 640 x 640", told, "<= 1.25")
    # 5.8 times the pixels; what the allocator keeps between tiles differs by a fifth from size to size
    assert max(ratios) <= 1.25
