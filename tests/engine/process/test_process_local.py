"""The real engine in a process of its own, with the small model that ships."""

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.app import build, engine_alone
from fooo.catalog import Catalog
from fooo.engine.local import build_local_engine
from fooo.engine.process import ProcessEngine
from fooo.errors import BadPicture
from fooo.events import Event, JobDone, Loading, MemoryChosen, Step
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.request import read_request
from fooo.settings import Settings
from tests.engine.process.engines import noise

PlanOf = Callable[..., Plan]
QUICK = {"steps": 4, "seed": 7}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("begun with")
    return Settings(always_cpu=True, outputs=folder, begun_with=folder, timings=folder / "timings.json")


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[ProcessEngine]:
    engine = ProcessEngine(partial(engine_alone, settings))
    yield engine
    engine.close()


def test_a_picture_is_bit_for_bit_the_one_drawn_here_and_so_is_its_first_preview(
    engine: ProcessEngine, catalog: Catalog, plan_of: PlanOf
):
    here = build_local_engine(lambda: catalog, always_cpu=True, threads=None)
    plan = plan_of(sampling=QUICK, size={"width": 128, "height": 64})
    told: list[list[Event]] = [[], []]
    (one,), (other,) = (
        list(each.run(plan, Monitor(heard.append))) for each, heard in zip((engine, here), told, strict=True)
    )
    assert np.array_equal(one.picture.pixels, other.picture.pixels)
    assert (one.shot, one.steps_done, one.batch_size) == (other.shot, other.steps_done, other.batch_size)
    assert [type(event) for event in told[0]] == [type(event) for event in told[1]]
    assert {MemoryChosen, Loading, Step} <= {type(event) for event in told[0]}
    previews = [[event.preview for event in heard if isinstance(event, Step) and event.preview] for heard in told]
    assert len(previews[0]) == 4
    # which of the later ones are drawn is a matter of time: see PacedPreview
    assert np.array_equal(previews[0][0].pixels, previews[1][0].pixels)


def test_it_says_the_same_device(engine: ProcessEngine, catalog: Catalog):
    assert engine.device == build_local_engine(lambda: catalog, always_cpu=True, threads=None).device


def test_a_picture_handed_in_later_is_found(engine: ProcessEngine, settings: Settings, plan_with: Plan):
    (made,) = engine.run(plan_with, Monitor(lambda _: None))
    assert made.picture.size == (plan_with.shots[0].size.width, plan_with.shots[0].size.height)
    start = plan_with.request.start
    assert start
    (settings.begun_with / start.picture).unlink()
    with pytest.raises(BadPicture, match="hand it in again"):
        list(engine.run(plan_with, Monitor(lambda _: None)))


@pytest.fixture
def plan_with(settings: Settings, tmp_path: Path) -> Iterator[Plan]:
    """Of a picture that begins with another one."""
    file = tmp_path / "begin.png"
    Image.fromarray(noise(128, 128).pixels).save(file)
    program = build(settings)
    picture = program.pictures.add(file)
    start = {"kind": "vary", "picture": picture}
    yield program.plan(read_request({"prompt": "a cat", "start": start, "sampling": QUICK}))
    program.close()


def test_the_whole_program_draws_in_a_process_of_its_own_where_it_is_told_to(settings: Settings):
    before = set(multiprocessing.active_children())
    program = build(replace(settings, own_process=True))
    job = program.submit(read_request({"prompt": "a cat", "sampling": QUICK}))
    assert list(job.events())[-1] == JobDone(1)
    (worker,) = set(multiprocessing.active_children()) - before
    assert worker.is_alive()
    program.close()
    assert set(multiprocessing.active_children()) == before
