"""Pictures of styles drawn while nobody asks for anything: by an engine that counts, in a program that is let alone."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import EngineError
from fooo.monitor import Answer, Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import Request, read_request
from fooo.service import Fooo
from fooo.service.styles import IdleDrawing, StylePictures
from tests.changing_catalog import ChangingCatalog

QUIET = 0.05
FULL = "checkpoints/full"
ASKED = {"prompt": "a cat", "preset": "pocket", "models": {"base": FULL, "refiner": None}, "sampling": {"steps": 4}}


@dataclass
class Counting(FakeEngine):
    """Tells the plans that it was given; each step of a sheet waits while it is held."""

    plans: list[Plan] = field(default_factory=list[Plan])
    held: threading.Event = field(default_factory=threading.Event)
    sheets_fail: bool = False
    steps_after_stop: int = 0

    def __post_init__(self) -> None:
        super().__init__(seconds_a_step=0.002)
        self.held.set()

    @property
    def sheets(self) -> list[str]:
        return [plan.request.sheet[0] for plan in self.plans if plan.request.sheet]

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self.plans.append(plan)
        if plan.request.sheet:
            if self.sheets_fail:
                raise EngineError("It broke.")
            if not self.held.is_set():
                return self._held(plan, monitor)
        return super().run(plan, monitor)

    def _held(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """Steps that go on until somebody says stop, or the test lets go."""
        while monitor.begin_shot() is not Answer.STOP:
            if self.held.wait(0.01):
                yield from super().run(plan, monitor)
                return
            self.steps_after_stop += monitor.wish[0] is Answer.STOP


@dataclass
class Alone:
    program: Fooo
    folders: ChangingCatalog
    engine: Counting
    pictures: StylePictures

    def draw(self, **more: object) -> None:
        list(self.program.submit(read_request({**ASKED, **more})).events())


@pytest.fixture
def alone(catalog: Catalog, tmp_path: Path) -> Generator[Alone]:
    full = replace(catalog.models["pocket/base"], name=FULL, knows=None)
    families = catalog.families()
    few = (*families["photo"][:2], *families["film"][:1], *families["pocket"])
    own = replace(catalog, models={**catalog.models, FULL: full}, styles={style.name: style for style in few})
    engine = Counting()
    folders = ChangingCatalog(own)
    program = Fooo(catalog=folders, make_engine=lambda: engine, archive=Archive(tmp_path), draw_seed=lambda: 1)
    yield Alone(program, folders, engine, StylePictures.beside(tmp_path))
    engine.held.set()
    program.close()


def until(true: Callable[[], bool]) -> None:
    """Wait for what another thread brings about; a busy machine may take long."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it did not come about in 30 s")


def idle(alone: Alone, *, most_seconds: float = 60.0) -> IdleDrawing:
    return IdleDrawing(alone.program, alone.pictures, quiet=QUIET, most_seconds=most_seconds)


def wanted(alone: Alone) -> list[str]:
    return [name for name, style in alone.program.catalog.styles.items() if style.family != "pocket"]


def test_each_style_of_the_model_that_drew_is_drawn_once_and_leaves_no_trace(alone: Alone, tmp_path: Path) -> None:
    alone.draw()
    with idle(alone):
        until(lambda: len(alone.engine.sheets) == 3)
        until(lambda: all(alone.pictures.find(alone.program.catalog.styles[name]) for name in wanted(alone)))
        time.sleep(4 * QUIET)
    assert sorted(alone.engine.sheets) == sorted(wanted(alone))
    assert len(alone.program.jobs()) == 1
    assert [path.suffix for path in tmp_path.rglob("*.png")] == [".png"], "only the picture that was asked for"
    drawn = alone.engine.plans[-1]
    assert (drawn.request.models.base, drawn.shots[0].steps) == (FULL, 4)


def test_what_was_drawn_in_an_earlier_run_is_not_drawn_again(alone: Alone) -> None:
    alone.draw()
    with idle(alone):
        until(lambda: len(alone.engine.sheets) == 3 and bool(alone.program.catalog.styles))
        until(lambda: all(alone.pictures.find(alone.program.catalog.styles[name]) for name in wanted(alone)))
    with idle(alone):
        time.sleep(4 * QUIET)
    assert len(alone.engine.sheets) == 3


def test_a_job_has_the_device_after_the_step_that_is_computed(alone: Alone) -> None:
    alone.draw()
    alone.engine.held.clear()
    with idle(alone):
        until(lambda: bool(alone.engine.sheets))
        alone.draw(prompt="a dog")
        assert alone.engine.plans[-1].request.prompt == "a dog"
        assert len(alone.program.jobs()[-1].pictures) == 1
        assert alone.engine.steps_after_stop <= 1
        alone.engine.held.set()
        # what gave way is drawn later on
        until(lambda: sorted({*alone.engine.sheets}) == sorted(wanted(alone)))
    assert all(not job.plan.request.sheet for job in alone.program.jobs())


@pytest.mark.parametrize("why", ["nothing was drawn", "too slow", "paused", "own LoRA", "the pocket model"])
def test_nothing_is_drawn_where_it_would_not_help(alone: Alone, why: str) -> None:
    match why:
        case "too slow":
            alone.draw()
        case "paused":
            alone.draw()
            alone.program.queue.pause()
        case "own LoRA":
            alone.folders.now = replace(alone.folders.now, loras={"mine": Path(__file__)})
            alone.draw(models={"base": FULL, "refiner": None, "loras": [{"name": "mine"}]})
        case "the pocket model":
            alone.draw(models={"base": "pocket/base", "refiner": None})
        case _:
            pass
    with idle(alone, most_seconds=0.0 if why == "too slow" else 60.0):
        time.sleep(5 * QUIET)
    assert alone.engine.sheets == []


def test_a_style_that_cannot_be_drawn_is_tried_once(alone: Alone) -> None:
    alone.draw()
    alone.engine.sheets_fail = True
    with idle(alone):
        until(lambda: len(alone.engine.sheets) == 3)
        time.sleep(4 * QUIET)
    assert sorted(alone.engine.sheets) == sorted(wanted(alone))
    assert not any(alone.pictures.find(style) for style in alone.program.catalog.styles.values())


def test_the_block_ends_in_the_middle_of_a_picture(alone: Alone) -> None:
    alone.draw()
    alone.engine.held.clear()
    with idle(alone):
        until(lambda: bool(alone.engine.sheets))
    assert alone.engine.steps_after_stop <= 1


def test_nobody_asked_means_the_words_of_the_person_are_not_drawn(alone: Alone) -> None:
    alone.draw(prompt="my secret", negative="my other secret", styles=["Sticker"])
    with idle(alone):
        until(lambda: bool(alone.engine.sheets))
    drawn = next(plan.request for plan in alone.engine.plans if plan.request.sheet)
    assert "secret" not in drawn.model_dump_json()
    assert (drawn.styles, drawn.expansion) == ((), Request().expansion)
