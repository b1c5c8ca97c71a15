"""The operator's filter: the last look at each picture, in every face, because it sits in the engine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fooo.app import build, engine_alone, filter_file
from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.engine.filtering import Filtered
from fooo.engine.process import ProcessEngine
from fooo.errors import ModelError
from fooo.events import Event, JobFailed, ShotDone, ShotSkipped, Step
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive, read_record
from fooo.request import read_request
from fooo.service import Fooo
from fooo.settings import Settings
from tests.vision.safety_files import open_nsfw

PlanOf = Callable[..., Plan]
FEW = {"sampling": {"steps": 2, "seed": 7}}
BLACK = Picture(np.zeros((64, 64, 3), np.uint8))


class Ordinal:
    """Scores pictures by their order. Args: scores: Of the first, the second..."""

    def __init__(self, *scores: float) -> None:
        self._scores = iter(scores)

    def __call__(self, picture: Picture) -> float:
        return next(self._scores)


def black(picture: Picture) -> Picture:
    return Picture(np.zeros_like(picture.pixels))


def filtered() -> Filtered:
    """Of which every picture must not be seen; importable in a process of its own."""
    return Filtered(FakeEngine(), lambda picture: 1.0, black)


def made_with(plan: Plan, *scores: float) -> list[Made]:
    return list(Filtered(FakeEngine(), Ordinal(*scores), black).run(plan, Monitor(lambda event: None)))


def test_only_what_must_not_be_seen_is_blurred_and_says_so(plan_of: PlanOf):
    plan = plan_of(**FEW, output={"count": 3})
    plain = list(FakeEngine().run(plan, Monitor(lambda event: None)))
    seen = made_with(plan, 0.49, 0.5, 0.0)
    assert [each.blurred for each in seen] == [False, True, False]
    assert [bool(each.picture.pixels.any()) for each in seen] == [True, False, True]
    assert [replace(each, picture=BLACK, seconds=0, blurred=False) for each in seen] == [
        replace(each, picture=BLACK, seconds=0) for each in plain
    ]


def test_nobody_has_looked_at_previews_so_they_are_blurred(plan_of: PlanOf):
    told: list[Event] = []
    list(Filtered(FakeEngine(), lambda picture: 0.0, black).run(plan_of(**FEW), Monitor(told.append)))
    previews = [event.preview for event in told if isinstance(event, Step)]
    assert len(previews) == 2
    assert not any(preview is None or preview.pixels.any() for preview in previews)


def test_stop_and_skip_and_keep_pass_through(plan_of: PlanOf):
    told: list[Event] = []

    def hear(event: Event) -> None:
        told.append(event)
        if isinstance(event, Step):
            monitor.skip() if event.shot == 0 else monitor.stop(keep=True)

    monitor = Monitor(hear)
    plan = plan_of(**FEW, output={"count": 3})
    made = list(Filtered(FakeEngine(), lambda picture: 1.0, black).run(plan, monitor))
    assert [(each.shot.number, each.steps_done, each.blurred) for each in made] == [(1, 1, True)]
    assert ShotSkipped(0) in told


def test_a_picture_that_cannot_be_looked_at_is_not_given_out(plan_of: PlanOf):
    def fail(picture: Picture) -> float:
        raise ModelError(Path("open-nsfw.onnx"), "is gone", "fetch it again")

    with pytest.raises(ModelError):
        next(iter(Filtered(FakeEngine(), fail, black).run(plan_of(**FEW), Monitor(lambda event: None))))


@pytest.fixture
def program(catalog: Catalog, tmp_path: Path) -> Iterator[Fooo]:
    """In a process of its own, as a server has it."""
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: ProcessEngine(filtered),
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
    )
    yield program
    program.close()


def test_the_kept_picture_is_the_blurred_one_and_its_record_says_so(program: Fooo):
    (done,) = [event for event in program.submit(read_request({"prompt": "a"})).events() if isinstance(event, ShotDone)]
    assert done.record.blurred
    assert read_record(done.path).blurred


def test_no_field_of_a_request_turns_it_off():
    names = str(read_request({"prompt": "a"}).model_json_schema()).casefold()
    assert not any(word in names for word in ("nsfw", "filter", "safety", "blur"))


def test_without_its_file_nothing_begins_and_the_sentence_says_how_to_fetch_it(tmp_path: Path):
    settings = Settings(models=(tmp_path,), filter=True)
    with pytest.raises(ModelError, match="models add open-nsfw"):
        build(settings)


def test_the_file_may_lie_in_any_folder_of_models(tmp_path: Path):
    path = open_nsfw(tmp_path / "b" / "safety" / "open-nsfw.onnx")
    assert filter_file(Settings(models=(tmp_path / "a", tmp_path / "b"))) == path


def test_a_file_that_is_no_such_network_fails_each_job_and_draws_nothing(tmp_path: Path):
    open_nsfw(tmp_path / "safety" / "open-nsfw.onnx", classes=5)
    plain = Settings()
    settings = Settings(
        models=(*plain.models, tmp_path), outputs=tmp_path / "out", begun_with=tmp_path / "begun", filter=True
    )
    program = build(settings)
    try:
        last = list(program.submit(read_request({"prompt": "a red apple", **FEW})).events())[-1]
    finally:
        program.close()
    assert isinstance(last, JobFailed)
    assert "another network" in str(last.error)


def test_the_real_engine_blurs_what_the_network_says(tmp_path: Path):
    open_nsfw(tmp_path / "safety" / "open-nsfw.onnx", scale=-10.0)  # all that is not red must not be seen
    settings = Settings(models=(*Settings().models, tmp_path), outputs=tmp_path, begun_with=tmp_path, always_cpu=True)
    program = build(settings)
    plan = program.plan(read_request({"prompt": "a blue ball", "size": {"width": 64, "height": 64}, **FEW}))
    program.close()
    (plain,), (seen,) = (
        list(engine_alone(each).run(plan, Monitor(lambda event: None)))
        for each in (settings, replace(settings, filter=True))
    )
    assert plain.picture.size == seen.picture.size
    red_minus_blue = plain.picture.pixels[..., 0].astype(float).mean() - plain.picture.pixels[..., 2].mean()
    assert seen.blurred == (red_minus_blue < 0)
    assert np.array_equal(plain.picture.pixels, seen.picture.pixels) != seen.blurred
